// Calls: which function is meant, whether it takes the arguments, what it returns.
#include <algorithm>
#include <utility>

#include "expr/builtin_calls.h"
#include "expr/builtins.h"
#include "expr/checker.h"
#include "text/text.h"

namespace proctor::expr {

/// The functions of one name and form, of the host and of the language.
struct Checker::Overloads {
  std::string name;
  bool member = false;
  std::optional<uint32_t> host;     ///< First index in Scope::functions().
  std::optional<uint32_t> builtin;  ///< First row of builtins().
  std::vector<const Function*> hosts;
  std::vector<const Builtin*> rows;

  bool empty() const { return hosts.empty() && rows.empty(); }
};

namespace {

struct Candidate {
  const Function* function = nullptr;
  const Builtin* builtin = nullptr;

  bool takes_count(size_t count) const {
    return function != nullptr ? function->parameters.size() == count : builtin->takes_count(count);
  }
  bool takes(size_t index, const Type& type) const {
    return function != nullptr ? assignable(type, function->parameters[index])
                               : accepts(builtin->param(index), type);
  }
  std::string parameter(size_t index) const {
    return function != nullptr ? function->parameters[index].to_string()
                               : std::string(describe(builtin->param(index)));
  }
  size_t count() const {
    return function != nullptr ? function->parameters.size() : builtin->count;
  }
  bool variadic() const { return function == nullptr && builtin->variadic; }
};

/// "a", "a or b", "a, b or c"
std::string alternatives(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

void add_distinct(std::vector<std::string>& names, std::string name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

Type list_element(const Type& type) {
  const bool has_element = type.is(TypeKind::kList) || type.is(TypeKind::kOptional);
  return has_element ? type.element_type() : Type();
}

Type result_type(const Builtin& builtin, const std::vector<Type>& arguments) {
  static constexpr TypeKind kSimple[] = {TypeKind::kDyn,   TypeKind::kBool,   TypeKind::kInt,
                                         TypeKind::kUint,  TypeKind::kDouble, TypeKind::kString,
                                         TypeKind::kBytes, TypeKind::kType};
  switch (builtin.returns) {
    case Returns::kStringList:
      return Type::list(TypeKind::kString);
    case Returns::kFirst:
      return arguments[0];
    case Returns::kElement:
      return list_element(arguments[0]);
    case Returns::kOptionalFirst:
      return Type::optional(arguments[0]);
    case Returns::kJoined: {
      Type joined = arguments[0];
      for (const Type& type : arguments) joined = join(joined, type);
      return joined;
    }
    default:
      return kSimple[static_cast<size_t>(builtin.returns)];
  }
}

std::vector<Candidate> candidates(const std::vector<const Function*>& hosts,
                                  const std::vector<const Builtin*>& rows) {
  std::vector<Candidate> result;
  for (const Function* function : hosts) result.push_back({.function = function});
  for (const Builtin* builtin : rows) result.push_back({.builtin = builtin});
  return result;
}

std::string counts_of(const std::vector<Candidate>& all, bool member) {
  std::vector<size_t> counts;
  bool variadic = false;
  for (const Candidate& candidate : all) {
    counts.push_back(candidate.count() - (member ? 1 : 0));
    variadic = variadic || candidate.variadic();
  }
  std::sort(counts.begin(), counts.end());
  counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
  if (variadic) return std::to_string(counts[0]) + " or more arguments";
  std::vector<std::string> names;
  names.reserve(counts.size());
  for (const size_t count : counts) names.push_back(std::to_string(count));
  return alternatives(names) + (counts.back() == 1 ? " argument" : " arguments");
}

}  // namespace

std::string Checker::qualified_name(const Node& node) const {
  std::string name(node.name);
  for (NodeId id = ast_.child(node, 0);;) {
    const Node& part = ast_.node(id);
    if (part.flag) return {};
    name = std::string(part.name) + "." + name;
    if (part.kind == NodeKind::kName) return find_local(part) == nullptr ? name : std::string();
    if (part.kind != NodeKind::kSelect) return {};
    id = ast_.child(part, 0);
  }
}

Checker::Overloads Checker::find_overloads(std::string_view name, bool member) const {
  Overloads result;
  result.name = name;
  result.member = member;
  const std::span<const Function> functions = scope_.functions();
  for (uint32_t i = 0; i < functions.size(); ++i) {
    if (functions[i].name != name || functions[i].member != member) continue;
    if (!result.host) result.host = i;
    result.hosts.push_back(&functions[i]);
  }
  result.builtin = find_builtin(name, member);
  if (!result.builtin) return result;
  for (const Builtin& row : builtins().subspan(*result.builtin)) {
    if (row.name != name || row.member != member) break;
    result.rows.push_back(&row);
  }
  return result;
}

Checker::Overloads Checker::find_in_containers(std::string_view name, bool rooted) const {
  for (std::string_view prefix = rooted ? std::string_view() : container_; !prefix.empty();) {
    Overloads found = find_overloads(std::string(prefix) + "." + std::string(name), false);
    if (!found.empty()) return found;
    const size_t dot = prefix.rfind('.');
    prefix = dot == std::string_view::npos ? std::string_view() : prefix.substr(0, dot);
  }
  return find_overloads(name, false);
}

Checker::Typed Checker::check_call(const Node& node) {
  std::span<const NodeId> arguments = ast_.children(node);
  if (node.kind == NodeKind::kCall) {
    const Overloads overloads = find_in_containers(node.name, node.flag);
    return check_overloads(node, overloads, arguments);
  }
  if (const std::string qualified = qualified_name(node); !qualified.empty()) {
    const Overloads overloads = find_in_containers(qualified, false);
    if (!overloads.empty()) return check_overloads(node, overloads, arguments.subspan(1));
  }
  return check_overloads(node, find_overloads(node.name, true), arguments);
}

Checker::Typed Checker::check_overloads(const Node& node, const Overloads& overloads,
                                        std::span<const NodeId> arguments) {
  if (!overloads.hosts.empty() && overloads.hosts[0]->by_reference) {
    return check_reference_call(node, overloads, arguments);
  }
  std::vector<Typed> typed;
  std::vector<uint32_t> codes;
  for (const NodeId argument : arguments) {
    typed.push_back(check(argument));
    codes.push_back(typed.back().code);
  }
  if (overloads.empty()) return undeclared_function(node, overloads.name);
  const std::optional<Type> type = call_type(node, overloads, arguments, typed);
  if (!type) explain_call(node, overloads, arguments, typed);
  if (overloads.name == "matches") check_pattern(node, arguments, typed);
  if (const std::optional<uint32_t> constant = fold(overloads, arguments, typed)) {
    return {type.value_or(Type()), *constant};
  }
  Instruction code{.op = Op::kBuiltin};
  if (overloads.host) {
    code.op = Op::kHost;
    code.a = *overloads.host;
    code.sub = static_cast<uint8_t>(overloads.builtin ? *overloads.builtin + 1 : 0);
  } else {
    code.a = *overloads.builtin;
  }
  return {type.value_or(Type()), code_.add_with_children(code, codes)};
}

std::optional<Type> Checker::call_type(const Node& /*node*/, const Overloads& overloads,
                                       std::span<const NodeId> ids,
                                       std::span<const Typed> arguments) {
  std::vector<Type> types;
  for (const Typed& argument : arguments) types.push_back(argument.type);
  std::optional<Type> result;
  for (const Candidate& candidate : candidates(overloads.hosts, overloads.rows)) {
    if (!candidate.takes_count(ids.size())) continue;
    bool takes = true;
    for (size_t i = 0; i < types.size() && takes; ++i) takes = candidate.takes(i, types[i]);
    if (!takes) continue;
    Type type = candidate.function != nullptr ? candidate.function->result
                                              : result_type(*candidate.builtin, types);
    result = result ? join(*result, type) : std::move(type);
  }
  return result;
}

void Checker::explain_call(const Node& node, const Overloads& overloads,
                           std::span<const NodeId> ids, std::span<const Typed> arguments) {
  const std::string call = overloads.name + "()";
  const std::vector<Candidate> all = candidates(overloads.hosts, overloads.rows);
  std::vector<Candidate> fitting;
  for (const Candidate& candidate : all) {
    if (candidate.takes_count(ids.size())) fitting.push_back(candidate);
  }
  if (fitting.empty()) {
    mismatch(node.name_span, call + " takes " + counts_of(all, overloads.member) + ", not " +
                                 std::to_string(ids.size() - (overloads.member ? 1 : 0)));
    return;
  }
  std::string types;
  for (size_t i = 0; i < ids.size(); ++i) {
    const Type& type = arguments[i].type;
    std::vector<std::string> wanted;
    bool taken = false;
    for (const Candidate& candidate : fitting) {
      taken = taken || candidate.takes(i, type);
      add_distinct(wanted, candidate.parameter(i));
    }
    if (!taken) {
      const bool target = overloads.member && i == 0;
      mismatch(ast_.node(ids[i]).span,
               call + (target ? " is a function of " : " takes ") + alternatives(wanted) +
                   (ids.size() > 1 || target ? " here" : "") + ", not " + type.to_string());
      return;
    }
    types += (types.empty() ? "" : ", ") + type.to_string();
  }
  mismatch(node.span, call + " does not take (" + types + ") together");
}

std::optional<uint32_t> Checker::fold(const Overloads& overloads, std::span<const NodeId> ids,
                                      std::span<const Typed> arguments) {
  std::vector<Value> values(ids.size());
  for (const Function* function : overloads.hosts) {
    if (!function->fold || function->call == nullptr) continue;
    bool constant = function->parameters.size() == ids.size();
    for (size_t i = 0; i < ids.size() && constant; ++i) {
      constant = code_.constant(arguments[i].code, values[i]) &&
                 accepts(function->parameters[i], values[i]);
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

void Checker::check_pattern(const Node& /*node*/, std::span<const NodeId> ids,
                            std::span<const Typed> arguments) {
  Value pattern;
  if (ids.size() != 2 || !code_.constant(arguments[1].code, pattern)) return;
  if (pattern.as_string() == nullptr) return;
  const std::string error = calls::regex_error(*pattern.as_string());
  if (!error.empty()) {
    mismatch(ast_.node(ids[1]).span, "the regular expression is wrong: " + error);
  }
}

Checker::Typed Checker::check_reference_call(const Node& node, const Overloads& overloads,
                                             std::span<const NodeId> arguments) {
  const Function& function = *overloads.hosts[0];
  if (arguments.size() != function.parameters.size() + 1) {
    problem(node.name_span, overloads.name + "() takes " +
                                std::to_string(function.parameters.size() + 1) +
                                " arguments, the first of them a name");
    return failure("wrong number of arguments");
  }
  const Chain chain = chain_of(arguments[0]);
  std::optional<Named> named;
  if (!chain.steps.empty()) {
    named = resolve(chain);
    if (!named) return undeclared(chain);
  }
  if (!named || named->links != chain.links.size()) {
    problem(ast_.node(arguments[0]).span,
            overloads.name + "() takes a name here, not an expression");
    return failure("not a name");
  }
  named->reference.by_function = function.id;
  references_.push_back(named->reference);
  std::vector<uint32_t> codes{emit_named(Op::kLoad, *named)};
  for (size_t i = 0; i < function.parameters.size(); ++i) {
    const Typed argument = check(arguments[i + 1]);
    if (!assignable(argument.type, function.parameters[i])) {
      mismatch(ast_.node(arguments[i + 1]).span, overloads.name + "() takes " +
                                                     function.parameters[i].to_string() +
                                                     " here, not " + argument.type.to_string());
    }
    codes.push_back(argument.code);
  }
  return {function.result,
          code_.add_with_children({.op = Op::kReference, .a = *overloads.host}, codes)};
}

Checker::Typed Checker::undeclared_function(const Node& node, const std::string& name) {
  const bool member = node.kind == NodeKind::kMemberCall;
  const std::string message = "unknown function " + name + "()";
  if (!scope_.closed()) return failure(message);
  // A target that is itself wrong has its message; a second one on the same call helps nobody.
  std::vector<std::string_view> names;
  const std::string qualified = member ? qualified_name(node) : name;
  for (const Function& function : scope_.functions()) names.push_back(function.name);
  for (const Builtin& builtin : builtins()) names.push_back(builtin.name);
  const std::string_view near = nearest(qualified.empty() ? name : qualified, names);
  const std::string_view plain = near.empty() ? nearest(name, names) : near;
  problem(node.name_span,
          message + (plain.empty() ? "" : "; did you mean " + std::string(plain) + "()?"));
  return failure(message);
}

}  // namespace proctor::expr
