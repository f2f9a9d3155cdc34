// Names, fields and indices.
#include <algorithm>
#include <array>
#include <utility>

#include "expr/checker.h"
#include "expr/grammar.h"
#include "text/text.h"

namespace proctor::expr {
namespace {

constexpr std::array<std::string_view, 11> kTypeNames = {"bool", "bytes", "double",       "int",
                                                         "list", "map",   "null_type",    "string",
                                                         "type", "uint",  "optional_type"};

bool is_identifier(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// Lists and maps, behind an optional too.
const Type& inside_optional(const Type& type, Type& storage) {
  if (!type.is(TypeKind::kOptional)) return type;
  storage = type.element_type();
  return storage;
}

}  // namespace

Checker::Chain Checker::chain_of(NodeId id) {
  Chain chain;
  while (ast_.node(id).kind == NodeKind::kSelect || ast_.node(id).kind == NodeKind::kIndex) {
    chain.links.push_back(id);
    id = ast_.child(ast_.node(id), 0);
  }
  std::reverse(chain.links.begin(), chain.links.end());
  chain.root = id;
  chain.indices.resize(chain.links.size());
  if (ast_.node(id).kind != NodeKind::kName || find_local(ast_.node(id)) != nullptr) return chain;
  const auto add_step = [&](std::string_view name, bool dynamic, bool literal) {
    chain.steps.push_back({name, dynamic});
    chain.literal.push_back(literal);
  };
  add_step(ast_.node(id).name, false, false);
  for (size_t i = 0; i < chain.links.size(); ++i) {
    const Node& link = ast_.node(chain.links[i]);
    if (link.flag) break;
    if (link.kind == NodeKind::kSelect) {
      add_step(link.name, false, false);
      continue;
    }
    const Node& index = ast_.node(ast_.child(link, 1));
    const bool is_literal = index.kind == NodeKind::kLiteral;
    if (const std::string* text = is_literal ? ast_.literals[index.literal].as_string() : nullptr) {
      add_step(*text, false, true);
      continue;
    }
    chain.indices[i] = check(ast_.child(link, 1));
    const Type& type = chain.indices[i]->type;
    if (!type.is(TypeKind::kString) && !type.is_dyn()) break;
    add_step({}, true, false);
  }
  return chain;
}

const Checker::Local* Checker::find_local(const Node& name) const {
  if (name.flag) return nullptr;
  const auto found = std::find_if(locals_.rbegin(), locals_.rend(),
                                  [&](const Local& local) { return local.name == name.name; });
  return found == locals_.rend() ? nullptr : &*found;
}

Checker::Typed Checker::check_chain(NodeId id) {
  const Chain chain = chain_of(id);
  const Node& root = ast_.node(chain.root);
  if (chain.steps.empty()) {
    Typed base;
    if (root.kind == NodeKind::kName) {
      const Local* local = find_local(root);
      base = {local->type, code_.add({.op = Op::kLocal, .a = local->slot})};
    } else {
      base = check(chain.root);
    }
    return check_links(base, chain, 0, chain.links.size());
  }
  if (std::optional<Named> named = resolve(chain)) {
    const Typed base{named->declaration.type, emit_named(Op::kLoad, *named)};
    references_.push_back(std::move(named->reference));
    return check_links(base, chain, named->links, chain.links.size());
  }
  if (std::find(kTypeNames.begin(), kTypeNames.end(), root.name) != kTypeNames.end()) {
    const Typed base{TypeKind::kType, code_.add_with_text({.op = Op::kTypeValue}, root.name)};
    return check_links(base, chain, 0, chain.links.size());
  }
  return undeclared(chain);
}

std::optional<Checker::Named> Checker::resolve(const Chain& chain) {
  if (!ast_.node(chain.root).flag) {
    for (std::string_view prefix = container_; !prefix.empty();) {
      if (std::optional<Named> named = resolve_in(chain, prefix)) return named;
      const size_t dot = prefix.rfind('.');
      prefix = dot == std::string_view::npos ? std::string_view() : prefix.substr(0, dot);
    }
  }
  return resolve_in(chain, {});
}

std::optional<Checker::Named> Checker::resolve_in(const Chain& chain, std::string_view prefix) {
  std::vector<Step> steps;
  if (!prefix.empty()) {
    for (const std::string_view part : split(prefix, '.')) steps.push_back({part, false});
  }
  const size_t outer = steps.size();
  steps.insert(steps.end(), chain.steps.begin(), chain.steps.end());
  size_t used = 0;
  const std::optional<Declaration> declaration = declaration_of(chain, outer, steps, used);
  if (!declaration) return std::nullopt;
  Named named;
  named.declaration = *declaration;
  named.links = used - outer - 1;
  named.reference.id = declaration->id;
  named.reference.text = dotted(chain, std::span(steps).subspan(outer, used - outer));
  named.reference.span = span_of(chain, named.links);
  for (size_t i = 0; i < named.links; ++i) {
    if (!steps[outer + i + 1].dynamic) continue;
    const bool literal = chain.literal[i + 1];
    named.dynamic.push_back(
        literal ? code_.add_constant(Value::string(std::string(chain.steps[i + 1].name)))
                : chain.indices[i]->code);
    const Node& link = ast_.node(chain.links[i]);
    named.reference.dynamic.push_back(source_of(ast_.node(ast_.child(link, 1)).span));
  }
  return named;
}

std::optional<Declaration> Checker::declaration_of(const Chain& chain, size_t outer,
                                                   std::vector<Step>& steps, size_t& used) const {
  std::optional<Declaration> plain = scope_.resolve(steps, used);
  // A name of the container's parts alone is not what the expression names.
  if (!plain || used <= outer) {
    plain = std::nullopt;
    used = outer;
  }
  std::vector<Step> retry = steps;
  bool differs = false;
  for (size_t i = used - outer; i < chain.steps.size(); ++i) {
    if (!chain.literal[i]) continue;
    retry[outer + i] = {{}, true};
    differs = true;
  }
  size_t longer = 0;
  if (!differs) return plain;
  std::optional<Declaration> dynamic = scope_.resolve(retry, longer);
  if (!dynamic || longer <= used) return plain;
  used = longer;
  steps = std::move(retry);
  return dynamic;
}

uint32_t Checker::emit_named(Op op, const Named& named) {
  return code_.add_with_children({.op = op, .a = static_cast<uint32_t>(named.declaration.id)},
                                 named.dynamic);
}

Checker::Typed Checker::undeclared(const Chain& chain) {
  const size_t steps = chain.steps.size();
  const std::string name = dotted(chain, chain.steps);
  const std::string message = "unknown name `" + name + "`";
  if (!scope_.closed()) return failure(message);
  std::string candidate;
  if (steps == 1) candidate = foreign_spelling(name);
  for (const Local& local : locals_) {
    // Every name of one letter is near every other.
    if (local.name.size() < 2) continue;
    const std::string_view names[] = {local.name};
    const std::string_view near = nearest(chain.steps[0].name, names);
    if (!near.empty() && candidate.empty()) {
      candidate = std::string(near) + name.substr(chain.steps[0].name.size());
    }
  }
  if (candidate.empty()) {
    std::string plain;
    for (const Step& step : chain.steps) {
      if (!plain.empty()) plain += '.';
      plain += step.dynamic ? "*" : std::string(step.name);
    }
    candidate = scope_.suggest(plain);
  }
  problem(span_of(chain, steps - 1),
          message + (candidate.empty() ? "" : "; did you mean `" + candidate + "`?"));
  return failure(message);
}

std::string Checker::dotted(const Chain& chain, std::span<const Step> steps) const {
  std::string text;
  for (size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    if (step.dynamic) {
      const Node& link = ast_.node(chain.links[i - 1]);
      text += "[" + source_of(ast_.node(ast_.child(link, 1)).span) + "]";
      continue;
    }
    if (i > 0) text += '.';
    text += is_identifier(step.name) ? std::string(step.name) : "`" + std::string(step.name) + "`";
  }
  return text;
}

Span Checker::span_of(const Chain& chain, size_t links) const {
  const Span root = ast_.node(chain.root).name_span;
  if (links == 0) return root;
  const Node& last = ast_.node(chain.links[links - 1]);
  return {root.begin, last.kind == NodeKind::kSelect ? last.name_span.end : last.span.end};
}

Checker::Typed Checker::check_links(Typed base, const Chain& chain, size_t from, size_t to) {
  for (size_t i = from; i < to; ++i) {
    const Node& link = ast_.node(chain.links[i]);
    base = link.kind == NodeKind::kSelect ? check_select(base, link)
                                          : check_index(base, link, chain.indices[i]);
  }
  return base;
}

Checker::Typed Checker::check_select(const Typed& base, const Node& node) {
  const Instruction select{
      .op = Op::kSelect, .flag = static_cast<uint8_t>(node.flag ? 1 : 0), .a = base.code};
  const uint32_t code = code_.add_with_text(select, node.name);
  Type held;
  const Type& container = inside_optional(base.type, held);
  const bool optional = node.flag || base.type.is(TypeKind::kOptional);
  Type result;
  if (container.is(TypeKind::kMap) && assignable(TypeKind::kString, container.key_type())) {
    result = container.element_type();
  } else if (!container.is_dyn()) {
    mismatch(node.name_span,
             base.type.to_string() + " has no field `" + std::string(node.name) + "`");
  }
  return {optional ? Type::optional(result) : result, code};
}

Checker::Typed Checker::check_index(const Typed& base, const Node& node,
                                    const std::optional<Typed>& known) {
  const NodeId index_id = ast_.child(node, 1);
  const Typed index = known ? *known : check(index_id);
  const uint32_t parts[] = {base.code, index.code};
  const Instruction instruction{.op = Op::kIndex, .flag = static_cast<uint8_t>(node.flag ? 1 : 0)};
  const uint32_t code = code_.add_with_children(instruction, parts);
  Type held;
  const Type& container = inside_optional(base.type, held);
  const bool optional = node.flag || base.type.is(TypeKind::kOptional);
  Type result;
  if (container.is(TypeKind::kList)) {
    if (!assignable(index.type, TypeKind::kInt)) {
      mismatch(ast_.node(index_id).span,
               "a list takes an int for its index, not " + index.type.to_string());
    }
    result = container.element_type();
  } else if (container.is(TypeKind::kMap)) {
    if (!comparable(index.type, container.key_type())) {
      mismatch(ast_.node(index_id).span,
               base.type.to_string() + " has no keys of type " + index.type.to_string());
    }
    result = container.element_type();
  } else if (!container.is_dyn()) {
    mismatch(node.span, base.type.to_string() + " has no elements to take with `[]`");
  }
  return {optional ? Type::optional(result) : result, code};
}

Checker::Typed Checker::check_has(const Node& node) {
  const Chain chain = chain_of(ast_.child(node, 0));
  const Node& last = ast_.node(chain.links.back());
  Typed base;
  size_t from = 0;
  if (!chain.steps.empty()) {
    std::optional<Named> named = resolve(chain);
    if (!named) return {TypeKind::kBool, undeclared(chain).code};
    from = named->links;
    const bool whole = from == chain.links.size();
    named->reference.in_has = whole;
    references_.push_back(named->reference);
    if (whole) return {TypeKind::kBool, emit_named(Op::kHasName, *named)};
    base = {named->declaration.type, emit_named(Op::kLoad, *named)};
  } else if (ast_.node(chain.root).kind == NodeKind::kName) {
    const Local* local = find_local(ast_.node(chain.root));
    base = {local->type, code_.add({.op = Op::kLocal, .a = local->slot})};
  } else {
    base = check(chain.root);
  }
  base = check_links(base, chain, from, chain.links.size() - 1);
  if (last.kind != NodeKind::kSelect) {
    problem(ast_.node(ast_.child(node, 0)).span, "has() takes a field, as in has(a.b)");
    return failure("has() without a field");
  }
  check_select(base, last);
  return {TypeKind::kBool, code_.add_with_text({.op = Op::kHasField, .a = base.code}, last.name)};
}

}  // namespace proctor::expr
