#include "rules/starts.h"

#include <algorithm>
#include <utility>

namespace proctor::rules {

std::shared_ptr<const Start> Starts::get(const Target& target, const kernel::Version& version,
                                         const std::vector<std::string>& assumed_modules) {
  const auto found = std::ranges::find_if(known_, [&](const Known& one) {
    return one.target == &target && one.version == version &&
           one.assumed_modules == assumed_modules;
  });
  if (found != known_.end()) {
    std::rotate(found, found + 1, known_.end());
    std::shared_ptr<const Start> start = known_.back().start;
    if (start->state.kept_values() <= kMostValues) return start;
    known_.pop_back();
  }
  if (known_.size() >= kMost) known_.erase(known_.begin());
  known_.push_back({&target, version, assumed_modules,
                    std::make_shared<const Start>(start_state(target, version, assumed_modules))});
  return known_.back().start;
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
