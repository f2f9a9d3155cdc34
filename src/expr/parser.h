// Tokens to a syntax tree.
#pragma once

#include <optional>
#include <string_view>

#include "expr/ast.h"
#include "expr/program.h"

namespace proctor::expr {

/// The tree of `source`, or nullopt with the first mistake in `problem`. Nesting and size are
/// bounded by `limits`, so that whoever walks the tree may recurse.
std::optional<Ast> parse(std::string_view source, const Limits& limits, Problem& problem);

}  // namespace proctor::expr
