// The syntax tree: one array of nodes, children by index.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "expr/value.h"
#include "text/span.h"

namespace proctor::expr {

enum class NodeKind : uint8_t {
  kLiteral,
  kName,        ///< `name`; `flag`: a leading dot, the root scope.
  kSelect,      ///< child.`name`; `flag`: `.?`.
  kIndex,       ///< child[child]; `flag`: `[?`.
  kCall,        ///< `name`(children); `flag`: a leading dot.
  kMemberCall,  ///< children[0].`name`(the rest)
  kList,
  kMap,            ///< children: key, value, key, value ...
  kOptionalEntry,  ///< `?child` in a list or as the value of a map's entry.
  kAnd,            ///< any number of children
  kOr,             ///< any number of children
  kConditional,
  kNot,
  kNegate,
  kBinary,         ///< `op`
  kHas,            ///< has(child): the child is kSelect or kIndex.
  kComprehension,  ///< `macro`; children: range, variable names (kName), bodies.
  kBind,           ///< children: variable (kName), initial value, body.
  kOptionalMap,    ///< target.optMap(variable, body); `flag`: optFlatMap.
};

enum class BinaryOp : uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn,
};

enum class Macro : uint8_t {
  kAll,
  kExists,
  kExistsOne,
  kFilter,
  kMap,                ///< One body: the transform; two: predicate and transform.
  kTransformList,      ///< As kMap, with two variables.
  kTransformMap,       ///< As kMap; keeps the keys.
  kTransformMapEntry,  ///< As kMap; the transform gives a map whose entries are merged.
};

using NodeId = uint32_t;

struct Node {
  NodeKind kind = NodeKind::kLiteral;
  BinaryOp op = BinaryOp::kAdd;
  Macro macro = Macro::kAll;
  uint8_t variables = 0;  ///< Of a comprehension: 1 or 2.
  bool flag = false;
  uint32_t depth = 1;  ///< Levels of the tree below and with this node.
  Span span;           ///< The whole of it.
  Span name_span;      ///< Of the name, the selector or the operator.
  std::string_view name;
  uint32_t first = 0;  ///< Children: Ast::children[first, first + count).
  uint32_t count = 0;
  uint32_t literal = 0;  ///< Index in Ast::literals.
};

/// Names point into the source, which must outlive the tree.
struct Ast {
  std::vector<Node> nodes;
  std::vector<NodeId> child_ids;
  std::vector<Value> literals;
  NodeId root = 0;

  const Node& node(NodeId id) const { return nodes[id]; }
  std::span<const NodeId> children(const Node& node) const {
    return std::span(child_ids).subspan(node.first, node.count);
  }
  NodeId child(const Node& node, uint32_t index) const { return child_ids[node.first + index]; }
};

/// "+", "in"
std::string_view spelling(BinaryOp op);

}  // namespace proctor::expr
