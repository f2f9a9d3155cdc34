// In what targets agree: of a configuration that rests on nothing else, the same is said for them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kernel/predict.h"
#include "rules/engine.h"
#include "rules/reads.h"
#include "rules/starts.h"

namespace proctor::rules {

/// But for the words of the reason.
bool is_same(const kernel::Outcome& a, const kernel::Outcome& b);

/// Compares targets by what the catalog, the rules and the kernel model make of them. For one
/// thread. Targets are given by their place in a list.
class Agreement {
 public:
  /// All must outlive this, unchanged. Of one selection.
  Agreement(const RuleSet& rules, std::span<const Target* const> targets,
            const Selection& selection);

  /// Whether they differ in nothing but kernel, memory, CPUs and roles; in kernels only if both
  /// name a single one, and if one does not, in roles only.
  bool comparable(uint32_t a, uint32_t b) const;
  bool same_kernel(uint32_t a, uint32_t b) const;
  /// Whether they are the same machine, whatever it is for.
  bool same_machine(uint32_t a, uint32_t b) const { return machine_of_[a] == machine_of_[b]; }
  uint32_t machine(uint32_t target) const { return machine_of_[target]; }
  /// The first target that is the same machine.
  uint32_t first_of_machine(uint32_t target) const { return machines_[machine_of_[target]]; }
  /// By kernel or machine: equal numbers are equal answers.
  using Classes = std::vector<uint16_t>;
  bool same_for_kernels(const Classes& classes, uint32_t a, uint32_t b) const {
    return classes[kernel_of_[a]] == classes[kernel_of_[b]];
  }
  bool same_for_machines(const Classes& classes, uint32_t a, uint32_t b) const {
    return classes[machine_of_[a]] == classes[machine_of_[b]];
  }

  // What these return is valid until tidy(), and holds for targets that are comparable().
  /// By kernel: what is known of a key's existence, type and bounds.
  const Classes& of_key(const kernel::Key& key);
  /// By machine: what a path reads after boot, its module loaded.
  const Classes& of_initial(std::string_view path);
  /// By machine: what the kernel answers to a write of `bytes`, and what that leaves behind, where
  /// nothing was written before.
  const Classes& of_write(const std::string& path, const std::string& bytes, Starts& starts);
  void tidy();

  /// Whether it is asked or silent on both, and its expressions compare both kernels alike.
  bool on_rule(uint32_t rule, uint32_t a, uint32_t b);
  /// The same for all rules that listen to detectors.
  bool on_detecting(uint32_t a, uint32_t b);
  bool on_facts(const Reads& reads, uint32_t a, uint32_t b) const;

 private:
  static constexpr size_t kMostPaths = 20000;
  static constexpr size_t kMostWrites = 20000;

  Classes classes_of(const Rule& rule) const;
  Classes initial_classes(std::string_view path) const;
  Classes write_classes(const std::string& path, const std::string& bytes, Starts& starts) const;

  const RuleSet& rules_;
  std::vector<const Target*> targets_;
  const Selection& selection_;
  /// By target.
  std::vector<uint32_t> group_of_, kernel_of_, machine_of_, roles_of_;
  std::vector<std::optional<kernel::Version>> kernels_;  ///< Single ones; nullopt: any other.
  std::vector<uint32_t> machines_;                       ///< A target of each.
  std::vector<std::vector<std::string>> roles_;          ///< Implied ones included, sorted.
  std::vector<Classes> by_key_;                          ///< By place of the key; empty: not yet.
  std::vector<Classes> by_rule_;
  std::vector<uint32_t> detecting_of_;     ///< By target: equal numbers agree. Empty: not yet.
  std::vector<std::vector<bool>> speaks_;  ///< By rule, then roles.
  std::unordered_map<std::string, Classes> by_path_;
  std::unordered_map<std::string, Classes> by_write_;
};

}  // namespace proctor::rules
