// What a run of `check` gives to the formats: targets, judged parts in order, totals.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conf/document.h"
#include "rules/finding.h"
#include "text/diagnostic.h"

namespace proctor::report {

/// A finding and the targets it holds for (indices into Run::targets, ascending).
struct Entry {
  rules::Finding finding;
  std::vector<uint32_t> targets;
  bool for_all = true;  ///< For every target that its file is judged for.
};

/// An undecided rule and the targets it is undecided for.
struct OpenEntry {
  rules::Undecided undecided;
  std::vector<uint32_t> targets;
};

/// One or more configurations, judged: files, and what was found in them, in the order of the
/// report (file name, line, column, rule). `file` of a finding is an index into `files`.
struct Part {
  std::vector<const conf::Document*> files;
  std::vector<Entry> entries;
  std::vector<OpenEntry> open;
  std::vector<Diagnostic> errors;  ///< Files that cannot be read, rules that failed.
  uint32_t assignments = 0;
  uint32_t known = 0;  ///< Findings that went from `entries` to a baseline, or are in one.
  bool judged = true;  ///< Else `files` are no configuration: baselines.
};

/// Puts entries, undecided rules and errors in the order of the report and drops exact repeats.
void sort_part(Part& part);

/// What the configurations were judged for; unknown facts are empty.
struct TargetInfo {
  std::string name;
  std::string kernel;  ///< "6.1", "4.19..6.12".
  std::optional<int64_t> memory;
  std::optional<int64_t> cpus;
  std::vector<std::string> roles;
  std::string loader;  ///< Empty: every modelled loader.
};

/// A rule as formats with a rule table (SARIF) need it.
struct RuleInfo {
  std::string id;
  std::string title;
  std::string why;
  rules::Severity severity = rules::Severity::kWarning;
  rules::Category category = rules::Category::kIneffective;
  std::vector<std::string> tags;
};

struct Style {
  bool color = false;
  unsigned width = 80;  ///< Of the terminal; 80 when unknown.
  bool quiet = false;   ///< Findings only: no summary.
  bool statistics = false;
};

struct Run {
  std::string version;  ///< Of the program.
  std::vector<TargetInfo> targets;
  std::vector<RuleInfo> rules;             ///< Sorted by id; filled for formats that ask for it.
  std::string assumed_kernels;             ///< "5.10 to 6.18": what no --kernel means.
  std::optional<rules::Severity> fail_on;  ///< From here on a finding fails the run; empty: none.
  enum class Baseline : uint8_t { kNone, kRead, kWritten } baseline = Baseline::kNone;
  std::string project_folder;  ///< CI_PROJECT_DIR, for GitLab's paths.
  /// How a user gives a needed fact ("host.memory" -> "--memory 8GiB"); empty: no option does.
  std::string (*option_of)(std::string_view need) = nullptr;
  Style style;
};

/// Counts over all parts.
struct Totals {
  struct PerRule {
    rules::Severity severity = rules::Severity::kInfo;
    uint64_t count = 0;
    uint64_t safe = 0;    ///< With a safe fix.
    uint64_t unsafe = 0;  ///< With an unsafe fix.
    uint64_t undecided = 0;
  };
  uint64_t files = 0;
  uint64_t assignments = 0;
  uint64_t error = 0;
  uint64_t warning = 0;
  uint64_t info = 0;
  uint64_t failures = 0;  ///< Errors (Part::errors).
  uint64_t safe = 0;
  uint64_t unsafe = 0;
  uint64_t undecided = 0;
  uint64_t known = 0;  ///< Findings that a baseline holds, or is to hold.
  std::map<std::vector<std::string>, uint64_t> needs;  ///< Set of needed facts -> rules undecided.
  std::map<std::string, PerRule, std::less<>> rules;

  void add(const Part& part);
  void add(const Totals& other);
  uint64_t findings() const { return error + warning + info; }
};

}  // namespace proctor::report
