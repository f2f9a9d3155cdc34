// Built-in functions of the core language.
#include <array>
#include <cstring>
#include <limits>

#include "expr/builtin_calls.h"
#include "expr/literal.h"
#include "text/span.h"
#include "text/text.h"

namespace proctor::expr::calls {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr double kTwoTo64 = 18446744073709551616.0;

Value count(size_t number) { return Value::of(static_cast<int64_t>(number)); }

Value out_of_range(const Value& value, std::string_view type) {
  return Value::error(brief_text(value) + " does not fit " + std::string(type));
}

Value unparsed(const Value& value, std::string_view type) {
  return Value::error(brief_text(value) + " is not " + std::string(type));
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t length = utf8_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

/// Both strings of a search, paid for; false: no more budget.
bool pay(Meter& meter, Arguments arguments) {
  return meter.work(arguments[0].weight() + arguments[1].weight());
}

}  // namespace

size_t find_text(std::string_view text, std::string_view part, size_t from) {
  if (from > text.size()) return std::string_view::npos;
  // string_view::find takes time in the product of the lengths; memmem does not.
  const void* found = memmem(text.data() + from, text.size() - from, part.data(), part.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

Value size(Meter& meter, Arguments arguments) {
  const Value& value = arguments[0];
  if (const List* list = value.as_list()) return count(list->size());
  if (const MapEntries* map = value.as_map()) return count(map->size());
  if (const std::string* bytes = value.as_bytes()) return count(bytes->size());
  if (!meter.work(value.weight())) return meter.error();
  return count(column_count(*value.as_string()));
}

Value contains(Meter& meter, Arguments arguments) {
  if (!pay(meter, arguments)) return meter.error();
  return Value::of(find_text(*arguments[0].as_string(), *arguments[1].as_string()) !=
                   std::string_view::npos);
}

Value starts_with(Meter& meter, Arguments arguments) {
  if (!pay(meter, arguments)) return meter.error();
  return Value::of(arguments[0].as_string()->starts_with(*arguments[1].as_string()));
}

Value ends_with(Meter& meter, Arguments arguments) {
  if (!pay(meter, arguments)) return meter.error();
  return Value::of(arguments[0].as_string()->ends_with(*arguments[1].as_string()));
}

Value to_int(Meter& /*meter*/, Arguments arguments) {
  const Value& value = arguments[0];
  if (value.is(ValueKind::kInt)) return value;
  if (const auto* natural = value.get_if<uint64_t>()) {
    const bool fits = *natural <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    return fits ? Value::of(static_cast<int64_t>(*natural)) : out_of_range(value, "int");
  }
  if (const auto* real = value.get_if<double>()) {
    // Open at both ends, as the suite demands: -2^63 as a double may stand for less.
    const bool fits = *real > -kTwoTo63 && *real < kTwoTo63;
    return fits ? Value::of(static_cast<int64_t>(*real)) : out_of_range(value, "int");
  }
  int64_t parsed = 0;
  if (!parse_int64(*value.as_string(), parsed)) return unparsed(value, "an int");
  return Value::of(parsed);
}

Value to_uint(Meter& /*meter*/, Arguments arguments) {
  const Value& value = arguments[0];
  if (value.is(ValueKind::kUint)) return value;
  if (const auto* integer = value.get_if<int64_t>()) {
    return *integer >= 0 ? Value::of(static_cast<uint64_t>(*integer)) : out_of_range(value, "uint");
  }
  if (const auto* real = value.get_if<double>()) {
    const bool fits = *real > -1.0 && *real < kTwoTo64;
    return fits ? Value::of(static_cast<uint64_t>(*real)) : out_of_range(value, "uint");
  }
  uint64_t parsed = 0;
  if (!parse_uint64(*value.as_string(), parsed)) return unparsed(value, "a uint");
  return Value::of(parsed);
}

Value to_double(Meter& /*meter*/, Arguments arguments) {
  const Value& value = arguments[0];
  if (value.is(ValueKind::kDouble)) return value;
  if (const auto* integer = value.get_if<int64_t>()) {
    return Value::of(static_cast<double>(*integer));
  }
  if (const auto* natural = value.get_if<uint64_t>()) {
    return Value::of(static_cast<double>(*natural));
  }
  double parsed = 0;
  if (!parse_double(*value.as_string(), parsed)) return unparsed(value, "a double");
  return Value::of(parsed);
}

Value to_string(Meter& meter, Arguments arguments) {
  const Value& value = arguments[0];
  if (value.is(ValueKind::kString)) return value;
  if (const std::string* bytes = value.as_bytes()) {
    if (!meter.build(value.weight())) return meter.error();
    return is_utf8(*bytes) ? Value::string(*bytes) : Value::error("the bytes are not valid UTF-8");
  }
  if (const auto* boolean = value.get_if<bool>()) {
    return Value::string(*boolean ? "true" : "false");
  }
  if (const auto* real = value.get_if<double>()) return Value::string(double_text(*real));
  if (const auto* natural = value.get_if<uint64_t>()) {
    return Value::string(std::to_string(*natural));
  }
  return Value::string(std::to_string(*value.get_if<int64_t>()));
}

Value to_bytes(Meter& meter, Arguments arguments) {
  const Value& value = arguments[0];
  if (value.is(ValueKind::kBytes)) return value;
  if (!meter.build(value.weight())) return meter.error();
  return Value::bytes(*value.as_string());
}

Value to_bool(Meter& /*meter*/, Arguments arguments) {
  const Value& value = arguments[0];
  if (value.is(ValueKind::kBool)) return value;
  static constexpr std::array<std::string_view, 5> kTrue = {"1", "t", "true", "TRUE", "True"};
  static constexpr std::array<std::string_view, 5> kFalse = {"0", "f", "false", "FALSE", "False"};
  for (size_t i = 0; i < kTrue.size(); ++i) {
    if (*value.as_string() == kTrue[i]) return Value::of(true);
    if (*value.as_string() == kFalse[i]) return Value::of(false);
  }
  return unparsed(value, "a bool");
}

Value type_of(Meter& /*meter*/, Arguments arguments) {
  return Value::type(type_name(arguments[0]));
}

Value identity(Meter& /*meter*/, Arguments arguments) { return arguments[0]; }

}  // namespace proctor::expr::calls
