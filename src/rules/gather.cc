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

bool go_together(const Undecided& a, const Undecided& b) {
  return !a.topic.empty() && a.topic == b.topic && a.rule == b.rule && a.needs == b.needs &&
         a.holds_for == b.holds_for;
}

namespace {

/// The first of those that go together stays, and takes the others up.
template <typename T, typename TakeUp>
void keep_first(std::vector<T>& all, TakeUp take_up) {
  std::vector<T> kept;
  kept.reserve(all.size());
  for (T& one : all) {
    const auto first =
        std::ranges::find_if(kept, [&](const T& other) { return go_together(other, one); });
    if (first == kept.end()) {
      kept.push_back(std::move(one));
    } else {
      take_up(*first, one);
    }
  }
  all = std::move(kept);
}

}  // namespace

void gather(std::vector<Finding>& findings) {
  keep_first(findings, take_up);
  std::ranges::for_each(findings, close_topic);
}

void gather(std::vector<Undecided>& undecided) {
  keep_first(undecided, [](const Undecided&, const Undecided&) {});
}

}  // namespace proctor::rules
