// The names that expressions of rules, profiles and `eval` may use: sysctls of the catalog in four
// layers, host facts, functions, constants, and the local names of one rule.
//
// A name's id is stored in packed programs, so ids depend on nothing but the catalog and the order
// of declarations in the rule.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/scope.h"
#include "host/facts.h"
#include "kernel/catalog.h"

namespace proctor::rules {

/// Which value of a key: a plain name is the one in effect.
enum class Layer : uint8_t { kEffective, kProposed, kRunning, kInitial };

/// What stands for the '*' of a pattern with one wildcard. kNone: the pattern has no wildcard, or
/// its wildcards are dynamic steps.
enum class Binding : uint8_t { kNone, kAll, kDefault, kLo };

enum class NameKind : uint8_t {
  kKey,        ///< A sysctl; `index` is its place in kernel::keys().
  kFact,       ///< host.NAME; `index` is its place in host::fact_table().
  kLet,        ///< A `let` of the rule; `index` is its place in Rule::let.
  kInterface,  ///< `iface`, a string.
  kVariable,   ///< A variable of a detector or a parameter of a profile, by order of declaration.
  kConstant,   ///< KiB, MiB, GiB, TiB; `index` is the number of the constant.
};

/// A declared name, taken apart.
struct Name {
  NameKind kind = NameKind::kKey;
  Layer layer = Layer::kEffective;
  Binding binding = Binding::kNone;
  uint32_t index = 0;

  friend bool operator==(const Name&, const Name&) = default;
};
int32_t encode_name(const Name& name);
Name decode_name(int32_t id);

/// REQUIRES: kind kKey.
const kernel::Key& key_of(const Name& name);
/// REQUIRES: kind kFact.
const host::FactInfo& fact_of(const Name& name);
/// The value of a constant. REQUIRES: kind kConstant.
int64_t constant_value(const Name& name);
/// The key's pattern with the binding put in: "net.ipv4.conf.all.rp_filter",
/// "net.ipv4.conf.*.rp_filter". REQUIRES: kind kKey.
std::string bound_pattern(const Name& name);
/// The path below /proc/sys, with `dynamic` (strings) for the wildcards that are left; nullopt if
/// there are too few or one is not a string, is empty, holds '/', or is "." or "..".
std::optional<std::string> path_of(const Name& name, std::span<const expr::Value> dynamic);

/// Ids of functions. Those marked [activation] have no `call`: Activation::call or, for the first
/// group, Activation::call_reference runs them.
enum class FunctionId : int32_t {
  // By reference: the first argument is a sysctl name.
  kWritten,    ///< written(KEY) bool: the configuration sets it.
  kOrder,      ///< order(KEY) int: position of its last effective write, from 0.
  kAccepted,   ///< accepted(KEY) bool: the kernel took the last write.
  kValueText,  ///< value_text(KEY) string: as the file writes it.
  kDefault,    ///< default(KEY, fallback): the fallback where the kernel has no such key.
  kGiven,  ///< given(host.NAME) bool: the fact is known. For rules that can say less without it.
  // [activation]
  kRole,       ///< role(string) bool.
  kCombined,   ///< combined(iface, "rp_filter"): what the kernel makes of `all` and the interface.
  kCombined6,  ///< The same for net.ipv6.conf.
  kInterfaceLine,  ///< interface_line("net.ipv4.conf.*.rp_filter") bool: the configuration sets it
                   ///< for an interface (`all` and `default` are none).
  kDump,  ///< dump() bool: the configuration is a dump of all keys, whose lines nobody chose.
  // Pure; they never reach the activation.
  kVersion,    ///< version("5.4"), an opaque value that compares.
  kAtLeast,    ///< version.atLeast("5.4")
  kBelow,      ///< version.below("5.4")
  kQuantity,   ///< quantity("64MiB") int.
  kPow2Ceil,   ///< The least power of two >= x; an error above 2^62.
  kPow2Floor,  ///< The greatest power of two <= x; an error below 1.
  kIsqrt,      ///< Integer square root; an error below 0.
  kClamp,      ///< clamp(x, low, high); `high` wins where it is below `low`.
  kPortIn,     ///< port_in("22,8000-8080", 8022) bool.
  kPortsIn,    ///< ports_in("22,8000-8080", 1024, 65535) int: how many are in the range.
};

/// The type of host.kernel and version(): its values' rank is kernel::Version::code().
inline constexpr std::string_view kVersionType = "version";

/// The static type of a key's value.
expr::Type type_of(const kernel::Key& key);
expr::Type type_of(const host::FactInfo& fact);
/// Whether a value of `key` is one integer, so that `want` may bound it.
bool is_integer(const kernel::Key& key);

/// The key that a misspelled one (in any form that find_key() takes) may mean, dotted, or empty.
std::string suggest_key(std::string_view text);

/// How CEL spells a dotted name: parts that are no identifiers are back-quoted, '*' becomes
/// `[iface]`.
std::string cel_spelling(std::string_view dotted);

/// A key as `key`, `anchor`, `related` and fixes name it: dotted, parts with or without
/// back-quotes, `[iface]` or '*' for an interface, or all, default, lo there. nullopt: not in the
/// catalog.
std::optional<Name> find_key(std::string_view text);

class Scope : public expr::Scope {
 public:
  /// No local names: enough to unpack any program.
  Scope() = default;

  void declare_interface() { interface_ = true; }
  /// Ids count from 0 in the order of the calls. A later name hides an earlier one.
  void declare_let(std::string name, expr::Type type);
  void declare_variable(std::string name, expr::Type type);

  std::optional<expr::Declaration> resolve(std::span<const expr::Step> steps,
                                           size_t& used) const override;
  std::string suggest(std::string_view dotted) const override;
  std::span<const expr::Function> functions() const override;
  bool closed() const override { return true; }

  const std::vector<std::pair<std::string, expr::Type>>& lets() const { return lets_; }
  const std::vector<std::pair<std::string, expr::Type>>& variables() const { return variables_; }

 private:
  std::optional<expr::Declaration> local(std::string_view name) const;

  bool interface_ = false;
  std::vector<std::pair<std::string, expr::Type>> lets_;
  std::vector<std::pair<std::string, expr::Type>> variables_;
};

}  // namespace proctor::rules
