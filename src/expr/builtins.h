// The functions of the language and of its math, strings and optional extensions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "expr/meter.h"
#include "expr/type.h"
#include "expr/value.h"

namespace proctor::expr {

/// What a parameter takes.
enum class Param : uint8_t {
  kAny,
  kBool,
  kInt,
  kUint,
  kDouble,
  kNumber,
  kString,
  kBytes,
  kList,
  kMap,
  kOptional,
};

/// The type of a call.
enum class Returns : uint8_t {
  kDyn,
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kType,
  kStringList,
  kFirst,            ///< The type of the first argument.
  kJoined,           ///< The common type of all arguments.
  kElement,          ///< The element type of the first argument.
  kElementOrSecond,  ///< The common type of that and of the second argument.
  kOptionalFirst,    ///< optional(type of the first argument, dyn if there is none)
};

struct Builtin {
  std::string_view name;
  bool member = false;
  bool variadic = false;  ///< The last parameter may be repeated.
  uint8_t count = 0;
  std::array<Param, 4> params{};
  Returns returns = Returns::kDyn;
  Value (*call)(Meter& meter, std::span<const Value> arguments) = nullptr;

  bool takes_count(size_t arguments) const {
    return variadic ? arguments >= count : arguments == count;
  }
  Param param(size_t index) const { return params[index < count ? index : count - 1U]; }
};

/// Rows of one name and form stand together.
std::span<const Builtin> builtins();
/// The first row of that name and form.
std::optional<uint32_t> find_builtin(std::string_view name, bool member);
/// Finds the overload by the arguments' kinds, from row `first`, and calls it. REQUIRES: arguments
/// are neither errors nor unknowns. nullopt: no overload takes them.
std::optional<Value> call_builtin(uint32_t first, Meter& meter, std::span<const Value> arguments);
/// "size() does not take (int)"
Value no_overload(std::string_view name, std::span<const Value> arguments);

bool accepts(Param param, const Type& type);
bool accepts(Param param, ValueKind kind);
/// Whether a run-time value has the type, as far as its kind tells (not the elements of a list).
bool accepts(const Type& type, const Value& value);
std::string_view describe(Param param);

}  // namespace proctor::expr
