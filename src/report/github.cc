// Workflow commands that GitHub shows beside the lines of a change.
#include <fmt/core.h>

#include "report/escape.h"
#include "report/formats.h"
#include "report/place.h"

namespace proctor::report {
namespace {

/// A property may hold neither ':' nor ','; a message ends at the line's end.
std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%') {
      out += "%25";
    } else if (c == '\r') {
      out += "%0D";
    } else if (c == '\n') {
      out += "%0A";
    } else if (property && c == ':') {
      out += "%3A";
    } else if (property && c == ',') {
      out += "%2C";
    } else {
      out += c;
    }
  }
  return out;
}

std::string_view command(rules::Severity severity) {
  return severity == rules::Severity::kInfo ? "notice" : rules::to_string(severity);
}

class Github : public Format {
 public:
  using Format::Format;

  Piece render(const Part& part) const override {
    Piece piece;
    for (const Entry& entry : part.entries) piece.text += line(part, entry);
    for (const Diagnostic& error : part.errors) {
      const std::string at = error.begin.line > 0 ? fmt::format(",line={}", error.begin.line) : "";
      piece.text +=
          fmt::format("::error title=proctor,file={}{}::{}\n", escaped(printable(error.file), true),
                      at, escaped(printable(error.message), false));
    }
    return piece;
  }

 private:
  std::string line(const Part& part, const Entry& entry) const {
    const rules::Finding& finding = entry.finding;
    const Place place = place_of(part, finding.file, finding.span);
    // Columns of a range over several lines are refused.
    const std::string columns =
        place.begin.line == place.end.line
            ? fmt::format(",col={},endColumn={}", place.begin.column, place.end.column)
            : "";
    std::string text = printable(message_of(run(), entry));
    if (!finding.why.empty()) text += "\n" + printable(finding.why);
    if (!finding.fixes.empty()) {
      const rules::Fix& fix = finding.fixes.front();
      text += fmt::format("\nfix{}: {}", fix.safe ? "" : " (unsafe)", printable(fix.summary));
    }
    return fmt::format("::{} title={},file={},line={},endLine={}{}::{}\n",
                       command(finding.severity),
                       escaped(fmt::format("proctor ({})", finding.rule), true),
                       escaped(printable(place.file), true), place.begin.line, place.end.line,
                       columns, escaped(text, false));
  }
};

}  // namespace

std::unique_ptr<Format> make_github(const Run& run) { return std::make_unique<Github>(run); }

}  // namespace proctor::report
