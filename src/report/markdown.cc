// A table for the comment on a change.
#include <fmt/core.h>

#include "report/escape.h"
#include "report/formats.h"
#include "report/place.h"
#include "report/spool.h"
#include "report/summary.h"
#include "text/text.h"

namespace proctor::report {
namespace {

/// Text of a cell, nothing of which is markup.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      constexpr std::string_view kMarkup = "\\`*_[]|~#>";
      if (kMarkup.find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

class Markdown : public Format {
 public:
  using Format::Format;

  Piece render(const Part& part) const override {
    Piece piece;
    for (const Entry& entry : part.entries) {
      const rules::Finding& finding = entry.finding;
      const Place place = place_of(part, finding.file, finding.span);
      const std::string fix =
          finding.fixes.empty()
              ? ""
              : finding.fixes.front().summary + (finding.fixes.front().safe ? "" : " (unsafe)");
      piece.text += fmt::format(
          "| {} | {}:{} | {} | {} | {} |\n", rules::to_string(finding.severity), cell(place.file),
          place.begin.line, cell(finding.rule), cell(message_of(run(), entry)), cell(fix));
    }
    for (const Diagnostic& error : part.errors) {
      piece.errors += fmt::format("- {}: {}\n", cell(error.file), cell(error.message));
    }
    return piece;
  }

  void add(const Piece& piece, Sink& sink) override {
    if (!piece.text.empty() && !any_) {
      sink.write("| severity | place | rule | what | fix |\n|---|---|---|---|---|\n");
    }
    any_ = any_ || !piece.text.empty();
    sink.write(piece.text);
    errors_.write(piece.errors);
  }

  void end(const Totals& totals, Sink& sink) override {
    if (any_) sink.write("\n");
    if (totals.failures > 0) {
      sink.write("Could not be judged:\n\n");
      errors_.copy_to(sink);
      sink.write("\n");
    }
    const std::string summary = summary_text(run(), totals);
    for (const std::string_view line : split(summary, '\n')) {
      if (!line.empty()) sink.write(std::string(trim(line)) + "\n");
    }
  }

 private:
  bool any_ = false;
  Spool errors_;
};

}  // namespace

std::unique_ptr<Format> make_markdown(const Run& run) { return std::make_unique<Markdown>(run); }

}  // namespace proctor::report
