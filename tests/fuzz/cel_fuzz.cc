// Any bytes are an expression or a mistake that points into them; what compiles ends soon, packs to
// the same program, and gives the same result with loose types unless types were the mistake.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "expr/json.h"
#include "expr/program.h"

using namespace proctor;
using namespace proctor::expr;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

Value shout(std::span<const Value> arguments) {
  return Value::string(*arguments[0].as_string() + "!");
}

/// Names of one letter, so that mutations hit them: i and j ints, s a string, l a list, m a map,
/// u unknown, e an error, o opaque, d.*.x with a dynamic step.
class FuzzHost : public Scope, public Activation {
 public:
  FuzzHost() {
    const Value one = Value::of(int64_t{1});
    values_ = {one,
               Value::of(int64_t{-7}),
               Value::string("text"),
               Value::list({one, Value::string("b"), Value::of(2.5)}),
               Value::map({{Value::string("k"), one}, {one, Value::of(true)}}),
               Value::unknown({"fact"}),
               Value::error("broken"),
               Value::opaque("version", 3)};
    functions_.push_back({.name = "shout",
                          .fold = true,
                          .parameters = {TypeKind::kString},
                          .result = TypeKind::kString,
                          .call = shout});
    functions_.push_back(
        {.name = "w", .by_reference = true, .parameters = {TypeKind::kInt}, .result = {}, .id = 1});
    functions_.push_back(
        {.name = "f", .member = true, .parameters = {TypeKind::kInt}, .result = {}, .id = 2});
  }

  std::optional<Declaration> resolve(std::span<const Step> steps, size_t& used) const override {
    constexpr std::string_view kNames = "ijslmueo";
    if (steps.size() >= 3 && steps[0].name == "d" && steps[1].dynamic && steps[2].name == "x") {
      used = 3;
      return Declaration{0, TypeKind::kInt};
    }
    if (steps[0].dynamic || steps[0].name.size() != 1) return std::nullopt;
    const size_t found = kNames.find(steps[0].name);
    if (found == std::string_view::npos) return std::nullopt;
    used = 1;
    return Declaration{static_cast<int32_t>(found), type_of(values_[found])};
  }
  std::string suggest(std::string_view /*dotted*/) const override { return "i"; }
  std::span<const Function> functions() const override { return functions_; }
  bool closed() const override { return true; }

  Value load(int32_t id, std::span<const Value> /*dynamic*/) const override {
    return values_[static_cast<size_t>(id)];
  }
  Value has(int32_t id, std::span<const Value> /*dynamic*/) const override {
    return Value::of(id % 2 == 0);
  }
  Value call_reference(int32_t function, int32_t id, std::span<const Value> dynamic,
                       std::span<const Value> arguments) const override {
    return Value::of(int64_t{function} + id + static_cast<int64_t>(dynamic.size()) +
                     static_cast<int64_t>(arguments.size()));
  }
  Value call(int32_t function, std::span<const Value> arguments) const override {
    return Value::of(int64_t{function} + static_cast<int64_t>(arguments.size()));
  }

 private:
  std::vector<Value> values_;
  std::vector<Function> functions_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const FuzzHost host;
  const std::string source(reinterpret_cast<const char*>(data), size);
  Limits limits;
  limits.steps = 20000;
  limits.memory = 1U << 18U;
  std::vector<Problem> problems;
  const Program program = Program::compile(source, host, problems, {}, limits);
  for (const Problem& problem : problems) {
    require(problem.span.begin <= problem.span.end && problem.span.end <= source.size());
    require(!problem.message.empty());
  }
  std::vector<Problem> loose_problems;
  const Program loose =
      Program::compile(source, host, loose_problems, "a.b", limits, Checking::kLoose);
  require(loose_problems.size() <= problems.size());
  if (!problems.empty()) {
    if (loose_problems.empty()) to_json(loose.run(host, limits));
    return 0;
  }
  for (const Reference& reference : program.references()) {
    require(reference.span.begin < reference.span.end && reference.span.end <= source.size());
  }
  const Value result = program.run(host, limits);
  const std::string json = result_to_json(result);
  const std::string packed = program.pack();
  const Program unpacked = Program::unpack(packed, host);
  require(result_to_json(unpacked.run(host, limits)) == json);
  require(result_to_json(loose.run(host, limits)) == json);
  require(unpacked.type() == program.type());
  // The static type holds: a value is of it, as far as its kind tells.
  require(!result.is_value() || assignable(type_of(result), program.type()));
  return 0;
}
