// Which keys the rules and the kernel's modules bring together.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernel/catalog.h"
#include "rules/ruleset.h"

namespace proctor::rules {

/// Lines that set keys without a common joint are nothing to each other in any rule, and none of
/// them decides for the other whether a module counts as loaded.
class Joints {
 public:
  explicit Joints(const RuleSet& rules);

  /// Numbers below count(), ascending. `key` is a row of kernel::keys().
  std::span<const uint32_t> of(const kernel::Key& key) const;
  uint32_t count() const { return count_; }

 private:
  std::vector<std::vector<uint32_t>> of_key_;  ///< By place in kernel::keys().
  uint32_t count_ = 0;
};

}  // namespace proctor::rules
