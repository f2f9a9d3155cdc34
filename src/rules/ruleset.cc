#include <algorithm>

#include "rules/ruleset_impl.h"
#include "rules/scope.h"
#include "text/text.h"

namespace proctor::rules {

void apply_effect(const Effect& effect, Rule& rule) {
  static const Scope kFunctions;
  if (effect.severity) rule.severity = *effect.severity;
  if (effect.roles) rule.roles = *effect.roles;
  for (const std::string_view bytes : effect.unless) {
    rule.unless.push_back(expr::Program::unpack(bytes, kFunctions));
  }
}

RuleSet::Impl::~Impl() {
  for (uint32_t i = 0; i < table.size(); ++i) delete decoded[i].load(std::memory_order_relaxed);
}

std::string_view RuleSet::Impl::id(size_t index) const {
  return is_packed(index) ? table.id(static_cast<uint32_t>(index)) : draft(index).rule.id;
}

std::optional<size_t> RuleSet::Impl::find(std::string_view id) const {
  uint32_t low = 0;
  uint32_t high = table.size();
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    const std::string_view here = table.id(middle);
    if (here == id) return middle;
    if (here < id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const auto found = added.find(id);
  return found == added.end() ? std::nullopt : std::optional(found->second);
}

std::optional<OldName> RuleSet::Impl::old_name(std::string_view id) const {
  for (const OldNameDraft& draft : drafts.old_names) {
    if (draft.name.id == id) return draft.name;
  }
  for (OldName& name : table.old_names()) {
    if (name.id == id) return std::move(name);
  }
  return std::nullopt;
}

const Rule& RuleSet::Impl::rule(size_t index) const {
  if (!is_packed(index)) return draft(index).rule;
  std::atomic<const Rule*>& slot = decoded[index];
  if (const Rule* ready = slot.load(std::memory_order_acquire)) return *ready;
  auto made = std::make_unique<Rule>(unpack_rule(table.rule(static_cast<uint32_t>(index))));
  if (const auto found = effects.find(index); found != effects.end()) {
    apply_effect(found->second, *made);
  }
  const Rule* expected = nullptr;
  if (slot.compare_exchange_strong(expected, made.get(), std::memory_order_acq_rel)) {
    return *made.release();
  }
  return *expected;  // Another thread was first.
}

void RuleSet::Impl::set_severity(size_t index, Severity severity) {
  if (!is_packed(index)) {
    drafts.rules[index - table.size()].rule.severity = severity;
    return;
  }
  effects[index].severity = severity;
  delete decoded[index].exchange(nullptr, std::memory_order_acq_rel);
}

const std::vector<Role>& RuleSet::Impl::roles() const {
  std::call_once(roles_once, [&] {
    all_roles = table.roles();
    for (const RoleDraft& draft : drafts.roles) all_roles.push_back(draft.role);
    std::ranges::stable_sort(all_roles, {}, &Role::name);
  });
  return all_roles;
}

const std::vector<uint32_t>& RuleSet::Impl::detecting() const {
  std::call_once(detecting_once, [&] {
    all_detecting = table.detecting();
    for (size_t i = table.size(); i < size(); ++i) {
      if (!rule(i).detect.empty()) all_detecting.push_back(static_cast<uint32_t>(i));
    }
    std::erase_if(all_detecting, [&](uint32_t index) { return disabled(index); });
    std::ranges::stable_sort(all_detecting, {},
                             [&](uint32_t index) { return std::string_view(rule(index).detect); });
  });
  return all_detecting;
}

bool RuleSet::Impl::disabled(size_t index) const {
  const auto found = effects.find(index);
  return found != effects.end() && found->second.disabled;
}

RuleSet::RuleSet() : impl_(std::make_unique<Impl>(std::string_view())) {}
RuleSet::~RuleSet() = default;
RuleSet::RuleSet(RuleSet&&) noexcept = default;
RuleSet& RuleSet::operator=(RuleSet&&) noexcept = default;

RuleSet RuleSet::packed(std::string_view blob) {
  RuleSet set;
  set.impl_ = std::make_unique<Impl>(blob);
  return set;
}

void RuleSet::add_yaml(std::string_view file, std::string_view text,
                       std::vector<Diagnostic>& problems) {
  const Source& source = impl_->sources.emplace_back(std::string(file), std::string(text));
  compile_file(source, impl_->drafts, problems);
}

void RuleSet::link(std::vector<Diagnostic>& problems) {
  impl_->link(problems);
  sort_unique(problems);
}

std::string RuleSet::pack() const {
  std::vector<PackedRule> rules;
  for (size_t i = 0; i < size(); ++i) {
    if (disabled(i)) continue;
    const Rule& packed_rule = rule(i);
    rules.push_back({packed_rule.id, pack_rule(packed_rule), pack_examples(examples(i)),
                     packed_rule.reads, !packed_rule.detect.empty()});
  }
  std::vector<OldName> old_names = impl_->table.old_names();
  for (const OldNameDraft& draft : impl_->drafts.old_names) old_names.push_back(draft.name);
  return pack_table(std::move(rules), impl_->roles(), old_names);
}

size_t RuleSet::size() const { return impl_->size(); }

std::string_view RuleSet::id(size_t index) const { return impl_->id(index); }

const Rule& RuleSet::rule(size_t index) const { return impl_->rule(index); }

std::vector<Example> RuleSet::examples(size_t index) const {
  if (!impl_->is_packed(index)) return impl_->draft(index).examples;
  return unpack_examples(impl_->table.examples(static_cast<uint32_t>(index)));
}

bool RuleSet::disabled(size_t index) const { return impl_->disabled(index); }

std::optional<size_t> RuleSet::find(std::string_view id) const {
  if (const std::optional<size_t> found = impl_->find(id)) return found;
  const std::optional<OldName> old = impl_->old_name(id);
  return old ? impl_->find(old->now) : std::nullopt;
}

std::optional<OldName> RuleSet::old_name(std::string_view id) const { return impl_->old_name(id); }

std::vector<uint32_t> RuleSet::reading(std::string_view pattern) const {
  std::vector<uint32_t> found = impl_->table.reading(pattern);
  if (const auto added = impl_->added_reading.find(pattern); added != impl_->added_reading.end()) {
    found.insert(found.end(), added->second.begin(), added->second.end());
  }
  if (!impl_->effects.empty()) {
    std::erase_if(found, [&](uint32_t index) { return impl_->disabled(index); });
  }
  return found;
}

std::span<const uint32_t> RuleSet::detecting() const { return impl_->detecting(); }

void RuleSet::set_severity(size_t index, Severity severity) {
  impl_->set_severity(index, severity);
}

std::span<const Role> RuleSet::roles() const { return impl_->roles(); }

Result<std::vector<std::string>> RuleSet::expand_roles(std::span<const std::string> given) const {
  const std::vector<Role>& declared = impl_->roles();
  std::set<std::string> all;
  std::vector<std::string> open(given.rbegin(), given.rend());
  while (!open.empty()) {
    const std::string name = std::move(open.back());
    open.pop_back();
    const auto role = std::ranges::lower_bound(declared, name, {}, &Role::name);
    if (role == declared.end() || role->name != name) {
      std::vector<std::string_view> names;
      names.reserve(declared.size());
      for (const Role& known : declared) names.push_back(known.name);
      return Error{"unknown role " + quoted(name) + did_you_mean(name, names)};
    }
    if (!all.insert(name).second) continue;
    open.insert(open.end(), role->implies.begin(), role->implies.end());
  }
  return std::vector<std::string>(all.begin(), all.end());
}

}  // namespace proctor::rules
