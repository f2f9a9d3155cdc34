// One expression rule in one scenario.
#pragma once

#include <string>
#include <vector>

#include "rules/activation.h"
#include "rules/rule.h"

namespace proctor::rules {

struct Answer {
  enum class Kind : uint8_t {
    kSilent,
    kFires,
    kUndecided,  ///< Some fact decides: `needs`.
    kDefect,     ///< The expression failed: `defect`.
  } kind = Kind::kSilent;
  std::vector<std::string> needs;
  std::string defect;
};

/// An absent key, and an unknown that no fact can decide, keep the rule silent.
Answer ask(const Rule& rule, const Surroundings& at, const Activation& activation);

}  // namespace proctor::rules
