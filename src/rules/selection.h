// Which rules speak.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/engine.h"
#include "rules/rule.h"

namespace proctor::rules {

/// The word of --select for the rules that speak without it.
inline constexpr std::string_view kDefaultRules = "default";

/// Without --select every rule speaks that is not off by default; with it those that it names, and
/// `default` names all that speak without it. A rule with roles speaks where one of them is given;
/// one that is off by default also where a tag of it is selected. An id beats a prefix, a
/// longer prefix a shorter one, and any prefix a tag; --ignore beats --select at equal length.
/// `roles` are sorted, implied ones included.
bool speaks(const Rule& rule, const Selection& selection, const std::vector<std::string>& roles);

/// Whether a word of --select or --ignore names the rule: by id (an earlier one as well), prefix or
/// tag, or as one that is on by default.
bool names_rule(std::string_view word, const Rule& rule);

}  // namespace proctor::rules
