// What one evaluation may still spend.
#pragma once

#include <cstdint>

#include "expr/program.h"
#include "expr/value.h"

namespace proctor::expr {

class Meter {
 public:
  explicit Meter(const Limits& limits) : steps_(limits.steps), memory_(limits.memory) {}

  /// One evaluated node. False: the evaluation must end.
  bool step() { return spend(1); }
  /// Walking over `bytes` of values.
  bool work(uint64_t bytes) { return spend(bytes / kBytesPerStep); }
  /// A new value of `bytes`, before it is built.
  bool build(uint64_t bytes) {
    if (bytes > memory_) {
      too_large_ = true;
      exhausted_ = true;
      return false;
    }
    memory_ -= bytes;
    return work(bytes);
  }
  /// Accepts a value that was built from charged parts, or ends the evaluation: nesting beyond any
  /// literal's could overflow the stack of whoever walks it.
  Value nested(Value value) {
    if (value.depth() <= kMaxDepth) return value;
    too_large_ = true;
    exhausted_ = true;
    return error();
  }

  bool exhausted() const { return exhausted_; }
  /// The result of an evaluation that ended early.
  Value error() const;

 private:
  static constexpr uint64_t kBytesPerStep = 64;
  static constexpr uint32_t kMaxDepth = 500;

  bool spend(uint64_t steps) {
    if (steps > steps_ || exhausted_) {
      exhausted_ = true;
      return false;
    }
    steps_ -= steps;
    return true;
  }

  uint64_t steps_;
  uint64_t memory_;
  bool exhausted_ = false;
  bool too_large_ = false;
};

}  // namespace proctor::expr
