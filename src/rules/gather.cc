#include "rules/gather.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace proctor::rules {

bool go_together(const Finding& a, const Finding& b) {
  return !a.topic.empty() && a.topic == b.topic && a.rule == b.rule && a.severity == b.severity;
}

void take_up(Finding& first, const Finding& other) {
  first.lines += other.lines;
  first.related.push_back({other.file, other.span, "this line too"});
  for (const std::string& key : other.keys) {
    if (std::ranges::find(first.keys, key) == first.keys.end()) first.keys.push_back(key);
  }
}

void close_topic(Finding& finding) {
  if (finding.topic.empty()) return;
  if (finding.lines > 1) finding.message += fmt::format(" ({} lines)", finding.lines);
  finding.topic.clear();
}

void say_more(Finding& finding, uint32_t lines) {
  if (lines == 0) return;
  finding.message +=
      fmt::format(" (and {} more line{} of this file)", lines, lines == 1 ? "" : "s");
}

void gather(std::vector<Finding>& findings) {
  std::vector<Finding> kept;
  kept.reserve(findings.size());
  for (Finding& finding : findings) {
    const auto first =
        std::ranges::find_if(kept, [&](const Finding& one) { return go_together(one, finding); });
    if (first == kept.end()) {
      kept.push_back(std::move(finding));
    } else {
      take_up(*first, finding);
    }
  }
  std::ranges::for_each(kept, close_topic);
  findings = std::move(kept);
}

bool go_together(const Undecided& a, const Undecided& b) {
  return !a.topic.empty() && a.topic == b.topic && a.rule == b.rule && a.needs == b.needs &&
         a.holds_for == b.holds_for;
}

void gather(std::vector<Undecided>& undecided) {
  std::vector<Undecided> kept;
  kept.reserve(undecided.size());
  for (Undecided& one : undecided) {
    const bool known =
        std::ranges::any_of(kept, [&](const Undecided& other) { return go_together(other, one); });
    if (!known) kept.push_back(std::move(one));
  }
  undecided = std::move(kept);
}

}  // namespace proctor::rules
