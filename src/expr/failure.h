// How errors and unknowns among operands combine.
#pragma once

#include <utility>

#include "expr/value.h"

namespace proctor::expr {

/// Of a strict operation: the first error, else the union of the unknowns. No value of an unknown
/// would make the error go away.
class Failure {
 public:
  /// REQUIRES: an error or an unknown. False: an error, the outcome is final.
  bool add(Value value) {
    if (is_final()) return false;
    if (value.is_unknown() && failure_.is_unknown()) {
      failure_ = Value::merge_unknown(failure_, value);
    } else {
      failure_ = std::move(value);
    }
    return !is_final();
  }
  bool any() const { return !failure_.is_null(); }
  bool is_final() const { return failure_.is_error(); }
  Value take() { return std::move(failure_); }

 private:
  Value failure_;
};

/// Of && and ||, all and exists, where no operand decides: the union of the unknowns, else the
/// first error. An unknown beats an error, because its value could still decide.
class Absorbed {
 public:
  /// REQUIRES: an error or an unknown.
  void add(Value value) {
    if (value.is_unknown() && failure_.is_unknown()) {
      failure_ = Value::merge_unknown(failure_, value);
    } else if (value.is_unknown() || failure_.is_null()) {
      failure_ = std::move(value);
    }
  }
  bool any() const { return !failure_.is_null(); }
  Value take() { return std::move(failure_); }

 private:
  Value failure_;
};

}  // namespace proctor::expr
