// Texts with {expression} holes.
#pragma once

#include "rules/expression.h"
#include "rules/rule.h"

namespace proctor::rules {

/// The unit that a name prints with where it fills a hole alone.
std::string unit_of(const Name& name);

/// Compiles a template; mistakes are reported and leave their hole out. `let_unit` is the unit of
/// the lets that `want` declares: {value} and {expected}.
Template compile_template(ExpressionContext& context, const YamlNode& scalar,
                          std::string_view let_unit, Uses& uses);

}  // namespace proctor::rules
