// Positions in a text: byte spans inside, lines and columns for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace proctor {

/// Bytes [begin, end) of a text. Texts above 4 GiB are refused where files are read.
struct Span {
  uint32_t begin = 0;
  uint32_t end = 0;

  uint32_t size() const { return end - begin; }
  bool empty() const { return begin == end; }
  std::string_view of(std::string_view text) const { return text.substr(begin, end - begin); }
  friend auto operator<=>(const Span&, const Span&) = default;
};

/// Line and column count from 1. Columns are Unicode code points; a byte that is not part of valid
/// UTF-8 counts as one. Line 0 means "the file as a whole".
struct Position {
  uint32_t line = 0;
  uint32_t column = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

/// Maps byte offsets of one text to positions. Only LF ends a line.
/// The text must outlive the index.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text);

  Position position(uint32_t offset) const;
  /// Byte offset of a position; past the line's end it is the line's end.
  uint32_t offset(Position position) const;
  /// The bytes of a line (from 1) without its LF; empty past the end.
  std::string_view line(uint32_t number) const;
  uint32_t line_count() const { return static_cast<uint32_t>(starts_.size()); }

 private:
  std::string_view text_;
  std::vector<uint32_t> starts_;
};

/// Number of columns (code points) in `bytes`.
uint32_t column_count(std::string_view bytes);

}  // namespace proctor
