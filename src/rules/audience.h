// Several targets that a configuration is judged for: it is judged once for all that agree in
// everything that the report rests on.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rules/agreement.h"
#include "rules/piece.h"

namespace proctor::rules {

/// Targets by their place in the audience, ascending.
using TargetSet = std::vector<uint32_t>;

/// What is said, and to whom.
struct Told {
  Report report;
  TargetSet targets;
};

/// For one thread.
class Audience {
 public:
  /// All must outlive this and `starts`, unchanged.
  Audience(const RuleSet& rules, std::vector<const Target*> targets, const Selection& selection,
           Starts& starts);

  struct Heard {
    Told told;
    PieceFacts facts;
    uint32_t speaker;  ///< Which target it was judged for: the first of the newest kernel.
  };
  /// Each of `targets` is in one of the results. Texts name the kernel of the speaker.
  std::vector<Heard> judge(const load::Configuration& configuration, TargetSet targets,
                           LineNames lines, Starts& starts);

  const RuleSet& rules() const { return rules_; }
  const Selection& selection() const { return selection_; }
  const std::vector<const Target*>& targets() const { return targets_; }
  /// All places.
  TargetSet all() const;
  /// The one that is judged for the others: the first of those with the newest kernel.
  uint32_t speaker(const TargetSet& targets) const;
  /// Whether a target names a range of kernels.
  bool any_range() const { return any_range_; }
  bool same_kernel(uint32_t a, uint32_t b) const { return agreement_.same_kernel(a, b); }

 private:
  /// What a report rests on.
  struct Basis {
    std::vector<uint32_t> rules;
    Reads reads;
    std::vector<const Agreement::Classes*> by_kernel;
    std::vector<const Agreement::Classes*> by_machine;
    std::vector<const Run*> runs;  ///< Whose writes meet.
    bool closed = true;            ///< No line or expression goes beyond the catalog's keys.
  };
  /// By machine, whether it answers as that of the speaker does: 0 if nobody asked yet.
  using Answers = std::vector<int8_t>;

  const Scenarios* scenarios(const std::vector<Heard>& heard, uint32_t target) const;
  Basis basis(const load::Configuration& configuration, const Heard& heard, Reads reads,
              Starts& starts);
  bool agree(const Basis& basis, const Heard& heard, uint32_t target, Answers& answers,
             Starts& starts);
  /// REQUIRES: both name a single kernel.
  bool machines_agree(const Basis& basis, const Heard& heard, uint32_t target, Starts& starts);

  const RuleSet& rules_;
  const Selection& selection_;
  std::vector<const Target*> targets_;
  std::vector<kernel::Version> newest_;  ///< By target: the newest kernel that it names.
  bool any_range_ = false;
  Agreement agreement_;
};

}  // namespace proctor::rules
