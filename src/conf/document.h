// A sysctl configuration file as it is written: every byte kept, every part with its span.
//
// The grammar differs by loader (src/load), so the document decides as little as possible: it cuts
// the bytes into physical lines at LF and marks the parts that every reader must find. What a line
// means, and whether CR, NUL, ';' or '\' mean something, is the loader's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/span.h"

namespace proctor::conf {

enum class LineKind {
  kBlank,       ///< Nothing but blanks.
  kComment,     ///< First non-blank byte is '#' or ';'.
  kAssignment,  ///< Holds '='; the key before it may be empty.
  kBare,        ///< Text without '='; with a '-' prefix it is an exclusion for some loaders.
};

/// One physical line: bytes up to and with its LF (the last may have none).
/// Spans are offsets into the document's bytes; parts that are absent are empty spans placed where
/// they would stand. Blanks are space, tab, CR, VT and FF. A byte order mark at the start of the
/// document is part of `whole` and `text` only.
struct Line {
  LineKind kind = LineKind::kBlank;
  bool dash = false;             ///< A '-' stands before the key.
  bool template_marker = false;  ///< Holds {{ }}, {% %}, <% %>, ${ } or @NAME@: filled in later.
  Span whole;                    ///< With the line end.
  Span text;                     ///< Without the line end (LF or CRLF).
  Span key;                      ///< Trimmed of blanks, without '-'; kBare: the whole of it.
  Span equals;                   ///< The first '=' byte.
  Span value;                    ///< Trimmed of blanks.
  Span comment;                  ///< From '#' or ';' to the end of text, for kComment.
};

/// The lines of a document. Those of a long one are cut apart when asked for: a line costs four
/// bytes until then, so that a file of nothing but line ends does not fill the memory. Behaves like
/// a const vector whose elements are values. Views the document.
class Lines {
 public:
  class Iterator {
   public:
    using value_type = Line;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    using pointer = void;
    using reference = Line;

    Iterator(const Lines* lines, size_t index) : lines_(lines), index_(index) {}
    Line operator*() const { return (*lines_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.index_ == b.index_; }

   private:
    const Lines* lines_;
    size_t index_;
  };

  size_t size() const { return starts_.size(); }
  bool empty() const { return starts_.empty(); }
  /// REQUIRES: index < size(). Linear in the length of the line if the document is long.
  Line operator[](size_t index) const;
  /// Bytes of a line with its end, without looking for its parts.
  Span whole(size_t index) const;
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size()}; }

 private:
  friend class Document;
  Lines(std::string_view bytes, const std::vector<uint32_t>& starts, const std::vector<Line>& cut)
      : bytes_(bytes), starts_(starts), cut_(cut) {}

  std::string_view bytes_;
  std::span<const uint32_t> starts_;
  std::span<const Line> cut_;  ///< Empty: to be cut.
};

/// Replace `span` by `text`. Insertions have an empty span.
struct Edit {
  Span span;
  std::string text;
  friend auto operator<=>(const Edit&, const Edit&) = default;
};

class Document {
 public:
  /// Never fails: any bytes (below 4 GiB) are a document. `name` is how the user calls the file.
  static Document parse(std::string name, std::string bytes);

  const std::string& name() const { return name_; }
  const std::string& bytes() const { return bytes_; }
  /// Every byte is in exactly one line; an empty document has none.
  Lines lines() const { return {bytes_, starts_, cut_}; }
  std::string_view text(Span span) const { return span.of(bytes_); }
  /// Line number (from 1) and column of an offset.
  Position position(uint32_t offset) const;
  /// Index into lines() of the line that holds `offset`; the last line for the end of the file.
  size_t line_index(uint32_t offset) const;
  bool has_bom() const { return bom_; }
  /// The line end that the file uses: that of its first line, LF if there is none.
  std::string_view line_end() const;

 private:
  std::string name_;
  std::string bytes_;
  std::vector<uint32_t> starts_;
  std::vector<Line> cut_;  ///< Of a document of few lines.
  bool bom_ = false;
};

/// The parts of the line `whole` of `bytes`, which Lines hands out.
Line cut_line(std::string_view bytes, Span whole);

/// The bytes after all edits. Overlapping edits, and edits outside the bytes, are refused: returns
/// false and leaves `bytes`. Two insertions at one place keep their order in `edits`; an insertion
/// at either end of a replaced span stands outside of it.
bool apply_edits(std::string& bytes, std::vector<Edit> edits);

}  // namespace proctor::conf
