#include "rules/starts.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

namespace proctor::rules {

namespace {

size_t hash_of(const Target& target, const kernel::Version& version,
               const std::vector<std::string>& assumed_modules) {
  constexpr size_t kFactor = 0x9e3779b97f4a7c15;
  size_t hash = std::hash<const Target*>()(&target) * kFactor + version.code();
  for (const std::string& module : assumed_modules) {
    hash = hash * kFactor + std::hash<std::string>()(module);
  }
  return hash;
}

}  // namespace

std::shared_ptr<const Start> Starts::get(const Target& target, const kernel::Version& version,
                                         const std::vector<std::string>& assumed_modules) {
  if (const auto same = same_.find(&target); same != same_.end() && same->second != &target) {
    return get(*same->second, version, assumed_modules);
  }
  const size_t hash = hash_of(target, version, assumed_modules);
  if (const auto found = find(hash, target, version, assumed_modules); found != known_.end()) {
    if (found->start->state.kept_values() <= kMostValues) {
      known_.splice(known_.end(), known_, found);
      return found->start;
    }
    forget(found);
  }
  if (known_.size() >= kMost) forget(known_.begin());
  known_.push_back({hash, &target, version, assumed_modules,
                    std::make_shared<const Start>(start_state(target, version, assumed_modules))});
  by_hash_.emplace(hash, std::prev(known_.end()));
  return known_.back().start;
}

std::list<Starts::Known>::iterator Starts::find(size_t hash, const Target& target,
                                                const kernel::Version& version,
                                                const std::vector<std::string>& assumed_modules) {
  const auto [begin, end] = by_hash_.equal_range(hash);
  const auto found = std::find_if(begin, end, [&](const auto& entry) {
    const Known& one = *entry.second;
    return one.target == &target && one.version == version &&
           one.assumed_modules == assumed_modules;
  });
  return found == end ? known_.end() : found->second;
}

void Starts::forget(std::list<Known>::iterator known) {
  const auto [begin, end] = by_hash_.equal_range(known->hash);
  by_hash_.erase(
      std::find_if(begin, end, [&](const auto& entry) { return entry.second == known; }));
  known_.erase(known);
}

kernel::State start_state(const Target& target, const kernel::Version& version,
                          std::vector<std::string> assumed_modules) {
  kernel::Machine machine = target.facts.machine(version);
  machine.assumed_modules = std::move(assumed_modules);
  kernel::State state(std::move(machine));
  for (const auto& [path, text] : target.running) state.set(path, kernel::Cell::known(text));
  for (const std::string& path : target.running_absent) state.set(path, kernel::Cell::absent());
  for (const std::string& path : target.running_unreadable) {
    state.set(path, kernel::Cell::unknown({}));
  }
  state.set_complete(target.running_complete);
  state.freeze();
  return state;
}

}  // namespace proctor::rules
