// Expressions of a rule file: compiled, checked against what the rest of the program knows, and
// with their mistakes pointed at where they stand in the file.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "expr/program.h"
#include "kernel/version.h"
#include "rules/scope.h"
#include "rules/source.h"

namespace proctor::rules {

/// A name that only the other files, or the rest of this one, can confirm.
struct PendingName {
  enum class Kind : uint8_t { kRole, kRule } kind = Kind::kRole;
  const Source* source = nullptr;
  Span span;  ///< In the file.
  std::string name;
};

/// What an expression uses.
struct Uses {
  std::set<std::string> patterns;  ///< Of the catalog.
  std::set<std::string> unnamed;   ///< Those that functions look at beside the ones they are given.
  std::set<uint32_t> lets;
  std::set<kernel::Version> versions;
};

/// What the expressions of one rule (or override) have in common.
struct ExpressionContext {
  Reporter& report;
  std::vector<PendingName>& pending;
  Scope scope;
};

/// Which results are of use.
enum class Wanted : uint8_t {
  kCondition,  ///< bool
  kAny,
};

/// Compiles `part` of the text of `scalar` and adds to `uses`. nullopt after a mistake.
std::optional<expr::Program> compile_expression(ExpressionContext& context, const YamlNode& scalar,
                                                Span part, Wanted wanted, Uses& uses);
/// All of the scalar.
std::optional<expr::Program> compile_expression(ExpressionContext& context, const YamlNode& scalar,
                                                Wanted wanted, Uses& uses);
/// CEL that was made from parts of the file; mistakes are reported at `node`.
std::optional<expr::Program> compile_made(ExpressionContext& context, const YamlNode& node,
                                          std::string_view cel, Uses& uses);

/// The key that a scalar names; nullopt after a mistake, which is reported with a suggestion.
std::optional<Name> compile_key(ExpressionContext& context, const YamlNode& scalar,
                                bool for_each_interface);

/// Says that a scalar names no sysctl, and which one it may mean.
void report_unknown_key(ExpressionContext& context, const YamlNode& scalar);

/// Whether a value for this key is written as a bare word rather than as CEL: one word, and the key
/// holds text.
bool is_word_literal(const kernel::Key& key, std::string_view text);
/// The CEL literal of a text.
std::string cel_string(std::string_view text);

}  // namespace proctor::rules
