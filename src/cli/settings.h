// What the options of a command amount to.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/options.h"
#include "host/facts.h"
#include "host/snapshot.h"
#include "load/loader.h"
#include "report/format.h"
#include "rules/engine.h"
#include "rules/ruleset.h"

namespace proctor::cli {

/// A report that the user asked for.
struct OutputRequest {
  const report::FormatInfo* format = nullptr;
  std::string path;  ///< Empty: standard output.
};

struct Settings {
  host::Facts facts;
  /// Values from a dump: path -> text.
  std::map<std::string, std::string> running;
  bool running_complete = false;
  std::set<std::string> running_unreadable;  ///< Paths that are there; of a snapshot.
  std::vector<std::shared_ptr<const host::Snapshot>> snapshots;  ///< In order.
  bool host_values = false;              ///< --host: values of this machine are read when needed.
  const load::Loader* loader = nullptr;  ///< nullptr: every modelled one.
  rules::Selection selection;
  std::vector<std::string> rule_paths;
  struct SeverityOption {
    std::string rules;  ///< An id, a prefix or a tag.
    rules::Severity severity;
  };
  std::vector<SeverityOption> severities;
  struct PathIgnoreOption {
    std::string path;  ///< A pattern.
    std::vector<std::string> rules;
  };
  std::vector<PathIgnoreOption> path_ignores;
  std::vector<std::string> exclude;  ///< Patterns.
  std::string config;                ///< Empty: the closest proctor.toml.
  bool no_config = false;
  std::vector<std::string> targets;  ///< Names; empty: all.
  std::string baseline;              ///< Empty: that of proctor.toml.
  std::string new_baseline;          ///< To be written.
  bool no_baseline = false;
  bool show_settings = false;
  std::optional<rules::Severity> fail_on = rules::Severity::kWarning;  ///< Empty: never.
  bool fail_on_given = false;
  std::vector<OutputRequest> outputs;
  std::string color = "auto";
  bool quiet = false;
  bool statistics = false;
  std::string stdin_name = "<stdin>";
};

/// Options in the order of the command line: a later fact overrides an earlier one. Files that
/// options name are read here. An error names the option.
Result<Settings> read_settings(const Invocation& invocation);

/// The rules of the program and of `settings.rule_paths`. Mistakes in rule files are complained
/// about and make `sound` false; the other rules stay usable.
struct LoadedRules {
  rules::RuleSet rules;
  bool sound = true;
};
LoadedRules load_rules(const Settings& settings);

/// The rule files of a --rules path: a folder's *.yaml and *.yml by name, any other path itself.
std::vector<std::string> rule_files_of(const std::string& path, std::vector<Diagnostic>& problems);

/// What is wrong with the names that --role, --select and --ignore give, or empty.
std::string check_names(const rules::RuleSet& rules, const Settings& settings);

/// Whether rules can be named so: by an id of today or earlier, a prefix, or a tag.
class RuleNames {
 public:
  explicit RuleNames(const rules::RuleSet& rules);
  /// Empty, or "no rule, prefix or tag is called 'x'; did you mean 'y'?"
  std::string wrong(std::string_view name) const;

 private:
  const rules::RuleSet& rules_;
  std::vector<std::string> names_;  ///< Sorted.
};

/// "error", "warning", "info".
std::optional<rules::Severity> severity_of(std::string_view name);

/// How a user gives a fact that a rule needs: "host.memory" -> "--memory"; empty: not by options.
std::string option_for_need(std::string_view need);

}  // namespace proctor::cli
