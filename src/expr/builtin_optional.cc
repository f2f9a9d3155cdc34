// Optional values.
#include "expr/builtin_calls.h"

namespace proctor::expr::calls {
namespace {

bool is_zero(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kNull:
      return true;
    case ValueKind::kBool:
      return !*value.get_if<bool>();
    case ValueKind::kInt:
    case ValueKind::kUint:
    case ValueKind::kDouble:
      return equals(value, Value::of(int64_t{0}));
    case ValueKind::kString:
      return value.as_string()->empty();
    case ValueKind::kBytes:
      return value.as_bytes()->empty();
    case ValueKind::kList:
      return value.as_list()->empty();
    case ValueKind::kMap:
      return value.as_map()->empty();
    case ValueKind::kOptional:
      return value.as_optional() == nullptr;
    default:
      return false;
  }
}

}  // namespace

Value optional_of(Meter& meter, Arguments arguments) {
  if (!meter.build(arguments[0].weight())) return meter.error();
  return meter.nested(Value::optional_of(arguments[0]));
}

Value optional_of_non_zero(Meter& meter, Arguments arguments) {
  return is_zero(arguments[0]) ? Value::optional_none() : optional_of(meter, arguments);
}

Value optional_none(Meter& /*meter*/, Arguments /*arguments*/) { return Value::optional_none(); }

Value optional_has_value(Meter& /*meter*/, Arguments arguments) {
  return Value::of(arguments[0].as_optional() != nullptr);
}

Value optional_value(Meter& /*meter*/, Arguments arguments) {
  const Value* held = arguments[0].as_optional();
  return held != nullptr ? *held : Value::error("the optional holds no value");
}

Value optional_or(Meter& /*meter*/, Arguments arguments) {
  return arguments[0].as_optional() != nullptr ? arguments[0] : arguments[1];
}

Value optional_or_value(Meter& /*meter*/, Arguments arguments) {
  const Value* held = arguments[0].as_optional();
  return held != nullptr ? *held : arguments[1];
}

}  // namespace proctor::expr::calls
