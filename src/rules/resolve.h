// One cause, one finding: which hits of one scenario stay.
#pragma once

#include <cstdint>
#include <vector>

#include "rules/hit.h"
#include "rules/ruleset.h"

namespace proctor::rules {

/// Takes out of `hits`, all of one scenario, what another one says better: those that a firing rule
/// supersedes on the same key or line, and on a line that has no effect everything but its cause
/// and remarks on syntax. Ids of rules that fired and were superseded go to Hit::also, sorted.
void resolve(const RuleSet& rules, std::vector<Hit>& hits);

}  // namespace proctor::rules
