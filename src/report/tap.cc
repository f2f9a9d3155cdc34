// TAP version 13: a point a finding, a file without one is a point of its own; the plan comes last.
// What is below --fail-on is ok, undecided is skipped.
#include <fmt/core.h>

#include <iterator>
#include <set>

#include "report/escape.h"
#include "report/formats.h"
#include "report/place.h"
#include "text/text.h"

namespace proctor::report {
namespace {

/// In a description '#' begins a directive.
std::string description(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '#' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

class Tap : public Format {
 public:
  using Format::Format;

  void begin(Sink& sink) override { sink.write("TAP version 13\n"); }

  Piece render(const Part& part) const override {
    Piece piece;
    std::set<uint32_t> spoken;
    for (const Entry& entry : part.entries) {
      spoken.insert(entry.finding.file);
      piece.text += point(part, entry);
    }
    for (const OpenEntry& entry : part.open) {
      const rules::Undecided& undecided = entry.undecided;
      const Place place = place_of(part, undecided.file, undecided.span);
      std::string needs;
      for (const std::string& need : undecided.needs) needs += " " + need;
      piece.text += fmt::format("ok - {}:{} {} # SKIP undecided, needs{}\n",
                                description(place.file), place.begin.line,
                                description(undecided.rule), needs.empty() ? " more" : needs);
    }
    for (uint32_t file = 0; file < part.files.size(); ++file) {
      if (spoken.contains(file)) continue;
      piece.text += fmt::format("ok - {}\n", description(part.files[file]->name()));
    }
    for (const Diagnostic& error : part.errors) {
      piece.text +=
          fmt::format("not ok - {}: {}\n", description(error.file), description(error.message));
    }
    return piece;
  }

  void add(const Piece& piece, Sink& sink) override {
    for (const std::string_view line : split(piece.text, '\n')) {
      points_ += line.starts_with("ok ") || line.starts_with("not ok ") ? 1U : 0U;
    }
    sink.write(piece.text);
  }

  void end(const Totals& /*totals*/, Sink& sink) override {
    sink.write(fmt::format("1..{}\n", points_));
  }

 private:
  std::string point(const Part& part, const Entry& entry) const {
    const rules::Finding& finding = entry.finding;
    const Place place = place_of(part, finding.file, finding.span);
    const bool fails = run().fail_on && finding.severity >= *run().fail_on;
    std::string out = fmt::format(
        "{} - {}:{}:{} {}\n  ---\n  severity: {}\n  message: {}\n", fails ? "not ok" : "ok",
        description(place.file), place.begin.line, place.begin.column, description(finding.rule),
        rules::to_string(finding.severity), json_string(message_of(run(), entry)));
    if (!finding.why.empty()) {
      fmt::format_to(std::back_inserter(out), "  why: {}\n", json_string(finding.why));
    }
    if (!finding.fixes.empty()) {
      fmt::format_to(std::back_inserter(out), "  fix: {}\n",
                     json_string(finding.fixes.front().summary));
    }
    return out + "  ...\n";
  }

  uint64_t points_ = 0;
};

}  // namespace

std::unique_ptr<Format> make_tap(const Run& run) { return std::make_unique<Tap>(run); }

}  // namespace proctor::report
