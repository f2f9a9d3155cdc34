// The parameters of a profile.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "advise/profile_builder.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::advise {
namespace {

using expr::TypeKind;
using expr::Value;
using rules::quoted;
using rules::scalar_of;
using rules::YamlNode;

class ParameterCompiler {
 public:
  explicit ParameterCompiler(ProfileBuilder& build) : build_(build) {}

  void run(const std::vector<const YamlNode*>& items) {
    std::vector<std::pair<const YamlNode*, std::string>> computed;
    for (const YamlNode* node : items) {
      const YamlNode* name = scalar_of(*node, "name");
      const YamlNode* value = node->get("default");
      if (value == nullptr) build_.report()(*node, "a parameter needs 'default'");
      if (!build_.usable(name) || value == nullptr) continue;
      Parameter parameter;
      parameter.name = name->text;
      parameter.description = text_of(*node, "description");
      parameter.unit = text_of(*node, "unit");
      parameter.one_of = texts_of(*node, "one_of");
      parameter.min = bound(*node, "min");
      parameter.max = bound(*node, "max");
      if (fixed_default(*value, parameter)) computed.emplace_back(value, parameter.name);
      check_parameter(*node, parameter);
      declare(*name, std::move(parameter));
    }
    for (const auto& [node, name] : computed) compute(*node, name);
    for (const auto& [node, name] : computed) check_cycle(*node, name);
  }

 private:
  std::optional<int64_t> bound(const YamlNode& node, std::string_view field) {
    const YamlNode* scalar = scalar_of(node, field);
    if (scalar == nullptr) return std::nullopt;
    const Result<int64_t> number = parse_int(scalar->text);
    if (!number) {
      build_.report()(*scalar, fmt::format("{} is no whole number", quoted(scalar->text)));
      return std::nullopt;
    }
    return *number;
  }

  /// Sets kind and default; true: the default is CEL.
  bool fixed_default(const YamlNode& node, Parameter& parameter) {
    if (node.is_list()) {
      list_default(node, parameter);
      return false;
    }
    if (!node.is_scalar()) return false;
    if (!node.plain) {
      const bool numeric = parameter.min || parameter.max;
      parameter.kind = numeric ? ParameterKind::kInt : ParameterKind::kText;
      parameter.value = numeric ? Value() : Value::string(node.text);
      return numeric;
    }
    if (node.text == "true" || node.text == "false") {
      parameter.kind = ParameterKind::kBool;
      parameter.value = Value::of(node.text == "true");
      return false;
    }
    const Result<int64_t> number = parse_int(node.text);
    if (!number) {
      build_.report()(
          node, fmt::format("{} is no whole number, boolean, text or list", quoted(node.text)));
    }
    parameter.value = Value::of(number ? *number : int64_t{0});
    return false;
  }

  void list_default(const YamlNode& node, Parameter& parameter) {
    const bool texts = std::ranges::any_of(
        node.items, [](const YamlNode& item) { return item.is_scalar() && !item.plain; });
    parameter.kind = texts ? ParameterKind::kTexts : ParameterKind::kNumbers;
    expr::List list;
    for (const YamlNode& item : node.items) {
      const Result<int64_t> number =
          item.is_scalar() ? parse_int(item.text) : Result<int64_t>(Error{});
      if (texts) {
        list.push_back(Value::string(item.text));
      } else if (number) {
        list.push_back(Value::of(*number));
      } else {
        build_.report()(item, "expected a whole number");
      }
    }
    parameter.value = Value::list(std::move(list));
  }

  void check_parameter(const YamlNode& node, const Parameter& parameter) {
    const YamlNode& value = *node.get("default");
    const auto* number = parameter.value.get_if<int64_t>();
    if (parameter.kind == ParameterKind::kInt && number != nullptr) {
      if ((parameter.min && *number < *parameter.min) ||
          (parameter.max && *number > *parameter.max)) {
        build_.report()(value, "the default is beyond the bounds");
      }
    }
    const bool bounded = parameter.min || parameter.max;
    if (bounded && parameter.kind != ParameterKind::kInt) {
      build_.report()(value, "only a number has bounds");
    }
    if (parameter.one_of.empty()) return;
    const std::string* text = parameter.value.as_string();
    if (text == nullptr) {
      build_.report()(value, "only a text has 'one_of'");
    } else if (std::ranges::find(parameter.one_of, *text) == parameter.one_of.end()) {
      build_.report()(value, fmt::format("the default {} is not in 'one_of'", quoted(*text)));
    }
  }

  void declare(const YamlNode& name, Parameter parameter) {
    for (const Variable& variable : build_.made().variables) {
      if (variable.kind == Variable::Kind::kLet) {
        if (build_.made().lets[variable.index].name != parameter.name) continue;
        build_.report()(name, fmt::format("'{}' is a let of the profile that this one extends",
                                          parameter.name));
        return;
      }
      Parameter& old = build_.made().parameters[variable.index];
      if (old.name != parameter.name) continue;
      if (!(type_of(old) == type_of(parameter))) {
        build_.report()(name, fmt::format("'{}' is {} in the profile that this one extends",
                                          parameter.name, type_of(old).to_string()));
      }
      old = std::move(parameter);
      return;
    }
    build_.context().scope.declare_variable(parameter.name, type_of(parameter));
    build_.made().variables.push_back(
        {Variable::Kind::kParameter, static_cast<uint32_t>(build_.made().parameters.size())});
    build_.made().parameters.push_back(std::move(parameter));
  }

  void compute(const YamlNode& node, std::string_view name) {
    Parameter* owner = build_.parameter(name);
    if (owner == nullptr) return;
    std::optional<Formula> made = build_.formula(&node);
    if (!made) return;
    const expr::Type type = made->program.type();
    if (!type.is(TypeKind::kInt) && !type.is_dyn()) {
      build_.report()(node,
                      fmt::format("expected a number (int), but this is {}", type.to_string()));
      return;
    }
    owner->formula = std::move(made);
  }

  void check_cycle(const YamlNode& node, std::string_view name) {
    std::set<std::string_view> reached;
    std::vector<const Parameter*> open = {build_.parameter(name)};
    while (!open.empty()) {
      const Parameter* at = open.back();
      open.pop_back();
      if (at == nullptr || !at->formula) continue;
      for (const expr::Reference& reference : at->formula->program.references()) {
        const rules::Name read = rules::decode_name(reference.id);
        if (read.kind != rules::NameKind::kVariable) continue;
        const Variable& variable = build_.made().variables[read.index];
        if (variable.kind != Variable::Kind::kParameter) continue;
        const Parameter& next = build_.made().parameters[variable.index];
        if (next.name == name) {
          build_.report()(node, fmt::format("the default of '{}' depends on itself", name));
          build_.parameter(name)->formula.reset();
          return;
        }
        if (reached.insert(next.name).second) open.push_back(&next);
      }
    }
  }

  ProfileBuilder& build_;
};

}  // namespace

void compile_parameters(ProfileBuilder& builder, const std::vector<const YamlNode*>& items) {
  ParameterCompiler(builder).run(items);
}

}  // namespace proctor::advise
