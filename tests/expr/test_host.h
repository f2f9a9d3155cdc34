// A host for tests: names bound to values, looked up by their dotted text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/program.h"
#include "expr/scope.h"

namespace proctor::expr {

/// Scope and activation in one: a name is declared with the type of its value unless told
/// otherwise. A part "*" of a name takes a dynamic step.
class TestHost : public Scope, public Activation {
 public:
  struct Name {
    std::string name;
    Type type;
    Value value;
  };

  void bind(std::string name, Value value) {
    Type type = type_of(value);
    declare(std::move(name), std::move(type), std::move(value));
  }
  void declare(std::string name, Type type, Value value) {
    names_.push_back({std::move(name), std::move(type), std::move(value)});
  }
  void add(Function function) { functions_.push_back(std::move(function)); }
  void open() { closed_ = false; }

  std::optional<Declaration> resolve(std::span<const Step> steps, size_t& used) const override;
  std::string suggest(std::string_view dotted) const override;
  std::span<const Function> functions() const override { return functions_; }
  bool closed() const override { return closed_; }

  Value load(int32_t id, std::span<const Value> dynamic) const override;
  Value has(int32_t id, std::span<const Value> dynamic) const override;
  Value call_reference(int32_t function, int32_t id, std::span<const Value> dynamic,
                       std::span<const Value> arguments) const override;
  Value call(int32_t function, std::span<const Value> arguments) const override;

 private:
  std::vector<Name> names_;
  std::vector<Function> functions_;
  bool closed_ = true;
};

/// The result of `source`, or an error "compile: message" for its first mistake.
Value evaluate(std::string_view source, const TestHost& host, Checking checking = Checking::kTyped,
               std::string_view container = {}, const Limits& limits = {});

}  // namespace proctor::expr
