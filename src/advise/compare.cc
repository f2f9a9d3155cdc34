#include "advise/compare.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "kernel/catalog.h"
#include "rules/scope.h"
#include "text/brief.h"
#include "text/text.h"

namespace proctor::advise {
namespace {

/// An assignment of the present file.
struct Present {
  size_t line = 0;  ///< Index into the document's lines.
  std::string path;
  std::string value;
};

std::vector<Present> assignments_of(const conf::Document& document) {
  std::vector<Present> found;
  for (size_t i = 0; i < document.lines().size(); ++i) {
    const conf::Line line = document.lines()[i];
    if (line.kind != conf::LineKind::kAssignment || line.key.empty()) continue;
    found.push_back({i, kernel::dotted_to_path(document.text(line.key)),
                     fold_blanks(document.text(line.value))});
  }
  return found;
}

/// Whether two paths are one variable of the kernel.
bool same_key(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const std::vector<std::string> others = kernel::same_variable(a);
  return std::ranges::find(others, b) != others.end();
}

class Comparer {
 public:
  Comparer(const Profile& profile, const Tuning& tuning, const conf::Document& present,
           const rules::Report& report, const TuneFileInfo& info)
      : profile_(profile), tuning_(tuning), document_(present), report_(report), info_(info) {}

  std::vector<ComparedLine> run() {
    present_ = assignments_of(document_);
    for (size_t i = 0; i < present_.size(); ++i) made_.push_back(compared(i));
    for (const TunedLine& line : tuning_.lines) {
      if (line.fate == Fate::kWritten && !is_present(line)) {
        made_.push_back({Change::kAdded, line.key, 0, {}, line.value, {line.setting->reason}});
      }
    }
    std::ranges::stable_sort(made_, {}, &ComparedLine::change);
    return std::move(made_);
  }

 private:
  ComparedLine compared(size_t index) {
    const Present& present = present_[index];
    ComparedLine made;
    made.key = kernel::path_to_dotted(present.path);
    made.line = static_cast<uint32_t>(present.line + 1);
    made.old_value = present.value;
    const TunedLine* line = tuned(present.path);
    if (const Present* later = overridden(index)) {
      made.change = Change::kDropped;
      made.reasons.push_back(fmt::format("Line {} sets it again.", later->line + 1));
    } else if (line != nullptr && line->fate == Fate::kWritten) {
      made.key = line->key;
      made.new_value = line->value;
      made.change = fold_blanks(line->value) == present.value ? Change::kKept : Change::kChanged;
      made.reasons.push_back(line->setting->reason);
    } else {
      made.change = Change::kDropped;
      dropped(made, line, present);
    }
    if (made.change != Change::kKept) findings(made, present);
    if (made.reasons.empty()) {
      made.reasons.push_back(fmt::format("The profile {} does not need it.", profile_.name));
    }
    return made;
  }

  const TunedLine* tuned(const std::string& path) const {
    for (const TunedLine& line : tuning_.lines) {
      if (same_key(path, kernel::dotted_to_path(line.key))) return &line;
    }
    return nullptr;
  }

  /// The next line that sets the same variable.
  const Present* overridden(size_t index) const {
    for (size_t i = index + 1; i < present_.size(); ++i) {
      if (same_key(present_[index].path, present_[i].path)) return &present_[i];
    }
    return nullptr;
  }

  bool is_present(const TunedLine& line) const {
    const std::string path = kernel::dotted_to_path(line.key);
    return std::ranges::any_of(
        present_, [&](const Present& present) { return same_key(path, present.path); });
  }

  void dropped(ComparedLine& made, const TunedLine* line, const Present& present) const {
    for (const Avoided& avoided : profile_.avoided) {
      if (same_key(present.path, kernel::dotted_to_path(avoided.key))) {
        made.reasons.push_back(avoided.why);
      }
    }
    if (line == nullptr) return;
    if (line->fate == Fate::kDefault && fold_blanks(line->value) != present.value) {
      made.reasons.push_back(fmt::format("The kernel's default, {}, is what the profile wants: {}",
                                         line->value, line->setting->reason));
      return;
    }
    const bool condition = line->fate == Fate::kCondition && line->setting->when.has_value();
    made.reasons.push_back(
        fmt::format("{} {} {}.", profile_.name,
                    condition ? "sets it" : "has it, but:", omission(*line, info_)));
  }

  /// What rules say of the line, the worst first.
  void findings(ComparedLine& made, const Present& present) const {
    std::vector<const rules::Finding*> found;
    for (const rules::Finding& finding : report_.findings) {
      const bool here = finding.span.begin < document_.bytes().size() &&
                        document_.line_index(finding.span.begin) == present.line;
      // The line is not kept as it is written.
      const bool cosmetic = finding.severity == rules::Severity::kInfo &&
                            finding.category == rules::Category::kSyntax;
      if (here && !cosmetic) found.push_back(&finding);
    }
    std::ranges::stable_sort(found, std::greater(), &rules::Finding::severity);
    for (const rules::Finding* finding : found) {
      made.reasons.push_back(fmt::format("{}: {} [{}]", rules::to_string(finding->severity),
                                         finding->message, finding->rule));
    }
  }

  const Profile& profile_;
  const Tuning& tuning_;
  const conf::Document& document_;
  const rules::Report& report_;
  const TuneFileInfo& info_;
  std::vector<Present> present_;
  std::vector<ComparedLine> made_;
};

}  // namespace

std::vector<ComparedLine> compare(const Profile& profile, const Tuning& tuning,
                                  const conf::Document& present, const rules::Report& report,
                                  const TuneFileInfo& info) {
  return Comparer(profile, tuning, present, report, info).run();
}

}  // namespace proctor::advise
