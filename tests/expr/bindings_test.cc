// Bound names over a host.
#include "expr/bindings.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "test_host.h"

namespace proctor::expr {
namespace {

TEST_CASE("bound names over the host's") {
  TestHost host;
  host.bind("a.b", Value::map({{Value::string("c"), Value::string("host")}}));
  host.bind("host.memory", Value::of(int64_t{1}));
  host.declare("conf.*.x", TypeKind::kInt,
               Value::map({{Value::string("lo"), Value::of(int64_t{5})}}));
  host.add({.name = "written", .by_reference = true, .result = TypeKind::kString, .id = 3});
  host.add({.name = "ask", .parameters = {TypeKind::kInt}, .result = TypeKind::kInt, .id = 4});
  Bindings bindings(host, host);
  bindings.bind("x", Value::of(int64_t{1}));
  bindings.bind("x", Value::of(int64_t{2}));
  bindings.bind("p.q", Value::string("short"));
  bindings.bind("p.q.r", Value::string("long"));
  bindings.bind("host.cpus", Value::unknown({"host.cpus"}));
  bindings.bind("host.memory", Value::of(int64_t{7}));
  bindings.bind("lost", Value::error("lost"));

  struct Row {
    std::string source;
    std::string result;
  };
  const Row table[] = {
      {"x", "2"},
      {"p.q.r", "\"long\""},
      {"p.q", "\"short\""},
      {"a.b.c", "\"host\""},
      {"host.memory", "7"},
      {"host.cpus + 1", "unknown: host.cpus"},
      {"has(host.cpus)", "unknown: host.cpus"},
      {"has(host.memory)", "true"},
      {"conf['lo'].x + x", "7"},
      {"has(conf['lo'].x)", "true"},
      {"lost || true", "true"},
      {"ask(x)", "401"},
      {"written(a.b)", "\"3 a.b 0 0\""},
      {"written(x)", "`x` is a bound value, no name of the host"},
      {"p.qq", "unknown name `p.qq`; did you mean `p.q`?"},
      {"a.bb", "unknown name `a.bb`; did you mean `a.b`?"},
      {"x.startsWith('a')", "startsWith() is a function of string, not int"},
  };
  for (const Row& row : table) {
    CAPTURE(row.source);
    std::vector<Problem> problems;
    const Program program = Program::compile(row.source, bindings, problems);
    CHECK((problems.empty() ? to_text(program.run(bindings)) : problems[0].message) == row.result);
  }
}

}  // namespace
}  // namespace proctor::expr
