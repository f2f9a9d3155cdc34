// The rounds of a rule that is asked once for each interface.
#pragma once

#include <span>
#include <vector>

#include "rules/activation.h"
#include "rules/finding.h"
#include "rules/ruleset.h"
#include "rules/scenario.h"

namespace proctor::rules {

/// Interfaces that a round is made for: those that facts, running values or the files name, then
/// the open one if there may be others.
std::vector<Interface> interfaces_of(const Target& target, const Scenarios& scenarios);

/// One line, one finding: what a rule says of several interfaces on one line is said once.
/// `rounds[i]` is the interface of `findings[i]`.
void fold_interfaces(const RuleSet& rules, std::span<const Interface> rounds,
                     std::vector<Finding>& findings);

}  // namespace proctor::rules
