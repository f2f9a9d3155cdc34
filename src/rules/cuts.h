// Versions at which what is said of a configuration may change.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernel/predict.h"
#include "kernel/version.h"
#include "rules/ruleset.h"
#include "rules/scenario.h"

namespace proctor::rules {

/// Of the keys that a configuration sets and of rules that are asked about them, ascending; none if
/// the target names a single kernel.
std::vector<kernel::Version> cuts_of(const RuleSet& rules, std::span<const uint32_t> asked,
                                     std::span<const kernel::Key* const> touched,
                                     const Target& target);

/// But for the words of the reason and the keys that the answers rest on.
bool same_answer(const kernel::Outcome& a, const kernel::Outcome& b);

/// Runs the loaders on the stretches between these cuts, and cuts again where the writes show more:
/// where the kernel gives another answer to one, and where something changes about a further key
/// that the answer rests on. A value may be refused for that of a key which nobody set.
Scenarios run_in_stretches(const load::Configuration& configuration, const Target& target,
                           std::vector<kernel::Version> cuts, Starts& starts);

}  // namespace proctor::rules
