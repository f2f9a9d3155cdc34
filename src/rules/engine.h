// Rules + configuration + facts -> findings.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/facts.h"
#include "load/loader.h"
#include "rules/finding.h"
#include "rules/rule.h"
#include "rules/ruleset.h"

namespace proctor::rules {

/// Which rules speak: ids, prefixes ending in '/', tags; the longest match wins, ignore beats
/// select at equal length.
struct Selection {
  std::vector<std::string> select;
  std::vector<std::string> ignore;
  /// Whether a rule says nothing of a file, by its document's name; empty: of none.
  std::function<bool(std::string_view rule, const std::string& file)> quiet = {};
};

class Starts;

/// What a configuration is judged for.
struct Target {
  std::string name;                      ///< Empty: the only one.
  host::Facts facts;                     ///< Kernel (a version or a range) and roles included.
  const load::Loader* loader = nullptr;  ///< nullptr: every modelled loader.
  /// Running values: path -> text, from a dump, a snapshot or this machine; complete if it is all.
  std::map<std::string, std::string> running;
  /// Paths that the machine is known not to have.
  std::set<std::string> running_absent;
  /// Paths that the machine has, but whose values could not be read.
  std::set<std::string> running_unreadable;
  bool running_complete = false;
  /// The configuration was loaded and the running values are what came of it: differences count.
  bool audited = false;
};

struct Report {
  std::vector<Finding> findings;  ///< Ordered by file, offset, rule.
  std::vector<Undecided> undecided;
  /// Rule and dotted key of findings that comments silenced.
  std::vector<std::pair<std::string, std::string>> silenced;
  std::vector<Diagnostic> defects;  ///< Rules whose expressions failed: exit 2.
  uint32_t assignments = 0;
};

/// Judges one configuration. Deterministic; does no I/O.
Report judge(const RuleSet& rules, const load::Configuration& configuration, const Target& target,
             const Selection& selection);
/// The same, with what earlier configurations of the same targets left in `starts`.
Report judge(const RuleSet& rules, const load::Configuration& configuration, const Target& target,
             const Selection& selection, Starts& starts);

}  // namespace proctor::rules
