#include "cli/merger.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "rules/gather.h"
#include "rules/scenario.h"

namespace proctor::cli {
namespace {

template <typename Entry>
void sort_targets(std::vector<Entry>& entries, size_t first) {
  for (size_t i = first; i < entries.size(); ++i) std::ranges::sort(entries[i].targets);
}

}  // namespace

Merger::Merger(const std::vector<rules::Target>& targets, size_t count, report::Part& part)
    : targets_(targets),
      count_(count),
      part_(part),
      first_entry_(part.entries.size()),
      first_open_(part.open.size()) {}

void Merger::add(std::vector<rules::Finding> findings, const rules::TargetSet& targets) {
  if (count_ == 1) {  // There is nothing to put them to.
    // At first a report seldom has one finding.
    constexpr size_t kMany = 64;
    if (part_.entries.empty()) part_.entries.reserve(kMany);
    for (rules::Finding& finding : findings) {
      part_.entries.push_back({std::move(finding), targets});
    }
    return;
  }
  const uint32_t speaker = newest_of(targets);
  for (rules::Finding& finding : findings) {
    std::vector<Known>& known = entries_[{finding.file, finding.span, finding.rule}];
    const auto same = std::ranges::find_if(known, [&](const Known& one) {
      return one.last != targets.front() &&
             is_same(part_.entries[one.entry].finding, one.speaker, finding, speaker);
    });
    if (same == known.end()) {
      known.push_back({part_.entries.size(), speaker, targets.front()});
      part_.entries.push_back({std::move(finding), targets});
      continue;
    }
    report::Entry& entry = part_.entries[same->entry];
    entry.targets.insert(entry.targets.end(), targets.begin(), targets.end());
    same->last = targets.front();
    if (is_before(same->speaker, speaker)) continue;
    // What is said of the newest kernel is said of all.
    entry.finding = std::move(finding);
    same->speaker = speaker;
  }
}

void Merger::add(std::vector<rules::Undecided> undecided, const rules::TargetSet& targets) {
  for (rules::Undecided& one : undecided) {
    if (count_ == 1) {
      part_.open.push_back({std::move(one), targets});
      continue;
    }
    const auto [at, fresh] = open_.try_emplace(one, part_.open.size());
    if (fresh) {
      part_.open.push_back({std::move(one), targets});
    } else {
      std::vector<uint32_t>& all = part_.open[at->second].targets;
      all.insert(all.end(), targets.begin(), targets.end());
    }
  }
}

void Merger::finish() {
  sort_targets(part_.entries, first_entry_);
  sort_targets(part_.open, first_open_);
  for (size_t i = first_entry_; i < part_.entries.size(); ++i) {
    part_.entries[i].for_all = part_.entries[i].targets.size() == count_;
  }
  // A comment that silences something for one target is in use.
  std::erase_if(part_.entries, [](const report::Entry& entry) {
    return entry.finding.rule == "suppression/unused" && !entry.for_all;
  });
  gather();
}

/// Of one topic, what holds for the same targets.
void Merger::gather() {
  std::vector<report::Entry*> topics;
  for (size_t i = first_entry_; i < part_.entries.size(); ++i) {
    if (!part_.entries[i].finding.topic.empty()) topics.push_back(&part_.entries[i]);
  }
  std::ranges::sort(topics, {}, [](const report::Entry* entry) {
    return std::pair(entry->finding.file, entry->finding.span);
  });
  std::vector<report::Entry*> kept;
  for (report::Entry* entry : topics) {
    const auto first = std::ranges::find_if(kept, [&](const report::Entry* one) {
      return rules::go_together(one->finding, entry->finding) && one->targets == entry->targets;
    });
    if (first == kept.end()) {
      kept.push_back(entry);
    } else {
      rules::take_up((*first)->finding, entry->finding);
      entry->targets.clear();
    }
  }
  for (report::Entry* entry : kept) rules::close_topic(entry->finding);
  gather_open();
  std::erase_if(part_.entries, [](const report::Entry& entry) { return entry.targets.empty(); });
}

void Merger::gather_open() {
  std::vector<report::OpenEntry> kept;
  const auto first = part_.open.begin() + static_cast<std::ptrdiff_t>(first_open_);
  std::ranges::sort(first, part_.open.end(), {}, &report::OpenEntry::undecided);
  std::move(part_.open.begin(), first, std::back_inserter(kept));
  for (auto entry = first; entry != part_.open.end(); ++entry) {
    // Those before are of another source.
    const auto mine = std::span(kept).subspan(first_open_);
    const bool known = std::ranges::any_of(mine, [&](const report::OpenEntry& other) {
      return rules::go_together(other.undecided, entry->undecided) &&
             other.targets == entry->targets;
    });
    if (!known) kept.push_back(std::move(*entry));
  }
  part_.open = std::move(kept);
}

/// Each said by the target beside it.
bool Merger::is_same(const rules::Finding& a, uint32_t for_a, const rules::Finding& b,
                     uint32_t for_b) const {
  if (a.severity != b.severity || a.fixes.size() != b.fixes.size()) return false;
  if (a.fixes.empty()) return true;
  const auto same_edit = [&](const rules::FileEdit& x, const rules::FileEdit& y) {
    return x == y || (x.file == y.file && x.edit.span == y.edit.span &&
                      neutral(x.edit.text, for_a) == neutral(y.edit.text, for_b));
  };
  return a.fixes[0].safe == b.fixes[0].safe &&
         std::ranges::equal(a.fixes[0].edits, b.fixes[0].edits, same_edit);
}

/// Without the name of the target's kernel: a line that is taken out leaves behind why.
std::string Merger::neutral(std::string text, uint32_t target) const {
  const auto kernel = targets_[target].facts.kernel();
  if (!kernel) return text;
  const std::string name = "Linux " + kernel->from.to_string();
  for (size_t at = text.find(name); at != text.npos; at = text.find(name)) {
    text.erase(at, name.size());
  }
  return text;
}

/// Whether `a` is the one to speak, the first of the newest kernel.
bool Merger::is_before(uint32_t a, uint32_t b) const {
  const auto newest = [&](uint32_t target) { return rules::range_of(targets_[target]).to; };
  return std::pair(newest(b), a) < std::pair(newest(a), b);
}

uint32_t Merger::newest_of(const rules::TargetSet& targets) const {
  return *std::ranges::min_element(targets,
                                   [&](uint32_t a, uint32_t b) { return is_before(a, b); });
}

}  // namespace proctor::cli
