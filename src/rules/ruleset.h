// The rules in force: those compiled into the program and those of the user's files.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule.h"
#include "text/diagnostic.h"

namespace proctor::rules {

struct Role {
  std::string name;
  std::string description;
  std::vector<std::string> implies;
};

class RuleSet {
 public:
  RuleSet();
  ~RuleSet();
  RuleSet(RuleSet&&) noexcept;
  RuleSet& operator=(RuleSet&&) noexcept;

  /// The rules compiled into the program; decodes nothing until a rule is asked for.
  static RuleSet builtin();
  /// Adds, overrides, disables, extends by the YAML of one file; every mistake is reported.
  void add_yaml(std::string_view file, std::string_view text, std::vector<Diagnostic>& problems);
  /// After the last add_yaml: resolves references between rules and files.
  void link(std::vector<Diagnostic>& problems);

  size_t size() const;
  std::string_view id(size_t index) const;
  const Rule& rule(size_t index) const;  ///< Decoded on first use.
  std::optional<size_t> find(std::string_view id) const;
  /// Rules that read a key with this catalog pattern, ascending.
  std::span<const uint32_t> reading(std::string_view pattern) const;

  std::span<const Role> roles() const;
  /// The roles that `given` amount to, implied ones included; an undeclared one is an error with a
  /// suggestion.
  Result<std::vector<std::string>> expand_roles(std::span<const std::string> given) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace proctor::rules
