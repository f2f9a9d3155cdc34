// Hostile expressions end in an error, in bounded time and memory.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "test_host.h"

namespace proctor::expr {
namespace {

std::string repeat(std::string_view text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string result_of(const std::string& source, const Limits& limits = {}) {
  TestHost host;
  host.bind("t", Value::of(true));
  host.bind("s", Value::string("0123456789abcdef"));
  return to_text(evaluate(source, host, Checking::kTyped, {}, limits));
}

constexpr std::string_view kTooDeep = "compile: the expression is nested deeper than 250 levels";
constexpr std::string_view kTooManySteps = "the expression takes too many steps";
constexpr std::string_view kTooLarge = "the expression builds too much data";

Limits large_source() {
  Limits limits;
  limits.source_bytes = 1U << 20U;
  return limits;
}

TEST_CASE("nesting is bounded however it is written") {
  const std::string sources[] = {
      repeat("(", 10000) + "1" + repeat(")", 10000),
      repeat("(", 10000),
      repeat("[", 10000) + repeat("]", 10000),
      repeat("[", 10000),
      repeat("{1:", 10000) + "1" + repeat("}", 10000),
      repeat("!", 10000) + "t",
      repeat("-", 10000) + "1",
      repeat("- ", 10000) + "t",
      "1" + repeat(" + 1", 10000),
      "1" + repeat(" * 1", 10000),
      "1" + repeat(" == 1", 10000),
      "t" + repeat(".a", 10000),
      "t" + repeat("[0]", 10000),
      "s" + repeat(".size()", 10000),
      repeat("size(", 10000) + "s" + repeat(")", 10000),
      repeat("t ? t : ", 10000) + "t",
      repeat("t && (t || ", 5000) + "t" + repeat(")", 5000),
      repeat("[1].map(x, ", 5000) + "1" + repeat(")", 5000),
  };
  for (const std::string& source : sources) {
    CAPTURE(source.substr(0, 20));
    CHECK(result_of(source, large_source()) == kTooDeep);
  }
}

TEST_CASE("what the limits of nesting allow") {
  CHECK(result_of(repeat("(", 200) + "1" + repeat(")", 200)) == "1");
  CHECK(result_of(repeat("!", 200) + "t") == "true");
  CHECK(result_of("1" + repeat(" + 1", 200)) == "201");
  // Long chains of one logical operator are flat.
  CHECK(result_of("t" + repeat(" && t", 9999)) == "true");
  CHECK(result_of("false" + repeat(" || false", 9999), large_source()) == "false");
  CHECK(result_of("t" + repeat(" && t", 30000)) ==
        "compile: the expression is longer than 65536 bytes");
  CHECK(result_of("t" + repeat(" && t", 30000), large_source()) ==
        "compile: the expression has more than 20000 parts");
  CHECK(result_of("[1" + repeat(",1", 30000) + "]", large_source()) ==
        "compile: the expression has more than 20000 parts");
}

TEST_CASE("evaluation is bounded") {
  const std::string ten = "[0,1,2,3,4,5,6,7,8,9]";
  CHECK(result_of(ten + ".all(a, " + ten + ".all(b, " + ten + ".all(c, a + b + c < 100)))") ==
        "true");
  std::string nested = "true";
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
    nested = ten + ".all(" + name + ", " + nested + ")";
  }
  CHECK(result_of(nested) == kTooManySteps);
  // Neither && nor || nor a quantifier hides that the evaluation was cut short.
  CHECK(result_of("true || " + nested) == "true");
  CHECK(result_of(nested + " || true") == kTooManySteps);
  CHECK(result_of("[1].exists(x, " + nested + " || true)") == kTooManySteps);
  CHECK(result_of("!" + ten + ".all(x, " + nested + ")") == kTooManySteps);
}

TEST_CASE("memory is bounded") {
  std::string doubling = "s";
  for (int i = 0; i < 40; ++i) doubling = "cel.bind(x, " + doubling + ", x + x)";
  CHECK(result_of("size(" + doubling + ")") == kTooLarge);
  std::string mapped = "[s]";
  for (int i = 0; i < 60; ++i) mapped += ".map(x, x + x)";
  CHECK(result_of(mapped) == kTooLarge);
  // Shared parts count as often as they can be reached.
  std::string pairs = "[1]";
  for (int i = 0; i < 60; ++i) pairs += ".map(x, [x, x])";
  CHECK(result_of(pairs) == kTooLarge);
  std::string lists = "[1]";
  for (int i = 0; i < 60; ++i) lists = "cel.bind(x, " + lists + ", x + x)";
  CHECK(result_of(lists) == kTooLarge);
  std::string maps = "{'k': 1}";
  for (int i = 0; i < 60; ++i) maps = "cel.bind(x, " + maps + ", {'a': x, 'b': x})";
  CHECK(result_of(maps) == kTooLarge);
}

TEST_CASE("values are not nested without bound") {
  std::string deep = "[1]";
  for (int i = 0; i < 60; ++i) {
    deep = "cel.bind(x, " + deep + ", " + repeat("[", 20) + "x" + repeat("]", 20) + ")";
  }
  CHECK(result_of(deep) == kTooLarge);
  std::string optionals = "1";
  for (int i = 0; i < 60; ++i) {
    optionals = "cel.bind(x, " + optionals + ", " + repeat("optional.of(", 10) + "x" +
                repeat(")", 10) + ")";
  }
  CHECK(result_of(optionals) == kTooLarge);
}

TEST_CASE("small limits of the caller hold") {
  Limits limits;
  limits.steps = 5;
  CHECK(result_of("1 + 1", limits) == "2");
  CHECK(result_of("1 + 1 + 1 + 1", limits) == kTooManySteps);
  limits = {};
  limits.memory = 100;
  CHECK(result_of("s + s", limits) == "\"0123456789abcdef0123456789abcdef\"");
  CHECK(result_of("s + s + s", limits) == kTooLarge);
  limits = {};
  limits.depth = 3;
  CHECK(result_of("1 + 1 + 1", limits) == "3");
  CHECK(result_of("1 + 1 + 1 + 1", limits) ==
        "compile: the expression is nested deeper than 3 levels");
  const TestHost host;
  std::vector<Problem> problems;
  const Program program = Program::compile("1 + 2", host, problems);
  limits = {};
  limits.steps = 2;
  const Value result = program.run(host, limits);
  REQUIRE(result.is_error());
  CHECK(result.as_error()->kind == EvalError::Kind::kLimit);
}

TEST_CASE("searches take linear time") {
  TestHost host;
  host.bind("a", Value::string(std::string(1000000, 'a')));
  host.bind("b", Value::string(std::string(500000, 'a') + "b"));
  CHECK(to_text(evaluate("a.contains(b)", host)) == "false");
  CHECK(to_text(evaluate("a.matches('(a*)*(a*)*b')", host)) == "false");
  CHECK(to_text(evaluate("a.matches('((a{100}){100}){100}')", host)).substr(0, 33) ==
        "compile: the regular expression i");
}

}  // namespace
}  // namespace proctor::expr
