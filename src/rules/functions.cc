// The functions that expressions have beside CEL's own.
#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "host/port_use.h"
#include "kernel/version.h"
#include "rules/scope.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::rules {
namespace {

using expr::Function;
using expr::Type;
using expr::TypeKind;
using expr::Value;
using Arguments = std::span<const Value>;

// The check has seen the types, but a dyn may still hold anything.
Value wrong_arguments(std::string_view name) {
  return Value::error(fmt::format("{}() does not take these values", name));
}

Value make_version(const std::string& text) {
  const Result<kernel::Version> version = kernel::parse_version(text);
  if (!version.ok()) return Value::error(version.error());
  return Value::opaque(kVersionType, static_cast<int64_t>(version->code()));
}

Value version(Arguments arguments) {
  const std::string* text = arguments[0].as_string();
  return text == nullptr ? wrong_arguments("version") : make_version(*text);
}

/// Unknown where `left` is a series and `right` a release of it: some of its releases are older.
template <typename Compare>
Value compare_version(Arguments arguments, Compare compare) {
  const auto* left = arguments[0].get_if<expr::Opaque>();
  const std::string* text = arguments[1].as_string();
  if (left == nullptr || text == nullptr) return wrong_arguments("a version's function");
  const Result<kernel::Version> right = kernel::parse_version(*text);
  if (!right.ok()) return Value::error(right.error());
  const auto series = static_cast<int64_t>(right->series().code());
  if (right->patch > 0 && left->rank == series && right->series() != *right) {
    return Value::unknown({"host.kernel"});
  }
  return Value::of(compare(left->rank, static_cast<int64_t>(right->code())));
}

Value at_least(Arguments arguments) { return compare_version(arguments, std::greater_equal<>()); }
Value below(Arguments arguments) { return compare_version(arguments, std::less<>()); }

Value quantity(Arguments arguments) {
  const std::string* text = arguments[0].as_string();
  if (text == nullptr) return wrong_arguments("quantity");
  const Result<uint64_t> size = parse_size(*text);
  if (!size.ok()) return Value::error(size.error());
  if (*size > static_cast<uint64_t>(INT64_MAX)) {
    return Value::error("quantity() above the range of int");
  }
  return Value::of(static_cast<int64_t>(*size));
}

Value pow2ceil(Arguments arguments) {
  const auto* x = arguments[0].get_if<int64_t>();
  if (x == nullptr) return wrong_arguments("pow2ceil");
  constexpr int64_t kMost = int64_t{1} << 62;
  if (*x > kMost) return Value::error("pow2ceil() above the range of int");
  return Value::of(
      static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(*x, 1)))));
}

Value pow2floor(Arguments arguments) {
  const auto* x = arguments[0].get_if<int64_t>();
  if (x == nullptr) return wrong_arguments("pow2floor");
  if (*x < 1) return Value::error("pow2floor() of a number below 1");
  return Value::of(static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(*x))));
}

Value isqrt(Arguments arguments) {
  const auto* x = arguments[0].get_if<int64_t>();
  if (x == nullptr) return wrong_arguments("isqrt");
  if (*x < 0) return Value::error("isqrt() of a number below 0");
  // The double is off by one at most; 3037000499 is the root of the greatest int.
  auto root =
      std::min(static_cast<int64_t>(std::sqrt(static_cast<double>(*x))), int64_t{3037000499});
  while (root > 0 && root * root > *x) --root;
  while (root < 3037000499 && (root + 1) * (root + 1) <= *x) ++root;
  return Value::of(root);
}

Value clamp(Arguments arguments) {
  const auto* x = arguments[0].get_if<int64_t>();
  const auto* low = arguments[1].get_if<int64_t>();
  const auto* high = arguments[2].get_if<int64_t>();
  if (x == nullptr || low == nullptr || high == nullptr) return wrong_arguments("clamp");
  return Value::of(std::min(std::max(*x, *low), *high));
}

/// "22,8000-8080"; parts that are no ports hold none, as the kernel would not take them.
Value port_in(Arguments arguments) {
  const std::string* list = arguments[0].as_string();
  const auto* port = arguments[1].get_if<int64_t>();
  if (list == nullptr || port == nullptr) return wrong_arguments("port_in");
  for (const std::string_view item : split(*list, ',')) {
    const std::string_view part = trim(item);
    const size_t dash = part.find('-');
    const Result<int64_t> first = parse_int(part.substr(0, dash));
    const Result<int64_t> last =
        dash == std::string_view::npos ? first : parse_int(part.substr(dash + 1));
    if (first.ok() && last.ok() && *first <= *port && *port <= *last) return Value::of(true);
  }
  return Value::of(false);
}

/// The same list; a port that is named twice counts once.
Value ports_in(Arguments arguments) {
  const std::string* list = arguments[0].as_string();
  const auto* low = arguments[1].get_if<int64_t>();
  const auto* high = arguments[2].get_if<int64_t>();
  if (list == nullptr || low == nullptr || high == nullptr) return wrong_arguments("ports_in");
  const host::PortSet ports = host::parse_ports(*list);
  int64_t count = 0;
  const int64_t last = std::min(*high, static_cast<int64_t>(ports.size()) - 1);
  for (int64_t port = std::max<int64_t>(*low, 0); port <= last; ++port) {
    count += ports.test(static_cast<size_t>(port)) ? 1 : 0;
  }
  return Value::of(count);
}

Function reference(std::string_view name, FunctionId id, Type result,
                   std::vector<Type> parameters = {}) {
  Function function;
  function.name = name;
  function.by_reference = true;
  function.parameters = std::move(parameters);
  function.result = std::move(result);
  function.id = static_cast<int32_t>(id);
  return function;
}

Function function_of(std::string_view name, FunctionId id, std::vector<Type> parameters,
                     Type result, Value (*call)(Arguments) = nullptr) {
  Function function;
  function.name = name;
  function.fold = call != nullptr;
  function.parameters = std::move(parameters);
  function.result = std::move(result);
  function.call = call;
  function.id = static_cast<int32_t>(id);
  return function;
}

Function member(std::string_view name, FunctionId id, std::vector<Type> parameters, Type result,
                Value (*call)(Arguments)) {
  Function function = function_of(name, id, std::move(parameters), std::move(result), call);
  function.member = true;
  return function;
}

std::vector<Function> make_functions() {
  using enum FunctionId;
  const Type text = TypeKind::kString;
  const Type number = TypeKind::kInt;
  const Type truth = TypeKind::kBool;
  const Type any = TypeKind::kDyn;
  const Type version_type = Type::opaque(kVersionType);
  return {
      reference("written", kWritten, truth),
      reference("order", kOrder, number),
      reference("accepted", kAccepted, truth),
      reference("value_text", kValueText, text),
      reference("default", kDefault, any, {any}),
      reference("given", kGiven, truth),
      function_of("role", kRole, {text}, truth),
      function_of("combined", kCombined, {text, text}, number),
      function_of("combined6", kCombined6, {text, text}, number),
      function_of("dump", kDump, {}, truth),
      function_of("interface_line", kInterfaceLine, {text}, truth),
      function_of("version", kVersion, {text}, version_type, version),
      member("atLeast", kAtLeast, {version_type, text}, truth, at_least),
      member("below", kBelow, {version_type, text}, truth, below),
      function_of("quantity", kQuantity, {text}, number, quantity),
      function_of("pow2ceil", kPow2Ceil, {number}, number, pow2ceil),
      function_of("pow2floor", kPow2Floor, {number}, number, pow2floor),
      function_of("isqrt", kIsqrt, {number}, number, isqrt),
      function_of("clamp", kClamp, {number, number, number}, number, clamp),
      function_of("port_in", kPortIn, {text, number}, truth, port_in),
      function_of("ports_in", kPortsIn, {text, number, number}, number, ports_in),
  };
}

}  // namespace

std::span<const Function> Scope::functions() const {
  static const std::vector<Function> kFunctions = make_functions();
  return kFunctions;
}

}  // namespace proctor::rules
