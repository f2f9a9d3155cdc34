#include "expr/overloads.h"

#include <algorithm>
#include <utility>

#include "text/text.h"

namespace proctor::expr {
namespace {

/// "a", "a or b", "a, b or c"
std::string alternatives(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

std::string counts_of(const Overloads& overloads) {
  std::vector<size_t> counts;
  for (const Candidate& candidate : overloads.candidates) {
    const size_t count = candidate.function != nullptr ? candidate.function->parameters.size()
                                                       : candidate.builtin->count;
    counts.push_back(count - (overloads.member ? 1 : 0));
    if (candidate.function == nullptr && candidate.builtin->variadic) {
      return std::to_string(counts.back()) + " or more arguments";
    }
  }
  sort_unique(counts);
  std::vector<std::string> names;
  names.reserve(counts.size());
  for (const size_t count : counts) names.push_back(std::to_string(count));
  return alternatives(names) + (counts.back() == 1 ? " argument" : " arguments");
}

/// Names that are written as calls but are no functions.
std::string_view macro_form(std::string_view name) {
  struct Form {
    std::string_view name;
    std::string_view form;
  };
  static constexpr Form kForms[] = {
      {"has", "has(a.b)"},
      {"any", "list.exists(x, condition)"},
      {"all", "list.all(x, condition)"},
      {"exists", "list.exists(x, condition)"},
      {"exists_one", "list.exists_one(x, condition)"},
      {"existsOne", "list.existsOne(x, condition)"},
      {"filter", "list.filter(x, condition)"},
      {"map", "list.map(x, value)"},
      {"transformList", "list.transformList(index, x, value)"},
      {"transformMap", "map.transformMap(key, x, value)"},
      {"transformMapEntry", "map.transformMapEntry(key, x, {key: value})"},
      {"cel.bind", "cel.bind(x, value, expression)"},
      {"optMap", "optional.optMap(x, value)"},
      {"optFlatMap", "optional.optFlatMap(x, optional)"},
  };
  for (const Form& form : kForms) {
    if (form.name == name) return form.form;
  }
  return {};
}

/// Names that other languages have for a function.
std::string_view other_library(std::string_view name) {
  if (name == "max") return "math.greatest";
  if (name == "min") return "math.least";
  if (name == "len" || name == "length" || name == "count") return "size";
  return {};
}

std::string quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

}  // namespace

bool Candidate::takes_count(size_t count) const {
  return function != nullptr ? function->parameters.size() == count : builtin->takes_count(count);
}

bool Candidate::takes(size_t index, const Type& type) const {
  return function != nullptr ? assignable(type, function->parameters[index])
                             : accepts(builtin->param(index), type);
}

bool Candidate::takes(std::span<const Type> arguments) const {
  if (!takes_count(arguments.size())) return false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!takes(i, arguments[i])) return false;
  }
  return true;
}

std::string Candidate::parameter(size_t index) const {
  return function != nullptr ? function->parameters[index].to_string()
                             : std::string(describe(builtin->param(index)));
}

Type Candidate::result(std::span<const Type> arguments) const {
  static constexpr TypeKind kSimple[] = {TypeKind::kDyn,   TypeKind::kBool,   TypeKind::kInt,
                                         TypeKind::kUint,  TypeKind::kDouble, TypeKind::kString,
                                         TypeKind::kBytes, TypeKind::kType};
  if (function != nullptr) return function->result;
  switch (builtin->returns) {
    case Returns::kStringList:
      return Type::list(TypeKind::kString);
    case Returns::kFirst:
      return arguments[0];
    case Returns::kElement:
      return arguments[0].element_type();
    case Returns::kElementOrSecond:
      return join(arguments[0].element_type(), arguments[1]);
    case Returns::kOptionalFirst:
      return Type::optional(arguments.empty() ? Type() : arguments[0]);
    case Returns::kJoined: {
      Type joined = arguments[0];
      for (const Type& type : arguments) joined = join(joined, type);
      return joined;
    }
    default:
      return kSimple[static_cast<size_t>(builtin->returns)];
  }
}

std::optional<Type> Overloads::result(std::span<const Type> arguments) const {
  std::optional<Type> common;
  for (const Candidate& candidate : candidates) {
    if (!candidate.takes(arguments)) continue;
    Type type = candidate.result(arguments);
    common = common ? join(*common, type) : std::move(type);
  }
  return common;
}

Overloads find_overloads(const Scope& scope, std::string_view name, bool member) {
  Overloads result;
  result.name = name;
  result.member = member;
  const std::span<const Function> functions = scope.functions();
  for (uint32_t i = 0; i < functions.size(); ++i) {
    if (functions[i].name != name || functions[i].member != member) continue;
    if (!result.host) result.host = i;
    result.candidates.push_back({.function = &functions[i]});
  }
  result.builtin = find_builtin(name, member);
  if (!result.builtin) return result;
  for (const Builtin& row : builtins().subspan(*result.builtin)) {
    if (row.name != name || row.member != member) break;
    result.candidates.push_back({.builtin = &row});
  }
  return result;
}

CallMistake explain(const Overloads& overloads, std::span<const Type> arguments) {
  const std::string call = overloads.name + "()";
  std::vector<Candidate> fitting;
  for (const Candidate& candidate : overloads.candidates) {
    if (candidate.takes_count(arguments.size())) fitting.push_back(candidate);
  }
  if (fitting.empty()) {
    const size_t given = arguments.size() - (overloads.member ? 1 : 0);
    return {call + " takes " + counts_of(overloads) + ", not " + std::to_string(given), {}, true};
  }
  std::string types;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::vector<std::string> wanted;
    bool taken = false;
    for (const Candidate& candidate : fitting) {
      taken = taken || candidate.takes(i, arguments[i]);
      std::string name = candidate.parameter(i);
      const bool known = std::find(wanted.begin(), wanted.end(), name) != wanted.end();
      if (!known) wanted.push_back(std::move(name));
    }
    types += (types.empty() ? "" : ", ") + arguments[i].to_string();
    if (taken) continue;
    const bool target = overloads.member && i == 0;
    return {call + (target ? " is a function of " : " takes ") + alternatives(wanted) +
                (arguments.size() > 1 && !target ? " here" : "") + ", not " +
                arguments[i].to_string(),
            i};
  }
  return {call + " does not take (" + types + ") together", {}};
}

std::string suggest_function(const Scope& scope, std::string_view name, bool member) {
  if (const std::string_view form = macro_form(name); !form.empty()) {
    return "; it is written " + quoted(form);
  }
  std::vector<std::string_view> names;
  bool other_form = false;
  const auto consider = [&](std::string_view candidate, bool is_member) {
    if (is_member == member) names.push_back(candidate);
    other_form = other_form || (is_member != member && candidate == name);
  };
  for (const Function& function : scope.functions()) consider(function.name, function.member);
  for (const Builtin& builtin : builtins()) consider(builtin.name, builtin.member);
  if (other_form) {
    const std::string text(name);
    return "; it is written " + quoted(member ? text + "(x)" : "x." + text + "()");
  }
  std::string_view near = other_library(name);
  for (const std::string_view candidate : names) {
    // abs(x) for math.abs(x)
    const bool same_end = candidate.size() > name.size() && candidate.ends_with(name) &&
                          candidate[candidate.size() - name.size() - 1] == '.';
    if (near.empty() && same_end) near = candidate;
  }
  if (near.empty()) near = nearest(name, names);
  return near.empty() ? std::string() : "; did you mean " + std::string(near) + "()?";
}

bool is_macro_name(std::string_view name) { return !macro_form(name).empty(); }

bool is_function_prefix(const Scope& scope, std::string_view name) {
  const auto starts = [&](std::string_view function) {
    return function.size() > name.size() && function.starts_with(name) &&
           function[name.size()] == '.';
  };
  for (const Function& function : scope.functions()) {
    if (starts(function.name)) return true;
  }
  return std::any_of(builtins().begin(), builtins().end(),
                     [&](const Builtin& builtin) { return starts(builtin.name); });
}

}  // namespace proctor::expr
