// Names of rules' expressions, looked up in one scenario.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/scope.h"
#include "rules/engine.h"
#include "rules/reads.h"
#include "rules/scenario.h"
#include "rules/scope.h"

namespace proctor::rules {

/// What all evaluations in one scenario share.
struct Surroundings {
  const load::Configuration* configuration = nullptr;
  const Target* target = nullptr;
  const std::vector<std::string>* roles = nullptr;  ///< Implied ones included, sorted.
  const Run* run = nullptr;
  kernel::Version version;
  Reads* reads = nullptr;  ///< If given, notes what is read.
};

/// Which round of a `for-each: interface` rule.
struct Interface {
  enum class Kind : uint8_t {
    kNone,
    kNamed,
    kOpen,  ///< Interfaces that nobody named: what depends on their values is unknown.
  } kind = Kind::kNone;
  std::string name;  ///< kOpen: "*", which a pattern in the configuration covers; in texts a word.

  static Interface named(std::string name) { return {Kind::kNamed, std::move(name)}; }
  static Interface open() { return {Kind::kOpen, "*"}; }
};

class Activation : public expr::Activation {
 public:
  using Lets = std::vector<std::pair<std::string, expr::Program>>;

  /// All arguments must outlive it. `variables` are those of a detector, in the order in which
  /// detect.h declares them.
  Activation(const Surroundings& surroundings, const Lets& lets, const Interface& interface,
             std::span<const std::string> variables = {});

  expr::Value load(int32_t id, std::span<const expr::Value> dynamic) const override;
  expr::Value has(int32_t id, std::span<const expr::Value> dynamic) const override;
  expr::Value call_reference(int32_t function, int32_t id, std::span<const expr::Value> dynamic,
                             std::span<const expr::Value> arguments) const override;
  expr::Value call(int32_t function, std::span<const expr::Value> arguments) const override;

 private:
  expr::Value key(const Name& name, std::span<const expr::Value> dynamic) const;
  expr::Value fact(const host::FactInfo& info) const;
  expr::Value let(uint32_t index) const;
  kernel::Cell cell(const Name& name, const std::string& path) const;
  const kernel::Cell& effective(const std::string& path) const;
  bool is_open(std::span<const expr::Value> dynamic) const;
  expr::Value combined(const expr::Value& interface, const expr::Value& name, bool v6) const;
  expr::Value interface_line(const expr::Value& pattern) const;

  const Surroundings& at_;
  const Lets& lets_;
  const Interface& interface_;
  std::span<const std::string> variables_;
  mutable std::vector<std::optional<expr::Value>> values_;  ///< Of lets that were asked for.
};

}  // namespace proctor::rules
