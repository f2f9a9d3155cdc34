// What the parts of a profile's compiler share.
#include "advise/profile_builder.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "text/text.h"

namespace proctor::advise {
namespace {

using expr::TypeKind;
using rules::scalar_of;
using rules::scalars_of;
using rules::YamlNode;

/// Names that stand for something else at the start of every expression.
constexpr std::array<std::string_view, 9> kTakenNames = {
    "host", "iface", "initial", "proposed", "running", "KiB", "MiB", "GiB", "TiB"};

}  // namespace

expr::Type type_of(const Parameter& parameter) {
  switch (parameter.kind) {
    case ParameterKind::kBool:
      return TypeKind::kBool;
    case ParameterKind::kInt:
      return TypeKind::kInt;
    case ParameterKind::kText:
      return TypeKind::kString;
    case ParameterKind::kNumbers:
      return expr::Type::list(TypeKind::kInt);
    case ParameterKind::kTexts:
      return expr::Type::list(TypeKind::kString);
  }
  return {};
}

std::string text_of(const YamlNode& map, std::string_view field) {
  const YamlNode* node = scalar_of(map, field);
  return node == nullptr ? std::string() : node->text;
}

std::vector<std::string> texts_of(const YamlNode& map, std::string_view field) {
  std::vector<std::string> texts;
  for (const YamlNode* node : scalars_of(map, field)) texts.push_back(node->text);
  return texts;
}

ProfileBuilder::ProfileBuilder(rules::Reporter& report, Profile base)
    : context_{report, pending_, {}}, made_(std::move(base)) {
  for (const Variable& variable : made_.variables) {
    if (variable.kind == Variable::Kind::kParameter) {
      const Parameter& parameter = made_.parameters[variable.index];
      context_.scope.declare_variable(parameter.name, type_of(parameter));
    } else {
      const Let& let = made_.lets[variable.index];
      context_.scope.declare_variable(let.name, let.formula.program.type());
    }
  }
}

std::optional<Formula> ProfileBuilder::formula(const YamlNode* node, rules::Wanted wanted) {
  if (node == nullptr || trim(node->text).empty()) return std::nullopt;
  std::optional<expr::Program> program = rules::compile_expression(context_, *node, wanted, uses_);
  if (!program) return std::nullopt;
  return Formula{std::move(*program), node->text};
}

std::optional<Formula> ProfileBuilder::condition(const YamlNode& map, std::string_view field) {
  return formula(scalar_of(map, field), rules::Wanted::kCondition);
}

bool ProfileBuilder::usable(const YamlNode* name) {
  if (name == nullptr || !rules::expected_form(rules::ValueKind::kIdentifier, name->text).empty())
    return false;
  if (std::ranges::find(kTakenNames, name->text) != kTakenNames.end()) {
    report()(*name, fmt::format("the name '{}' is taken", name->text));
    return false;
  }
  if (!own_names_.emplace(name->text, name).second) {
    report()(*name, fmt::format("the name '{}' stands here twice, first on line {}", name->text,
                                report().source().position(own_names_[name->text]->begin).line));
    return false;
  }
  return true;
}

Parameter* ProfileBuilder::parameter(std::string_view name) {
  const auto found = std::ranges::find(made_.parameters, name, &Parameter::name);
  return found == made_.parameters.end() ? nullptr : &*found;
}

Profile ProfileBuilder::finish() {
  made_.patterns.merge(uses_.patterns);
  made_.versions.merge(uses_.versions);
  for (const rules::PendingName& name : pending_) {
    made_.asked_roles.push_back(
        {name.name,
         name.source->diagnostic(name.span, fmt::format("no role is called '{}'", name.name))});
  }
  return std::move(made_);
}

}  // namespace proctor::advise
