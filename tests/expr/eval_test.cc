// What expressions give: precedence, errors, unknowns, host values.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "test_host.h"

namespace proctor::expr {
namespace {

struct Row {
  std::string source;
  std::string result;
};

Value parse_version(std::span<const Value> arguments) {
  return Value::opaque("version", static_cast<int64_t>(arguments[0].as_string()->size()),
                       *arguments[0].as_string());
}

Value identity_of_int(std::span<const Value> arguments) { return arguments[0]; }

Value text_of_version(std::span<const Value> arguments) {
  return Value::string(arguments[0].get_if<Opaque>()->text);
}

/// T, F: bools. U, V: unknown facts. E: an error, A: an absent key.
TestHost sample_host() {
  TestHost host;
  host.bind("T", Value::of(true));
  host.bind("F", Value::of(false));
  host.declare("U", {}, Value::unknown({"host.memory"}));
  host.declare("V", {}, Value::unknown({"host.cpus"}));
  host.declare("E", {}, Value::error("broken"));
  host.declare("A", {}, Value::absent("no such key"));
  host.declare("fact.known", TypeKind::kInt, Value::of(int64_t{1}));
  host.declare("fact.unknown", TypeKind::kInt, Value::unknown({"host.hz"}));
  host.declare("fact.absent", TypeKind::kInt, Value::absent("no such key"));
  host.declare("conf.*.x", TypeKind::kInt,
               Value::map({{Value::string("eth0"), Value::of(int64_t{1})},
                           {Value::string("lo"), Value::of(int64_t{0})}}));
  host.bind("iface", Value::string("eth0"));
  host.bind("old", Value::opaque("version", 1, "4.4"));
  host.bind("new", Value::opaque("version", 2, "6.12"));
  host.bind("arch", Value::opaque("arch", 1));
  host.add({.name = "version",
            .parameters = {TypeKind::kString},
            .result = Type::opaque("version"),
            .call = parse_version});
  host.add({.name = "string",
            .parameters = {Type::opaque("version")},
            .result = TypeKind::kString,
            .call = text_of_version});
  host.add({.name = "same",
            .parameters = {TypeKind::kInt},
            .result = TypeKind::kInt,
            .call = identity_of_int});
  host.add({.name = "ask", .parameters = {TypeKind::kInt}, .result = TypeKind::kInt, .id = 3});
  host.add({.name = "ask",
            .parameters = {TypeKind::kInt, TypeKind::kInt},
            .result = TypeKind::kInt,
            .id = 4});
  host.add({.name = "written",
            .by_reference = true,
            .parameters = {TypeKind::kInt},
            .result = TypeKind::kString,
            .id = 5});
  return host;
}

void check_rows(const std::vector<Row>& table, Checking checking = Checking::kTyped) {
  const TestHost host = sample_host();
  for (const Row& row : table) {
    CAPTURE(row.source);
    CHECK(to_text(evaluate(row.source, host, checking)) == row.result);
  }
}

TEST_CASE("precedence and associativity") {
  check_rows({
      {"1 + 2 * 3", "7"},
      {"(1 + 2) * 3", "9"},
      {"2 * 3 + 1", "7"},
      {"10 - 4 - 3", "3"},
      {"100 / 10 / 5", "2"},
      {"7 % 4 * 2", "6"},
      {"-2 * 3", "-6"},
      {"- 2 + 3", "1"},
      {"3 - -2", "5"},
      {"3 --2", "5"},
      {"-(1 + 2)", "-3"},
      {"1 + 2 == 3", "true"},
      {"1 < 2 == true", "true"},
      {"false && false || true", "true"},
      {"true || false && false", "true"},
      {"(true || false) && false", "false"},
      {"!false && true", "true"},
      {"!(false && true)", "true"},
      {"!false == true", "true"},
      {"true ? 1 : false ? 2 : 3", "1"},
      {"false ? 1 : false ? 2 : 3", "3"},
      {"true || false ? 1 : 2", "1"},
      {"1 in [1] && true", "true"},
      {"1 + 1 in [2]", "true"},
      {"-[1][0]", "-1"},
      {"!{'a': false}.a", "true"},
      {"[[1, 2], [3]][0][1]", "2"},
      {"{'a': {'b': 5}}.a.b", "5"},
      {"[1, 2,][1]", "2"},
      {"{'a': 1,}.a", "1"},
      {"1 // one\n + 2 // two", "3"},
      {"\t1\r\n+\f2", "3"},
  });
}

TEST_CASE("literals as people read them") {
  check_rows({
      {"010", "10"},
      {"0x10", "16"},
      {"-0x8000000000000000", "-9223372036854775808"},
      {"0xFFFFFFFFFFFFFFFFu", "18446744073709551615u"},
      {"1.0", "1.0"},
      {".5", "0.5"},
      {"1e3", "1000.0"},
      {"1e100", "1e+100"},
      {"5e-324 / 2.0", "0.0"},
      {"1.0 / 0.0", "+Inf"},
      {"-1.0 / 0.0", "-Inf"},
      {"0.0 / 0.0", "NaN"},
      {R"('a"b\n')", R"("a\"b\n")"},
      {"b'\\x00\\xff'", R"(b"\x00\xff")"},
      {"'\xC3\xA9\\u00e9'", "\"\xC3\xA9\xC3\xA9\""},
      {"[1, 2u, 'a', null, int]", R"([1, 2u, "a", null, int])"},
      {"{'a': [1], 2: {}}", R"({"a": [1], 2: {}})"},
      {"optional.of([1])", "optional.of([1])"},
      {"optional.none()", "optional.none()"},
      {"new", "6.12"},
      {"arch", "arch(1)"},
  });
}

TEST_CASE("errors of evaluation") {
  check_rows({
      {"1 / 0", "division by zero"},
      {"1u % 0u", "remainder by zero"},
      {"9223372036854775807 + 1", "int overflow in 9223372036854775807 + 1"},
      {"-9223372036854775808 - 1", "int overflow in -9223372036854775808 - 1"},
      {"-9223372036854775808 / -1", "int overflow in -9223372036854775808 / -1"},
      {"-(-9223372036854775808)", "int overflow in -(-9223372036854775808)"},
      {"0u - 1u", "uint overflow in 0u - 1u"},
      {"9223372036854775807 * 2", "int overflow in 9223372036854775807 * 2"},
      {"[1][1]", "index 1 is outside a list of 1"},
      {"[1][-1]", "index -1 is outside a list of 1"},
      {"{'a': 1}.b", "the map has no key \"b\""},
      {"{'a': 1, 'a': 2}", "the map has the key \"a\" twice"},
      {"{1: 1, 1u: 2}", "the map has the key 1u twice"},
      {"int('x')", "\"x\" is not an int"},
      {"int('')", "\"\" is not an int"},
      {"int(' 1')", "\" 1\" is not an int"},
      {"int('+7')", "7"},
      {"int('+-7')", "\"+-7\" is not an int"},
      {"uint(-1)", "-1 does not fit uint"},
      {"int(1e30)", "1e+30 does not fit int"},
      {"double('1e999')", "\"1e999\" is not a double"},
      {"dyn('a') + 1", "no operator string + int"},
      {"dyn(1) < 'a'", "no operator int < string"},
      {"dyn(1) && true", "no operator && on int"},
      {"[1].all(x, dyn(x))", "a condition is int, not bool"},
      {"dyn(1).all(x, true)", "no elements in int"},
      {"size(dyn(1))", "size() does not take (int)"},
      {"'a'.matches(dyn('('))", "the regular expression is wrong: missing ): ("},
      {"conf[dyn(1)].x", "a name holds int"},
      {"optional.none().value()", "the optional holds no value"},
      {"cel.bind(x, 1 / 0, 2)", "2"},
      {"cel.bind(x, 1 / 0, x)", "division by zero"},
  });
}

TEST_CASE("&& and || absorb errors and unknowns") {
  // Operands in both orders give the same; an unknown beats an error, a decision beats both.
  const char* operands = "TFUVE";
  const char* and_table[5] = {"TFUVE", "FFFFF", "UFUWU", "VFWVV", "EFUVE"};
  const char* or_table[5] = {"TTTTT", "TFUVE", "TUUWU", "TVWVV", "TEUVE"};
  const auto name = [](char letter) -> std::string {
    switch (letter) {
      case 'T':
        return "true";
      case 'F':
        return "false";
      case 'U':
        return "unknown: host.memory";
      case 'V':
        return "unknown: host.cpus";
      case 'W':
        return "unknown: host.cpus, host.memory";
      default:
        return "broken";
    }
  };
  const TestHost host = sample_host();
  for (size_t i = 0; i < 5; ++i) {
    for (size_t j = 0; j < 5; ++j) {
      const std::string left(1, operands[i]);
      const std::string right(1, operands[j]);
      CAPTURE(left);
      CAPTURE(right);
      CHECK(to_text(evaluate(left + " && " + right, host)) == name(and_table[i][j]));
      CHECK(to_text(evaluate(left + " || " + right, host)) == name(or_table[i][j]));
      const std::string list = "[0, 1].all(i, i == 0 ? " + left + " : " + right + ")";
      CHECK(to_text(evaluate(list, host)) == name(and_table[i][j]));
      const std::string any = "[0, 1].exists(i, i == 0 ? " + left + " : " + right + ")";
      CHECK(to_text(evaluate(any, host)) == name(or_table[i][j]));
    }
  }
}

TEST_CASE("unknowns and errors elsewhere") {
  check_rows({
      {"U ? 1 : 2", "unknown: host.memory"},
      {"true ? U : 2", "unknown: host.memory"},
      {"false ? U : 2", "2"},
      {"E ? 1 : 2", "broken"},
      {"true ? 1 : E", "1"},
      {"!U", "unknown: host.memory"},
      {"-U", "unknown: host.memory"},
      {"U + V", "unknown: host.cpus, host.memory"},
      {"U + U", "unknown: host.memory"},
      // No value of the unknown makes the error go away.
      {"U + E", "broken"},
      {"E + U", "broken"},
      {"U == U", "unknown: host.memory"},
      {"[U, 1]", "unknown: host.memory"},
      {"[U, E]", "broken"},
      {"{'a': U}", "unknown: host.memory"},
      {"size(U)", "unknown: host.memory"},
      {"same(U)", "unknown: host.memory"},
      {"ask(1, U)", "unknown: host.memory"},
      {"U.field", "unknown: host.memory"},
      {"U[0]", "unknown: host.memory"},
      {"has(U.field)", "unknown: host.memory"},
      {"U.all(x, true)", "unknown: host.memory"},
      {"[1, 2].map(x, x == 1 ? U : V)", "unknown: host.cpus, host.memory"},
      {"[1, 2].map(x, x == 1 ? U : E)", "broken"},
      {"[1, 2].filter(x, x == 1 || U)", "unknown: host.memory"},
      {"[1, 2].exists_one(x, x == 1 || U)", "unknown: host.memory"},
      {"[1, 2].exists_one(x, x == 1 ? U : E)", "broken"},
      {"false && U + E", "false"},
      {"A > 1 && F", "false"},
      {"A > 1 || T", "true"},
      {"has(fact.known)", "true"},
      {"has(fact.absent)", "false"},
      {"has(fact.unknown)", "unknown: host.hz"},
      {"!has(fact.absent) || fact.absent > 1", "true"},
      {"has(fact.absent) && fact.absent > 1", "false"},
      {"fact.absent > 1", "no such key"},
      {"cel.bind(x, U, x == 1 || true)", "true"},
  });
  const TestHost host = sample_host();
  CHECK(evaluate("A + 1", host).as_error()->kind == EvalError::Kind::kAbsent);
  CHECK(evaluate("E + 1", host).as_error()->kind == EvalError::Kind::kGeneral);
}

TEST_CASE("names with dynamic steps, functions and values of the host") {
  check_rows({
      {"conf[iface].x", "1"},
      {"conf['lo'].x", "0"},
      {"conf['l' + 'o'].x", "0"},
      {"conf['none'].x", "no none"},
      {"has(conf['none'].x)", "false"},
      {"has(conf[iface].x)", "true"},
      {"['lo', 'eth0'].map(i, conf[i].x)", "[0, 1]"},
      {"conf[U].x", "unknown: host.memory"},
      {"old < new && new > old && old <= old && new >= old", "true"},
      {"old == old && old != new && !(old == new)", "true"},
      {"new == version('ab') && version('a') < new", "true"},
      {"[old, new].exists(v, v == new)", "true"},
      {"type(old) == type(new)", "true"},
      {"type(old)", "version"},
      {"string(new) + string(1)", "\"6.121\""},
      {"same(41) + 1", "42"},
      {"ask(1)", "301"},
      {"ask(1, 2)", "402"},
      {"written(iface, 1)", "\"5 iface 0 1\""},
      {"written(conf[iface].x, 1)", "\"5 conf.*.x 1 1\""},
      {"[1].all(same, same == 1)", "true"},
      {"[3].map(iface, iface + 1)", "[4]"},
      {"[3].map(iface, .iface)", "[\"eth0\"]"},
      {"same(dyn('a'))", "same() does not take (string)"},
  });
}

TEST_CASE("comparison across types") {
  check_rows({
      {"1 == 1u && 1u == 1.0 && 1 == 1.0", "true"},
      {"-1 < 0u && 0u > -1", "true"},
      {"18446744073709551615u > 9223372036854775807", "true"},
      {"1 < 1.5 && 1u < 1.5 && 1.5 < 2", "true"},
      {"0.0 / 0.0 == 0.0 / 0.0", "false"},
      {"1 < 0.0 / 0.0 || 1 >= 0.0 / 0.0", "false"},
      {"1u in [1, 2]", "true"},
      {"[1, 2] == [1u, 2.0]", "true"},
      {"{'a': 1, 'b': 2} == {'b': 2.0, 'a': 1u}", "true"},
      {"{'a': 1} == {'a': 1, 'b': 1}", "false"},
      {"dyn(1) == '1'", "false"},
      {"dyn(null) == 0", "false"},
      {"b'a' < b'b' && 'a' < 'b' && 'Z' < 'a' && false < true", "true"},
      {"'a' < '\xC3\xA9'", "true"},
  });
}

TEST_CASE("strings and regular expressions") {
  check_rows({
      {"'a,b'.matches('^[a-z],b$')", "true"},
      {"matches('abc', 'b')", "true"},
      {"'abc'.matches('^b')", "false"},
      {"'line\\nnext'.matches('e.n')", "false"},
      {"size('\xC3\xA9')", "1"},
      {"'\xC3\xA9'.size() == size(b'a')", "true"},
      {"'abc'.contains('')", "true"},
      {"string(1.5) + string(2u) + string(true)", "\"1.52true\""},
      {"bytes('\xC3\xA9')", "b\"\\xc3\\xa9\""},
  });
}

TEST_CASE("comprehensions over maps and with two variables") {
  check_rows({
      {"{'a': 1, 'b': 2}.transformList(k, v, v)", "[1, 2]"},
      {"[5, 6].transformMap(i, v, v * i)", "{0: 0, 1: 6}"},
      {"['a', 'b'].transformMapEntry(i, v, {v: i})", "{\"a\": 0, \"b\": 1}"},
      {"['a', 'a'].transformMapEntry(i, v, {v: i})", "the map has the key \"a\" twice"},
      {"['a'].transformMapEntry(i, v, v)", "transformMapEntry() takes a map, not string"},
      {"[1, 2, 3].map(x, x > 1, x * 2)", "[4, 6]"},
      {"[[1, 2], [3]].map(x, x.map(y, y + size(x)))", "[[3, 4], [4]]"},
      {"[1, 2].all(x, [3, 4].all(y, x < y))", "true"},
  });
}

}  // namespace
}  // namespace proctor::expr
