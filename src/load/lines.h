// How each loader cuts a file into the lines that it parses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "load/traits.h"
#include "text/span.h"

namespace proctor::load {

/// What a loader takes for one line: its bytes with the line end for kWhole and kPieces (getline()
/// and fgets() keep it), without for the others.
struct LogicalLine {
  std::string_view text;  ///< Valid until the next call.
  Span span;              ///< The file's bytes it comes from, line ends included.
  bool joined = false;    ///< Made of several physical lines by a backslash.
  bool piece = false;     ///< A part of a physical line: cut by length, CR or NUL.
};

class LineReader {
 public:
  LineReader(std::string_view bytes, const Traits& traits) : bytes_(bytes), traits_(traits) {}

  /// False at the end of the file, or of what the loader reads of it (see overflow()).
  bool next(LogicalLine& line);
  /// The loader gave up on the rest of the file because of a line that is too long for it.
  bool overflow() const { return overflow_; }

 private:
  bool next_any_end(LogicalLine& line);
  bool next_continued(LogicalLine& line);
  size_t line_end(size_t from) const;

  std::string_view bytes_;
  const Traits& traits_;
  size_t at_ = 0;
  bool overflow_ = false;
  bool after_lf_ = true;  ///< kAnyEnd: the line before ended in LF.
  std::string joined_;
};

}  // namespace proctor::load
