// Runs the checked form.
#pragma once

#include <span>
#include <vector>

#include "expr/code.h"
#include "expr/meter.h"
#include "expr/scope.h"
#include "expr/value.h"

namespace proctor::expr {

class Failure;

/// One evaluation. Recursion follows the nesting of the syntax tree, which the parser bounds.
///
/// A strict operation (everything but && || ?: all exists) with an error among its operands is that
/// error, also beside an unknown: no value of the unknown could change it. Without an error and
/// with unknowns it is their union.
class Evaluator {
 public:
  Evaluator(const CodeView& code, std::span<const Function> functions, const Activation& host,
            const Limits& limits);

  Value run();

 private:
  using Values = std::vector<Value>;

  Value eval(uint32_t index);
  Value eval_simple(const Instruction& code);
  /// Evaluates children into `values`; false if one failed: `values` then holds only the error or
  /// the unknown that the operation becomes.
  bool eval_children(uint32_t first, uint32_t count, Values& values);
  Value eval_named(const Instruction& code);
  Value eval_list(const Instruction& code);
  Value eval_map(const Instruction& code);
  Value eval_logical(const Instruction& code, bool decisive);
  Value eval_conditional(const Instruction& code);
  Value eval_binary(const Instruction& code);
  Value eval_field(const Instruction& code);
  Value eval_index(const Instruction& code);
  Value eval_builtin(const Instruction& code);
  Value eval_host(const Instruction& code);
  Value eval_reference(const Instruction& code);
  Value eval_bind(const Instruction& code);
  Value eval_optional_map(const Instruction& code);

  Value eval_comprehension(const Instruction& code);
  Value eval_quantifier(const Instruction& code, const Value& range, bool decisive);
  Value eval_exists_one(const Instruction& code, const Value& range);
  Value eval_filter(const Instruction& code, const Value& range);
  /// One turn; false: it adds nothing.
  bool eval_transform_turn(const Instruction& code, Failure& failure, Value& item);
  Value eval_transform(const Instruction& code, const Value& range);

  const CodeView& code_;
  std::span<const Function> functions_;
  const Activation& host_;
  Meter meter_;
  Values slots_;

  friend class Elements;
};

}  // namespace proctor::expr
