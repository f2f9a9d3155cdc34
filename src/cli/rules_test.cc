// rules test, rules schema.
#include <fmt/core.h>

#include "advise/examples.h"
#include "cli/commands.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "report/escape.h"
#include "rules/schema.h"

namespace proctor::cli {
namespace {

std::string summary_text(const advise::ExamplesReport& report) {
  std::string out = fmt::format(
      "{} of {}: {} fire, {} are silent, {} are undecided; the corrected text of {} is compared.\n",
      report::counted(report.total(), "example"), report::counted(report.rules, "rule"),
      report.fires, report.silent, report.undecided, report.fixed);
  if (report.failures.empty()) return out + "All pass.\n";
  return out + fmt::format("{}.\n", report::counted(report.failures.size(), "failure"));
}

}  // namespace

int run_rules_test(const Invocation& invocation) {
  Result<Settings> read = read_settings(invocation);
  if (!read) return misuse(read.error());
  Settings settings = std::move(read).value();
  std::vector<Diagnostic> problems;
  std::vector<std::string> files;
  for (const std::string& path : invocation.operands) {
    settings.rule_paths.push_back(path);
    for (std::string& file : rule_files_of(path, problems)) files.push_back(std::move(file));
  }
  const LoadedRules loaded = load_rules(settings);
  const advise::ExamplesReport report = advise::run_examples(loaded.rules, files);
  for (const Diagnostic& failure : report.failures) complain(failure);
  int status = report.failures.empty() ? kClean : kFindings;
  if (!loaded.sound) status = kTrouble;
  return print(summary_text(report), status);
}

int run_rules_schema(const Invocation& /*invocation*/) { return print(rules::rule_schema()); }

}  // namespace proctor::cli
