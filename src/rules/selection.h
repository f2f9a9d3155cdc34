// Which rules speak.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/engine.h"
#include "rules/rule.h"

namespace proctor::rules {

/// Without --select every rule speaks that is not off by default; with it those that it names. A
/// rule that is off by default also speaks where one of its roles is given. An id beats a prefix, a
/// longer prefix a shorter one, and any prefix a tag; --ignore beats --select at equal length.
/// `roles` are sorted, implied ones included.
bool speaks(const Rule& rule, const Selection& selection, const std::vector<std::string>& roles);

/// Whether a word of --select or --ignore names the rule: by id (an earlier one as well), prefix or
/// tag.
bool names_rule(std::string_view word, const Rule& rule);

}  // namespace proctor::rules
