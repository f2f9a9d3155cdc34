// Facts about the machine a configuration is meant for. Every fact may be unknown.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "kernel/state.h"
#include "kernel/version.h"
#include "text/result.h"

namespace proctor::host {

enum class FactType : uint8_t { kBool, kInt, kString, kIntList, kStringList, kVersionRange };

using FactValue = std::variant<bool, int64_t, std::string, std::vector<int64_t>,
                               std::vector<std::string>, kernel::VersionRange>;

/// How a fact is written on the command line; numbers without a unit are always accepted.
enum class FactUnit : uint8_t { kNone, kBytes, kBitsPerSecond };

/// A declared fact. The table is the one list of facts: options, expressions, snapshots, docs.
struct FactInfo {
  std::string_view name;  ///< "memory"; in expressions host.memory.
  FactType type;
  FactUnit unit;
  int64_t min;  ///< Bounds of a number, of each number in a list; both 0: not a number.
  int64_t max;
  std::string_view choices;  ///< The values of a closed set, "always|madvise|never"; "": any.
  std::string_view option;   ///< How to give it: "--memory 8GiB" or "--fact thp=always".
  std::string_view description;
};
std::span<const FactInfo> fact_table();  ///< Sorted by name; static.
const FactInfo* find_fact(std::string_view name);
/// "unknown fact 'memry'; did you mean 'memory'?", the list of names where nothing is near.
std::string unknown_fact(std::string_view name);

/// Given facts only. A later set() overrides an earlier one.
class Facts {
 public:
  /// REQUIRES: a name and a type of the table.
  void set(std::string_view name, FactValue value);
  void forget(std::string_view name);
  /// nullptr: unknown.
  const FactValue* get(std::string_view name) const;
  /// Why a reading of this machine failed ("EACCES reading /proc/..."), or empty.
  std::string_view unreadable(std::string_view name) const;
  /// Forgets nothing: a fact that was given stays.
  void set_unreadable(std::string_view name, std::string why);

  std::optional<kernel::VersionRange> kernel() const;
  std::optional<int64_t> integer(std::string_view name) const;
  std::optional<bool> boolean(std::string_view name) const;
  /// nullptr: unknown, or not a string (a list of strings).
  const std::string* text(std::string_view name) const;
  const std::vector<std::string>* strings(std::string_view name) const;
  /// Roles given, in order; empty means no role, never unknown.
  std::vector<std::string> roles() const;
  /// For a kernel model: everything of it that is known, at one version.
  kernel::Machine machine(const kernel::Version& version) const;
  const std::map<std::string, FactValue, std::less<>>& all() const { return values_; }
  /// Name and reason of what could not be read, in order of name.
  const std::map<std::string, std::string, std::less<>>& all_unreadable() const {
    return unreadable_;
  }

 private:
  std::map<std::string, FactValue, std::less<>> values_;
  std::map<std::string, std::string, std::less<>> unreadable_;
};

/// The value of fact `info` from its text: sizes and rates with units ("8GiB", "10Gbit/s"), lists
/// with commas, true/false (also yes, no, on, off, 1, 0). An error says what was expected.
Result<FactValue> parse_fact_value(const FactInfo& info, std::string_view text);

/// NAME=VALUE as in --fact: typed by the table; an unknown name gets a suggestion. "host.NAME" is
/// accepted too, as expressions write it.
Result<std::pair<std::string, FactValue>> parse_fact(std::string_view assignment);

/// The text that parse_fact_value() reads back to the same value.
std::string fact_to_text(const FactValue& value);

}  // namespace proctor::host
