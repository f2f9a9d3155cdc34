#include "values.h"

#include <algorithm>

#include "rules/scope.h"

namespace proctor::rules {

using expr::Value;

Value Values::load(int32_t id, std::span<const Value> dynamic) const {
  const Name name = decode_name(id);
  switch (name.kind) {
    case NameKind::kKey: {
      std::string path = path_of(name, dynamic).value_or("");
      std::ranges::replace(path, '/', '.');
      const auto found = keys.find(path);
      return found == keys.end() ? Value::absent("no " + path) : found->second;
    }
    case NameKind::kFact: {
      const std::string fact(fact_of(name).name);
      const auto found = facts.find(fact);
      return found == facts.end() ? Value::unknown({"host." + fact}) : found->second;
    }
    case NameKind::kLet:
      return rule->let[name.index].second.run(*this);
    case NameKind::kInterface:
      return Value::string("eth0");
    case NameKind::kVariable:
      return variables[name.index];
    case NameKind::kConstant:
      return Value::of(constant_value(name));
  }
  return {};
}

Value Values::has(int32_t id, std::span<const Value> dynamic) const {
  return Value::of(!load(id, dynamic).is_error());
}

Value Values::call_reference(int32_t function, int32_t id, std::span<const Value> dynamic,
                             std::span<const Value> arguments) const {
  const Value value = load(id, dynamic);
  switch (static_cast<FunctionId>(function)) {
    case FunctionId::kWritten:
    case FunctionId::kAccepted:
      return Value::of(!value.is_error());
    case FunctionId::kDefault:
      return value.is_error() ? arguments[0] : value;
    default:
      return Value::error("not a function of this test");
  }
}

Value Values::call(int32_t function, std::span<const Value> arguments) const {
  if (static_cast<FunctionId>(function) == FunctionId::kRole) {
    return Value::of(roles.contains(*arguments[0].as_string()));
  }
  return Value::error("not a function of this test");
}

}  // namespace proctor::rules
