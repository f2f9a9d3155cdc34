// An error about input: where it is, what it is, what was expected.
#pragma once

#include <string>
#include <string_view>

#include "text/span.h"

namespace proctor {

/// A complaint about a rule, profile, settings or snapshot file, or a file that cannot be read.
/// Findings about sysctl configuration are another type (rules/finding.h).
struct Diagnostic {
  std::string file;     ///< As the user named it; empty: the command line.
  Position begin;       ///< Line 0: the file as a whole.
  Position end;         ///< Exclusive.
  std::string message;  ///< One sentence, no full stop; says what was expected where that helps.
  std::string excerpt;  ///< The source line that `begin` is on, without its end; may be empty.

  /// "file:line:column: message", then the excerpt with a caret under [begin, end).
  std::string to_text() const;
  friend auto operator<=>(const Diagnostic&, const Diagnostic&) = default;
};

/// A diagnostic for bytes `span` of `text`, the content of `file`.
Diagnostic diagnose(std::string_view file, std::string_view text, Span span, std::string message);

/// The source line with a line-number gutter and `^~~~` under columns [begin, end) of it, followed
/// by `label`. Tabs are kept, East Asian wide characters count two, control bytes are shown as
/// pictures, a line wider than `width` is cut to a window around the caret with "...".
/// Every line ends in LF; without colour. The one place that draws carets.
std::string excerpt(std::string_view line, Position begin, Position end, std::string_view label,
                    unsigned width = 80);

}  // namespace proctor
