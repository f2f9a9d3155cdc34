// Fixes to a fixed point: what is applied, and what is left alone.
#include "advise/fix.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rules/judging.h"

namespace proctor::advise {
namespace {

/// `vm.swappiness = 1` as `rules` correct it; its default is 60.
std::string fixed(const std::string& rules) {
  const rules::RuleSet set = rules::ruleset("rules:\n" + rules);
  const std::vector<rules::Target> targets = {rules::target("kernel=6.1")};
  const auto correct = [&](const std::string& text) {
    return fix(set, rules::Files(text).configuration, targets, {}, true).bytes.front();
  };
  const std::string once = correct("vm.swappiness = 1\n");
  CHECK(correct(once) == once);
  return once;
}

std::string rule(const std::string& id, const std::string& severity, const std::string& fields) {
  return "  - { id: test/" + id + ", title: t, severity: " + severity + ", " + fields +
         ", message: m, why: w, evidence: [e], examples: [{ name: a, conf: x, expect: fires }, "
         "{ name: b, conf: x, expect: silent }] }\n";
}

/// A rule with a fix that sets `value`.
std::string wants(const std::string& value, const std::string& severity) {
  return rule("wants-" + value, severity,
              "category: harmful, key: vm.swappiness, want: { eq: " + value +
                  " }, fix: { set: vm.swappiness, to: \"" + value + "\", safe: false }");
}

std::string dislikes(const std::string& value, const std::string& severity,
                     const std::string& category = "harmful") {
  return rule("dislikes-" + value, severity,
              "category: " + category + ", when: vm.swappiness == " + value);
}

TEST_CASE("a fix that makes a finding of the same weight is dropped") {
  const std::string same = "vm.swappiness = 1\n";
  const std::string cured = "vm.swappiness = 10\n";
  CHECK(fixed(wants("10", "info")) == cured);
  CHECK(fixed(wants("10", "info") + dislikes("10", "info")) == same);
  CHECK(fixed(wants("10", "warning") + dislikes("10", "error")) == same);
  CHECK(fixed(wants("10", "warning") + dislikes("10", "info")) == cured);
}

TEST_CASE("that a cured line repeats the kernel's own value is no harm") {
  const std::string repeats = rule("default", "info", "category: redundant, detect: default-value");
  CHECK(fixed(wants("60", "info") + repeats) == "vm.swappiness = 60\n");
  CHECK(fixed(wants("60", "info") + dislikes("60", "info", "redundant")) == "vm.swappiness = 60\n");
}

TEST_CASE("rules that contradict each other end") {
  CHECK(fixed(wants("10", "info") + wants("20", "info")) == "vm.swappiness = 10\n");
  CHECK(fixed(wants("10", "warning") + wants("20", "info")) == "vm.swappiness = 10\n");
}

}  // namespace
}  // namespace proctor::advise
