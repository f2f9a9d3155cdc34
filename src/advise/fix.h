// Fixes to a fixed point.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rules/engine.h"

namespace proctor::advise {

/// A fix that was made.
struct AppliedFix {
  std::string rule;
  uint32_t file = 0;  ///< Index into the configuration's files.
  uint32_t line = 0;  ///< From 1, of the finding, when the fix was made.
  bool safe = false;
  std::string summary;
};

struct FixResult {
  std::vector<std::string> bytes;  ///< By file of the configuration: its new content.
  std::vector<AppliedFix> applied;
  uint32_t dropped = 0;  ///< Fixes that would have made a finding of equal or greater severity.
  /// What every target is left with; what several have in common is said once.
  rules::Report remaining;
};

/// Applies what findings offer, judges again, and repeats until nothing is left to do. Without
/// `unsafe` only fixes that are proven to keep the kernel's state are made. Of fixes that overlap
/// the first in the order of findings wins a round. A fix after which a finding of equal or greater
/// severity is new is dropped; that a cured line now repeats the kernel's own value is no such
/// finding. Ends after a bounded number of rounds, also where rules contradict each other.
///
/// A file that is meant for several targets is changed only where all of them offer the same, and
/// no change may do harm for any of them. REQUIRES: a target.
FixResult fix(const rules::RuleSet& rules, const load::Configuration& configuration,
              std::span<const rules::Target> targets, const rules::Selection& selection,
              bool unsafe);

}  // namespace proctor::advise
