// Which keys the rules and the kernel's modules bring together.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernel/catalog.h"
#include "rules/ruleset.h"

namespace proctor::rules {

/// Lines that set keys without a common joint are nothing to each other in any rule. A line makes
/// the module of its key count as loaded, for itself and for rules about others.
class Joints {
 public:
  explicit Joints(const RuleSet& rules);

  /// Numbers below count(), ascending. `key` is a row of kernel::keys().
  std::span<const uint32_t> of(const kernel::Key& key) const;
  uint32_t count() const { return count_; }

  static constexpr uint32_t kNoModule = 0xffffffff;
  /// The module of the key, by a number of its own.
  uint32_t module_of(const kernel::Key& key) const { return module_[index_of(key)]; }
  /// Further modules on which rules about this key may rest, ascending.
  std::span<const uint32_t> rests_on(const kernel::Key& key) const;

 private:
  std::vector<std::vector<uint32_t>> of_key_;  ///< By place in kernel::keys().
  uint32_t count_ = 0;
  std::vector<uint32_t> module_;                 ///< By place in kernel::keys().
  std::vector<std::vector<uint32_t>> rests_on_;  ///< The same.
};

}  // namespace proctor::rules
