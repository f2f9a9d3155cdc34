// The report for people: a head line that editors parse, the source with a caret, why, the fix.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "report/escape.h"
#include "report/formats.h"
#include "report/paint.h"
#include "report/place.h"
#include "report/summary.h"
#include "text/brief.h"
#include "text/diagnostic.h"

namespace proctor::report {
namespace {

Paint paint_of(rules::Severity severity) {
  switch (severity) {
    case rules::Severity::kError:
      return Paint::kRed;
    case rules::Severity::kWarning:
      return Paint::kYellow;
    case rules::Severity::kInfo:
      break;
  }
  return Paint::kCyan;
}

/// Texts of rules often begin alike: their sizes tell them apart at once.
struct BySize {
  bool operator()(std::string_view a, std::string_view b) const {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  }
};

class Text : public Format {
 public:
  using Format::Format;

  Piece render(const Part& part) const override {
    constexpr size_t kBlock = 600;  // Most are shorter.
    Piece piece;
    piece.text.reserve(part.entries.size() * kBlock);
    Said said;
    for (const Entry& entry : part.entries) add_block(piece.text, part, entry, said);
    if (run().style.quiet) return piece;
    const size_t before = piece.text.size();
    for (const OpenEntry& entry : part.open) add_split_line(piece.text, part, entry);
    if (piece.text.size() != before) piece.text += '\n';
    return piece;
  }

  void end(const Totals& totals, Sink& sink) override {
    if (run().style.statistics) sink.write(statistics_table(totals));
    if (!run().style.quiet) sink.write(summary_text(run(), totals));
  }

 private:
  void add_colored(std::string& out, Paint paint, std::string_view text) const {
    if (run().style.color) {
      out += painted(true, paint, text);
    } else {
      out += text;
    }
  }

  /// "FILE:LINE:COLUMN: WHAT: TEXT [RULE]", which editors parse.
  void add_head_line(std::string& out, const Place& place, Paint paint, std::string_view what,
                     std::string_view text, std::string_view rule) const {
    std::string word = printable(place.file);
    word.append(":").append(std::to_string(place.begin.line));
    word.append(":").append(std::to_string(place.begin.column)).append(":");
    add_colored(out, Paint::kBold, word);
    out += ' ';
    word.assign(what).append(":");
    add_colored(out, paint, word);
    out.append(" ").append(printable(text)).append(" ");
    word.assign("[").append(rule).append("]");
    add_colored(out, Paint::kDim, word);
    out += '\n';
  }

  /// What was said of a part so far.
  struct Said {
    /// Where each reason was given: it is not given twice.
    std::map<std::string_view, Place, BySize> reasons;
    /// Whom findings hold for, by margin and targets: of a fleet the lists are long and few.
    std::map<std::pair<size_t, std::vector<uint32_t>>, std::string> names;
  };

  void add_block(std::string& out, const Part& part, const Entry& entry, Said& said) const {
    const rules::Finding& finding = entry.finding;
    const Place place = place_of(part, finding.file, finding.span);
    const auto [reason, is_new] = said.reasons.emplace(finding.why, place);
    const Paint paint = paint_of(finding.severity);
    add_head_line(out, place, paint, rules::to_string(finding.severity), finding.message,
                  finding.rule);
    if (!is_whole_file(finding)) {
      const std::string picture =
          excerpt(source_line(part, finding.file, finding.span), place.begin, place.end,
                  printable(finding.label), run().style.width);
      out += run().style.color ? painted_excerpt(picture, paint) : picture;
    }
    const std::string margin(std::to_string(place.begin.line).size() + 2, ' ');
    if (is_new) {
      add_note(out, margin, finding.why);
    } else if (!finding.why.empty()) {
      const Place& earlier = reason->second;
      const std::string line = std::to_string(earlier.begin.line);
      add_note(out, margin,
               earlier.file == place.file ? "as at line " + line
                                          : fmt::format("as at {}:{}", earlier.file, line));
    }
    const size_t shown = shown_related(finding.related.size());
    for (size_t i = 0; i < shown; ++i) {
      add_note(out, margin, related_text(part, place, finding.related[i]));
    }
    if (shown < finding.related.size()) {
      add_note(out, margin,
               fmt::format("and {} more", counted(finding.related.size() - shown, "line")));
    }
    if (!finding.fixes.empty()) {
      const rules::Fix& fix = finding.fixes.front();
      add_note(out, margin, (fix.safe ? "fix: " : "fix (unsafe): ") + shortened(fix.summary));
    }
    if (!entry.for_all) {
      const auto [at, fresh] = said.names.try_emplace({margin.size(), entry.targets});
      if (fresh) add_note(at->second, margin, "for " + target_names(run(), entry));
      out += at->second;
    }
    out += '\n';
  }

  void add_note(std::string& out, std::string_view margin, std::string_view text) const {
    if (text.empty()) return;
    const auto room = static_cast<unsigned>(margin.size() + 2);
    const unsigned width = std::max(run().style.width, room + 20) - room;
    out += margin;
    add_colored(out, Paint::kDim, "=");
    out.append(" ").append(wrap(printable(text), width, std::string(room, ' '))).append("\n");
  }

  /// Of a file that repeats itself a thousand times, a few lines tell as much as all of them.
  static size_t shown_related(size_t all) {
    constexpr size_t kMost = 20;
    constexpr size_t kFew = 5;
    return all > kMost ? kFew : all;
  }

  static std::string related_text(const Part& part, const Place& from,
                                  const rules::Related& related) {
    const Place place = place_of(part, related.file, related.span);
    const std::string where = place.file == from.file
                                  ? fmt::format("line {}", place.begin.line)
                                  : fmt::format("{}:{}", place.file, place.begin.line);
    const std::string source = source_text(part, related.file, related.span);
    return where + ": " + shortened(related.message.empty() ? source : related.message);
  }

  /// A rule that holds for some kernels or loaders only; the other undecided ones are counted in
  /// the summary.
  void add_split_line(std::string& out, const Part& part, const OpenEntry& entry) const {
    const rules::Undecided& undecided = entry.undecided;
    if (undecided.holds_for.empty()) return;
    const Place place = place_of(part, undecided.file, undecided.span);
    add_head_line(out, place, Paint::kCyan, "undecided", "holds for " + undecided.holds_for,
                  undecided.rule);
  }
};

}  // namespace

std::unique_ptr<Format> make_text(const Run& run) { return std::make_unique<Text>(run); }

}  // namespace proctor::report
