#include "expr/builtins.h"

#include "expr/builtin_calls.h"

namespace proctor::expr {
namespace {

using P = Param;
using R = Returns;

constexpr bool kMember = true;
constexpr bool kGlobal = false;

constexpr Builtin row(std::string_view name, bool member, std::array<Param, 4> params,
                      uint8_t count, Returns returns, Value (*call)(Meter&, std::span<const Value>),
                      bool variadic = false) {
  return {name, member, variadic, count, params, returns, call};
}

constexpr Builtin kBuiltins[] = {
    row("size", kGlobal, {P::kString}, 1, R::kInt, calls::size),
    row("size", kGlobal, {P::kBytes}, 1, R::kInt, calls::size),
    row("size", kGlobal, {P::kList}, 1, R::kInt, calls::size),
    row("size", kGlobal, {P::kMap}, 1, R::kInt, calls::size),
    row("size", kMember, {P::kString}, 1, R::kInt, calls::size),
    row("size", kMember, {P::kBytes}, 1, R::kInt, calls::size),
    row("size", kMember, {P::kList}, 1, R::kInt, calls::size),
    row("size", kMember, {P::kMap}, 1, R::kInt, calls::size),
    row("contains", kMember, {P::kString, P::kString}, 2, R::kBool, calls::contains),
    row("startsWith", kMember, {P::kString, P::kString}, 2, R::kBool, calls::starts_with),
    row("endsWith", kMember, {P::kString, P::kString}, 2, R::kBool, calls::ends_with),
    row("matches", kMember, {P::kString, P::kString}, 2, R::kBool, calls::matches),
    row("matches", kGlobal, {P::kString, P::kString}, 2, R::kBool, calls::matches),
    row("int", kGlobal, {P::kNumber}, 1, R::kInt, calls::to_int),
    row("int", kGlobal, {P::kString}, 1, R::kInt, calls::to_int),
    row("uint", kGlobal, {P::kNumber}, 1, R::kUint, calls::to_uint),
    row("uint", kGlobal, {P::kString}, 1, R::kUint, calls::to_uint),
    row("double", kGlobal, {P::kNumber}, 1, R::kDouble, calls::to_double),
    row("double", kGlobal, {P::kString}, 1, R::kDouble, calls::to_double),
    row("string", kGlobal, {P::kNumber}, 1, R::kString, calls::to_string),
    row("string", kGlobal, {P::kString}, 1, R::kString, calls::to_string),
    row("string", kGlobal, {P::kBytes}, 1, R::kString, calls::to_string),
    row("string", kGlobal, {P::kBool}, 1, R::kString, calls::to_string),
    row("bytes", kGlobal, {P::kString}, 1, R::kBytes, calls::to_bytes),
    row("bytes", kGlobal, {P::kBytes}, 1, R::kBytes, calls::to_bytes),
    row("bool", kGlobal, {P::kBool}, 1, R::kBool, calls::to_bool),
    row("bool", kGlobal, {P::kString}, 1, R::kBool, calls::to_bool),
    row("type", kGlobal, {P::kAny}, 1, R::kType, calls::type_of),
    row("dyn", kGlobal, {P::kAny}, 1, R::kDyn, calls::identity),

    row("math.greatest", kGlobal, {P::kList}, 1, R::kElement, calls::math_greatest_of_list),
    row("math.greatest", kGlobal, {P::kNumber}, 1, R::kJoined, calls::math_greatest, true),
    row("math.least", kGlobal, {P::kList}, 1, R::kElement, calls::math_least_of_list),
    row("math.least", kGlobal, {P::kNumber}, 1, R::kJoined, calls::math_least, true),
    row("math.ceil", kGlobal, {P::kDouble}, 1, R::kDouble, calls::math_ceil),
    row("math.floor", kGlobal, {P::kDouble}, 1, R::kDouble, calls::math_floor),
    row("math.round", kGlobal, {P::kDouble}, 1, R::kDouble, calls::math_round),
    row("math.trunc", kGlobal, {P::kDouble}, 1, R::kDouble, calls::math_trunc),
    row("math.abs", kGlobal, {P::kNumber}, 1, R::kFirst, calls::math_abs),
    row("math.sign", kGlobal, {P::kNumber}, 1, R::kFirst, calls::math_sign),
    row("math.sqrt", kGlobal, {P::kNumber}, 1, R::kDouble, calls::math_sqrt),
    row("math.isNaN", kGlobal, {P::kDouble}, 1, R::kBool, calls::math_is_nan),
    row("math.isInf", kGlobal, {P::kDouble}, 1, R::kBool, calls::math_is_inf),
    row("math.isFinite", kGlobal, {P::kDouble}, 1, R::kBool, calls::math_is_finite),
    row("math.bitAnd", kGlobal, {P::kInt, P::kInt}, 2, R::kInt, calls::math_bit_and),
    row("math.bitAnd", kGlobal, {P::kUint, P::kUint}, 2, R::kUint, calls::math_bit_and),
    row("math.bitOr", kGlobal, {P::kInt, P::kInt}, 2, R::kInt, calls::math_bit_or),
    row("math.bitOr", kGlobal, {P::kUint, P::kUint}, 2, R::kUint, calls::math_bit_or),
    row("math.bitXor", kGlobal, {P::kInt, P::kInt}, 2, R::kInt, calls::math_bit_xor),
    row("math.bitXor", kGlobal, {P::kUint, P::kUint}, 2, R::kUint, calls::math_bit_xor),
    row("math.bitNot", kGlobal, {P::kInt}, 1, R::kInt, calls::math_bit_not),
    row("math.bitNot", kGlobal, {P::kUint}, 1, R::kUint, calls::math_bit_not),
    row("math.bitShiftLeft", kGlobal, {P::kInt, P::kInt}, 2, R::kInt, calls::math_bit_shift_left),
    row("math.bitShiftLeft", kGlobal, {P::kUint, P::kInt}, 2, R::kUint, calls::math_bit_shift_left),
    row("math.bitShiftRight", kGlobal, {P::kInt, P::kInt}, 2, R::kInt, calls::math_bit_shift_right),
    row("math.bitShiftRight", kGlobal, {P::kUint, P::kInt}, 2, R::kUint,
        calls::math_bit_shift_right),

    row("charAt", kMember, {P::kString, P::kInt}, 2, R::kString, calls::string_char_at),
    row("indexOf", kMember, {P::kString, P::kString}, 2, R::kInt, calls::string_index_of),
    row("indexOf", kMember, {P::kString, P::kString, P::kInt}, 3, R::kInt, calls::string_index_of),
    row("lastIndexOf", kMember, {P::kString, P::kString}, 2, R::kInt, calls::string_last_index_of),
    row("lastIndexOf", kMember, {P::kString, P::kString, P::kInt}, 3, R::kInt,
        calls::string_last_index_of),
    row("lowerAscii", kMember, {P::kString}, 1, R::kString, calls::string_lower_ascii),
    row("upperAscii", kMember, {P::kString}, 1, R::kString, calls::string_upper_ascii),
    row("replace", kMember, {P::kString, P::kString, P::kString}, 3, R::kString,
        calls::string_replace),
    row("replace", kMember, {P::kString, P::kString, P::kString, P::kInt}, 4, R::kString,
        calls::string_replace),
    row("split", kMember, {P::kString, P::kString}, 2, R::kStringList, calls::string_split),
    row("split", kMember, {P::kString, P::kString, P::kInt}, 3, R::kStringList,
        calls::string_split),
    row("substring", kMember, {P::kString, P::kInt}, 2, R::kString, calls::string_substring),
    row("substring", kMember, {P::kString, P::kInt, P::kInt}, 3, R::kString,
        calls::string_substring),
    row("trim", kMember, {P::kString}, 1, R::kString, calls::string_trim),
    row("join", kMember, {P::kList}, 1, R::kString, calls::string_join),
    row("join", kMember, {P::kList, P::kString}, 2, R::kString, calls::string_join),
    row("reverse", kMember, {P::kString}, 1, R::kString, calls::string_reverse),
    row("format", kMember, {P::kString, P::kList}, 2, R::kString, calls::string_format),
    row("strings.quote", kGlobal, {P::kString}, 1, R::kString, calls::string_quote),

    row("optional.of", kGlobal, {P::kAny}, 1, R::kOptionalFirst, calls::optional_of),
    row("optional.ofNonZeroValue", kGlobal, {P::kAny}, 1, R::kOptionalFirst,
        calls::optional_of_non_zero),
    row("optional.none", kGlobal, {}, 0, R::kOptionalFirst, calls::optional_none),
    row("hasValue", kMember, {P::kOptional}, 1, R::kBool, calls::optional_has_value),
    row("value", kMember, {P::kOptional}, 1, R::kElement, calls::optional_value),
    row("or", kMember, {P::kOptional, P::kOptional}, 2, R::kJoined, calls::optional_or),
    row("orValue", kMember, {P::kOptional, P::kAny}, 2, R::kElementOrSecond,
        calls::optional_or_value),
};
// Op::kHost stores a row in one byte.
static_assert(std::size(kBuiltins) < 255);

bool is_number(ValueKind kind) {
  return kind == ValueKind::kInt || kind == ValueKind::kUint || kind == ValueKind::kDouble;
}

bool takes(const Builtin& builtin, std::span<const Value> arguments) {
  if (!builtin.takes_count(arguments.size())) return false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!accepts(builtin.param(i), arguments[i].kind())) return false;
  }
  return true;
}

}  // namespace

std::span<const Builtin> builtins() { return kBuiltins; }

std::optional<uint32_t> find_builtin(std::string_view name, bool member) {
  for (uint32_t i = 0; i < std::size(kBuiltins); ++i) {
    if (kBuiltins[i].name == name && kBuiltins[i].member == member) return i;
  }
  return std::nullopt;
}

std::optional<Value> call_builtin(uint32_t first, Meter& meter, std::span<const Value> arguments) {
  const Builtin& named = kBuiltins[first];
  for (uint32_t i = first; i < std::size(kBuiltins); ++i) {
    const Builtin& candidate = kBuiltins[i];
    if (candidate.name != named.name || candidate.member != named.member) break;
    if (takes(candidate, arguments)) return candidate.call(meter, arguments);
  }
  return std::nullopt;
}

Value no_overload(std::string_view name, std::span<const Value> arguments) {
  std::string text(name);
  text += "() does not take (";
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0) text += ", ";
    text += type_name(arguments[i]);
  }
  return Value::error(text + ")");
}

bool accepts(Param param, const Type& type) {
  if (type.is_dyn()) return true;
  switch (param) {
    case Param::kAny:
      return true;
    case Param::kBool:
      return type.is(TypeKind::kBool);
    case Param::kInt:
      return type.is(TypeKind::kInt);
    case Param::kUint:
      return type.is(TypeKind::kUint);
    case Param::kDouble:
      return type.is(TypeKind::kDouble);
    case Param::kNumber:
      return type.is_number();
    case Param::kString:
      return type.is(TypeKind::kString);
    case Param::kBytes:
      return type.is(TypeKind::kBytes);
    case Param::kList:
      return type.is(TypeKind::kList);
    case Param::kMap:
      return type.is(TypeKind::kMap);
    case Param::kOptional:
      return type.is(TypeKind::kOptional);
  }
  return false;
}

bool accepts(Param param, ValueKind kind) {
  switch (param) {
    case Param::kAny:
      return true;
    case Param::kBool:
      return kind == ValueKind::kBool;
    case Param::kInt:
      return kind == ValueKind::kInt;
    case Param::kUint:
      return kind == ValueKind::kUint;
    case Param::kDouble:
      return kind == ValueKind::kDouble;
    case Param::kNumber:
      return is_number(kind);
    case Param::kString:
      return kind == ValueKind::kString;
    case Param::kBytes:
      return kind == ValueKind::kBytes;
    case Param::kList:
      return kind == ValueKind::kList;
    case Param::kMap:
      return kind == ValueKind::kMap;
    case Param::kOptional:
      return kind == ValueKind::kOptional;
  }
  return false;
}

bool accepts(const Type& type, const Value& value) {
  switch (type.kind) {
    case TypeKind::kDyn:
      return true;
    case TypeKind::kNull:
      return value.is_null();
    case TypeKind::kBool:
      return value.is(ValueKind::kBool);
    case TypeKind::kInt:
      return value.is(ValueKind::kInt);
    case TypeKind::kUint:
      return value.is(ValueKind::kUint);
    case TypeKind::kDouble:
      return value.is(ValueKind::kDouble);
    case TypeKind::kString:
      return value.is(ValueKind::kString);
    case TypeKind::kBytes:
      return value.is(ValueKind::kBytes);
    case TypeKind::kList:
      return value.is(ValueKind::kList);
    case TypeKind::kMap:
      return value.is(ValueKind::kMap);
    case TypeKind::kType:
      return value.is(ValueKind::kType);
    case TypeKind::kOptional:
      return value.is(ValueKind::kOptional);
    case TypeKind::kOpaque: {
      const auto* opaque = value.get_if<Opaque>();
      return opaque != nullptr && opaque->type == type.opaque_name;
    }
  }
  return false;
}

std::string_view describe(Param param) {
  constexpr std::string_view kNames[] = {"any value", "bool",     "int",          "uint",
                                         "double",    "a number", "string",       "bytes",
                                         "list",      "map",      "optional_type"};
  return kNames[static_cast<size_t>(param)];
}

}  // namespace proctor::expr
