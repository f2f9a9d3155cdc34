// Facts about the machine a configuration is meant for. Every fact may be unknown.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kernel/state.h"
#include "kernel/version.h"
#include "text/result.h"

namespace proctor::host {

enum class FactType : uint8_t { kBool, kInt, kString, kStringList, kVersion, kVersionRange };

using FactValue =
    std::variant<bool, int64_t, std::string, std::vector<std::string>, kernel::VersionRange>;

/// A declared fact. The table is the one list of facts: options, expressions, snapshots, docs.
struct FactInfo {
  std::string_view name;  ///< "memory"; in expressions host.memory.
  FactType type;
  std::string_view unit;    ///< "bytes", "bit/s", "" ...
  std::string_view option;  ///< How to give it: "--memory 8GiB" or "--fact thp=always".
  std::string_view description;
};
std::span<const FactInfo> fact_table();  ///< Sorted by name.
const FactInfo* find_fact(std::string_view name);

/// Given facts only. A later set() overrides an earlier one.
class Facts {
 public:
  void set(std::string_view name, FactValue value);
  void forget(std::string_view name);
  /// nullptr: unknown.
  const FactValue* get(std::string_view name) const;
  /// Why a reading of this machine failed ("EACCES reading /proc/..."), or empty.
  std::string_view unreadable(std::string_view name) const;
  void set_unreadable(std::string_view name, std::string why);

  std::optional<kernel::VersionRange> kernel() const;
  std::optional<int64_t> integer(std::string_view name) const;
  /// Roles given, in order; empty means no role, never unknown.
  std::vector<std::string> roles() const;
  /// For a kernel model: everything of it that is known, at one version.
  kernel::Machine machine(const kernel::Version& version) const;
  const std::map<std::string, FactValue, std::less<>>& all() const { return values_; }

 private:
  std::map<std::string, FactValue, std::less<>> values_;
  std::map<std::string, std::string, std::less<>> unreadable_;
};

/// NAME=VALUE as in --fact: typed by the table, sizes with units; unknown names get a suggestion.
Result<std::pair<std::string, FactValue>> parse_fact(std::string_view assignment);

}  // namespace proctor::host
