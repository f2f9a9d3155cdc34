// The states that configurations are loaded into, kept from one configuration to the next.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "kernel/state.h"
#include "load/proc_tree.h"
#include "rules/engine.h"

namespace proctor::rules {

/// A state before anything is loaded, and its files.
struct Start {
  explicit Start(kernel::State before) : state(std::move(before)), tree(state) {}
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;

  kernel::State state;
  load::ProcTree tree;
};

/// What was computed of a start state serves the next configuration of the same target: initial
/// values and what writes come to. For one thread; targets must outlive it, unchanged.
class Starts {
 public:
  /// `assumed_modules` as in kernel::Machine.
  std::shared_ptr<const Start> get(const Target& target, const kernel::Version& version,
                                   const std::vector<std::string>& assumed_modules);

  /// From now on `target` is served as `same`, which differs in nothing that a state rests on:
  /// only in roles and name.
  void share(const Target& target, const Target& same) { same_[&target] = &same; }

 private:
  /// Targets, times stretches of kernels, times modules that files assume.
  static constexpr size_t kMost = 600;
  /// Files may name any number of interfaces.
  static constexpr size_t kMostValues = 5000;

  struct Known {
    size_t hash;
    const Target* target;
    kernel::Version version;
    std::vector<std::string> assumed_modules;
    std::shared_ptr<const Start> start;
  };

  std::list<Known>::iterator find(size_t hash, const Target& target, const kernel::Version& version,
                                  const std::vector<std::string>& assumed_modules);
  void forget(std::list<Known>::iterator known);

  std::unordered_map<const Target*, const Target*> same_;
  std::list<Known> known_;  ///< The least recently used first.
  std::unordered_multimap<size_t, std::list<Known>::iterator> by_hash_;
};

/// The state before anything is loaded: running values over initial ones.
kernel::State start_state(const Target& target, const kernel::Version& version,
                          std::vector<std::string> assumed_modules = {});

}  // namespace proctor::rules
