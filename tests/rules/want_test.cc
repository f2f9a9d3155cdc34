// `key` with `want`: when it fires, and what it expects instead.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rules/ruleset.h"
#include "values.h"

namespace proctor::rules {
namespace {

using expr::Value;

/// A rule whose message is the value and what is expected.
RuleSet rule_on(std::string_view key, std::string_view want, bool expects = true,
                std::string_view let = "{}") {
  std::string text =
      "rules:\n  - id: a/b\n    title: t\n    severity: info\n    category: harmful\n    why: w\n"
      "    evidence: e\n    message: \"{value}";
  text += expects ? " {expected}\"\n" : "\"\n";
  text += "    key: " + std::string(key) + "\n    want: " + std::string(want) +
          "\n    let: " + std::string(let) +
          "\n    examples:\n      - { name: a, conf: a, expect: fires }\n"
          "      - { name: b, conf: b, expect: silent }\n";
  RuleSet rules;
  std::vector<Diagnostic> problems;
  rules.add_yaml("want.yaml", text, problems);
  rules.link(problems);
  for (const Diagnostic& problem : problems) FAIL_CHECK(problem.to_text());
  REQUIRE(rules.size() == 1);
  return rules;
}

struct Row {
  const char* want;
  int64_t value;
  bool fires;
  int64_t expected;  ///< Where it fires.
};

TEST_CASE("each condition fires on the other values and expects the nearest right one") {
  const std::vector<Row> rows = {
      {"{ eq: 10 }", 10, false, 0},
      {"{ eq: 10 }", 11, true, 10},
      {"{ min: 15 }", 15, false, 0},
      {"{ min: 15 }", 14, true, 15},
      {"{ max: 60 }", 60, false, 0},
      {"{ max: 60 }", 61, true, 60},
      {"{ min: 15, max: 60 }", 15, false, 0},
      {"{ min: 15, max: 60 }", 4, true, 15},
      {"{ max: 60, min: 15 }", 600, true, 60},
      {"{ in: [2, 0] }", 0, false, 0},
      {"{ in: [2, 0] }", 1, true, 2},
      {"{ in: \"[4, 5]\" }", 5, false, 0},
      {"{ in: \"[4, 5]\" }", 6, true, 4},
      {"{ bits-set: 5 }", 7, false, 0},
      {"{ bits-set: 5 }", 2, true, 7},
      {"{ bits-set: 5 }", 4, true, 5},
      {"{ bits-clear: 4 }", 3, false, 0},
      {"{ bits-clear: 4 }", 7, true, 3},
      {"{ bits-set: 1, bits-clear: 6 }", 14, true, 9},
      {"{ min: \"2 * 5\", max: \"KiB / 2\" }", 9, true, 10},
      {"{ in: [1, 2], max: 1 }", 2, true, 1},
      {"{ eq: -1 }", 0, true, -1},
  };
  for (const Row& row : rows) {
    CAPTURE(row.want);
    CAPTURE(row.value);
    const RuleSet rules = rule_on("vm.swappiness", row.want);
    Values values;
    values.rule = &rules.rule(0);
    values.keys["vm.swappiness"] = Value::of(row.value);
    const Value fires = values.rule->when.run(values);
    CHECK(expr::to_text(fires) == (row.fires ? "true" : "false"));
    CHECK(expr::to_text(values.rule->message.holes[0].program.run(values)) ==
          std::to_string(row.value));
    if (row.fires) {
      CHECK(expr::to_text(values.rule->message.holes[1].program.run(values)) ==
            std::to_string(row.expected));
    }
  }
}

TEST_CASE("ne fires on one value and expects nothing in particular") {
  const RuleSet rules = rule_on("vm.swappiness", "{ ne: 0 }", false);
  Values values;
  values.rule = &rules.rule(0);
  values.keys["vm.swappiness"] = Value::of(int64_t{0});
  CHECK(expr::to_text(values.rule->when.run(values)) == "true");
  values.keys["vm.swappiness"] = Value::of(int64_t{1});
  CHECK(expr::to_text(values.rule->when.run(values)) == "false");
  CHECK(values.rule->let.size() == 1);
}

TEST_CASE("a word is the text of a key that holds text") {
  const RuleSet rules = rule_on("net.core.default_qdisc", "{ in: [fq, \"'fq_codel'\"] }");
  Values values;
  values.rule = &rules.rule(0);
  values.keys["net.core.default_qdisc"] = Value::string("pfifo");
  CHECK(expr::to_text(values.rule->when.run(values)) == "true");
  CHECK(expr::to_text(values.rule->let[1].second.run(values)) == "\"fq\"");
  values.keys["net.core.default_qdisc"] = Value::string("fq_codel");
  CHECK(expr::to_text(values.rule->when.run(values)) == "false");
}

TEST_CASE("a bound may depend on lets and facts, and an absent key is no finding") {
  const RuleSet rules =
      rule_on("vm.min_free_kbytes", "{ max: share }", true, "{ share: host.memory / 100 }");
  const Rule& rule = rules.rule(0);
  REQUIRE(rule.let.size() == 3);
  CHECK(rule.let[0].first == "value");
  CHECK(rule.let[1].first == "share");
  CHECK(rule.let[2].first == "expected");
  CHECK(rule.reads == std::vector<std::string>{"vm.min_free_kbytes"});
  CHECK(rule.anchors == std::vector<std::string>{"vm.min_free_kbytes"});
  CHECK(rule.message.holes[0].unit == rule.message.holes[1].unit);
  CHECK_FALSE(rule.message.holes[0].unit.empty());
  Values values;
  values.rule = &rule;
  REQUIRE(rule.when.run(values).as_error() != nullptr);
  CHECK(rule.when.run(values).as_error()->kind == expr::EvalError::Kind::kAbsent);
  values.keys["vm.min_free_kbytes"] = Value::of(int64_t{65536});
  REQUIRE(rule.when.run(values).as_unknown() != nullptr);
  CHECK(rule.when.run(values).as_unknown()->needs == std::vector<std::string>{"host.memory"});
}

}  // namespace
}  // namespace proctor::rules
