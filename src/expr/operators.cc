#include "expr/operators.h"

#include <cmath>
#include <limits>
#include <string>

namespace proctor::expr {
namespace {

Value no_operator(BinaryOp op, const Value& left, const Value& right) {
  return Value::error("no operator " + type_name(left) + " " + std::string(spelling(op)) + " " +
                      type_name(right));
}

Value overflow(std::string_view type, BinaryOp op, const Value& left, const Value& right) {
  return Value::error(std::string(type) + " overflow in " + brief_text(left) + " " +
                      std::string(spelling(op)) + " " + brief_text(right));
}

/// T is int64_t or uint64_t.
template <typename T>
Value integer_division(BinaryOp op, std::string_view type, const Value& left, const Value& right) {
  const T a = *left.get_if<T>();
  const T b = *right.get_if<T>();
  if (b == 0) {
    return Value::error(op == BinaryOp::kDivide ? "division by zero" : "remainder by zero");
  }
  if constexpr (std::is_signed_v<T>) {
    if (b == -1 && a == std::numeric_limits<T>::min()) return overflow(type, op, left, right);
  }
  return Value::of(op == BinaryOp::kDivide ? a / b : a % b);
}

/// T is int64_t or uint64_t.
template <typename T>
Value integer_arithmetic(BinaryOp op, std::string_view type, const Value& left,
                         const Value& right) {
  const T a = *left.get_if<T>();
  const T b = *right.get_if<T>();
  T result = 0;
  bool overflowed = false;
  switch (op) {
    case BinaryOp::kAdd:
      overflowed = __builtin_add_overflow(a, b, &result);
      break;
    case BinaryOp::kSubtract:
      overflowed = __builtin_sub_overflow(a, b, &result);
      break;
    case BinaryOp::kMultiply:
      overflowed = __builtin_mul_overflow(a, b, &result);
      break;
    default:
      return integer_division<T>(op, type, left, right);
  }
  return overflowed ? overflow(type, op, left, right) : Value::of(result);
}

Value double_arithmetic(BinaryOp op, const Value& left, const Value& right) {
  const double a = *left.get_if<double>();
  const double b = *right.get_if<double>();
  switch (op) {
    case BinaryOp::kAdd:
      return Value::of(a + b);
    case BinaryOp::kSubtract:
      return Value::of(a - b);
    case BinaryOp::kMultiply:
      return Value::of(a * b);
    case BinaryOp::kDivide:
      return Value::of(a / b);
    default:
      return no_operator(op, left, right);
  }
}

Value concatenate(Meter& meter, const Value& left, const Value& right) {
  if (!meter.build(left.weight() + right.weight())) return meter.error();
  if (const std::string* text = left.as_string()) return Value::string(*text + *right.as_string());
  if (const std::string* bytes = left.as_bytes()) return Value::bytes(*bytes + *right.as_bytes());
  List items;
  items.reserve(left.as_list()->size() + right.as_list()->size());
  items.insert(items.end(), left.as_list()->begin(), left.as_list()->end());
  items.insert(items.end(), right.as_list()->begin(), right.as_list()->end());
  return Value::list(std::move(items));
}

Value arithmetic(BinaryOp op, Meter& meter, const Value& left, const Value& right) {
  if (left.kind() != right.kind()) return no_operator(op, left, right);
  switch (left.kind()) {
    case ValueKind::kInt:
      return integer_arithmetic<int64_t>(op, "int", left, right);
    case ValueKind::kUint:
      return integer_arithmetic<uint64_t>(op, "uint", left, right);
    case ValueKind::kDouble:
      return double_arithmetic(op, left, right);
    case ValueKind::kString:
    case ValueKind::kBytes:
    case ValueKind::kList:
      if (op == BinaryOp::kAdd) return concatenate(meter, left, right);
      [[fallthrough]];
    default:
      return no_operator(op, left, right);
  }
}

Value order(BinaryOp op, const Value& left, const Value& right) {
  const Order order = compare(left, right);
  if (order == Order::kIncomparable) return no_operator(op, left, right);
  switch (op) {
    case BinaryOp::kLess:
      return Value::of(order == Order::kLess);
    case BinaryOp::kLessEqual:
      return Value::of(order == Order::kLess || order == Order::kEqual);
    case BinaryOp::kGreater:
      return Value::of(order == Order::kGreater);
    default:
      return Value::of(order == Order::kGreater || order == Order::kEqual);
  }
}

Value contains(const Value& element, const Value& container) {
  if (const List* list = container.as_list()) {
    for (const Value& item : *list) {
      if (equals(item, element)) return Value::of(true);
    }
    return Value::of(false);
  }
  if (const MapEntries* map = container.as_map()) {
    return Value::of(find_key(*map, element) != nullptr);
  }
  return no_operator(BinaryOp::kIn, element, container);
}

Value no_key(const Value& key) { return Value::error("the map has no key " + brief_text(key)); }

/// The position that `index` names in a list of `size`, or `size` if none; false if it is no
/// integer.
bool list_position(const Value& index, size_t size, size_t& position) {
  position = size;
  if (const auto* integer = index.get_if<int64_t>()) {
    if (*integer >= 0 && static_cast<uint64_t>(*integer) < size) {
      position = static_cast<size_t>(*integer);
    }
    return true;
  }
  if (const auto* natural = index.get_if<uint64_t>()) {
    if (*natural < size) position = static_cast<size_t>(*natural);
    return true;
  }
  const auto* real = index.get_if<double>();
  if (real == nullptr || std::trunc(*real) != *real) return false;
  if (*real >= 0 && *real < static_cast<double>(size)) position = static_cast<size_t>(*real);
  return true;
}

/// What a map or list holds under `index`: nullptr if nothing, with an error for a wrong index.
const Value* lookup(Meter& meter, const Value& operand, const Value& index, Value& error) {
  if (const MapEntries* map = operand.as_map()) {
    if (!meter.work(map->size() * sizeof(Value) + index.weight())) {
      error = meter.error();
      return nullptr;
    }
    const Value* found = find_key(*map, index);
    if (found == nullptr) error = no_key(index);
    return found;
  }
  const List* list = operand.as_list();
  size_t position = 0;
  if (list == nullptr || !list_position(index, list->size(), position)) {
    error = Value::error("no index " + type_name(index) + " into " + type_name(operand));
    return nullptr;
  }
  if (position < list->size()) return &(*list)[position];
  error = Value::error("index " + brief_text(index) + " is outside a list of " +
                       std::to_string(list->size()));
  return nullptr;
}

Value indexed_optional(Meter& meter, const Value& operand, const Value& index) {
  if (operand.as_optional() == nullptr && operand.is(ValueKind::kOptional)) return operand;
  const Value* held = operand.as_optional();
  Value error;
  const Value* found = lookup(meter, held != nullptr ? *held : operand, index, error);
  if (meter.exhausted()) return error;
  if (found == nullptr) {
    const Value& container = held != nullptr ? *held : operand;
    const bool container_fits = container.is(ValueKind::kMap) || container.is(ValueKind::kList);
    return container_fits ? Value::optional_none() : error;
  }
  if (!meter.build(found->weight())) return meter.error();
  return meter.nested(Value::optional_of(*found));
}

}  // namespace

Value apply_binary(BinaryOp op, Meter& meter, const Value& left, const Value& right) {
  if (op <= BinaryOp::kModulo) return arithmetic(op, meter, left, right);
  if (!meter.work(left.weight() + right.weight())) return meter.error();
  switch (op) {
    case BinaryOp::kEqual:
      return Value::of(equals(left, right));
    case BinaryOp::kNotEqual:
      return Value::of(!equals(left, right));
    case BinaryOp::kIn:
      return contains(left, right);
    default:
      return order(op, left, right);
  }
}

Value negate(const Value& operand) {
  if (const auto* integer = operand.get_if<int64_t>()) {
    if (*integer == std::numeric_limits<int64_t>::min()) {
      return Value::error("int overflow in -(" + brief_text(operand) + ")");
    }
    return Value::of(-*integer);
  }
  if (const auto* real = operand.get_if<double>()) return Value::of(-*real);
  return Value::error("no operator -" + type_name(operand));
}

Value logical_not(const Value& operand) {
  if (const auto* boolean = operand.get_if<bool>()) return Value::of(!*boolean);
  return Value::error("no operator !" + type_name(operand));
}

Value select_field(Meter& meter, const Value& operand, std::string_view name, bool optional) {
  return index_value(meter, operand, Value::string(std::string(name)), optional);
}

Value has_field(Meter& meter, const Value& operand, std::string_view name) {
  const Value* held = operand.as_optional();
  if (operand.is(ValueKind::kOptional) && held == nullptr) return Value::of(false);
  const Value& container = held != nullptr ? *held : operand;
  const MapEntries* map = container.as_map();
  if (map == nullptr) return Value::error("no field in " + type_name(operand));
  if (!meter.work(map->size() * sizeof(Value))) return meter.error();
  return Value::of(find_key(*map, Value::string(std::string(name))) != nullptr);
}

Value index_value(Meter& meter, const Value& operand, const Value& index, bool optional) {
  if (optional || operand.is(ValueKind::kOptional)) return indexed_optional(meter, operand, index);
  Value error;
  const Value* found = lookup(meter, operand, index, error);
  return found != nullptr ? *found : error;
}

bool is_key(const Value& value) {
  return value.is(ValueKind::kBool) || value.is(ValueKind::kInt) || value.is(ValueKind::kUint) ||
         value.is(ValueKind::kString);
}

}  // namespace proctor::expr
