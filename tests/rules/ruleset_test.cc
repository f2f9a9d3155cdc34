// Sets of rules: the packed table, overrides, roles.
#include "rules/ruleset.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rule_files.h"

namespace proctor::rules {
namespace {

std::string rule_text(std::string_view id, std::string_view more) {
  return "  - id: " + std::string(id) +
         "\n    title: t\n    severity: info\n    category: harmful\n    message: m\n"
         "    why: w\n    evidence: e\n" +
         std::string(more) +
         "    examples:\n      - { name: a, conf: \"a\\n\", expect: fires }\n"
         "      - { name: b, conf: b, expect: silent }\n";
}

std::string joined(const std::vector<Diagnostic>& problems) {
  std::string out;
  for (const Diagnostic& problem : problems) out += problem.to_text();
  return out;
}

/// What the table has of `text`.
std::string packed(std::string_view text) {
  RuleSet rules;
  std::vector<Diagnostic> problems;
  rules.add_yaml("built-in.yaml", text, problems);
  rules.link(problems);
  REQUIRE_MESSAGE(problems.empty(), joined(problems));
  return rules.pack();
}

TEST_CASE("an empty table and an empty set") {
  const std::string blob = RuleSet().pack();
  const RuleSet table = RuleSet::packed(blob);
  CHECK(table.size() == 0);
  CHECK(table.roles().empty());
  CHECK(table.reading("vm.swappiness").empty());
  CHECK(table.detecting().empty());
  CHECK_FALSE(table.find("a/b").has_value());
  CHECK(RuleSet().size() == 0);
}

TEST_CASE("a rule knows what it reads, mentions and where kernels matter") {
  const std::string blob = packed(
      "rules:\n" +
      rule_text(
          "a/b",
          "    kernel: \"4.9..6.6\"\n    for-each: interface\n"
          "    let:\n      first: net.ipv4.tcp_rmem[0]\n      second: first + vm.dirty_ratio\n"
          "      text: kernel.pid_max\n"
          "    when: second > 1 && combined(iface, \"rp_filter\") == 1 && "
          "host.kernel.atLeast(\"5.10.3\")\n"
          "    unless: vm.swappiness == 1 || host.kernel < version('4.19')\n"
          "    label: \"{text} {net.core.somaxconn}\"\n"
          "    fix: { set: vm.dirty_ratio, to: fs.`file-max`, safe: false }\n"));
  const RuleSet table = RuleSet::packed(blob);
  const Rule& rule = table.rule(0);
  using Texts = std::vector<std::string>;
  CHECK(rule.reads == Texts{"net.ipv4.conf.*.rp_filter", "net.ipv4.tcp_rmem", "vm.dirty_ratio"});
  CHECK(rule.mentions == Texts{"fs.file-max", "kernel.pid_max", "net.core.somaxconn",
                               "net.ipv4.conf.*.forwarding", "net.ipv4.conf.*.rp_filter",
                               "net.ipv4.tcp_rmem", "vm.dirty_ratio", "vm.swappiness"});
  std::string versions;
  for (const kernel::Version& version : rule.versions) versions += version.to_string() + " ";
  CHECK(versions == "4.9 4.19 5.10.3 6.6 ");
  CHECK(rule.for_each_interface);
  CHECK(rule.message.literals == Texts{"m"});
  CHECK(rule.label.literals.size() == 3);
  CHECK(rule.file == "built-in.yaml");
  CHECK(rule.at == Position{2, 5});
}

TEST_CASE("texts keep their braces and lose their line ends") {
  const std::string blob =
      packed("rules:\n" + rule_text("a/b",
                                    "    when: vm.swappiness < 1\n    label: |\n      one {{two}}\n"
                                    "      three {vm.swappiness | plain}\n"));
  const RuleSet table = RuleSet::packed(blob);
  const Template& label = table.rule(0).label;
  CHECK(label.literals == std::vector<std::string>{"one {two} three ", ""});
  REQUIRE(label.holes.size() == 1);
  CHECK(label.holes[0].format == HoleFormat::kPlain);
}

TEST_CASE("overrides change built-in rules and rules of other files") {
  const std::string blob = packed(
      "roles:\n  - { name: relay, description: d }\n"
      "  - { name: server, description: d }\nrules:\n" +
      rule_text("a/one", "    when: vm.swappiness < 1\n") +
      rule_text("a/two", "    when: vm.swappiness < 2\n") +
      rule_text("b/one", "    when: vm.swappiness < 3\n"));
  RuleSet rules = RuleSet::packed(blob);
  std::vector<Diagnostic> problems;
  rules.add_yaml("more.yaml", "rules:\n" + rule_text("a/three", "    when: vm.swappiness < 4\n"),
                 problems);
  rules.add_yaml("mine.yaml",
                 "override:\n"
                 "  - { rule: a/, severity: error, unless: vm.dirty_ratio == 1 }\n"
                 "  - { rule: a/two, severity: warning, roles: relay, unless: role(\"server\") }\n"
                 "  - { rule: b/one, disable: true }\n"
                 "  - { rule: \"*\", unless: vm.dirty_ratio == 2 }\n",
                 problems);
  rules.link(problems);
  REQUIRE_MESSAGE(problems.empty(), joined(problems));
  REQUIRE(rules.size() == 4);
  const auto rule = [&](std::string_view id) -> const Rule& { return rules.rule(*rules.find(id)); };
  CHECK(rule("a/one").severity == Severity::kError);
  CHECK(rule("a/one").unless.size() == 2);
  CHECK(rule("a/two").severity == Severity::kWarning);
  CHECK(rule("a/two").roles == std::vector<std::string>{"relay"});
  CHECK(rule("a/two").unless.size() == 3);
  CHECK(rule("a/three").severity == Severity::kError);
  CHECK(rule("a/three").unless.size() == 2);
  CHECK(rule("b/one").severity == Severity::kInfo);
  CHECK(rules.disabled(*rules.find("b/one")));
  CHECK_FALSE(rules.disabled(*rules.find("a/one")));
  CHECK(rules.reading("vm.swappiness") == std::vector<uint32_t>{0, 1, 3});
}

TEST_CASE("a disabled rule may be switched on again, the last word counts") {
  const std::string blob = packed("rules:\n" + rule_text("a/one", "    when: vm.swappiness < 1\n"));
  RuleSet rules = RuleSet::packed(blob);
  std::vector<Diagnostic> problems;
  rules.add_yaml("mine.yaml",
                 "override:\n  - { rule: a/one, disable: true }\n"
                 "  - { rule: a/one, disable: false }\n",
                 problems);
  rules.link(problems);
  CHECK(problems.empty());
  CHECK(rules.reading("vm.swappiness") == std::vector<uint32_t>{0});
}

TEST_CASE("a rule of the user's may not take the id of a built-in one") {
  const std::string blob = packed("rules:\n" + rule_text("a/one", "    when: vm.swappiness < 1\n"));
  RuleSet rules = RuleSet::packed(blob);
  std::vector<Diagnostic> problems;
  rules.add_yaml("mine.yaml", "rules:\n" + rule_text("a/one", "    when: vm.swappiness < 2\n"),
                 problems);
  rules.link(problems);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].message ==
        "rule 'a/one' exists already, in the built-in rules; to change it use `override:`");
  CHECK(rules.size() == 1);
}

TEST_CASE("earlier ids stay known") {
  const std::string blob = packed(
      "rules:\n" +
      rule_text("a/today", "    when: vm.swappiness < 1\n    formerly: [a/once, b/first]\n") +
      "retired:\n  - { id: a/gone, why: the kernel forgot it }\n");
  RuleSet rules = RuleSet::packed(blob);
  std::vector<Diagnostic> problems;
  rules.add_yaml(
      "mine.yaml",
      "rules:\n" +
          rule_text("c/mine", "    when: vm.swappiness < 1\n    supersedes: [a/once, a/gone]\n") +
          "override:\n  - { rule: b/first, severity: error }\n"
          "  - { rule: a/gone, disable: true }\n",
      problems);
  rules.link(problems);
  REQUIRE_MESSAGE(problems.empty(), joined(problems));
  CHECK(rules.find("a/once") == 0);
  CHECK(rules.find("b/first") == 0);
  CHECK_FALSE(rules.find("a/gone").has_value());
  CHECK_FALSE(rules.find("").has_value());
  REQUIRE(rules.old_name("a/once").has_value());
  CHECK(rules.old_name("a/once")->now == "a/today");
  REQUIRE(rules.old_name("a/gone").has_value());
  CHECK(rules.old_name("a/gone")->now.empty());
  CHECK(rules.old_name("a/gone")->why == "the kernel forgot it");
  CHECK_FALSE(rules.old_name("a/today").has_value());
  CHECK(rules.rule(0).severity == Severity::kError);
  CHECK(rules.rule(0).formerly == std::vector<std::string>{"a/once", "b/first"});
  CHECK(rules.rule(1).supersedes == std::vector<std::string>{"a/today", "a/gone"});
}

TEST_CASE("a rule with a mistake is left out and the others stay") {
  RuleSet rules;
  std::vector<Diagnostic> problems;
  rules.add_yaml("mine.yaml",
                 "rules:\n" + rule_text("a/bad", "    when: vm.swapiness < 1\n") +
                     rule_text("a/good", "    when: vm.swappiness < 1\n    supersedes: a/bad\n"),
                 problems);
  rules.link(problems);
  CHECK(problems.size() == 1);
  REQUIRE(rules.size() == 1);
  CHECK(rules.id(0) == "a/good");
}

TEST_CASE("roles bring those that they imply") {
  const std::string blob = packed(read_source("rules/roles.yaml"));
  const RuleSet rules = RuleSet::packed(blob);
  using Texts = std::vector<std::string>;
  const auto expand = [&](Texts given) { return rules.expand_roles(given).value(); };
  CHECK(expand({}) == Texts{});
  CHECK(expand({"exit-relay"}) == Texts{"exit-relay", "relay", "server"});
  CHECK(expand({"postgresql", "laptop"}) ==
        Texts{"database", "desktop", "laptop", "postgresql", "server"});
  CHECK(expand({"kubernetes-node"}) == Texts{"container-host", "kubernetes-node", "server"});
  const Texts unknown = {"server", "exitrelay"};
  CHECK(rules.expand_roles(unknown).error() ==
        "unknown role 'exitrelay'; did you mean 'exit-relay'?");
}

TEST_CASE("roles that imply each other end") {
  const std::string blob = packed(
      "roles:\n  - { name: a, description: d, implies: b }\n"
      "  - { name: b, description: d, implies: [c, a] }\n  - { name: c, description: d }\n");
  const RuleSet rules = RuleSet::packed(blob);
  const std::vector<std::string> given = {"b"};
  CHECK(rules.expand_roles(given).value() == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("every role that scripts rely on is declared") {
  const std::string blob = packed(read_source("rules/roles.yaml"));
  const RuleSet rules = RuleSet::packed(blob);
  for (const std::string role :
       {"server",          "desktop",          "workstation", "laptop",          "exit-relay",
        "relay",           "bridge",           "web-server",  "reverse-proxy",   "load-balancer",
        "lvs-real-server", "dns-server",       "mail-server", "database",        "postgresql",
        "redis",           "elasticsearch",    "kafka",       "kubernetes-node", "container",
        "container-host",  "hypervisor",       "router",      "nat-gateway",     "vpn-gateway",
        "routing-daemon",  "multicast-router", "behind-nat",  "multihomed",      "anycast",
        "bulk-transfer",   "hardened",         "small-vps"}) {
    CAPTURE(role);
    CHECK(rules.expand_roles(std::vector<std::string>{role}).ok());
  }
}

}  // namespace
}  // namespace proctor::rules
