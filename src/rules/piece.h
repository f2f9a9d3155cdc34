// judge(), with what a report does not tell.
#pragma once

#include <cstdint>
#include <map>

#include "rules/engine.h"
#include "rules/line_mark.h"
#include "rules/reads.h"
#include "rules/scenario.h"
#include "rules/starts.h"

namespace proctor::rules {

/// What a report on a piece does not tell, but a report on the whole, or for another target,
/// depends on.
struct PieceFacts {
  Scenarios scenarios;
  /// By rule with a detector: how many hits, in the group of loaders with the most.
  std::map<uint32_t, uint32_t> hits;
};

/// The same as judge() says of the configuration, but that nothing is gathered (gather.h), with the
/// facts. `reads`, if given, grows by what the rules' expressions read. `known`, if given, are the
/// scenarios of the same configuration on the same machine, whatever that was for, with a single
/// kernel.
Report judge_piece(const RuleSet& rules, const load::Configuration& configuration,
                   const Target& target, const Selection& selection, Starts& starts,
                   LineNames lines, PieceFacts& facts, Reads* reads = nullptr,
                   const Scenarios* known = nullptr);

}  // namespace proctor::rules
