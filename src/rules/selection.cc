#include "rules/selection.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace proctor::rules {
namespace {

constexpr size_t kId = std::numeric_limits<size_t>::max();

/// How closely `word` names the rule: 0 not at all, 1 by a tag, then by length of the prefix.
size_t closeness(const Rule& rule, std::string_view word) {
  if (word == rule.id || std::ranges::count(rule.formerly, word) > 0) return kId;
  if (word.ends_with('/') && rule.id.starts_with(word)) return 1 + word.size();
  return std::ranges::find(rule.tags, word) != rule.tags.end() ? 1 : 0;
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
  if (!rule.roles.empty() && !has_role(rule, roles)) return false;
  const size_t selected = closest(rule, selection.select);
  const size_t ignored = closest(rule, selection.ignore);
  if (ignored != 0 && ignored >= selected) return false;
  if (selected != 0) return true;
  if (!selection.select.empty()) return false;
  return !rule.off_by_default || has_role(rule, roles);
}

bool names_rule(std::string_view word, const Rule& rule) { return closeness(rule, word) != 0; }

}  // namespace proctor::rules
