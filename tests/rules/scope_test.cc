// Names of expressions: what they resolve to, their types, ids and suggestions.
#include "rules/scope.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "expr/program.h"
#include "values.h"

namespace proctor::rules {
namespace {

using expr::Program;
using expr::Value;

/// The one reference of an expression, taken apart.
Name name_in(const Scope& scope, std::string_view cel) {
  std::vector<expr::Problem> problems;
  const Program program = Program::compile(cel, scope, problems);
  for (const expr::Problem& problem : problems) FAIL_CHECK(problem.message);
  const std::vector<expr::Reference> references = program.references();
  REQUIRE(references.size() == 1);
  return decode_name(references[0].id);
}

std::string type_in(const Scope& scope, std::string_view cel) {
  std::vector<expr::Problem> problems;
  const Program program = Program::compile(cel, scope, problems);
  return problems.empty() ? program.type().to_string() : "error: " + problems[0].message;
}

TEST_CASE("a name survives its id") {
  for (const NameKind kind : {NameKind::kKey, NameKind::kFact, NameKind::kLet, NameKind::kInterface,
                              NameKind::kVariable, NameKind::kConstant}) {
    for (const Layer layer :
         {Layer::kEffective, Layer::kProposed, Layer::kRunning, Layer::kInitial}) {
      for (const Binding binding :
           {Binding::kNone, Binding::kAll, Binding::kDefault, Binding::kLo}) {
        for (const uint32_t index : {0U, 1U, 1227U, 65535U}) {
          const Name name{kind, layer, binding, index};
          CHECK(decode_name(encode_name(name)) == name);
        }
      }
    }
  }
}

struct KeyRow {
  const char* cel;
  Layer layer;
  const char* pattern;
};

TEST_CASE("sysctls in every layer and with every binding") {
  Scope scope;
  scope.declare_interface();
  const std::vector<KeyRow> rows = {
      {"net.ipv4.tcp_fin_timeout", Layer::kEffective, "net.ipv4.tcp_fin_timeout"},
      {"proposed.net.ipv4.tcp_rmem[1]", Layer::kProposed, "net.ipv4.tcp_rmem"},
      {"running.vm.swappiness", Layer::kRunning, "vm.swappiness"},
      {"initial.vm.swappiness", Layer::kInitial, "vm.swappiness"},
      {"net.ipv4.conf.all.rp_filter", Layer::kEffective, "net.ipv4.conf.all.rp_filter"},
      {"net.ipv4.conf.default.rp_filter", Layer::kEffective, "net.ipv4.conf.default.rp_filter"},
      {"net.ipv4.conf.lo.rp_filter", Layer::kEffective, "net.ipv4.conf.lo.rp_filter"},
      {"net.ipv4.conf[\"all\"].rp_filter", Layer::kEffective, "net.ipv4.conf.all.rp_filter"},
      {"initial.net.ipv4.conf['default'].rp_filter", Layer::kInitial,
       "net.ipv4.conf.default.rp_filter"},
      {"net.bridge.`bridge-nf-call-iptables`", Layer::kEffective,
       "net.bridge.bridge-nf-call-iptables"},
      {"fs.`file-max`", Layer::kEffective, "fs.file-max"},
      {"kernel.pid_max", Layer::kEffective, "kernel.pid_max"},
  };
  for (const KeyRow& row : rows) {
    CAPTURE(row.cel);
    const Name name = name_in(scope, row.cel);
    CHECK(name.kind == NameKind::kKey);
    CHECK(name.layer == row.layer);
    CHECK(bound_pattern(name) == row.pattern);
  }
  std::vector<expr::Problem> problems;
  const Program program = Program::compile("net.ipv4.conf[iface].rp_filter", scope, problems);
  REQUIRE(problems.empty());
  REQUIRE(program.references().size() == 2);  // The key, and iface inside it.
}

TEST_CASE("types come from the catalog and the table of facts") {
  Scope scope;
  scope.declare_let("low", expr::TypeKind::kBool);
  scope.declare_variable("kernel", expr::TypeKind::kString);
  CHECK(type_in(scope, "net.ipv4.tcp_fin_timeout") == "int");
  CHECK(type_in(scope, "kernel.shmmax") == "int");
  CHECK(type_in(scope, "net.ipv4.tcp_rmem") == "list(int)");
  CHECK(type_in(scope, "net.ipv4.tcp_rmem[1]") == "int");
  CHECK(type_in(scope, "kernel.core_pattern") == "string");
  CHECK(type_in(scope, "host.memory") == "int");
  CHECK(type_in(scope, "host.kernel") == "version");
  CHECK(type_in(scope, "host.interfaces") == "list(string)");
  CHECK(type_in(scope, "host.container") == "bool");
  CHECK(type_in(scope, "GiB") == "int");
  CHECK(type_in(scope, "low") == "bool");
  // A variable may have the name of a folder of sysctls.
  CHECK(type_in(scope, "kernel") == "string");
  CHECK(type_in(scope, "kernel.pid_max") == "int");
  CHECK(type_in(scope, "host.kernel >= version(\"5.4\")") == "bool");
  CHECK(type_in(scope, "default(vm.swappiness, 60)") == "dyn");
}

TEST_CASE("a later name hides an earlier one") {
  Scope scope;
  scope.declare_let("a", expr::TypeKind::kInt);
  scope.declare_let("a", expr::TypeKind::kString);
  CHECK(type_in(scope, "a") == "string");
  CHECK(name_in(scope, "a").index == 1);
}

struct SuggestRow {
  const char* wrong;
  const char* right;
};

TEST_CASE("a misspelled name gets the one that was meant") {
  Scope scope;
  scope.declare_let("threshold", expr::TypeKind::kInt);
  const std::vector<SuggestRow> rows = {
      {"net.ipv4.tcp_fin_timout", "net.ipv4.tcp_fin_timeout"},
      {"proposed.vm.swapiness", "proposed.vm.swappiness"},
      {"net.bridge.bridge-nf-call-iptable", "net.bridge.`bridge-nf-call-iptables`"},
      {"net.ipv4.conf.*.rp_filtre", "net.ipv4.conf[iface].rp_filter"},
      {"net.ipv4.conf.all.rp_filtre", "net.ipv4.conf.all.rp_filter"},
      {"net.ipv4.conf.eth0.rp_filter", "net.ipv4.conf[iface].rp_filter"},
      {"host.memroy", "host.memory"},
      {"treshold", "threshold"},
      {"Gib", "GiB"},
      {"iface", ""},
      {"completely.different.thing", ""},
  };
  for (const SuggestRow& row : rows) {
    CAPTURE(row.wrong);
    CHECK(scope.suggest(row.wrong) == row.right);
  }
}

TEST_CASE("keys as fields name them") {
  const std::vector<SuggestRow> rows = {
      {"fs.file-max", "fs.file-max"},
      {"fs.`file-max`", "fs.file-max"},
      {"net.ipv4.conf[iface].rp_filter", "net.ipv4.conf.*.rp_filter"},
      {"net.ipv4.conf.*.rp_filter", "net.ipv4.conf.*.rp_filter"},
      {"net.ipv4.conf.all.rp_filter", "net.ipv4.conf.all.rp_filter"},
  };
  for (const SuggestRow& row : rows) {
    CAPTURE(row.wrong);
    const std::optional<Name> name = find_key(row.wrong);
    REQUIRE(name.has_value());
    CHECK(bound_pattern(*name) == row.right);
  }
  for (const char* text : {"", ".", "`", "fs.`file-max", "fs.file-max.",
                           "net.ipv4.conf.eth0.rp_filter", "proposed.vm.swappiness", "net.ipv4"}) {
    CAPTURE(text);
    CHECK_FALSE(find_key(text).has_value());
  }
  CHECK(cel_spelling("net.ipv4.conf.*.rp_filter") == "net.ipv4.conf[iface].rp_filter");
  CHECK(cel_spelling("fs.file-max") == "fs.`file-max`");
}

TEST_CASE("paths take interface names and nothing that leaves the folder") {
  const std::optional<Name> name = find_key("net.ipv4.conf.*.rp_filter");
  REQUIRE(name.has_value());
  const auto path = [&](std::vector<Value> dynamic) { return path_of(*name, dynamic); };
  CHECK(path({Value::string("eth0.100")}) == "net/ipv4/conf/eth0.100/rp_filter");
  CHECK(path({Value::string("*")}) == "net/ipv4/conf/*/rp_filter");
  CHECK_FALSE(path({}).has_value());
  CHECK_FALSE(path({Value::of(int64_t{1})}).has_value());
  CHECK_FALSE(path({Value::string("a"), Value::string("b")}).has_value());
  for (const char* part : {"", ".", "..", "a/b", "/"}) {
    CHECK_FALSE(path({Value::string(part)}).has_value());
  }
  CHECK(path_of(*find_key("net.ipv4.conf.all.rp_filter"), {}) == "net/ipv4/conf/all/rp_filter");
}

struct EvalRow {
  const char* cel;
  const char* result;
};

TEST_CASE("functions") {
  const Scope scope;
  Values values;
  values.facts["kernel"] =
      Value::opaque(kVersionType, static_cast<int64_t>(kernel::parse_version("5.15")->code()));
  values.keys["vm.swappiness"] = Value::of(int64_t{60});
  values.roles = {"relay"};
  const std::vector<EvalRow> rows = {
      {"quantity('64MiB')", "67108864"},
      {"quantity('1TiB') == TiB", "true"},
      {"pow2ceil(0)", "1"},
      {"pow2ceil(1)", "1"},
      {"pow2ceil(5)", "8"},
      {"pow2ceil(4611686018427387904)", "4611686018427387904"},
      {"pow2floor(7)", "4"},
      {"pow2floor(9223372036854775807)", "4611686018427387904"},
      {"isqrt(0)", "0"},
      {"isqrt(15)", "3"},
      {"isqrt(16)", "4"},
      {"isqrt(9223372036854775807)", "3037000499"},
      {"isqrt(9223372030926249000)", "3037000498"},
      {"clamp(5, 1, 3)", "3"},
      {"clamp(-5, 1, 3)", "1"},
      {"clamp(2, 1, 3)", "2"},
      {"port_in('22,8000-8080', 8022)", "true"},
      {"port_in('22,8000-8080', 8081)", "false"},
      {"port_in('', 0)", "false"},
      {"ports_in('22,8000-8080,8080', 1024, 65535)", "81"},
      {"ports_in('8000-8080', 8080, 8000)", "0"},
      {"ports_in('0-65535', -5, 70000)", "65536"},
      {"ports_in('', 0, 65535)", "0"},
      {"port_in('x,-,1-,5', 5)", "true"},
      {"host.kernel.atLeast('5.15')", "true"},
      {"host.kernel.atLeast('5.16')", "false"},
      {"host.kernel.atLeast('5.14.9')", "true"},
      {"host.kernel.below('5.16.1')", "true"},
      {"host.kernel.atLeast('5.15.147')", "unknown: host.kernel"},
      {"host.kernel.below('5.15.147')", "unknown: host.kernel"},
      {"host.kernel.atLeast('5.10') || host.kernel.atLeast('5.15.147')", "true"},
      {"host.kernel.below('6.0')", "true"},
      {"host.kernel >= version('4.19') && host.kernel < version('5.15.1')", "true"},
      {"role('relay') && !role('exit-relay')", "true"},
      {"written(vm.swappiness) && !written(vm.dirty_ratio)", "true"},
      {"default(vm.dirty_ratio, 20) + default(vm.swappiness, 1)", "80"},
  };
  for (const EvalRow& row : rows) {
    CAPTURE(row.cel);
    std::vector<expr::Problem> problems;
    const Program program = Program::compile(row.cel, scope, problems);
    for (const expr::Problem& problem : problems) FAIL_CHECK(problem.message);
    CHECK(expr::to_text(program.run(values)) == row.result);
  }
}

TEST_CASE("functions refuse what they cannot answer when the expression is read") {
  const Scope scope;
  for (const char* cel : {"pow2ceil(4611686018427387905)", "pow2floor(0)", "isqrt(-1)",
                          "quantity('8X')", "quantity('99999999TiB')", "version('new')"}) {
    CAPTURE(cel);
    std::vector<expr::Problem> problems;
    (void)Program::compile(cel, scope, problems);
    CHECK(problems.size() == 1);
  }
}

}  // namespace
}  // namespace proctor::rules
