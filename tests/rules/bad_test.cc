// Broken rule files: every message, whole. tests/rules/bad/NAME.yaml gives NAME.expected beside it;
// with PROCTOR_UPDATE=1 the expectations are rewritten.
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "rule_files.h"
#include "rules/ruleset.h"
#include "text/file.h"

namespace proctor::rules {
namespace {

std::string diagnose_file(const std::string& path) {
  RuleSet rules;
  std::vector<Diagnostic> problems;
  rules.add_yaml("roles.yaml", read_source("rules/roles.yaml"), problems);
  REQUIRE(problems.empty());
  rules.add_yaml(path.substr(path.rfind('/') + 1), read_source(path), problems);
  rules.link(problems);
  std::string out;
  for (const Diagnostic& problem : problems) out += problem.to_text();
  return out;
}

TEST_CASE("a broken rule file tells all its mistakes, each in its place") {
  const std::vector<std::string> files = yaml_files("tests/rules/bad");
  REQUIRE(files.size() > 30);
  for (const std::string& file : files) {
    CAPTURE(file);
    const std::string expected_file = file.substr(0, file.size() - 4) + "expected";
    const std::string actual = diagnose_file(file);
    CHECK_FALSE(actual.empty());
    if (std::getenv("PROCTOR_UPDATE") != nullptr) {
      CHECK(write_file(source_path(expected_file), actual).empty());
      continue;
    }
    CHECK(actual == read_source(expected_file));
  }
}

}  // namespace
}  // namespace proctor::rules
