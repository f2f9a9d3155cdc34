// Calls: which function is meant, whether it takes the arguments, what it returns.
#include <utility>

#include "expr/builtin_calls.h"
#include "expr/checker.h"
#include "expr/overloads.h"

namespace proctor::expr {

std::string Checker::qualified_name(const Node& node) const {
  std::string name(node.name);
  for (NodeId id = ast_.child(node, 0);;) {
    const Node& part = ast_.node(id);
    if (part.flag) return {};
    name.insert(0, 1, '.').insert(0, part.name);
    if (part.kind == NodeKind::kName) return find_local(part) == nullptr ? name : std::string();
    if (part.kind != NodeKind::kSelect) return {};
    id = ast_.child(part, 0);
  }
}

Overloads Checker::find_in_containers(std::string_view name, bool rooted) const {
  for (std::string_view prefix = rooted ? std::string_view() : container_; !prefix.empty();) {
    const std::string candidate = std::string(prefix) + "." + std::string(name);
    Overloads found = find_overloads(scope_, candidate, false);
    if (!found.empty()) return found;
    const size_t dot = prefix.rfind('.');
    prefix = dot == std::string_view::npos ? std::string_view() : prefix.substr(0, dot);
  }
  return find_overloads(scope_, name, false);
}

Checker::Typed Checker::check_call(const Node& node) {
  const std::span<const NodeId> arguments = ast_.children(node);
  if (node.kind == NodeKind::kCall) {
    return check_overloads(node, find_in_containers(node.name, node.flag), arguments);
  }
  const std::string qualified = qualified_name(node);
  if (!qualified.empty()) {
    const Overloads overloads = find_in_containers(qualified, false);
    if (!overloads.empty()) return check_overloads(node, overloads, arguments.subspan(1));
  }
  const Overloads overloads = find_overloads(scope_, node.name, true);
  // `math.flor(x)`: the target is a prefix of functions, no value with a function of that name.
  const std::string_view prefix = std::string_view(qualified).substr(0, qualified.rfind('.'));
  if (overloads.empty() && !qualified.empty() &&
      (is_function_prefix(scope_, prefix) || prefix == "cel") && !resolve(chain_of(arguments[0]))) {
    for (const NodeId argument : arguments.subspan(1)) check(argument);
    return undeclared_function(node, qualified, false);
  }
  return check_overloads(node, overloads, arguments);
}

Checker::Typed Checker::check_overloads(const Node& node, const Overloads& overloads,
                                        std::span<const NodeId> arguments) {
  if (overloads.host && scope_.functions()[*overloads.host].by_reference) {
    return check_reference_call(node, overloads, arguments);
  }
  if (overloads.empty() && is_macro_name(overloads.name)) {
    // What a macro would declare is unknown here: messages about it would lead astray.
    if (overloads.member) check(arguments[0]);
    return undeclared_function(node, overloads.name, overloads.member);
  }
  std::vector<Type> types;
  std::vector<uint32_t> codes;
  for (const NodeId argument : arguments) {
    Typed typed = check(argument);
    types.push_back(std::move(typed.type));
    codes.push_back(typed.code);
  }
  if (overloads.empty()) return undeclared_function(node, overloads.name, overloads.member);
  const std::optional<Type> type = overloads.result(types);
  if (!type) {
    const CallMistake mistake = explain(overloads, types);
    mismatch(mistake.argument         ? ast_.node(arguments[*mistake.argument]).span
             : mistake.count_is_wrong ? node.name_span
                                      : node.span,
             mistake.message);
  }
  if (overloads.name == "matches" && codes.size() == 2) check_pattern(arguments[1], codes[1]);
  if (const std::optional<uint32_t> constant = fold(overloads, arguments, codes)) {
    return {type.value_or(Type()), *constant};
  }
  return {type.value_or(Type()), emit_call(overloads, codes)};
}

uint32_t Checker::emit_call(const Overloads& overloads, std::span<const uint32_t> arguments) {
  Instruction code{.op = Op::kBuiltin};
  if (overloads.host) {
    code.op = Op::kHost;
    code.a = *overloads.host;
    code.sub = static_cast<uint8_t>(overloads.builtin ? *overloads.builtin + 1 : 0);
  } else {
    code.a = *overloads.builtin;
  }
  return code_.add_with_children(code, arguments);
}

std::optional<uint32_t> Checker::fold(const Overloads& overloads, std::span<const NodeId> ids,
                                      std::span<const uint32_t> codes) {
  std::vector<Value> values(codes.size());
  for (const Candidate& candidate : overloads.candidates) {
    const Function* function = candidate.function;
    if (function == nullptr || !function->fold || function->call == nullptr) continue;
    bool constant = function->parameters.size() == codes.size();
    for (size_t i = 0; i < codes.size() && constant; ++i) {
      constant = code_.constant(codes[i], values[i]) && accepts(function->parameters[i], values[i]);
    }
    if (!constant) continue;
    const Value result = function->call(values);
    if (const EvalError* error = result.as_error()) {
      problem(ast_.node(ids[0]).span, error->message);
      return std::nullopt;
    }
    if (result.kind() <= ValueKind::kBytes) return code_.add_constant(result);
  }
  return std::nullopt;
}

void Checker::check_pattern(NodeId id, uint32_t code) {
  Value pattern;
  if (!code_.constant(code, pattern) || pattern.as_string() == nullptr) return;
  const std::string error = calls::regex_error(*pattern.as_string());
  if (!error.empty()) mismatch(ast_.node(id).span, "the regular expression is wrong: " + error);
}

Checker::Typed Checker::check_reference_call(const Node& node, const Overloads& overloads,
                                             std::span<const NodeId> arguments) {
  const Function& function = scope_.functions()[*overloads.host];
  const std::string call = overloads.name + "()";
  if (arguments.size() != function.parameters.size() + 1) {
    const size_t wanted = function.parameters.size() + 1;
    problem(node.name_span,
            call + " takes " + std::to_string(wanted) +
                (wanted == 1 ? " argument, a name" : " arguments, the first of them a name"));
    return failure("wrong number of arguments");
  }
  std::vector<uint32_t> codes(1);
  for (size_t i = 0; i < function.parameters.size(); ++i) {
    const NodeId id = arguments[i + 1];
    const Typed argument = check(id);
    if (!assignable(argument.type, function.parameters[i])) {
      mismatch(ast_.node(id).span, call + " takes " + function.parameters[i].to_string() +
                                       " here, not " + argument.type.to_string());
    }
    codes.push_back(argument.code);
  }
  const Chain chain = chain_of(arguments[0]);
  std::optional<Named> named;
  if (!chain.steps.empty()) {
    named = resolve(chain);
    if (!named) return undeclared(chain);
  }
  if (!named || named->links != chain.links.size()) {
    problem(ast_.node(arguments[0]).span, call + " takes a name here, not an expression");
    return failure("not a name");
  }
  named->reference.by_function = function.id;
  references_.push_back(named->reference);
  codes[0] = emit_named(Op::kLoad, *named);
  return {function.result,
          code_.add_with_children({.op = Op::kReference, .a = *overloads.host}, codes)};
}

Checker::Typed Checker::undeclared_function(const Node& node, const std::string& name,
                                            bool member) {
  const std::string message = "unknown function " + name + "()";
  if (scope_.closed()) problem(node.name_span, message + suggest_function(scope_, name, member));
  return failure(message);
}

}  // namespace proctor::expr
