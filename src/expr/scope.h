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
/// constant string in brackets are plain steps.
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

/// A function of the host. Arguments are values already, never errors or unknowns (those propagate
/// before the call, as CEL says), unless `by_reference`.
struct Function {
  std::string_view name;
  bool member = false;        ///< Called as `target.name(args)`: target is the first argument.
  bool by_reference = false;  ///< Its first argument must be a declared name; see call_reference.
  std::vector<Type> parameters;
  Type result;
  Value (*call)(std::span<const Value> arguments) =
      nullptr;     ///< nullptr if the host's activation does it.
  int32_t id = 0;  ///< For Activation::call / call_reference.
};

class Scope {
 public:
  virtual ~Scope() = default;
  /// The declaration of the longest prefix of `steps` that is a name: sets `used` to its length.
  /// nullopt: no prefix is a name.
  virtual std::optional<Declaration> resolve(std::span<const Step> steps, size_t& used) const = 0;
  /// For "did you mean": the nearest declared name to a dotted text, or empty.
  virtual std::string suggest(std::string_view dotted) const = 0;
  virtual std::span<const Function> functions() const = 0;
  /// True: an undeclared name is an error of the check. False: a dyn looked up at run time.
  virtual bool closed() const = 0;
};

class Activation {
 public:
  virtual ~Activation() = default;
  /// The value of a declared name; `dynamic` are the values of its dynamic steps, in order.
  /// Value::absent for a key that does not exist, Value::unknown for a fact nobody gave.
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
