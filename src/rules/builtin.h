// What rulec writes.
#pragma once

#include <cstddef>

namespace proctor::rules {

extern const char kBuiltinRules[];
extern const size_t kBuiltinRulesSize;

}  // namespace proctor::rules
