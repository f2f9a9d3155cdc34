// The shipped rules: sound, and unchanged by the table that is compiled into the program.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "rule_files.h"
#include "rules/pack.h"
#include "rules/ruleset.h"

namespace proctor::rules {
namespace {

std::string joined(const std::vector<Diagnostic>& problems) {
  std::string out;
  for (const Diagnostic& problem : problems) out += problem.to_text();
  return out;
}

const RuleSet& shipped() {
  static const RuleSet kRules = [] {
    RuleSet rules;
    std::vector<Diagnostic> problems;
    for (const std::string& file : yaml_files("rules")) {
      rules.add_yaml(file, read_source(file), problems);
    }
    rules.link(problems);
    REQUIRE_MESSAGE(problems.empty(), joined(problems));
    return rules;
  }();
  return kRules;
}

TEST_CASE("the shipped rules are sound and survive the table unchanged") {
  const RuleSet& rules = shipped();
  CHECK(rules.size() > 300);
  const std::string blob = rules.pack();
  const RuleSet table = RuleSet::packed(blob);
  REQUIRE(table.size() == rules.size());
  for (size_t i = 0; i < table.size(); ++i) {
    CAPTURE(table.id(i));
    if (i > 0) CHECK(table.id(i - 1) < table.id(i));
    const std::optional<size_t> original = rules.find(table.id(i));
    REQUIRE(original.has_value());
    CHECK(table.find(table.id(i)) == i);
    CHECK(pack_rule(table.rule(i)) == pack_rule(rules.rule(*original)));
    CHECK(pack_examples(table.examples(i)) == pack_examples(rules.examples(*original)));
  }
  CHECK(table.pack() == blob);
  CHECK(std::ranges::equal(table.roles(), rules.roles(), {}, &Role::name, &Role::name));
}

TEST_CASE("the table finds rules by the keys they read") {
  const std::string blob = shipped().pack();
  const RuleSet table = RuleSet::packed(blob);
  std::set<std::string> patterns;
  for (size_t i = 0; i < table.size(); ++i) {
    const std::vector<std::string>& reads = table.rule(i).reads;
    patterns.insert(reads.begin(), reads.end());
    CHECK(std::ranges::includes(table.rule(i).mentions, reads));
  }
  REQUIRE(patterns.size() > 100);
  for (const std::string& pattern : patterns) {
    CAPTURE(pattern);
    std::vector<uint32_t> expected;
    for (uint32_t i = 0; i < table.size(); ++i) {
      const std::vector<std::string>& reads = table.rule(i).reads;
      if (std::ranges::find(reads, pattern) != reads.end()) expected.push_back(i);
    }
    CHECK(table.reading(pattern) == expected);
  }
  CHECK(table.reading("no.such.key").empty());
  std::vector<uint32_t> detecting;
  for (uint32_t i = 0; i < table.size(); ++i) {
    if (!table.rule(i).detect.empty()) detecting.push_back(i);
  }
  const auto listed = table.detecting();
  std::vector<uint32_t> all(listed.begin(), listed.end());
  CHECK(std::ranges::is_sorted(
      all, {}, [&](uint32_t index) { return std::string_view(table.rule(index).detect); }));
  std::ranges::sort(all);
  CHECK(all == detecting);
}

TEST_CASE("several threads decode one table") {
  const std::string blob = shipped().pack();
  const RuleSet table = RuleSet::packed(blob);
  std::vector<std::vector<const Rule*>> seen(4);
  std::vector<std::thread> threads;
  for (std::vector<const Rule*>& mine : seen) {
    threads.emplace_back([&table, &mine] {
      for (size_t i = 0; i < table.size(); ++i) mine.push_back(&table.rule(i));
      (void)table.roles();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<const Rule*>& mine : seen) CHECK(mine == seen[0]);
}

}  // namespace
}  // namespace proctor::rules
