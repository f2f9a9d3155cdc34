// Runs the examples of rule files: rules_examples FILE...
#include <cstdio>
#include <string>
#include <vector>

#include "advise/examples.h"
#include "text/file.h"

using proctor::Diagnostic;

namespace {

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace

int main(int argc, char** argv) {
  proctor::rules::RuleSet rules;
  std::vector<Diagnostic> problems;
  for (const std::string& file : std::vector<std::string>(argv + 1, argv + argc)) {
    const auto text = proctor::read_file(file);
    if (!text.ok()) {
      print(file + ": " + text.error() + "\n");
      return 2;
    }
    rules.add_yaml(file, *text, problems);
  }
  rules.link(problems);
  for (const Diagnostic& problem : problems) print(problem.to_text());
  const auto report = proctor::advise::run_examples(rules, {});
  for (const Diagnostic& failure : report.failures) print(failure.to_text() + "\n");
  const auto count = [](uint32_t number) { return std::to_string(number); };
  print(count(report.total()) + " examples of " + count(report.rules) +
        " rules: " + count(report.fires) + " fire, " + count(report.silent) + " are silent, " +
        count(report.undecided) + " undecided, " + count(report.fixed) + " with a fix; " +
        std::to_string(report.failures.size()) + " failed\n");
  return report.failures.empty() && problems.empty() ? 0 : 1;
}
