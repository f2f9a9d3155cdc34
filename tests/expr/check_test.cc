// Mistakes: which message, and under which part of the source. Types and references.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "test_host.h"

namespace proctor::expr {
namespace {

Value integer(int64_t value) { return Value::of(value); }

Value parse_size_call(std::span<const Value> arguments) {
  const std::string& text = *arguments[0].as_string();
  if (text == "64MiB") return Value::of(int64_t{64} << 20U);
  return Value::error("`" + text + "` is not a size");
}

Value at_least_call(std::span<const Value> arguments) {
  return Value::of(arguments[0].get_if<Opaque>()->rank >=
                   static_cast<int64_t>(arguments[1].as_string()->size()));
}

TestHost sample_host() {
  TestHost host;
  host.bind("net.ipv4.tcp_rmem", Value::list({integer(4096), integer(131072), integer(6291456)}));
  host.bind("net.core.rmem_max", integer(212992));
  host.bind("net.ipv4.tcp_congestion_control", Value::string("cubic"));
  host.bind("fs.aio-max-nr", integer(65536));
  host.declare("net.ipv4.conf.*.rp_filter", TypeKind::kInt,
               Value::map({{Value::string("eth0"), integer(1)}}));
  host.bind("iface", Value::string("eth0"));
  host.bind("host.kernel", Value::opaque("version", 5));
  host.bind("host.arch", Value::opaque("arch", 1));
  host.bind("host.memory", integer(1 << 30));
  host.bind("host.modules", Value::map({{Value::string("bbr"), Value::of(true)}}));
  host.add({.name = "quantity",
            .fold = true,
            .parameters = {TypeKind::kString},
            .result = TypeKind::kInt,
            .call = parse_size_call});
  host.add({.name = "atLeast",
            .member = true,
            .parameters = {Type::opaque("version"), TypeKind::kString},
            .result = TypeKind::kBool,
            .call = at_least_call});
  host.add({.name = "written", .by_reference = true, .result = TypeKind::kBool, .id = 7});
  host.add({.name = "default",
            .by_reference = true,
            .parameters = {TypeKind::kInt},
            .result = TypeKind::kInt,
            .id = 8});
  host.add({.name = "role", .parameters = {TypeKind::kString}, .result = TypeKind::kBool, .id = 9});
  return host;
}

struct Mistake {
  std::string source;
  std::string part;  ///< What the message points at.
  std::string message;
};

std::string report(const std::string& source, const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += "\n";
    text += "[" + std::string(problem.span.of(source)) + "] " + problem.message;
  }
  return text;
}

std::string mistakes_of(const std::string& source) {
  std::vector<Problem> problems;
  const TestHost host = sample_host();
  Program::compile(source, host, problems);
  return report(source, problems);
}

void check_mistakes(const std::vector<Mistake>& table) {
  for (const Mistake& row : table) {
    CAPTURE(row.source);
    CHECK(mistakes_of(row.source) == "[" + row.part + "] " + row.message);
  }
}

TEST_CASE("syntax errors") {
  check_mistakes({
      {"", "", "expected a value, found the end"},
      {"1 +", "", "expected a value, found the end"},
      {"1 + * 2", "*", "expected a value, found `*`"},
      {"a b", "b", "expected an operator, found `b`"},
      {"(1 + 2", "(", "this `(` is not closed"},
      {"[1, 2", "[", "this `[` is not closed"},
      {"{1: 2", "{", "this `{` is not closed"},
      {"(1 + 2]", "]", "expected `)`, found `]`"},
      {"[1 2]", "2", "expected `,` or `]`, found `2`"},
      {"f(1 2)", "2", "expected `,` or `)`, found `2`"},
      {"{1, 2}", ",", "expected `:` and the value of the key, found `,`"},
      {"true ? 1", "", "expected `:` and the other branch of `?`, found the end"},
      {"a = 1", "=", "`=` does not compare; write `==`"},
      {"a & 1", "&", "write `&&`, or math.bitAnd() for bits"},
      {"a | 1", "|", "write `||`, or math.bitOr() for bits"},
      {"'abc", "'abc", "the string does not end"},
      {"'a\nb'", "'a", "the string does not end"},
      {R"('a\q')", R"(\q)", R"(`\q` is not an escape sequence)"},
      {R"('\ud800')", R"(\ud800)", R"(`\ud800` is not an escape sequence)"},
      {R"('\400')", R"(\4)", R"(`\4` is not an escape sequence)"},
      {R"(b'\u0041')", R"(\u0041)", R"(`\u0041` is not an escape sequence)"},
      {"8GiB", "8GiB", "`8GiB` is not a number; a unit cannot follow one"},
      {"0x", "0x", "0x needs hexadecimal digits"},
      {"9223372036854775808", "9223372036854775808",
       "9223372036854775808 does not fit int; write 9223372036854775808u"},
      {"-9223372036854775809", "9223372036854775809", "9223372036854775809 does not fit int"},
      {"18446744073709551616u", "18446744073709551616u", "18446744073709551616u does not fit uint"},
      {"-1u", "1u", "a uint has no negative values"},
      {"1e999", "1e999", "1e999 does not fit double"},
      {"for", "for", "`for` is a reserved word"},
      {"if(x)", "if", "`if` is a reserved word; write `a ? b : c`"},
      {"a and b", "and", "`and` has no meaning here; write `&&`"},
      {"a || b or c", "or", "`or` has no meaning here; write `||`"},
      {"(a and b)", "and", "`and` has no meaning here; write `&&`"},
      {"[not a]", "not", "`not` has no meaning here; write `!`"},
      {"not a", "not", "`not` has no meaning here; write `!`"},
      {"a <> b", "<>", "`<>` has no meaning here; write `!=`"},
      {"'a' 'b'", "'b'", "expected an operator, found a string"},
      {"fs.`aio", "`aio", "the back-quoted name does not end"},
      {"`fs`", "`fs`", "a back-quoted name stands after a `.` only"},
      {"fs.``", "``", "a back-quoted name is empty"},
      {"a.1", ".1", "expected an operator, found `.1`"},
      {"a.true", "true", "expected a field name after `.`, found `true`"},
      {"x # y", "#", "`#` has no meaning here"},
      {"x \xC2\xA0 y", "\xC2\xA0", "`\xC2\xA0` has no meaning here"},
      {"has(iface)", "iface", "has() takes a field, as in has(a.b)"},
      {"[1].all(1, true)", "1", "all() takes a plain name for its variable here"},
      {"[1].all(a.b, true)", "a.b", "all() takes a plain name for its variable here"},
      {"[1].exists(a, a, true)", "a", "the two variables need two names"},
  });
}

TEST_CASE("unknown names and functions") {
  check_mistakes({
      {"net.ipv4.tcp_rmen[2] > 1", "net.ipv4.tcp_rmen",
       "unknown name `net.ipv4.tcp_rmen`; did you mean `net.ipv4.tcp_rmem`?"},
      {"1 + nothing.like.this", "nothing.like.this", "unknown name `nothing.like.this`"},
      {"fs.`aio-max-nt` > 1", "fs.`aio-max-nt`",
       "unknown name `fs.`aio-max-nt``; did you mean `fs.aio-max-nr`?"},
      {"net.ipv4.conf[iface].rp_filtr", "net.ipv4.conf[iface].rp_filtr",
       "unknown name `net.ipv4.conf[iface].rp_filtr`; did you mean `net.ipv4.conf.*.rp_filter`?"},
      {"[1, 2].all(value, valve > 0)", "valve", "unknown name `valve`; did you mean `value`?"},
      {"has(net.core.rmem_maxx)", "net.core.rmem_maxx",
       "unknown name `net.core.rmem_maxx`; did you mean `net.core.rmem_max`?"},
      {"True", "True", "unknown name `True`; did you mean `true`?"},
      {"abs(1)", "abs", "unknown function abs(); did you mean math.abs()?"},
      {"max(1, 2)", "max", "unknown function max(); did you mean math.greatest()?"},
      {"[1].any(x, x > 1)", "any",
       "unknown function any(); it is written `list.exists(x, condition)`"},
      {"iface.startWith('e')", "startWith",
       "unknown function startWith(); did you mean startsWith()?"},
      {"math.flor(1.5)", "flor", "unknown function math.flor(); did you mean math.floor()?"},
      {"sizee(iface)", "sizee", "unknown function sizee(); did you mean size()?"},
      {"contains(iface, 'e')", "contains",
       "unknown function contains(); it is written `x.contains()`"},
      {"iface.int()", "int", "unknown function int(); it is written `int(x)`"},
      {"[1].all(x)", "all", "unknown function all(); it is written `list.all(x, condition)`"},
      {"has(host.memory, 1)", "has", "unknown function has(); it is written `has(a.b)`"},
  });
}

TEST_CASE("operators on wrong types") {
  check_mistakes({
      {"net.ipv4.tcp_rmem > 4096", "net.ipv4.tcp_rmem",
       "list(int) > int: list(int) has no order; take one element, as in net.ipv4.tcp_rmem[0]"},
      {"4096 <= net.ipv4.tcp_rmem", "net.ipv4.tcp_rmem",
       "int <= list(int): list(int) has no order; take one element, as in net.ipv4.tcp_rmem[0]"},
      {"iface < 1", "iface < 1", "string < int compares two types without a common order"},
      {"null < 1", "null", "null_type < int: null_type has no order"},
      {"host.kernel > '5.4'", "host.kernel > '5.4'",
       "version > string compares two types without a common order"},
      {"host.kernel > host.arch", "host.kernel > host.arch",
       "version > arch compares two types without a common order"},
      {"iface == 1", "iface == 1", "string == int compares two types that are never equal"},
      {"net.ipv4.tcp_rmem != 1", "net.ipv4.tcp_rmem != 1",
       "list(int) != int compares two types that are never equal"},
      {"1 + iface", "1 + iface", "int + string: both sides of `+` take one type"},
      {"1 + 1u", "1 + 1u",
       "int + uint: both sides of `+` take one type; convert one side with int() or uint()"},
      {"iface - 'a'", "iface", "`-` has no meaning for string (string - string)"},
      {"2 * host.kernel", "host.kernel", "`*` has no meaning for version (int * version)"},
      {"1.5 % 1.0", "1.5", "`%` has no meaning for double (double % double)"},
      {"-iface", "iface", "`-` takes int or double, not string"},
      {"-(1u)", "(1u)", "`-` takes int or double, not uint"},
      {"!1", "1", "`!` takes bool, not int"},
      {"true && host.memory", "host.memory", "`&&` takes bool, not int"},
      {"host.memory || true", "host.memory", "`||` takes bool, not int"},
      {"1 ? 2 : 3", "1", "the condition of `?:` takes bool, not int"},
      {"true ? (1) : 'a'", "(1) : 'a'", "the branches of `?:` have two types, int and string"},
      {"true == 1 < 2", "true == 1", "bool == int compares two types that are never equal"},
      {"1 in 2", "2", "`in` takes a list or a map on its right, not int"},
      {"'a' in [1, 2]", "'a' in [1, 2]", "string in list(int) is never true"},
      {"1 in host.modules", "1 in host.modules", "int in map(string, bool) is never true"},
  });
}

TEST_CASE("fields, indices and calls on wrong types") {
  check_mistakes({
      {"net.core.rmem_max.x", "x", "int has no field `x`"},
      {"net.ipv4.tcp_rmem.`0`", "`0`", "list(int) has no field `0`"},
      {"net.ipv4.tcp_rmem['a']", "'a'", "a list takes an int for its index, not string"},
      {"net.ipv4.tcp_rmem[1u]", "1u", "a list takes an int for its index, not uint"},
      {"host.modules[1]", "1", "map(string, bool) has no keys of type int"},
      {"host.memory[0]", "host.memory[0]", "int has no elements to take with `[]`"},
      {"{1.5: 2}", "1.5", "a map's key is bool, int, uint or string, not double"},
      {"iface.startsWith(3)", "3", "startsWith() takes string here, not int"},
      {"host.memory.startsWith('a')", "host.memory",
       "startsWith() is a function of string, not int"},
      {"iface.startsWith()", "startsWith", "startsWith() takes 1 argument, not 0"},
      {"size(1)", "1", "size() takes string, bytes, list or map, not int"},
      {"math.bitAnd(1, 1u)", "math.bitAnd(1, 1u)",
       "math.bitAnd() does not take (int, uint) together"},
      {"math.greatest()", "greatest", "math.greatest() takes 1 or more arguments, not 0"},
      {"math.greatest(1, 'a')", "'a'", "math.greatest() takes a number here, not string"},
      {"role(1)", "1", "role() takes string, not int"},
      {"host.memory.atLeast('5')", "host.memory", "atLeast() is a function of version, not int"},
      {"iface.matches('(')", "'('", "the regular expression is wrong: missing ): ("},
      {"1.all(x, true)", "1", "all() walks a list or a map, not int"},
      {"[1].all(x, x)", "x", "the condition of all() takes bool, not int"},
      {"[1].map(x, x, x)", "x", "the condition of map() takes bool, not int"},
      {"quantity('64MB')", "'64MB'", "`64MB` is not a size"},
      {"written(1)", "1", "written() takes a name here, not an expression"},
      {"written(net.ipv4.tcp_rmem[0])", "net.ipv4.tcp_rmem[0]",
       "written() takes a name here, not an expression"},
      {"written(net.core.rmem_mux)", "net.core.rmem_mux",
       "unknown name `net.core.rmem_mux`; did you mean `net.core.rmem_max`?"},
      {"written()", "written", "written() takes 1 argument, a name"},
      {"default(net.core.rmem_max, 'a')", "'a'", "default() takes int here, not string"},
      {"[?1]", "1", "`?` takes an optional, not int"},
      {"1.optMap(x, x)", "1", "optMap() takes an optional, not int"},
      {"has(net.core.rmem_max.x)", "x", "int has no field `x`"},
      {"has(net.ipv4.tcp_rmem[0])", "net.ipv4.tcp_rmem[0]", "has() takes a field, as in has(a.b)"},
  });
}

TEST_CASE("all mistakes of an expression are reported, each once, in order") {
  CHECK(mistakes_of("net.core.rmem_mox > 1 && !iface && iface.startWith('a') && bad == other") ==
        "[net.core.rmem_mox] unknown name `net.core.rmem_mox`; did you mean "
        "`net.core.rmem_max`?\n"
        "[iface] `!` takes bool, not string\n"
        "[startWith] unknown function startWith(); did you mean startsWith()?\n"
        "[bad] unknown name `bad`\n"
        "[other] unknown name `other`");
  // Nothing follows from a wrong part: the list has no element type that could be wrong.
  CHECK(mistakes_of("nothing.all(x)") ==
        "[nothing] unknown name `nothing`\n"
        "[all] unknown function all(); it is written `list.all(x, condition)`");
  CHECK(mistakes_of("[nothing, 1].all(x, x.startsWith('a'))") ==
        "[nothing] unknown name `nothing`");
}

TEST_CASE("a loose check leaves types to the evaluation") {
  const TestHost host = sample_host();
  std::vector<Problem> problems;
  const Program program =
      Program::compile("false && iface > 1", host, problems, {}, {}, Checking::kLoose);
  CHECK(problems.empty());
  CHECK(to_text(program.run(host)) == "false");
  Program::compile("false && nothing", host, problems, {}, {}, Checking::kLoose);
  CHECK(problems.size() == 1);
}

TEST_CASE("types of expressions") {
  struct Row {
    std::string source;
    std::string type;
  };
  const Row table[] = {
      {"1", "int"},
      {"1u", "uint"},
      {"1.0", "double"},
      {"'a'", "string"},
      {"b'a'", "bytes"},
      {"null", "null_type"},
      {"int", "type"},
      {"type(1)", "type"},
      {"dyn(1)", "dyn"},
      {"dyn(1) + 1", "int"},
      {"dyn(1) == 'a'", "bool"},
      {"1 < 2.0", "bool"},
      {"[]", "list(dyn)"},
      {"[1, 2]", "list(int)"},
      {"[1, 'a']", "list(dyn)"},
      {"[[1], [2]]", "list(list(int))"},
      {"[1] + [2]", "list(int)"},
      {"{}", "map(dyn, dyn)"},
      {"{'a': 1}", "map(string, int)"},
      {"{'a': 1, 1: 'b'}", "map(dyn, dyn)"},
      {"{'a': 1}.a", "int"},
      {"net.ipv4.tcp_rmem", "list(int)"},
      {"net.ipv4.tcp_rmem[2]", "int"},
      {"net.ipv4.conf[iface].rp_filter", "int"},
      {"net.ipv4.conf['eth0'].rp_filter", "int"},
      {"host.kernel", "version"},
      {"host.modules", "map(string, bool)"},
      {"host.modules.bbr", "bool"},
      {"has(host.memory)", "bool"},
      {"true ? 1 : dyn('a')", "dyn"},
      {"[1, 2].map(x, x > 1)", "list(bool)"},
      {"[1, 2].filter(x, x > 1)", "list(int)"},
      {"host.modules.map(k, k)", "list(string)"},
      {"host.modules.transformMap(k, v, 1)", "map(string, int)"},
      {"[1].transformList(i, v, 'a')", "list(string)"},
      {"math.greatest(1, 2)", "int"},
      {"math.greatest(1, 2.0)", "dyn"},
      {"math.greatest([1u])", "uint"},
      {"math.bitAnd(dyn(1), dyn(2))", "dyn"},
      {"math.bitAnd(1, dyn(2))", "int"},
      {"cel.bind(x, 1, [x])", "list(int)"},
      {"optional.of(1)", "optional_type(int)"},
      {"optional.of(1).value()", "int"},
      {"{'a': 1}.?a", "optional_type(int)"},
      {"quantity('64MiB')", "int"},
      {"written(host.memory)", "bool"},
  };
  const TestHost host = sample_host();
  for (const Row& row : table) {
    CAPTURE(row.source);
    std::vector<Problem> problems;
    const Program program = Program::compile(row.source, host, problems);
    CHECK(report(row.source, problems).empty());
    CHECK(program.type().to_string() == row.type);
    const std::string packed = program.pack();
    CHECK(Program::unpack(packed, host).type().to_string() == row.type);
  }
}

std::string references_of(const std::string& source, bool packed) {
  const TestHost host = sample_host();
  std::vector<Problem> problems;
  const Program compiled = Program::compile(source, host, problems);
  const std::string bytes = compiled.pack();
  const Program unpacked = Program::unpack(bytes, host);
  std::string text = report(source, problems);
  for (const Reference& reference : (packed ? unpacked : compiled).references()) {
    if (!text.empty()) text += " ";
    text += reference.text + "@" + std::to_string(reference.span.begin) + "-" +
            std::to_string(reference.span.end);
    if (reference.in_has) text += "?";
    if (reference.by_function >= 0) text += "&" + std::to_string(reference.by_function);
    for (const std::string& step : reference.dynamic) text += "{" + step + "}";
  }
  return text;
}

TEST_CASE("references") {
  struct Row {
    std::string source;
    std::string references;
  };
  const Row table[] = {
      {"1 + 2", ""},
      {"net.ipv4.tcp_rmem[2] > net.core.rmem_max",
       "net.ipv4.tcp_rmem@0-17 net.core.rmem_max@23-40"},
      {"net . core . rmem_max", "net.core.rmem_max@0-21"},
      {"net['core'].rmem_max", "net.core.rmem_max@0-20"},
      {"fs.`aio-max-nr` + fs['aio-max-nr']", "fs.`aio-max-nr`@0-15 fs.`aio-max-nr`@18-34"},
      {"has(host.memory) && host.memory > 1", "host.memory@4-15? host.memory@20-31"},
      {"has(host.modules.bbr)", "host.modules@4-16"},
      {"net.ipv4.conf[iface].rp_filter", "net.ipv4.conf[iface].rp_filter@0-30{iface} iface@14-19"},
      {"net.ipv4.conf['eth' + '0'].rp_filter",
       "net.ipv4.conf['eth' + '0'].rp_filter@0-36{'eth' + '0'}"},
      {"net.ipv4.conf['eth0'].rp_filter", "net.ipv4.conf['eth0'].rp_filter@0-31{'eth0'}"},
      {"written(host.memory)", "host.memory@8-19&7"},
      {"default(host.memory, net.core.rmem_max)", "host.memory@8-19&8 net.core.rmem_max@21-38"},
      {"[1].all(iface, iface == 1)", ""},
      {"[1].all(x, x == host.memory)", "host.memory@16-27"},
      {"host.kernel.atLeast('5')", "host.kernel@0-11"},
  };
  for (const Row& row : table) {
    CAPTURE(row.source);
    CHECK(references_of(row.source, false) == row.references);
    CHECK(references_of(row.source, true) == row.references);
  }
}

}  // namespace
}  // namespace proctor::expr
