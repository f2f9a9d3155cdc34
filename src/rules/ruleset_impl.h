// The insides of a RuleSet, for ruleset.cc and link.cc.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>

#include "rules/compile.h"
#include "rules/pack.h"
#include "rules/ruleset.h"

namespace proctor::rules {

/// What the overrides make of one rule, in the order of their files.
struct Effect {
  std::optional<Severity> severity;
  std::optional<std::vector<std::string>> roles;
  bool disabled = false;
  std::vector<std::string_view> unless;  ///< Packed programs; the drafts own the bytes.
};

void apply_effect(const Effect& effect, Rule& rule);

struct RuleSet::Impl {
  explicit Impl(std::string_view blob)
      : table(blob), decoded(new std::atomic<const Rule*>[table.size()]()) {}
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  size_t size() const { return table.size() + drafts.rules.size(); }
  bool is_packed(size_t index) const { return index < table.size(); }
  const RuleDraft& draft(size_t index) const { return drafts.rules[index - table.size()]; }
  std::string_view id(size_t index) const;
  /// By the id of today.
  std::optional<size_t> find(std::string_view id) const;
  std::optional<OldName> old_name(std::string_view id) const;

  const Rule& rule(size_t index) const;
  const std::vector<Role>& roles() const;
  const std::vector<uint32_t>& detecting() const;
  bool disabled(size_t index) const;

  void link(std::vector<Diagnostic>& problems);
  void set_severity(size_t index, Severity severity);
  void drop_double_rules(std::vector<Diagnostic>& problems);
  void drop_double_roles(std::vector<Diagnostic>& problems);
  void check_old_names(std::vector<Diagnostic>& problems);
  void resolve_names(std::vector<Diagnostic>& problems);
  void apply(const OverrideDraft& change, std::vector<Diagnostic>& problems);

  Table table;
  /// Of the table's rules; each is made once, by whichever thread comes first.
  std::unique_ptr<std::atomic<const Rule*>[]> decoded;
  /// Rule files, whose texts the drafts' problems point into.
  std::deque<Source> sources;
  Drafts drafts;
  std::map<std::string, size_t, std::less<>> added;  ///< Id to index, of the drafts.
  std::map<std::string, std::vector<uint32_t>, std::less<>> added_reading;
  std::map<size_t, Effect> effects;
  mutable std::once_flag roles_once;
  mutable std::vector<Role> all_roles;
  mutable std::once_flag detecting_once;
  mutable std::vector<uint32_t> all_detecting;
};

}  // namespace proctor::rules
