// Macros: their variables and the types that come out.
#include <algorithm>
#include <utility>

#include "expr/checker.h"

namespace proctor::expr {
namespace {

std::string_view macro_name(Macro macro) {
  constexpr std::string_view kNames[] = {
      "all()", "exists()",        "exists_one()",   "filter()",
      "map()", "transformList()", "transformMap()", "transformMapEntry()"};
  return kNames[static_cast<size_t>(macro)];
}

bool is_transform(Macro macro) { return macro >= Macro::kMap; }

}  // namespace

uint32_t Checker::push_local(NodeId name, Type type) {
  const auto slot = static_cast<uint32_t>(locals_.size());
  locals_.push_back({ast_.node(name).name, std::move(type), slot});
  slots_ = std::max(slots_, slot + 1);
  return slot;
}

Checker::Typed Checker::check_comprehension(const Node& node) {
  const NodeId range_id = ast_.child(node, 0);
  const Typed range = check(range_id);
  const bool is_map = range.type.is(TypeKind::kMap);
  const std::string name(macro_name(node.macro));
  if (!range.type.is_dyn() && !range.type.is(TypeKind::kList) && !is_map) {
    mismatch(ast_.node(range_id).span,
             name + " walks a list or a map, not " + range.type.to_string());
  }
  Type element = range.type.is(TypeKind::kList) || is_map ? range.type.element_type() : Type();
  Type key = range.type.is(TypeKind::kList) ? Type(TypeKind::kInt) : range.type.key_type();
  const bool two = node.variables == 2;
  const uint32_t slot = push_local(ast_.child(node, 1), two || is_map ? key : element);
  if (two) push_local(ast_.child(node, 2), element);
  std::vector<uint32_t> parts{range.code};
  Type body;
  for (uint32_t i = 1U + node.variables; i < node.count; ++i) {
    const NodeId body_id = ast_.child(node, i);
    const Typed typed = check(body_id);
    const bool is_condition = !is_transform(node.macro) || i + 1 < node.count;
    if (is_condition) require_bool(typed, body_id, "the condition of " + name);
    parts.push_back(typed.code);
    body = typed.type;
  }
  locals_.resize(locals_.size() - node.variables);
  if (range.type.is_dyn()) key = {};
  const Instruction code{.op = Op::kComprehension,
                         .sub = static_cast<uint8_t>(node.macro),
                         .flag = static_cast<uint8_t>(two ? 1 : 0),
                         .a = slot};
  return {comprehension_type(node, range.type, key, body), code_.add_with_children(code, parts)};
}

Type Checker::comprehension_type(const Node& node, const Type& range, const Type& key,
                                 const Type& body) const {
  switch (node.macro) {
    case Macro::kFilter:
      return Type::list(range.is(TypeKind::kMap) ? range.key_type() : range.element_type());
    case Macro::kMap:
    case Macro::kTransformList:
      return Type::list(body);
    case Macro::kTransformMap:
      return Type::map(key, body);
    case Macro::kTransformMapEntry:
      return body.is(TypeKind::kMap) ? body : Type::map({}, {});
    default:
      return TypeKind::kBool;
  }
}

Checker::Typed Checker::check_bind(const Node& node) {
  const Typed value = check(ast_.child(node, 1));
  const uint32_t slot = push_local(ast_.child(node, 0), value.type);
  const Typed body = check(ast_.child(node, 2));
  locals_.pop_back();
  const uint32_t parts[] = {value.code, body.code};
  return {body.type, code_.add_with_children({.op = Op::kBind, .a = slot}, parts)};
}

Checker::Typed Checker::check_optional_map(const Node& node) {
  const NodeId target_id = ast_.child(node, 0);
  const Typed target = check(target_id);
  const std::string name = node.flag ? "optFlatMap()" : "optMap()";
  if (!assignable(target.type, Type::optional({}))) {
    mismatch(ast_.node(target_id).span,
             name + " takes an optional, not " + target.type.to_string());
  }
  const bool is_optional = target.type.is(TypeKind::kOptional);
  const uint32_t slot =
      push_local(ast_.child(node, 1), is_optional ? target.type.element_type() : Type());
  const NodeId body_id = ast_.child(node, 2);
  const Typed body = check(body_id);
  locals_.pop_back();
  if (node.flag && !assignable(body.type, Type::optional({}))) {
    mismatch(ast_.node(body_id).span, name + " makes an optional, not " + body.type.to_string());
  }
  const uint32_t parts[] = {target.code, body.code};
  const Instruction code{
      .op = Op::kOptionalMap, .flag = static_cast<uint8_t>(node.flag ? 1 : 0), .a = slot};
  return {node.flag ? body.type : Type::optional(body.type), code_.add_with_children(code, parts)};
}

}  // namespace proctor::expr
