#include "expr/checker.h"

#include <algorithm>
#include <utility>

namespace proctor::expr {
namespace {

bool is_arithmetic(BinaryOp op) { return op <= BinaryOp::kModulo; }
bool is_equality(BinaryOp op) { return op == BinaryOp::kEqual || op == BinaryOp::kNotEqual; }

bool is_concatenable(const Type& type) {
  return type.is(TypeKind::kString) || type.is(TypeKind::kBytes) || type.is(TypeKind::kList);
}

/// Whether `op` exists for operands of this type.
bool has_arithmetic(BinaryOp op, const Type& type) {
  if (type.is_dyn() || type.is(TypeKind::kInt) || type.is(TypeKind::kUint)) return true;
  if (type.is(TypeKind::kDouble)) return op != BinaryOp::kModulo;
  return op == BinaryOp::kAdd && is_concatenable(type);
}

bool may_order(const Type& a, const Type& b) {
  if (a.is_dyn() || b.is_dyn()) return a.is_dyn() ? b.is_dyn() || b.is_ordered() : a.is_ordered();
  return a.is_ordered() && b.is_ordered() && comparable(a, b);
}

bool is_key_type(const Type& type) {
  return type.is_dyn() || type.is(TypeKind::kBool) || type.is(TypeKind::kInt) ||
         type.is(TypeKind::kUint) || type.is(TypeKind::kString);
}

std::string operation(const Type& left, BinaryOp op, const Type& right) {
  return left.to_string() + " " + std::string(spelling(op)) + " " + right.to_string();
}

}  // namespace

Checker::Checker(const Ast& ast, std::string_view source, const Scope& scope,
                 std::string_view container, Checking checking, std::vector<Problem>& problems)
    : ast_(ast),
      source_(source),
      scope_(scope),
      container_(container),
      checking_(checking),
      problems_(problems) {}

std::string Checker::run() {
  const size_t before = problems_.size();
  const Typed root = check(ast_.root);
  type_ = root.type;
  std::stable_sort(references_.begin(), references_.end(),
                   [](const auto& a, const auto& b) { return a.span.begin < b.span.begin; });
  std::stable_sort(problems_.begin() + static_cast<std::ptrdiff_t>(before), problems_.end(),
                   [](const auto& a, const auto& b) { return a.span < b.span; });
  return code_.finish(root.code, slots_, type_, references_);
}

void Checker::problem(Span span, std::string message) {
  problems_.push_back({span, std::move(message)});
}

void Checker::mismatch(Span span, std::string message) {
  if (checking_ == Checking::kTyped) problem(span, std::move(message));
}

Checker::Typed Checker::failure(std::string_view message) {
  return {Type(), code_.add_with_text({.op = Op::kFail}, message)};
}

Checker::Typed Checker::check(NodeId id) {
  const Node& node = ast_.node(id);
  switch (node.kind) {
    case NodeKind::kLiteral: {
      static constexpr TypeKind kKinds[] = {TypeKind::kNull, TypeKind::kBool,   TypeKind::kInt,
                                            TypeKind::kUint, TypeKind::kDouble, TypeKind::kString,
                                            TypeKind::kBytes};
      const Value& value = ast_.literals[node.literal];
      return {kKinds[static_cast<size_t>(value.kind())], code_.add_constant(value)};
    }
    case NodeKind::kName:
    case NodeKind::kSelect:
    case NodeKind::kIndex:
      return check_chain(id);
    case NodeKind::kCall:
    case NodeKind::kMemberCall:
      return check_call(node);
    case NodeKind::kList:
      return check_list(node);
    case NodeKind::kMap:
      return check_map(node);
    case NodeKind::kAnd:
    case NodeKind::kOr:
      return check_logical(node);
    case NodeKind::kConditional:
      return check_conditional(node);
    case NodeKind::kNot:
    case NodeKind::kNegate:
      return check_unary(node);
    case NodeKind::kBinary:
      return check_binary(node);
    case NodeKind::kHas:
      return check_has(node);
    case NodeKind::kComprehension:
      return check_comprehension(node);
    case NodeKind::kBind:
      return check_bind(node);
    case NodeKind::kOptionalMap:
      return check_optional_map(node);
    case NodeKind::kOptionalEntry: {
      Typed inner = check(ast_.child(node, 0));
      if (!inner.type.is_dyn() && !inner.type.is(TypeKind::kOptional)) {
        mismatch(ast_.node(ast_.child(node, 0)).span,
                 "`?` takes an optional, not " + inner.type.to_string());
      }
      return {inner.type.element_type(), code_.add({.op = Op::kOptionalEntry, .a = inner.code})};
    }
  }
  return {};
}

void Checker::require_bool(const Typed& typed, NodeId id, const std::string& what) {
  if (typed.type.is_dyn() || typed.type.is(TypeKind::kBool)) return;
  mismatch(ast_.node(id).span, what + " takes bool, not " + typed.type.to_string());
}

Checker::Typed Checker::check_logical(const Node& node) {
  const bool is_and = node.kind == NodeKind::kAnd;
  std::vector<uint32_t> terms;
  for (const NodeId child : ast_.children(node)) {
    const Typed term = check(child);
    require_bool(term, child, is_and ? "`&&`" : "`||`");
    terms.push_back(term.code);
  }
  return {TypeKind::kBool, code_.add_with_children({.op = is_and ? Op::kAnd : Op::kOr}, terms)};
}

Checker::Typed Checker::check_conditional(const Node& node) {
  const Typed condition = check(ast_.child(node, 0));
  require_bool(condition, ast_.child(node, 0), "the condition of `?:`");
  const Typed yes = check(ast_.child(node, 1));
  const Typed no = check(ast_.child(node, 2));
  if (!assignable(yes.type, no.type)) {
    mismatch({ast_.node(ast_.child(node, 1)).span.begin, ast_.node(ast_.child(node, 2)).span.end},
             "the branches of `?:` have two types, " + yes.type.to_string() + " and " +
                 no.type.to_string());
  }
  const uint32_t parts[] = {condition.code, yes.code, no.code};
  return {join(yes.type, no.type), code_.add_with_children({.op = Op::kConditional}, parts)};
}

Checker::Typed Checker::check_unary(const Node& node) {
  const NodeId child = ast_.child(node, 0);
  Typed operand = check(child);
  if (node.kind == NodeKind::kNot) {
    require_bool(operand, child, "`!`");
    return {TypeKind::kBool, code_.add({.op = Op::kNot, .a = operand.code})};
  }
  const TypeKind kind = operand.type.kind;
  if (kind != TypeKind::kDyn && kind != TypeKind::kInt && kind != TypeKind::kDouble) {
    mismatch(ast_.node(child).span, "`-` takes int or double, not " + operand.type.to_string());
    operand.type = {};
  }
  return {operand.type, code_.add({.op = Op::kNegate, .a = operand.code})};
}

Checker::Typed Checker::check_binary(const Node& node) {
  const Typed left = check(ast_.child(node, 0));
  const Typed right = check(ast_.child(node, 1));
  const uint32_t code = code_.add({.op = Op::kBinary,
                                   .sub = static_cast<uint8_t>(node.op),
                                   .a = left.code,
                                   .immediate = right.code});
  return {binary_type(node, left.type, right.type).value_or(Type()), code};
}

std::optional<Type> Checker::binary_type(const Node& node, const Type& left, const Type& right) {
  const BinaryOp op = node.op;
  if (is_arithmetic(op)) {
    const bool both = has_arithmetic(op, left) && has_arithmetic(op, right);
    const bool one_type = left.is_dyn() || right.is_dyn() || left.kind == right.kind;
    if (both && one_type) {
      const Type& known = left.is_dyn() ? right : left;
      // Elements of two types, or of one that is not known yet, may meet in a list.
      if (known.is(TypeKind::kList)) return Type::list(join(left, right).element_type());
      return known;
    }
    explain_arithmetic(node, left, right);
    return std::nullopt;
  }
  if (is_equality(op)) {
    if (comparable(left, right)) return TypeKind::kBool;
    mismatch(node.span, operation(left, op, right) + " compares two types that are never equal");
    return std::nullopt;
  }
  if (op != BinaryOp::kIn) {
    if (may_order(left, right)) return TypeKind::kBool;
    explain_order(node, left, right);
    return std::nullopt;
  }
  const bool is_map = right.is(TypeKind::kMap);
  if (!right.is_dyn() && !right.is(TypeKind::kList) && !is_map) {
    mismatch(ast_.node(ast_.child(node, 1)).span,
             "`in` takes a list or a map on its right, not " + right.to_string());
    return std::nullopt;
  }
  if (comparable(left, is_map ? right.key_type() : right.element_type())) return TypeKind::kBool;
  mismatch(node.span, operation(left, op, right) + " is never true");
  return std::nullopt;
}

void Checker::explain_arithmetic(const Node& node, const Type& left, const Type& right) {
  const std::string sign = "`" + std::string(spelling(node.op)) + "`";
  for (uint32_t i = 0; i < 2; ++i) {
    const Type& type = i == 0 ? left : right;
    if (has_arithmetic(node.op, type)) continue;
    mismatch(ast_.node(ast_.child(node, i)).span, sign + " has no meaning for " + type.to_string() +
                                                      " (" + operation(left, node.op, right) + ")");
    return;
  }
  std::string hint;
  if (left.is_number() && right.is_number()) {
    hint = "; convert one side with " + left.to_string() + "() or " + right.to_string() + "()";
  }
  mismatch(node.span,
           operation(left, node.op, right) + ": both sides of " + sign + " take one type" + hint);
}

void Checker::explain_order(const Node& node, const Type& left, const Type& right) {
  for (uint32_t i = 0; i < 2; ++i) {
    const Type& type = i == 0 ? left : right;
    if (type.is_dyn() || type.is_ordered()) continue;
    const Span span = ast_.node(ast_.child(node, i)).span;
    std::string message =
        operation(left, node.op, right) + ": " + type.to_string() + " has no order";
    if (type.is(TypeKind::kList)) {
      message += "; take one element, as in " + source_of(span) + "[0]";
    }
    mismatch(span, message);
    return;
  }
  mismatch(node.span,
           operation(left, node.op, right) + " compares two types without a common order");
}

Checker::Typed Checker::check_list(const Node& node) {
  std::vector<uint32_t> items;
  std::optional<Type> element;
  bool optional = false;
  for (const NodeId child : ast_.children(node)) {
    const Typed item = check(child);
    optional = optional || ast_.node(child).kind == NodeKind::kOptionalEntry;
    element = element ? join(*element, item.type) : item.type;
    items.push_back(item.code);
  }
  const Instruction list{.op = Op::kList, .flag = static_cast<uint8_t>(optional ? 1 : 0)};
  return {Type::list(element.value_or(Type())), code_.add_with_children(list, items)};
}

Checker::Typed Checker::check_map(const Node& node) {
  std::vector<uint32_t> parts;
  std::optional<Type> key_type;
  std::optional<Type> value_type;
  for (uint32_t i = 0; i + 1 < node.count; i += 2) {
    const NodeId key_node = ast_.child(node, i);
    Typed key = check(key_node);
    if (!is_key_type(key.type)) {
      mismatch(ast_.node(key_node).span,
               "a map's key is bool, int, uint or string, not " + key.type.to_string());
      key.type = {};
    }
    const Typed value = check(ast_.child(node, i + 1));
    key_type = key_type ? join(*key_type, key.type) : key.type;
    value_type = value_type ? join(*value_type, value.type) : value.type;
    parts.push_back(key.code);
    parts.push_back(value.code);
  }
  return {Type::map(key_type.value_or(Type()), value_type.value_or(Type())),
          code_.add_with_children({.op = Op::kMap}, parts)};
}

}  // namespace proctor::expr
