// What only all files together can tell: names that are declared twice or nowhere, and what
// overrides change.
#include <fmt/core.h>

#include <algorithm>

#include "rules/ruleset_impl.h"
#include "rules/scope.h"
#include "text/text.h"

namespace proctor::rules {
namespace {

std::string place(const Source& source, Span span) {
  return fmt::format("{}:{}", source.name(), source.position(span.begin).line);
}

bool matches(std::string_view filter, std::string_view id) {
  return filter == "*" || filter == id || (filter.ends_with('/') && id.starts_with(filter));
}

}  // namespace

void RuleSet::Impl::drop_double_rules(std::vector<Diagnostic>& problems) {
  std::deque<RuleDraft> kept;
  for (RuleDraft& draft : drafts.rules) {
    const std::optional<size_t> first = find(draft.rule.id);
    if (!first) {
      added.emplace(draft.rule.id, table.size() + kept.size());
      kept.push_back(std::move(draft));
      continue;
    }
    const std::string where = is_packed(*first) ? std::string("the built-in rules")
                                                : place(*kept[*first - table.size()].source,
                                                        kept[*first - table.size()].id_span);
    problems.push_back(draft.source->diagnostic(
        draft.id_span, fmt::format("rule '{}' exists already, in {}; to change it use `override:`",
                                   draft.rule.id, where)));
  }
  drafts.rules = std::move(kept);
  for (size_t i = table.size(); i < size(); ++i) {
    for (const std::string& pattern : draft(i).rule.reads) {
      added_reading[pattern].push_back(static_cast<uint32_t>(i));
    }
  }
}

void RuleSet::Impl::drop_double_roles(std::vector<Diagnostic>& problems) {
  std::set<std::string> known;
  for (const Role& role : table.roles()) known.insert(role.name);
  std::deque<RoleDraft> kept;
  for (RoleDraft& draft : drafts.roles) {
    if (known.insert(draft.role.name).second) {
      kept.push_back(std::move(draft));
      continue;
    }
    problems.push_back(draft.source->diagnostic(
        draft.name_span, fmt::format("role '{}' is declared already", draft.role.name)));
  }
  drafts.roles = std::move(kept);
}

void RuleSet::Impl::check_old_names(std::vector<Diagnostic>& problems) {
  std::set<std::string_view> seen;
  for (const OldNameDraft& draft : drafts.old_names) {
    if (find(draft.name.id)) {
      problems.push_back(draft.source->diagnostic(
          draft.span, fmt::format("a rule is called {} today", quoted(draft.name.id))));
    } else if (!seen.insert(draft.name.id).second) {
      problems.push_back(draft.source->diagnostic(
          draft.span, fmt::format("the old id {} stands here twice", quoted(draft.name.id))));
    }
  }
  // Files that were written for an earlier version go on to work.
  for (OverrideDraft& change : drafts.overrides) {
    if (find(change.filter)) continue;
    if (const std::optional<OldName> old = old_name(change.filter)) change.filter = old->now;
  }
  for (RuleDraft& draft : drafts.rules) {
    for (std::string& id : draft.rule.supersedes) {
      if (find(id)) continue;
      if (const std::optional<OldName> old = old_name(id); old && !old->now.empty()) id = old->now;
    }
  }
}

void RuleSet::Impl::resolve_names(std::vector<Diagnostic>& problems) {
  std::vector<std::string_view> role_names;
  for (const Role& role : roles()) role_names.push_back(role.name);
  std::vector<std::string_view> ids;
  for (size_t i = 0; i < size(); ++i) ids.push_back(id(i));
  for (const PendingName& name : drafts.pending) {
    const bool is_role = name.kind == PendingName::Kind::kRole;
    const bool found = is_role ? std::ranges::binary_search(role_names, name.name) ||
                                     drafts.broken_roles.contains(name.name)
                               : find(name.name).has_value() || old_name(name.name).has_value() ||
                                     drafts.broken_rules.contains(name.name);
    if (found) continue;
    problems.push_back(name.source->diagnostic(
        name.span, fmt::format("no {} {}{}", is_role ? "role" : "rule", quoted(name.name),
                               did_you_mean(name.name, is_role ? role_names : ids))));
  }
  drafts.pending.clear();
}

void RuleSet::Impl::apply(const OverrideDraft& change, std::vector<Diagnostic>& problems) {
  bool found = change.filter.empty();  // A retired rule: nothing is left to change.
  for (size_t i = 0; i < size(); ++i) {
    if (!matches(change.filter, id(i))) continue;
    found = true;
    Effect& effect = effects[i];
    if (change.severity) effect.severity = change.severity;
    if (change.roles) effect.roles = change.roles;
    if (change.disable) effect.disabled = *change.disable;
    if (!change.unless.empty()) effect.unless.push_back(change.unless);
  }
  if (found) return;
  std::vector<std::string_view> ids;
  for (size_t i = 0; i < size(); ++i) ids.push_back(id(i));
  problems.push_back(change.source->diagnostic(
      change.filter_span,
      fmt::format("no rule {}{}", quoted(change.filter), did_you_mean(change.filter, ids))));
}

void RuleSet::Impl::link(std::vector<Diagnostic>& problems) {
  drop_double_rules(problems);
  drop_double_roles(problems);
  check_old_names(problems);
  resolve_names(problems);
  for (const OverrideDraft& change : drafts.overrides) apply(change, problems);
  for (const auto& [index, effect] : effects) {
    if (!is_packed(index)) apply_effect(effect, drafts.rules[index - table.size()].rule);
  }
}

}  // namespace proctor::rules
