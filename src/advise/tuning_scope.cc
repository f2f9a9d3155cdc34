#include "advise/tuning_scope.h"

#include <algorithm>

namespace proctor::advise {
namespace {

using expr::Value;

Value within_bounds(const Parameter& parameter, Value value) {
  const auto* number = value.get_if<int64_t>();
  if (number == nullptr) return value;
  if (parameter.min && *number < *parameter.min) return Value::of(*parameter.min);
  if (parameter.max && *number > *parameter.max) return Value::of(*parameter.max);
  return value;
}

}  // namespace

TuningScope::TuningScope(const TuneRequest& request, const kernel::Version& version,
                         const std::string& module)
    : request_(request), target_(request.target) {
  if (!module.empty()) {
    const auto* given = target_.facts.strings("modules");
    std::vector<std::string> modules = given == nullptr ? std::vector<std::string>() : *given;
    modules.push_back(module);
    target_.facts.set("modules", std::move(modules));
    // What is not there yet, the module brings.
    target_.running_complete = false;
    target_.running_absent.clear();
  }
  run_ = std::make_unique<rules::Run>(
      load::run(load::loaders().back(), nothing_, rules::start_state(target_, version)));
  surroundings_.configuration = &nothing_;
  surroundings_.target = &target_;
  surroundings_.roles = &request.roles;
  surroundings_.run = run_.get();
  surroundings_.version = version;
  names_ = std::make_unique<rules::Activation>(surroundings_, lets_, interface_);
}

// Formulas end: defaults that lead to each other are refused when the file is read, and a let sees
// only earlier ones.
Value TuningScope::parameter(const Parameter& parameter) const {
  const auto given = request_.given.find(parameter.name);
  if (given != request_.given.end()) return given->second;
  if (!parameter.formula) return parameter.value;
  return within_bounds(parameter, parameter.formula->program.run(*this));
}

Value TuningScope::variable(uint32_t index) const {
  const auto known = values_.find(index);
  if (known != values_.end()) return known->second;
  const Profile& profile = *request_.profile;
  if (index >= profile.variables.size()) return Value::error("no such name");
  const Variable& variable = profile.variables[index];
  Value value = variable.kind == Variable::Kind::kParameter
                    ? parameter(profile.parameters[variable.index])
                    : profile.lets[variable.index].formula.program.run(*this);
  values_.emplace(index, value);
  return value;
}

Value TuningScope::load(int32_t id, std::span<const Value> dynamic) const {
  const rules::Name name = rules::decode_name(id);
  return name.kind == rules::NameKind::kVariable ? variable(name.index) : names_->load(id, dynamic);
}

Value TuningScope::has(int32_t id, std::span<const Value> dynamic) const {
  const rules::Name name = rules::decode_name(id);
  if (name.kind != rules::NameKind::kVariable) return names_->has(id, dynamic);
  const Value value = variable(name.index);
  return value.is_unknown() ? value : Value::of(!value.is_error());
}

Value TuningScope::call_reference(int32_t function, int32_t id, std::span<const Value> dynamic,
                                  std::span<const Value> arguments) const {
  return names_->call_reference(function, id, dynamic, arguments);
}

Value TuningScope::call(int32_t function, std::span<const Value> arguments) const {
  return names_->call(function, arguments);
}

}  // namespace proctor::advise
