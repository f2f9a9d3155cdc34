// What the parts of a profile's compiler share.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advise/profile.h"
#include "rules/compile.h"
#include "rules/expression.h"
#include "rules/shape.h"

namespace proctor::advise {

/// A profile in the making.
class ProfileBuilder {
 public:
  /// Over `base`, whose names are known from the start.
  ProfileBuilder(rules::Reporter& report, Profile base);

  rules::Reporter& report() { return context_.report; }
  rules::ExpressionContext& context() { return context_; }
  rules::Uses& uses() { return uses_; }
  Profile& made() { return made_; }

  /// Compiled; nothing where there is no text, or where it is wrong, which is reported.
  std::optional<Formula> formula(const rules::YamlNode* node,
                                 rules::Wanted wanted = rules::Wanted::kAny);
  std::optional<Formula> condition(const rules::YamlNode& map, std::string_view field);

  /// Whether a name may be declared; where it may not, that is reported.
  bool usable(const rules::YamlNode* name);

  Parameter* parameter(std::string_view name);

  /// The profile, with what its formulas use.
  Profile finish();

 private:
  std::vector<rules::PendingName> pending_;
  rules::ExpressionContext context_;
  rules::Uses uses_;
  Profile made_;
  std::map<std::string, const rules::YamlNode*, std::less<>> own_names_;
};

/// The tables [[parameter]]. All are declared before the first default is compiled, so that a
/// default may use the others; one that depends on itself is an error.
void compile_parameters(ProfileBuilder& builder, const std::vector<const rules::YamlNode*>& items);

/// The text of a scalar field; empty without.
std::string text_of(const rules::YamlNode& map, std::string_view field);
std::vector<std::string> texts_of(const rules::YamlNode& map, std::string_view field);

}  // namespace proctor::advise
