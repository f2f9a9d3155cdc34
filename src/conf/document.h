// A sysctl configuration file as it is written: every byte kept, every part with its span.
//
// The grammar differs by loader (src/load), so the document decides as little as possible: it cuts
// the bytes into physical lines at LF and marks the parts that every reader must find. What a line
// means, and whether CR, NUL, ';' or '\' mean something, is the loader's business.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/span.h"

namespace proctor::conf {

enum class LineKind {
  kBlank,       ///< Nothing but blanks.
  kComment,     ///< First non-blank byte is '#' or ';'.
  kAssignment,  ///< Holds '=' after a key.
  kBare,        ///< Text without '='; with a '-' prefix it is an exclusion for some loaders.
};

/// One physical line: bytes up to and with its LF (the last may have none).
/// Spans are offsets into the document's bytes; parts that are absent are empty spans placed where
/// they would stand.
struct Line {
  LineKind kind = LineKind::kBlank;
  bool dash = false;             ///< A '-' stands before the key.
  bool template_marker = false;  ///< Holds {{ }}, {% %}, <%= %>, ${ } or @NAME@: filled in later.
  Span whole;                    ///< With the line end.
  Span text;                     ///< Without the line end (LF or CRLF).
  Span key;                      ///< Trimmed of blanks, without '-'.
  Span equals;                   ///< The '=' byte.
  Span value;                    ///< Trimmed of blanks.
  Span comment;                  ///< From '#' or ';' to the end of text, for kComment.
};

/// Replace `span` by `text`. Insertions have an empty span.
struct Edit {
  Span span;
  std::string text;
  friend auto operator<=>(const Edit&, const Edit&) = default;
};

class Document {
 public:
  /// Never fails: any bytes are a document. `name` is how the user calls the file.
  static Document parse(std::string name, std::string bytes);

  const std::string& name() const { return name_; }
  const std::string& bytes() const { return bytes_; }
  const std::vector<Line>& lines() const { return lines_; }
  std::string_view text(Span span) const { return span.of(bytes_); }
  /// Line number (from 1) and column of an offset.
  Position position(uint32_t offset) const;
  bool has_bom() const { return bom_; }

 private:
  std::string name_;
  std::string bytes_;
  std::vector<Line> lines_;
  bool bom_ = false;
};

/// The bytes after all edits. Overlapping edits are refused: returns false and leaves `bytes`.
/// Two insertions at one place keep their order in `edits`.
bool apply_edits(std::string& bytes, std::vector<Edit> edits);

}  // namespace proctor::conf
