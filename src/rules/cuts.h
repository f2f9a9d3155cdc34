// Versions at which what is said of a configuration may change.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernel/version.h"
#include "rules/ruleset.h"
#include "rules/scenario.h"

namespace proctor::rules {

/// Of the keys that a configuration sets and of rules that are asked about them, ascending; none if
/// the target names a single kernel.
std::vector<kernel::Version> cuts_of(const RuleSet& rules, std::span<const uint32_t> asked,
                                     std::span<const kernel::Key* const> touched,
                                     const Target& target);

/// At which the kernel gives another answer to a write of the scenarios, and those of further keys
/// that such answers rest on: a value may be refused for that of a key which nobody set. Ascending.
std::vector<kernel::Version> cuts_of_writes(const Scenarios& scenarios, const Target& target,
                                            Starts& starts);

}  // namespace proctor::rules
