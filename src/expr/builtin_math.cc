// The math extension.
#include <cmath>
#include <limits>

#include "expr/builtin_calls.h"

namespace proctor::expr::calls {
namespace {

Value extreme(Arguments numbers, Order wanted) {
  const Value* best = nullptr;
  for (const Value& number : numbers) {
    const ValueKind kind = number.kind();
    if (kind != ValueKind::kInt && kind != ValueKind::kUint && kind != ValueKind::kDouble) {
      return Value::error("the list holds " + type_name(number) + ", not numbers only");
    }
    if (best == nullptr || compare(number, *best) == wanted) best = &number;
  }
  return best == nullptr ? Value::error("the list is empty") : *best;
}

double real(const Value& value) { return *value.get_if<double>(); }

template <typename Operation>
Value bits(Arguments arguments, Operation operation) {
  if (const auto* left = arguments[0].get_if<uint64_t>()) {
    return Value::of(static_cast<uint64_t>(operation(*left, *arguments[1].get_if<uint64_t>())));
  }
  const auto left = static_cast<uint64_t>(*arguments[0].get_if<int64_t>());
  const auto right = static_cast<uint64_t>(*arguments[1].get_if<int64_t>());
  return Value::of(static_cast<int64_t>(operation(left, right)));
}

/// Shifts fill with zero bits and lose what leaves 64 bits; a shift of 64 or more leaves 0.
template <typename Operation>
Value shift(Arguments arguments, Operation operation) {
  const int64_t places = *arguments[1].get_if<int64_t>();
  if (places < 0) return Value::error("a shift needs a number of places that is not negative");
  const auto* natural = arguments[0].get_if<uint64_t>();
  const auto value =
      natural != nullptr ? *natural : static_cast<uint64_t>(*arguments[0].get_if<int64_t>());
  const uint64_t result = places > 63 ? 0 : operation(value, static_cast<unsigned>(places));
  return natural != nullptr ? Value::of(result) : Value::of(static_cast<int64_t>(result));
}

}  // namespace

Value math_greatest(Meter& /*meter*/, Arguments arguments) {
  return extreme(arguments, Order::kGreater);
}
Value math_least(Meter& /*meter*/, Arguments arguments) { return extreme(arguments, Order::kLess); }

Value math_greatest_of_list(Meter& meter, Arguments arguments) {
  if (!meter.work(arguments[0].weight())) return meter.error();
  return extreme(*arguments[0].as_list(), Order::kGreater);
}
Value math_least_of_list(Meter& meter, Arguments arguments) {
  if (!meter.work(arguments[0].weight())) return meter.error();
  return extreme(*arguments[0].as_list(), Order::kLess);
}

Value math_ceil(Meter& /*meter*/, Arguments arguments) {
  return Value::of(std::ceil(real(arguments[0])));
}
Value math_floor(Meter& /*meter*/, Arguments arguments) {
  return Value::of(std::floor(real(arguments[0])));
}
Value math_round(Meter& /*meter*/, Arguments arguments) {
  return Value::of(std::round(real(arguments[0])));
}
Value math_trunc(Meter& /*meter*/, Arguments arguments) {
  return Value::of(std::trunc(real(arguments[0])));
}

Value math_abs(Meter& /*meter*/, Arguments arguments) {
  const Value& value = arguments[0];
  if (const auto* integer = value.get_if<int64_t>()) {
    if (*integer == std::numeric_limits<int64_t>::min()) return Value::error("integer overflow");
    return Value::of(*integer < 0 ? -*integer : *integer);
  }
  if (value.is(ValueKind::kDouble)) return Value::of(std::fabs(real(value)));
  return value;
}

Value math_sign(Meter& /*meter*/, Arguments arguments) {
  const Value& value = arguments[0];
  if (const auto* integer = value.get_if<int64_t>()) {
    return Value::of(static_cast<int64_t>(*integer > 0) - static_cast<int64_t>(*integer < 0));
  }
  if (const auto* natural = value.get_if<uint64_t>()) {
    return Value::of(static_cast<uint64_t>(*natural > 0));
  }
  const double number = real(value);
  if (std::isnan(number) || number == 0) return value;
  return Value::of(number > 0 ? 1.0 : -1.0);
}

Value math_sqrt(Meter& meter, Arguments arguments) {
  return Value::of(std::sqrt(real(to_double(meter, arguments))));
}

Value math_is_nan(Meter& /*meter*/, Arguments arguments) {
  return Value::of(std::isnan(real(arguments[0])));
}
Value math_is_inf(Meter& /*meter*/, Arguments arguments) {
  return Value::of(std::isinf(real(arguments[0])));
}
Value math_is_finite(Meter& /*meter*/, Arguments arguments) {
  return Value::of(std::isfinite(real(arguments[0])));
}

Value math_bit_and(Meter& /*meter*/, Arguments arguments) {
  return bits(arguments, [](uint64_t a, uint64_t b) { return a & b; });
}
Value math_bit_or(Meter& /*meter*/, Arguments arguments) {
  return bits(arguments, [](uint64_t a, uint64_t b) { return a | b; });
}
Value math_bit_xor(Meter& /*meter*/, Arguments arguments) {
  return bits(arguments, [](uint64_t a, uint64_t b) { return a ^ b; });
}
Value math_bit_not(Meter& /*meter*/, Arguments arguments) {
  if (const auto* natural = arguments[0].get_if<uint64_t>()) return Value::of(~*natural);
  return Value::of(static_cast<int64_t>(~static_cast<uint64_t>(*arguments[0].get_if<int64_t>())));
}
Value math_bit_shift_left(Meter& /*meter*/, Arguments arguments) {
  return shift(arguments, [](uint64_t value, unsigned places) { return value << places; });
}
Value math_bit_shift_right(Meter& /*meter*/, Arguments arguments) {
  return shift(arguments, [](uint64_t value, unsigned places) { return value >> places; });
}

}  // namespace proctor::expr::calls
