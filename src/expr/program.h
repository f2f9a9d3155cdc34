// Parse, check, pack and evaluate: the door to the expression engine.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "expr/scope.h"
#include "expr/value.h"
#include "text/span.h"

namespace proctor::expr {

/// Caps that make every expression end. Exceeding one is an error, never a crash or a hang.
struct Limits {
  uint32_t source_bytes = 65536;
  uint32_t depth = 250;  ///< Nesting of the syntax tree, and of parentheses.
  uint32_t nodes = 20000;
  /// Evaluated nodes and comprehension iterations, and one for every 64 bytes that are compared,
  /// copied or searched.
  uint64_t steps = 1000000;
  uint64_t memory = 16U << 20U;  ///< Bytes of strings, lists and maps built by one evaluation.
};

/// A mistake in an expression; `span` is in its source text.
struct Problem {
  Span span;
  std::string message;
};

/// One place where an expression reads a declared name.
struct Reference {
  int32_t id = 0;
  /// The name as written, without blanks: "net.ipv4.conf[iface].rp_filter". Parts that are no CEL
  /// identifiers are back-quoted.
  std::string text;
  Span span;
  bool in_has = false;               ///< The argument of has().
  int32_t by_function = -1;          ///< Function::id if it is a by-reference argument.
  std::vector<std::string> dynamic;  ///< Source text of its dynamic steps.
};

/// What the check does with an operation whose types do not fit.
enum class Checking : uint8_t {
  kTyped,  ///< A mistake.
  kLoose,  ///< An error value when it is evaluated, as in CEL without a checker.
};

class Program {
 public:
  Program();
  ~Program();
  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;

  /// Parses and checks; on mistakes `problems` grows and the program must not be run. A syntax
  /// error is reported alone; undeclared names and type errors are all reported, in source order.
  /// `container` resolves names as CEL containers do. Local names (let, iface) are declared by the
  /// scope as any other.
  static Program compile(std::string_view source, const Scope& scope,
                         std::vector<Problem>& problems, std::string_view container = {},
                         const Limits& limits = {}, Checking checking = Checking::kTyped);

  /// An error or unknown is a value of that kind. Limits::steps and memory apply.
  Value run(const Activation& activation, const Limits& limits = {}) const;

  Type type() const;                          ///< Static type of the result.
  std::vector<Reference> references() const;  ///< In source order.

  /// A position-independent form for tables compiled into the binary: no parse, no check at start.
  std::string pack() const;
  /// REQUIRES: bytes made by pack() of the same build, which outlive the program; functions of
  /// `scope` as at compile time. Costs one allocation: the program runs where the bytes lie.
  static Program unpack(std::string_view bytes, const Scope& scope);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace proctor::expr
