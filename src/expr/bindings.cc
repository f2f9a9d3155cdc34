#include "expr/bindings.h"

#include <algorithm>

#include "text/text.h"

namespace proctor::expr {
namespace {

/// Bound names count down from -1; the host's ids are not negative.
int32_t id_of(size_t index) { return -1 - static_cast<int32_t>(index); }

/// How many steps the dotted `name` takes from the start of `steps`; 0 if it does not fit.
size_t steps_of(std::string_view name, std::span<const Step> steps) {
  const std::vector<std::string_view> parts = split(name, '.');
  if (parts.size() > steps.size()) return 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (steps[i].dynamic || steps[i].name != parts[i]) return 0;
  }
  return parts.size();
}

}  // namespace

void Bindings::bind(std::string name, Value value) {
  const auto same = std::find_if(bound_.begin(), bound_.end(),
                                 [&](const auto& binding) { return binding.first == name; });
  if (same != bound_.end()) {
    same->second = std::move(value);
  } else {
    bound_.emplace_back(std::move(name), std::move(value));
  }
}

std::optional<Declaration> Bindings::resolve(std::span<const Step> steps, size_t& used) const {
  std::optional<Declaration> best = scope_.resolve(steps, used);
  if (!best) used = 0;
  bool is_bound = false;
  for (size_t i = 0; i < bound_.size(); ++i) {
    const size_t taken = steps_of(bound_[i].first, steps);
    if (taken == 0 || taken < used || (taken == used && is_bound)) continue;
    used = taken;
    is_bound = true;
    best = {id_of(i), type_of(bound_[i].second)};
  }
  return best;
}

std::string Bindings::suggest(std::string_view dotted) const {
  std::vector<std::string_view> names;
  names.reserve(bound_.size());
  for (const auto& [name, value] : bound_) names.push_back(name);
  const std::string_view near = nearest(dotted, names);
  return near.empty() ? scope_.suggest(dotted) : std::string(near);
}

const std::pair<std::string, Value>& Bindings::bound(int32_t id) const {
  return bound_[static_cast<size_t>(-1 - id)];
}

Value Bindings::load(int32_t id, std::span<const Value> dynamic) const {
  return id < 0 ? bound(id).second : activation_.load(id, dynamic);
}

Value Bindings::has(int32_t id, std::span<const Value> dynamic) const {
  if (id >= 0) return activation_.has(id, dynamic);
  const Value& value = bound(id).second;
  if (value.is_unknown()) return value;
  return Value::of(value.is_value());
}

Value Bindings::call_reference(int32_t function, int32_t id, std::span<const Value> dynamic,
                               std::span<const Value> arguments) const {
  if (id >= 0) return activation_.call_reference(function, id, dynamic, arguments);
  return Value::error("`" + bound(id).first + "` is a bound value, no name of the host");
}

}  // namespace proctor::expr
