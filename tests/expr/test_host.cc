#include "test_host.h"

#include "text/text.h"

namespace proctor::expr {

std::optional<Declaration> TestHost::resolve(std::span<const Step> steps, size_t& used) const {
  std::optional<Declaration> best;
  used = 0;
  for (size_t i = 0; i < names_.size(); ++i) {
    // A whole name first: bindings of the conformance suite have dots inside one name.
    const std::vector<std::string_view> parts = split(names_[i].name, '.');
    if (parts.size() > steps.size() || parts.size() <= used) continue;
    bool matches = true;
    for (size_t j = 0; j < parts.size() && matches; ++j) {
      matches = steps[j].dynamic ? parts[j] == "*" : parts[j] == steps[j].name;
    }
    if (!matches) continue;
    used = parts.size();
    best = {static_cast<int32_t>(i), names_[i].type};
  }
  return best;
}

std::string TestHost::suggest(std::string_view dotted) const {
  std::vector<std::string_view> candidates;
  candidates.reserve(names_.size());
  for (const Name& name : names_) candidates.push_back(name.name);
  return std::string(nearest(dotted, candidates));
}

Value TestHost::load(int32_t id, std::span<const Value> dynamic) const {
  const Value& value = names_[static_cast<size_t>(id)].value;
  if (dynamic.empty()) return value;
  // A name with a dynamic step is bound to a map from that step's text.
  const Value* found = find_key(*value.as_map(), dynamic[0]);
  return found != nullptr ? *found : Value::absent("no " + *dynamic[0].as_string());
}

Value TestHost::has(int32_t id, std::span<const Value> dynamic) const {
  const Value value = load(id, dynamic);
  if (value.is_unknown()) return value;
  return Value::of(!value.is_error());
}

Value TestHost::call_reference(int32_t function, int32_t id, std::span<const Value> dynamic,
                               std::span<const Value> arguments) const {
  return Value::string(std::to_string(function) + " " + names_[static_cast<size_t>(id)].name + " " +
                       std::to_string(dynamic.size()) + " " + std::to_string(arguments.size()));
}

Value TestHost::call(int32_t function, std::span<const Value> arguments) const {
  return Value::of(int64_t{function} * 100 + static_cast<int64_t>(arguments.size()));
}

Value evaluate(std::string_view source, const TestHost& host, Checking checking,
               std::string_view container, const Limits& limits) {
  std::vector<Problem> problems;
  const Program program = Program::compile(source, host, problems, container, limits, checking);
  if (!problems.empty()) return Value::error("compile: " + problems[0].message);
  return program.run(host, limits);
}

}  // namespace proctor::expr
