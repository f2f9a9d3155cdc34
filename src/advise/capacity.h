// The capacity model: which resources are limited, how full each is, what moves the limit. Data and
// expressions (rules/capacity/*.yaml); nothing about a single resource is in code.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "advise/profile.h"
#include "rules/rule.h"
#include "text/diagnostic.h"

namespace proctor::advise {

/// What a pressure is asked for, one time each. kNone: once for the machine or its namespace.
enum class Each : uint8_t { kNone, kSource, kDestination, kListener, kProcess, kCgroup, kUser };

/// A number of --what-if.
struct LoadName {
  std::string name;
  std::string title;
  int64_t min = 0;
  int64_t max = 0;
  int64_t value = 0;    ///< Where it is not given.
  bool scales = false;  ///< Grows with the load, when the question is what load breaks.
};

/// A name for a metric of host::Readings.
struct ReadingName {
  std::string name;
  std::string metric;
  /// What it grew by between two readings; with one reading all since the machine booted.
  bool moved = false;
};

/// A sentence that is said where `when` holds.
struct Remark {
  rules::Template text;
  std::optional<Formula> when;
};

struct Cure {
  rules::Template what;
  std::string kind;  ///< "program", "sysctl", "system".
  std::string key;   ///< Dotted; empty: none.
  std::optional<Formula> value;
  rules::Template cost;  ///< No literals: none.
  std::optional<Formula> when;
};

struct NoCure {
  std::string what;
  rules::Template why;
  std::optional<Formula> when;
};

/// Use and limit under the loads of a --what-if.
struct Prediction {
  Formula used;
  Formula limit;
  std::optional<Formula> when;
  std::string formula;  ///< For people.
};

struct Resource {
  std::string id;
  std::string title;
  Each each = Each::kNone;
  rules::Template scope;
  std::string unit;  ///< "ports", "pages".
  std::optional<Formula> when;
  std::optional<Formula> used;  ///< None: the resource is only predicted.
  std::optional<Formula> limit;
  int64_t high = 50;      ///< Percent of the limit.
  int64_t critical = 80;  ///< The same.
  std::vector<Remark> evidence;
  std::vector<Cure> cures;
  std::vector<NoCure> no_cures;
  std::optional<Prediction> predict;
};

/// A counter of the kernel that tells of a resource.
struct CounterName {
  std::string name;  ///< Of host::Readings::metrics.
  std::string resource;
  std::string means;
  /// It moves when the limit is met; a resource without scopes counts as exhausted then.
  bool hit = false;
};

struct CapacityVariable {
  enum class Kind : uint8_t { kLoad, kReading, kLet, kSockets, kElapsed, kItem } kind = Kind::kLoad;
  uint32_t index = 0;  ///< In its list; of kItem the enumerator of Each.
};

struct Capacity {
  std::vector<LoadName> loads;
  std::vector<ReadingName> readings;
  std::vector<Let> lets;
  std::vector<CapacityVariable> variables;  ///< By order of declaration.
  std::vector<Resource> resources;
  std::vector<CounterName> counters;
  std::set<std::string> patterns;  ///< Keys that it reads, as the catalog names them.

  const LoadName* find_load(std::string_view name) const;
};

/// Mistakes go to `problems`; after one the model is not to be used.
Capacity compile_capacity(std::string_view file, std::string_view text,
                          std::vector<Diagnostic>& problems);

/// The text that is compiled into the program.
std::string_view capacity_text();
/// The model of the program. REQUIRES: sound, which a test proves.
Capacity builtin_capacity(std::vector<Diagnostic>& problems);

}  // namespace proctor::advise
