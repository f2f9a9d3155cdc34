// A packed program is the program.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "expr/json.h"
#include "test_host.h"

namespace proctor::expr {
namespace {

Value double_it(std::span<const Value> arguments) {
  return Value::of(2 * *arguments[0].get_if<int64_t>());
}

TestHost sample_host() {
  TestHost host;
  host.bind("x", Value::of(int64_t{5}));
  host.bind("m", Value::map({{Value::string("k"), Value::of(int64_t{1})}}));
  host.declare("u", {}, Value::unknown({"host.memory"}));
  host.declare("c.*.x", TypeKind::kInt, Value::map({{Value::string("a"), Value::of(int64_t{9})}}));
  host.bind("v", Value::opaque("version", 1, "4.4"));
  host.add({.name = "double_it",
            .parameters = {TypeKind::kInt},
            .result = TypeKind::kInt,
            .call = double_it});
  host.add({.name = "written", .by_reference = true, .result = TypeKind::kString, .id = 3});
  return host;
}

TEST_CASE("packing keeps results, types and bytes") {
  const char* sources[] = {
      "null",
      "true",
      "-9223372036854775808",
      "18446744073709551615u",
      "-0.0",
      "1e308",
      "'text \\u00e9 \\x00'",
      "b'\\x00\\xff'",
      "int",
      "[1, 'a', [2u]]",
      "{'a': 1, 2: {}}",
      "x + 1 > 3 && !(x == 4) || u",
      "u && x > 1",
      "x > 1 ? 'yes' : 'no'",
      "m.k + m['k']",
      "has(m.k) && !has(m.none)",
      "has(x)",
      "c['a'].x + c['a' + ''].x",
      "has(c['b'].x)",
      "v < v || v == v",
      "double_it(x) + size('abc') + -x",
      "written(c['a'].x)",
      "[1, 2, 3].map(i, i > 1, i * x)",
      "[1, 2].transformMap(i, e, e + i)",
      "{'a': 1}.transformMapEntry(k, e, {e: k})",
      "[1, 2].exists_one(i, i == 2) && [1].all(i, i > 0) && [1].exists(i, i > 0)",
      "cel.bind(y, x, y * y)",
      "[?m.?k, ?m.?none] == [1]",
      "optional.of(1).optMap(y, y + 1).orValue(0)",
      "'abc'.matches('b.')",
      "1 / 0",
      "math.bitOr(x, 2) in [7]",
  };
  const TestHost host = sample_host();
  for (const char* source : sources) {
    CAPTURE(source);
    std::vector<Problem> problems;
    const Program program = Program::compile(source, host, problems);
    if (std::string_view(source) == "has(x)") {
      CHECK(problems.size() == 1);
      CHECK(program.pack().empty());
      continue;
    }
    REQUIRE(problems.empty());
    // The packed form needs no alignment.
    const std::string shifted = " " + program.pack();
    const std::string_view packed = std::string_view(shifted).substr(1);
    const Program unpacked = Program::unpack(packed, host);
    CHECK(result_to_json(unpacked.run(host)) == result_to_json(program.run(host)));
    CHECK(unpacked.type() == program.type());
    CHECK(unpacked.references().size() == program.references().size());
    CHECK(unpacked.pack() == packed);
  }
}

TEST_CASE("a program without an expression gives an error") {
  const TestHost host = sample_host();
  CHECK(Program().run(host).is_error());
  CHECK(Program().references().empty());
  CHECK(Program::unpack("", host).run(host).is_error());
  CHECK(Program::unpack("something else that is longer than a header", host).run(host).is_error());
  Program moved = Program::unpack("", host);
  moved = Program();
  CHECK(moved.pack().empty());
}

TEST_CASE("equal sources pack to equal bytes") {
  const TestHost host = sample_host();
  std::vector<Problem> problems;
  const std::string first = Program::compile("x > 1 && m.k == 1", host, problems).pack();
  const std::string second = Program::compile("x > 1 && m.k == 1", host, problems).pack();
  CHECK(first == second);
}

}  // namespace
}  // namespace proctor::expr
