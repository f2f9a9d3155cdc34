#include "rules/selection.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace proctor::rules {
namespace {

constexpr size_t kTag = 1;
constexpr size_t kId = std::numeric_limits<size_t>::max();

/// How closely `word` names the rule: 0 not at all, by a tag, by length of the prefix, by its id.
size_t closeness(const Rule& rule, std::string_view word) {
  if (word == rule.id || std::ranges::count(rule.formerly, word) > 0) return kId;
  if (word.ends_with('/') && rule.id.starts_with(word)) return kTag + word.size();
  const bool tagged = std::ranges::find(rule.tags, word) != rule.tags.end();
  return tagged || (word == kDefaultRules && !rule.off_by_default) ? kTag : 0;
}

size_t closest(const Rule& rule, const std::vector<std::string>& words) {
  size_t best = 0;
  for (const std::string& word : words) best = std::max(best, closeness(rule, word));
  return best;
}

bool has_role(const Rule& rule, const std::vector<std::string>& roles) {
  return std::ranges::any_of(
      rule.roles, [&](const std::string& role) { return std::ranges::binary_search(roles, role); });
}

}  // namespace

bool speaks(const Rule& rule, const Selection& selection, const std::vector<std::string>& roles) {
  const bool role_given = has_role(rule, roles);
  const bool by_default = rule.off_by_default ? role_given : rule.roles.empty() || role_given;
  const bool defaults =
      selection.select.empty() || std::ranges::count(selection.select, kDefaultRules) > 0;
  size_t selected = closest(rule, selection.select);
  if (!rule.roles.empty() && !role_given) {
    // Who names a policy by its tag asks for all of it, whatever the machine is for.
    const bool by_tag = std::ranges::any_of(
        selection.select, [&](const std::string& word) { return closeness(rule, word) == kTag; });
    if (!rule.off_by_default || !by_tag) selected = 0;
  }
  if (selected == 0 && defaults && by_default) selected = kTag;
  const size_t ignored = closest(rule, selection.ignore);
  return selected != 0 && (ignored == 0 || ignored < selected);
}

bool names_rule(std::string_view word, const Rule& rule) { return closeness(rule, word) != 0; }

}  // namespace proctor::rules
