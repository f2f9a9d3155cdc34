// The functions that a call may mean, and why none of them fits.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/builtins.h"
#include "expr/scope.h"
#include "expr/type.h"

namespace proctor::expr {

/// One overload: of the host or of the language.
struct Candidate {
  const Function* function = nullptr;
  const Builtin* builtin = nullptr;

  bool takes_count(size_t count) const;
  bool takes(std::span<const Type> arguments) const;
  bool takes(size_t index, const Type& type) const;
  std::string parameter(size_t index) const;
  Type result(std::span<const Type> arguments) const;
};

/// The functions of one name and form. Arguments include a member function's target.
struct Overloads {
  std::string name;
  bool member = false;
  std::optional<uint32_t> host;     ///< First index in Scope::functions().
  std::optional<uint32_t> builtin;  ///< First row of builtins().
  std::vector<Candidate> candidates;

  bool empty() const { return candidates.empty(); }
  /// The common type of the overloads that take the arguments; nullopt: none does.
  std::optional<Type> result(std::span<const Type> arguments) const;
};

Overloads find_overloads(const Scope& scope, std::string_view name, bool member);

/// Why no overload takes the arguments. `argument` is the wrong one; nullopt: their number, if
/// `count_is_wrong`, or their combination.
struct CallMistake {
  std::string message;
  std::optional<size_t> argument;
  bool count_is_wrong = false;
};
CallMistake explain(const Overloads& overloads, std::span<const Type> arguments);

/// What to write instead of an unknown function, as the end of a message: "; did you mean size()?"
/// or empty.
std::string suggest_function(const Scope& scope, std::string_view name, bool member);

/// Whether a macro has that name: has, all, cel.bind, ...
bool is_macro_name(std::string_view name);

/// Whether a function's name starts with `name` and a dot.
bool is_function_prefix(const Scope& scope, std::string_view name);

}  // namespace proctor::expr
