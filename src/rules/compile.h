// A checked file's tree -> rules, roles and overrides.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "rules/expression.h"
#include "rules/rule.h"
#include "rules/ruleset.h"

namespace proctor::rules {

struct RuleDraft {
  Rule rule;
  std::vector<Example> examples;
  const Source* source = nullptr;
  Span id_span;
};

struct RoleDraft {
  Role role;
  const Source* source = nullptr;
  Span name_span;
};

struct OverrideDraft {
  std::string filter;  ///< A rule's id, a prefix ending in '/', or "*".
  std::optional<Severity> severity;
  std::optional<bool> disable;
  std::optional<std::vector<std::string>> roles;
  std::string unless;  ///< Packed program; empty: none.
  const Source* source = nullptr;
  Span filter_span;
};

struct OldNameDraft {
  OldName name;
  const Source* source = nullptr;
  Span span;  ///< Of the old id.
};

/// What the files add, in order, and the names that link() has to find.
struct Drafts {
  std::deque<RuleDraft> rules;
  std::deque<RoleDraft> roles;
  std::deque<OverrideDraft> overrides;
  std::deque<OldNameDraft> old_names;
  std::vector<PendingName> pending;
  /// Of rules and roles with mistakes: left out, but not unknown.
  std::set<std::string> broken_rules;
  std::set<std::string> broken_roles;
};

/// The three stages for one file: reads it, checks it against the table of fields, compiles it.
/// Every mistake is reported; what has one is left out of `drafts`. `source` is kept by reference
/// until link().
void compile_file(const Source& source, Drafts& drafts, std::vector<Diagnostic>& problems);

// The parts of a rule's compilation, each in its own file. check_shape() has seen the node: what it
// reported is stepped over in silence.

/// What they share.
struct RuleContext {
  ExpressionContext expressions;
  const YamlNode& node;
  RuleDraft draft;
  std::vector<Uses> let_uses;    ///< By let.
  std::set<uint32_t> used_lets;  ///< By anything.
  Uses condition;                ///< Of `when`.
  Uses all;                      ///< Of everything.
  std::string let_unit;          ///< Of {value} and {expected}.
};

/// Lowers `key` and `want` to lets and a condition, around the rule's own lets.
void compile_want(RuleContext& context);
/// The rule's own lets.
void compile_lets(RuleContext& context);
void compile_fixes(RuleContext& context);
void compile_examples(RuleContext& context);

/// The names in a field that is one or a list; those of the right form wait for link().
std::vector<std::string> names_of(ExpressionContext& context, PendingName::Kind kind,
                                  const YamlNode& map, std::string_view field);
/// The scalar of a field, or nullptr if it is absent or no scalar.
const YamlNode* scalar_of(const YamlNode& map, std::string_view field);
/// The scalars of a field that is one or a list.
std::vector<const YamlNode*> scalars_of(const YamlNode& map, std::string_view field);
/// The enumerator whose to_string() is `text`.
template <typename Enum>
std::optional<Enum> enumerator(std::string_view text, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    if (to_string(static_cast<Enum>(i)) == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace proctor::rules
