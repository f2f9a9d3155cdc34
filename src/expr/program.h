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
  uint32_t depth = 250;  ///< Nesting of the syntax tree.
  uint32_t nodes = 20000;
  uint64_t steps = 1000000;     ///< Evaluated nodes, comprehension iterations included.
  uint64_t memory = 16U << 20;  ///< Bytes of strings, lists and maps built by one evaluation.
};

/// A mistake in an expression; `span` is in its source text.
struct Problem {
  Span span;
  std::string message;
};

/// A declared name that an expression reads, as written ("net.ipv4.conf[iface].rp_filter").
struct Reference {
  int32_t id = 0;
  std::string text;
  Span span;
  bool in_has = false;               ///< Only as the argument of has().
  std::vector<std::string> dynamic;  ///< Source text of its dynamic steps.
};

class Program {
 public:
  Program();
  ~Program();
  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;

  /// Parses and checks; on mistakes `problems` is not empty and the program must not be run.
  /// `container` resolves names as CEL containers do. Local names (let, iface) are declared by the
  /// scope as any other.
  static Program compile(std::string_view source, const Scope& scope,
                         std::vector<Problem>& problems, std::string_view container = {},
                         const Limits& limits = {});

  /// An error or unknown is a value of that kind.
  Value run(const Activation& activation, const Limits& limits = {}) const;

  const Type& type() const;                          ///< Static type of the result.
  const std::vector<Reference>& references() const;  ///< In source order.

  /// A position-independent form for tables compiled into the binary: no parse, no check at start.
  std::string pack() const;
  /// REQUIRES: bytes made by pack() of the same build. `functions` as at compile time.
  static Program unpack(std::string_view bytes, const Scope& scope);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace proctor::expr
