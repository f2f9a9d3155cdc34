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

std::string summary_text(const advise::ExamplesReport& report, bool sound) {
  std::string out =
      fmt::format("{} of {}: {} firing, {} silent, {} undecided; {} with the text after the fix.\n",
                  report::counted(report.total(), "example"), report::counted(report.rules, "rule"),
                  report.fires, report.silent, report.undecided, report.fixed);
  if (!sound) out += "What the errors above are about was not tested.\n";
  if (!report.failures.empty()) {
    return out + fmt::format("{}.\n", report::counted(report.failures.size(), "failure"));
  }
  return sound ? out + "All pass.\n" : out;
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
  return print(summary_text(report, loaded.sound), status);
}

int run_rules_schema(const Invocation& /*invocation*/) { return print(rules::rule_schema()); }

}  // namespace proctor::cli
