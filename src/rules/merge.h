// Hits of all scenarios to what holds for all of them, or for some.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rules/hit.h"
#include "rules/scenario.h"

namespace proctor::rules {

/// What becomes of one thing that a rule says.
struct Merged {
  const Hit* hit = nullptr;  ///< Of the newest kernel for which it holds, the first loader.
  size_t segment = 0;        ///< Where the hit is from.
  size_t group = 0;
  bool holds = false;  ///< In every scenario. Else it is undecided:
  std::vector<std::string> needs;
  std::string holds_for;
};

struct MergeInput {
  const Scenarios& scenarios;
  /// By segment, then group.
  const std::vector<std::vector<std::vector<Hit>>>& hits;
  /// A statement about a segment as a whole: one group that says it is enough.
  std::function<bool(uint32_t rule)> is_detector;
  /// The rule has nothing to judge in this scenario: the loader does not take its lines.
  std::function<bool(uint32_t rule, size_t segment, size_t group)> not_asked;
};

/// In the order of rules, then subjects.
std::vector<Merged> merge(const MergeInput& input);

}  // namespace proctor::rules
