// The rules in force: those compiled into the program and those of the user's files.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule.h"
#include "text/diagnostic.h"
#include "text/result.h"

namespace proctor::rules {

struct Role {
  std::string name;
  std::string description;
  std::vector<std::string> implies;  ///< Directly.
};

/// An id that a rule had, or that a rule had which is no more.
struct OldName {
  std::string id;
  std::string now;  ///< The rule's id today; empty: retired.
  std::string why;  ///< Of a retired one.
};

/// Built by one thread (builtin or empty, add_yaml any number of times, link); after link() the
/// const members may be called from several threads at once.
class RuleSet {
 public:
  /// No rule at all.
  RuleSet();
  ~RuleSet();
  RuleSet(RuleSet&&) noexcept;
  RuleSet& operator=(RuleSet&&) noexcept;

  /// The rules compiled into the program; decodes nothing until a rule is asked for.
  static RuleSet builtin();
  /// Over a packed table; `blob` must outlive the set. REQUIRES: made by pack() of the same build.
  static RuleSet packed(std::string_view blob);

  /// Adds rules, roles and overrides of one file; every mistake is reported. A rule with a mistake
  /// is left out.
  void add_yaml(std::string_view file, std::string_view text, std::vector<Diagnostic>& problems);
  /// After the last add_yaml: resolves references between rules and files. Sorts `problems`.
  void link(std::vector<Diagnostic>& problems);
  /// Overrides the severity of one rule. After link(), before any const member is called from
  /// another thread; references to the rule that rule() gave end.
  void set_severity(size_t index, Severity severity);
  /// Everything as one table. REQUIRES: link() without a problem.
  std::string pack() const;

  size_t size() const;
  std::string_view id(size_t index) const;
  /// Decoded on first use, an override of the user's applied.
  const Rule& rule(size_t index) const;
  /// Apart from the rule: only `rules test` and `explain` need them.
  std::vector<Example> examples(size_t index) const;
  /// Switched off by an override.
  bool disabled(size_t index) const;
  /// By the id of today or an earlier one.
  std::optional<size_t> find(std::string_view id) const;
  std::optional<OldName> old_name(std::string_view id) const;
  /// Rules that read a key with this catalog pattern, ascending; disabled ones are left out.
  std::vector<uint32_t> reading(std::string_view pattern) const;
  /// Rules with a detector, by its name, then ascending; disabled ones are left out.
  std::span<const uint32_t> detecting() const;

  std::span<const Role> roles() const;
  /// The roles that `given` amount to, implied ones included, sorted; an undeclared one is an error
  /// with a suggestion.
  Result<std::vector<std::string>> expand_roles(std::span<const std::string> given) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace proctor::rules
