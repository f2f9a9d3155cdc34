// The rules compiled into the program: rulec's table.
#include "rules/builtin.h"

#include "rules/ruleset.h"

namespace proctor::rules {

RuleSet RuleSet::builtin() { return packed({kBuiltinRules, kBuiltinRulesSize}); }

}  // namespace proctor::rules
