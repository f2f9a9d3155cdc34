// Operators on values. Operands are neither errors nor unknowns.
#pragma once

#include "expr/ast.h"
#include "expr/meter.h"
#include "expr/value.h"

namespace proctor::expr {

Value apply_binary(BinaryOp op, Meter& meter, const Value& left, const Value& right);
Value negate(const Value& operand);
Value logical_not(const Value& operand);

/// operand.name. A missing key is an error; through an optional the result is an optional.
Value select_field(Meter& meter, const Value& operand, std::string_view name, bool optional);
Value has_field(Meter& meter, const Value& operand, std::string_view name);
/// operand[index]
Value index_value(Meter& meter, const Value& operand, const Value& index, bool optional);

/// Whether CEL allows the value as a map's key.
bool is_key(const Value& value);

}  // namespace proctor::expr
