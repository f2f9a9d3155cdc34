// Names bound to values on top of another host: what `proctor eval --bindings` gives.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/scope.h"

namespace proctor::expr {

/// Scope and activation in one. A bound name may have dots ("a.b.c"); where a bound name and one of
/// the host fit, the longer one is meant, at equal length the bound one. Its type is its value's;
/// an error or an unknown is dyn.
class Bindings : public Scope, public Activation {
 public:
  /// Both outlive this. REQUIRES: the ids of `scope` are not negative.
  Bindings(const Scope& scope, const Activation& activation)
      : scope_(scope), activation_(activation) {}

  /// A later binding of a name replaces an earlier one.
  void bind(std::string name, Value value);

  std::optional<Declaration> resolve(std::span<const Step> steps, size_t& used) const override;
  std::string suggest(std::string_view dotted) const override;
  std::span<const Function> functions() const override { return scope_.functions(); }
  bool closed() const override { return scope_.closed(); }

  Value load(int32_t id, std::span<const Value> dynamic) const override;
  Value has(int32_t id, std::span<const Value> dynamic) const override;
  /// A bound name is no name of the host: by-reference functions give an error on it.
  Value call_reference(int32_t function, int32_t id, std::span<const Value> dynamic,
                       std::span<const Value> arguments) const override;
  Value call(int32_t function, std::span<const Value> arguments) const override {
    return activation_.call(function, arguments);
  }

 private:
  const std::pair<std::string, Value>& bound(int32_t id) const;

  const Scope& scope_;
  const Activation& activation_;
  std::vector<std::pair<std::string, Value>> bound_;
};

}  // namespace proctor::expr
