// Rule files that mean harm: each ends in a message, soon.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rules/ruleset.h"

namespace proctor::rules {
namespace {

std::vector<Diagnostic> problems_of(const std::string& text) {
  RuleSet rules;
  std::vector<Diagnostic> problems;
  rules.add_yaml("bad.yaml", text, problems);
  rules.link(problems);
  return problems;
}

std::string repeat(std::string_view piece, size_t times) {
  std::string out;
  out.reserve(piece.size() * times);
  for (size_t i = 0; i < times; ++i) out += piece;
  return out;
}

struct Bad {
  const char* name;
  std::string text;
  Position at;
  std::string_view message;
};

TEST_CASE("bytes that are no text are refused where they stand") {
  using namespace std::string_literals;
  const std::vector<Bad> bads = {
      {"NUL", "rules:\n  \0"s, {2, 3}, "a control byte (0x00)"},
      {"end of transmission", "rules: \x04", {1, 8}, "a control byte (0x04)"},
      {"delete", "rules: \x7f", {1, 8}, "a control byte (0x7f)"},
      {"Latin-1", "# gr\xFC\xDF\nrules: []\n", {1, 5}, "a byte that is not UTF-8"},
      {"overlong", "rules: \xC0\x80", {1, 8}, "a byte that is not UTF-8"},
      {"surrogate", "rules: \xED\xA0\x80", {1, 8}, "a byte that is not UTF-8"},
      {"UTF-16", "\xFF\xFEr\0"s, {1, 1}, "a byte that is not UTF-8"},
      {"old Mac line ends",
       "rules: []\rroles: []\r",
       {1, 10},
       "a carriage return that does not end a line"},
      {"an escape", "rules: \"\\N\"", {1, 8}, "an escape that gives a byte outside UTF-8"},
      {"nothing", "", {1, 1}, "an empty file; expected `rules:`, `roles:` or `override:`"},
      {"only a byte order mark",
       "\xEF\xBB\xBF",
       {1, 1},
       "an empty file; expected `rules:`, `roles:` or `override:`"},
  };
  for (const Bad& bad : bads) {
    CAPTURE(bad.name);
    const std::vector<Diagnostic> problems = problems_of(bad.text);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].message == bad.message);
    CHECK(problems[0].begin == bad.at);
  }
}

TEST_CASE("nesting, aliases and size have bounds") {
  std::string bomb = "roles:\n- &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "- &a" + std::to_string(i) + " [" + repeat(before + ",", 9) + before + "]\n";
  }
  const std::vector<Bad> bads = {
      {"brackets", "rules: " + repeat("[", 100), {}, "nested deeper than 32 levels"},
      {"many brackets", "rules: " + repeat("[", 100000), {}, "nested deeper than 32 levels"},
      {"braces", repeat("{a: ", 400), {}, "nested deeper than 32 levels"},
      {"block lists", "rules: " + repeat("- ", 60), {}, ""},
      {"question marks", repeat("? ", 3000), {}, ""},
      {"aliases of aliases", bomb, {}, "more values than a rule file may hold"},
      {"values",
       "rules: [" + repeat("a,", 300000) + "a]\n",
       {},
       "more values than a rule file may hold"},
      {"anchors in anchors",
       "rules: " + repeat("&a [", 20) + repeat("a,", 50000) + repeat("]", 20),
       {},
       "more values than a rule file may hold"},
      {"its own alias",
       "rules: &a [*a]\n",
       {},
       "an alias inside the value that it names would never end"},
      {"5 MiB", repeat("# 34567890123456789\n", 5 << 16), {}, "larger than 4 MiB"},
      {"unclosed flow", "rules: [" + repeat("{a: [b, ", 10), {}, ""},
  };
  for (const Bad& bad : bads) {
    CAPTURE(bad.name);
    const std::vector<Diagnostic> problems = problems_of(bad.text);
    REQUIRE_FALSE(problems.empty());
    if (!bad.message.empty()) CHECK(problems[0].message == bad.message);
  }
}

TEST_CASE("a file of nothing but mistakes gives a bounded report") {
  std::string text = "rules:\n";
  for (int i = 0; i < 5000; ++i) text += "  - { idd: " + std::to_string(i) + " }\n";
  const std::vector<Diagnostic> problems = problems_of(text);
  CHECK(problems.size() == 200);
}

TEST_CASE("a long expression is refused, not run into") {
  const std::string head =
      "rules:\n  - id: a/b\n    title: t\n    severity: info\n    category: harmful\n"
      "    message: m\n    why: w\n    evidence: e\n"
      "    examples:\n      - { name: a, conf: a, expect: fires }\n"
      "      - { name: b, conf: b, expect: silent }\n    when: ";
  for (const std::string& cel :
       {repeat("(", 40000) + "1" + repeat(")", 40000), repeat("!", 60000) + "true",
        repeat("[1, ", 5000), "vm.swappiness == " + repeat("1 + ", 30000) + "1"}) {
    const std::vector<Diagnostic> problems = problems_of(head + "'" + cel + "'\n");
    REQUIRE_FALSE(problems.empty());
    CHECK(problems[0].begin.line == 12);
  }
}

}  // namespace
}  // namespace proctor::rules
