// Calls that are not functions: has, all, exists, map, cel.bind, ...
#pragma once

#include <string>
#include <vector>

#include "expr/ast.h"

namespace proctor::expr {

/// Turns `call` (kCall or kMemberCall with its name and span) into the node of a macro if its name
/// and number of arguments are one's. `arguments` are its children, the target first; they are
/// changed to the children of the macro's node.
/// Returns false with `error` empty if it is no macro, with a message if it is one used wrongly;
/// `error_span` is then what is wrong.
bool expand_macro(const Ast& ast, Node& call, std::vector<NodeId>& arguments, std::string& error,
                  Span& error_span);

}  // namespace proctor::expr
