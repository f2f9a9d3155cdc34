#include "rules/cuts.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "kernel/predict.h"
#include "text/text.h"

namespace proctor::rules {
namespace {

/// The least version above all that `end` holds as the upper end of a range.
kernel::Version after(kernel::Version end) {
  if (end.has_patch || end.major < 3) {
    ++end.patch;
  } else {
    ++end.minor;
  }
  return end;
}

using Writes = std::set<std::pair<std::string_view, std::string_view>>;  ///< Path and bytes.

/// What loaders write below /proc/sys; `others` gets the paths that the answers rest on.
Writes writes_in(const Scenarios& scenarios, size_t segment, std::set<std::string_view>& others) {
  Writes writes;
  for (const Group& group : scenarios.groups) {
    for (const load::Write& write : group.runs[segment]->result().writes) {
      others.insert(write.outcome.others.begin(), write.outcome.others.end());
      if (!write.path.starts_with('/')) writes.emplace(write.path, write.bytes);
    }
  }
  return writes;
}

/// Versions in a segment, its first one included, at which handlers of the kernel change: of those
/// that are judged if the target names none.
std::vector<kernel::Version> within(const Segment& segment, const Target& target) {
  std::vector<kernel::Version> out{segment.range.from};
  const auto all =
      target.facts.kernel() ? kernel::behaviour_changes() : kernel::maintained_kernels();
  for (const kernel::Version& version : all) {
    const bool inside = segment.range.contains(version) && segment.range.from < version;
    if (inside && range_of(target).contains(version)) out.push_back(version);
  }
  return out;
}

/// What the kernel makes of single writes, from version to version.
class Answers {
 public:
  Answers(const Writes& writes, const Target& target, const std::vector<std::string>& modules,
          Starts& starts)
      : writes_(writes), target_(target), modules_(modules), starts_(starts) {}

  /// Whether they are other answers than those of the version before; false for the first.
  bool change_at(const kernel::Version& version) {
    std::vector<kernel::Outcome> answers = this->answers(version);
    const bool change = !last_.empty() && !std::ranges::equal(last_, answers, same_answer);
    last_ = std::move(answers);
    return change;
  }

 private:
  std::vector<kernel::Outcome> answers(const kernel::Version& version) {
    const auto start = starts_.get(target_, version, modules_);
    std::vector<kernel::Outcome> out;
    for (const auto& [path, bytes] : writes_) {
      kernel::State state = start->state;
      out.push_back(kernel::write(state, std::string(path), bytes));
    }
    return out;
  }

  const Writes& writes_;
  const Target& target_;
  const std::vector<std::string>& modules_;
  Starts& starts_;
  std::vector<kernel::Outcome> last_;
};

std::vector<kernel::Version> cuts_of_writes(const Scenarios& scenarios, const Target& target,
                                            Starts& starts) {
  std::set<std::string_view> paths;
  std::vector<kernel::Version> out;
  for (size_t segment = 0; segment < scenarios.segments.size(); ++segment) {
    const Writes writes = writes_in(scenarios, segment, paths);
    const std::vector<kernel::Version> versions = within(scenarios.segments[segment], target);
    if (versions.size() == 1) continue;
    Answers answers(writes, target, scenarios.assumed_modules, starts);
    for (const kernel::Version& version : versions) {
      if (answers.change_at(version)) out.push_back(version);
    }
  }
  std::set<const kernel::Key*> keys;
  for (const std::string_view path : paths) {
    if (const auto found = kernel::find_path(path)) keys.insert(found->key);
  }
  const std::vector<const kernel::Key*> all(keys.begin(), keys.end());
  const auto changes = change_points(all, target);
  out.insert(out.end(), changes.begin(), changes.end());
  sort_unique(out);
  return out;
}

}  // namespace

bool same_answer(const kernel::Outcome& a, const kernel::Outcome& b) {
  return a.result == b.result && a.error == b.error && a.at_open == b.at_open &&
         a.reads_back == b.reads_back && a.needs == b.needs && a.taken == b.taken;
}

std::vector<kernel::Version> cuts_of(const RuleSet& rules, std::span<const uint32_t> asked,
                                     std::span<const kernel::Key* const> touched,
                                     const Target& target) {
  if (range_of(target).is_single()) return {};
  std::set<const kernel::Key*> keys(touched.begin(), touched.end());
  for (const kernel::Key* key : touched) {
    // Of a key that is gone it is said what has taken its place, if that is still there.
    if (const kernel::Key* now = kernel::find_pattern(key->replaced_by)) keys.insert(now);
  }
  std::vector<kernel::Version> out;
  for (const uint32_t index : asked) {
    const Rule& rule = rules.rule(index);
    out.insert(out.end(), rule.versions.begin(), rule.versions.end());
    if (rule.kernel) out.push_back(after(rule.kernel->to));
    for (const std::string& pattern : rule.mentions) {
      if (const kernel::Key* key = kernel::find_pattern(pattern)) keys.insert(key);
    }
  }
  const std::vector<const kernel::Key*> all(keys.begin(), keys.end());
  const auto changes = change_points(all, target);
  out.insert(out.end(), changes.begin(), changes.end());
  sort_unique(out);
  return out;
}

Scenarios run_in_stretches(const load::Configuration& configuration, const Target& target,
                           std::vector<kernel::Version> cuts, Starts& starts) {
  Scenarios scenarios = run_all(configuration, target, segments_of(target, cuts), starts);
  if (range_of(target).is_single()) return scenarios;
  const size_t known = cuts.size();
  const auto more = cuts_of_writes(scenarios, target, starts);
  cuts.insert(cuts.end(), more.begin(), more.end());
  sort_unique(cuts);
  if (cuts.size() == known) return scenarios;
  return run_all(configuration, target, segments_of(target, cuts), starts, &scenarios);
}

}  // namespace proctor::rules
