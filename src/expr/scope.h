// What the host gives to expressions: names with types at check time, values at run time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/type.h"
#include "expr/value.h"

namespace proctor::expr {

/// One step of a dotted name. `net.ipv4.conf[iface].rp_filter` has five steps: net, ipv4, conf, a
/// dynamic one (any string expression in brackets), rp_filter. A back-quoted selector and a
/// constant string in brackets are plain steps; where no name takes such a constant, the scope is
/// asked again with a dynamic step in its place. An index that is no string ends the name.
struct Step {
  std::string_view name;  ///< Empty if dynamic.
  bool dynamic = false;
};

/// A declared name. `id` is the host's own number for it; it must be stable between the check and
/// every evaluation of the checked expression (it is stored in the packed form).
struct Declaration {
  int32_t id = 0;
  Type type;
};

/// A function of the host. Several with one name are overloads; one with the name of a built-in
/// function adds to it. A name with dots ("math.log2") is called as it is written. Arguments are
/// values already, never errors or unknowns (those propagate before the call, as CEL says).
struct Function {
  std::string_view name = {};
  bool member = false;        ///< Called as `target.name(args)`: target is the first argument.
  bool by_reference = false;  ///< Its first argument must be a declared name, which is not read;
                              ///< see Activation::call_reference.
  /// Called by the check where all arguments are literals: its result is stored, its error is a
  /// mistake in the expression (`quantity("64Mib")`). REQUIRES: `call`, and a result that depends
  /// on nothing but the arguments.
  bool fold = false;
  std::vector<Type> parameters = {};  ///< Without the first argument if `by_reference`.
  Type result = {};
  Value (*call)(std::span<const Value> arguments) = nullptr;  ///< nullptr: the activation does it.
  int32_t id = 0;  ///< For Activation::call and call_reference.
};

class Scope {
 public:
  virtual ~Scope() = default;
  /// The declaration of the longest prefix of `steps` that is a name: sets `used` to its length.
  /// nullopt: no prefix is a name.
  virtual std::optional<Declaration> resolve(std::span<const Step> steps, size_t& used) const = 0;
  /// For "did you mean": the nearest declared name to a dotted text, or empty. A dynamic step is
  /// "*" in `dotted`.
  virtual std::string suggest(std::string_view dotted) const = 0;
  /// Outlive every program compiled or unpacked with this scope; the same at both times.
  virtual std::span<const Function> functions() const = 0;
  /// True: an undeclared name or function is an error of the check. False: its evaluation is an
  /// error value, which && and || may absorb.
  virtual bool closed() const = 0;
};

class Activation {
 public:
  virtual ~Activation() = default;
  /// The value of a declared name; `dynamic` are the values of its dynamic steps, in order, all
  /// strings. Value::absent for a key that does not exist, Value::unknown for a fact nobody gave.
  virtual Value load(int32_t id, std::span<const Value> dynamic) const = 0;
  /// For has(): true, false, or unknown.
  virtual Value has(int32_t id, std::span<const Value> dynamic) const = 0;
  /// A by-reference function on a declared name; `arguments` are those after the first.
  virtual Value call_reference(int32_t function, int32_t id, std::span<const Value> dynamic,
                               std::span<const Value> arguments) const = 0;
  /// A function whose `call` is nullptr.
  virtual Value call(int32_t function, std::span<const Value> arguments) const = 0;
};

}  // namespace proctor::expr
