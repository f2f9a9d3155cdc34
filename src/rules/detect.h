// The detectors that rules may name with `detect`, and the variables that each gives to the rule's
// texts. Only the vocabulary stands here: the rule compiler needs it, the engine implements it.
#pragma once

#include <span>
#include <string_view>

namespace proctor::rules {

/// All variables are strings.
struct DetectorInfo {
  std::string_view name;
  std::span<const std::string_view> variables;
  bool outside = false;  ///< Its hits do not come from the engine: no example can fire.
};

/// Sorted by name; static.
std::span<const DetectorInfo> detectors();
const DetectorInfo* find_detector(std::string_view name);

}  // namespace proctor::rules
