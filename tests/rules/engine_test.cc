// What rules make of configurations: scenarios, layers, interfaces, one finding for one cause.
#include "rules/engine.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "judging.h"

namespace proctor::rules {
namespace {

struct Row {
  const char* name;
  const char* fields;
  const char* conf;
  const char* given;
  const char* expected;
};

void check(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(verdict(rule(row.fields), Files(row.conf), row.given) == row.expected);
  }
}

TEST_CASE("three outcomes") {
  const char* low =
      "when: written(vm.swappiness) && vm.swappiness < 10\nmessage: \"{vm.swappiness|plain}\"";
  const char* memory = "when: vm.swappiness < 10 && host.memory < 1073741824";
  check({
      {"fires", low, "vm.swappiness = 5\n", "kernel=6.1", "1 warning test/rule: 5\n"},
      {"silent", low, "vm.swappiness = 50\n", "kernel=6.1", ""},
      {"not asked: nothing that it reads is touched", low, "vm.page-cluster = 0\n", "kernel=6.1",
       ""},
      {"a fact decides", memory, "vm.swappiness = 5\n", "kernel=6.1",
       "1 test/rule ? host.memory\n"},
      {"false && unknown is false", memory, "vm.swappiness = 50\n", "kernel=6.1", ""},
      {"the fact is given", memory, "vm.swappiness = 5\n", "kernel=6.1 memory=512MiB",
       "1 warning test/rule: it fires\n"},
      {"a template fills it in", low, "vm.swappiness = {{ s }}\n", "kernel=6.1",
       "1 test/rule ? template\n"},
  });
}

TEST_CASE("absent keys keep a rule silent, unless and roles as well") {
  check({
      {"absent", "when: net.ipv4.tcp_tw_recycle == 1", "net.ipv4.tcp_tw_recycle = 1\n",
       "kernel=6.1", ""},
      {"has", "when: \"!has(net.ipv4.tcp_tw_recycle)\"", "net.ipv4.tcp_tw_recycle = 1\n",
       "kernel=6.1", "1 warning test/rule: it fires\n"},
      {"present", "when: net.ipv4.tcp_tw_recycle == 1", "net.ipv4.tcp_tw_recycle = 1\n",
       "kernel=4.4", "1 warning test/rule: it fires\n"},
      {"unless", "when: vm.swappiness < 10\nunless: role(\"database\")", "vm.swappiness = 5\n",
       "kernel=6.1 role=database", ""},
      {"unless not", "when: vm.swappiness < 10\nunless: role(\"database\")", "vm.swappiness = 5\n",
       "kernel=6.1", "1 warning test/rule: it fires\n"},
      {"unless unknown", "when: vm.swappiness < 10\nunless: host.cpus > 4", "vm.swappiness = 5\n",
       "kernel=6.1", "1 test/rule ? host.cpus\n"},
      {"another role", "when: vm.swappiness < 10\nroles: [relay]", "vm.swappiness = 5\n",
       "kernel=6.1", ""},
      {"an implied role", "when: vm.swappiness < 10\nroles: [relay]", "vm.swappiness = 5\n",
       "kernel=6.1 role=exit-relay", "1 warning test/rule: it fires\n"},
      {"a policy", "when: vm.swappiness < 10\ntags: [policy]", "vm.swappiness = 5\n", "kernel=6.1",
       ""},
      {"another kernel", "when: vm.swappiness < 10\nkernel: \"5.10..\"", "vm.swappiness = 5\n",
       "kernel=5.4", ""},
  });
}

TEST_CASE("a range of kernels is cut where something changes") {
  const char* since = "when: written(vm.swappiness)\nkernel: \"5.4..\"";
  const char* until = "when: written(vm.swappiness)\nkernel: \"..4.11\"";
  const char* named =
      "when: written(vm.swappiness) && host.kernel.atLeast(\"4.19\") && "
      "host.kernel.below(\"5.15\")";
  const char* initial = "when: written(net.core.somaxconn) && initial.net.core.somaxconn == 128";
  check({
      {"all", since, "vm.swappiness = 5\n", "kernel=5.4..6.12", "1 warning test/rule: it fires\n"},
      {"later ones", since, "vm.swappiness = 5\n", "kernel=4.4..6.12",
       "1 test/rule ? host.kernel; holds for 5.4 and later\n"},
      {"earlier ones", until, "vm.swappiness = 5\n", "kernel=4.4..6.12",
       "1 test/rule ? host.kernel; holds for before 4.12\n"},
      {"none", until, "vm.swappiness = 5\n", "kernel=5.4..6.12", ""},
      {"in the middle", named, "vm.swappiness = 5\n", "kernel=4.4..6.12",
       "1 test/rule ? host.kernel; holds for 4.19 to before 5.15\n"},
      {"an initial value changes", initial, "net.core.somaxconn = 1\n", "kernel=4.19..6.1",
       "1 test/rule ? host.kernel; holds for before 5.4\n"},
      {"nothing given: the maintained kernels", since, "vm.swappiness = 5\n", "",
       "1 warning test/rule: it fires\n"},
  });
}

TEST_CASE("the message is that of the newest kernel") {
  const char* fields =
      "when: written(net.core.somaxconn)\n"
      "message: \"{initial.net.core.somaxconn|plain}\"";
  CHECK(verdict(rule(fields), Files("net.core.somaxconn = 1\n"), "kernel=4.19..6.1") ==
        "1 warning test/rule: 4096\n");
}

TEST_CASE("layers: the value in effect, and each layer by name") {
  const char* both =
      "when: written(vm.swappiness)\n"
      "message: \"{vm.swappiness|plain} {proposed.vm.swappiness|plain} "
      "{running.vm.swappiness|plain} {initial.vm.swappiness|plain}\"";
  check({
      {"over a running value", both, "vm.swappiness = 5\n", "kernel=6.1 running:vm.swappiness=30",
       "1 warning test/rule: 5 5 30 60\n"},
      {"nothing running is known", both, "vm.swappiness = 5\n", "kernel=6.1",
       "1 warning test/rule: 5 5 an unknown value 60\n"},
      {"refused: the running value stays",
       "when: written(vm.swappiness)\nmessage: \"{vm.swappiness|plain}\"", "vm.swappiness = abc\n",
       "kernel=6.1 running:vm.swappiness=30", "1 warning test/rule: 30\n"},
      {"a rule on another line's effect",
       "when: net.ipv4.conf.all.accept_redirects == 0 && "
       "proposed.net.ipv4.conf.all.accept_redirects == 1",
       "net.ipv4.conf.all.accept_redirects = 1\nnet.ipv4.ip_forward = 1\n", "kernel=6.1",
       "1 warning test/rule: it fires\n"},
  });
}

TEST_CASE("written, accepted, order, value_text, default") {
  check({
      {"accepted", "when: written(vm.swappiness) && !accepted(vm.swappiness)",
       "vm.swappiness = abc\n", "kernel=6.1", "1 warning test/rule: it fires\n"},
      {"order, right", "when: order(vm.swappiness) < order(vm.dirty_ratio)",
       "vm.swappiness = 5\nvm.dirty_ratio = 30\n", "kernel=6.1", "2 warning test/rule: it fires\n"},
      {"order, wrong", "when: order(vm.swappiness) < order(vm.dirty_ratio)",
       "vm.dirty_ratio = 30\nvm.swappiness = 5\n", "kernel=6.1", ""},
      {"order of what is not written", "when: order(vm.swappiness) < order(vm.dirty_ratio)",
       "vm.swappiness = 5\n", "kernel=6.1", ""},
      {"as the file says it", "when: value_text(net.ipv4.tcp_fastopen) == \"0x3\"",
       "net.ipv4.tcp_fastopen = 0x3\n", "kernel=6.1", "1 warning test/rule: it fires\n"},
      {"a fallback where there is no key",
       "when: written(vm.swappiness) && default(net.ipv4.tcp_tw_recycle, 7) == 7",
       "vm.swappiness = 5\n", "kernel=6.1", "1 warning test/rule: it fires\n"},
  });
}

TEST_CASE("a rule that asks each interface") {
  const char* fields =
      "for-each: interface\n"
      "when: combined(iface, \"rp_filter\") == 0 && written(net.ipv4.conf.all.rp_filter)\n"
      "message: \"{iface} does not filter\"";
  const char* either =
      "for-each: interface\n"
      "when: combined(iface, \"log_martians\") == 0 && written(net.ipv4.conf.all.log_martians)";
  const char* own =
      "for-each: interface\n"
      "when: written(net.ipv4.conf[iface].rp_filter) && net.ipv4.conf[iface].rp_filter == 0\n"
      "message: \"{iface} does not filter\"";
  check({
      {"named by a fact", fields, "net.ipv4.conf.all.rp_filter = 0\n",
       "kernel=6.1 interfaces=eth0 running:net.ipv4.conf.eth0.rp_filter=0",
       "1 warning test/rule: eth0 does not filter\n"},
      {"others stay open", fields, "net.ipv4.conf.all.rp_filter = 0\n", "kernel=6.1",
       "1 test/rule ? host.interfaces\n"},
      {"either of the two is enough, whatever the interfaces have", either,
       "net.ipv4.conf.all.log_martians = 1\n", "kernel=6.1", ""},
      {"named by the configuration", own,
       "net.ipv4.conf.eth1.rp_filter = 0\nnet.ipv4.conf.eth0.rp_filter = 0\n",
       "kernel=6.1 interfaces=eth0,eth1",
       "1 warning test/rule: eth1 does not filter\n2 warning test/rule: eth0 does not filter\n"},
      {"one line, one finding", fields, "net.ipv4.conf.all.rp_filter = 0\n",
       "kernel=6.1 interfaces=eth0,eth1 running:net.ipv4.conf.eth0.rp_filter=0 "
       "running:net.ipv4.conf.eth1.rp_filter=0",
       "1 warning test/rule: eth0 does not filter (also: eth1)\n"},
  });
}

TEST_CASE("the finding stands on the anchor, the line in effect, or the last that is read") {
  check({
      {"the last that is read", "when: vm.swappiness < 10 && vm.dirty_ratio < 40",
       "vm.dirty_ratio = 30\nvm.swappiness = 5\n", "kernel=6.1", "2 warning test/rule: it fires\n"},
      {"the anchor", "when: vm.swappiness < 10 && vm.dirty_ratio < 40\nanchor: vm.dirty_ratio",
       "vm.dirty_ratio = 30\nvm.swappiness = 5\n", "kernel=6.1", "1 warning test/rule: it fires\n"},
      {"the first anchor that is written",
       "when: vm.swappiness < 10 && vm.dirty_ratio < 40\nanchor: [vm.page-cluster, vm.dirty_ratio]",
       "vm.dirty_ratio = 30\nvm.swappiness = 5\n", "kernel=6.1", "1 warning test/rule: it fires\n"},
      {"the line in effect", "when: vm.swappiness < 10", "vm.swappiness = 5\nvm.swappiness = abc\n",
       "kernel=6.1 loader=procps-4.0.2", "1 warning test/rule: it fires\n"},
  });
}

TEST_CASE("lines beside a finding: those of other keys, and the others of its own") {
  const Files files(
      "net.ipv4.tcp_tw_recycle = 1\nnet.ipv4.tcp_timestamps = 0\nnet.ipv4.tcp_tw_recycle = 0\n");
  const RuleSet rules = rule(
      "when: written(net.ipv4.tcp_tw_recycle)\n"
      "related: [net.ipv4.tcp_timestamps, net.ipv4.tcp_tw_recycle]");
  const Report report = judge(rules, files.configuration, target("kernel=6.1"), {});
  REQUIRE(report.findings.size() == 1);
  std::vector<std::string> beside;
  for (const Related& one : report.findings[0].related) beside.push_back(one.message);
  CHECK(beside ==
        std::vector<std::string>{"net.ipv4.tcp_timestamps = 0", "net.ipv4.tcp_tw_recycle = 1"});
}

TEST_CASE("a line that a later one overrides fails where that one does") {
  CHECK(verdict(generic(), Files("kernel.no_such = 1\nkernel.no_such = 2\n"), "kernel=6.1") ==
        "1 error key/unknown: kernel.no_such is no sysctl of any kernel that proctor knows\n"
        "2 error key/unknown: kernel.no_such is no sysctl of any kernel that proctor knows\n");
}

TEST_CASE("a key that one loader cannot read is there all the same") {
  CHECK(verdict(generic(), Files("vm.drop_caches = 3\n"), "kernel=6.1 loader=systemd-252") ==
        "1 warning syntax/write-only: vm.drop_caches is never written by systemd-sysctl 252, and "
        "nobody says so: it cannot be read, and they read first\n");
}

TEST_CASE("one cause, one finding") {
  const char* specific =
      "rules:\n"
      "  - id: test/rule\n"
      "    title: t\n"
      "    severity: error\n"
      "    category: removed\n"
      "    message: gone\n"
      "    why: w\n"
      "    evidence: [e]\n"
      "    when: written(net.ipv4.tcp_tw_recycle)\n"
      "    supersedes: [test/generic]\n"
      "    examples: [{ name: a, conf: x, expect: fires }, { name: b, conf: x, expect: silent }]\n"
      "  - id: test/generic\n"
      "    title: t\n"
      "    severity: error\n"
      "    category: removed\n"
      "    message: \"{key} was removed in {removed}\"\n"
      "    why: w\n"
      "    evidence: [e]\n"
      "    detect: removed\n"
      "    examples: [{ name: a, conf: x, expect: fires }, { name: b, conf: x, expect: silent }]\n"
      "  - id: test/value\n"
      "    title: t\n"
      "    severity: warning\n"
      "    category: harmful\n"
      "    message: a remark on the line\n"
      "    why: w\n"
      "    evidence: [e]\n"
      "    when: written(net.ipv4.tcp_tw_recycle) || written(net.ipv4.tcp_abc)\n"
      "    examples: [{ name: a, conf: x, expect: fires }, { name: b, conf: x, expect: silent }]\n";
  const RuleSet rules = ruleset(specific);
  const Files recycle("net.ipv4.tcp_tw_recycle = 1\n");
  CHECK(verdict(rules, recycle, "kernel=6.1") == "1 error test/rule: gone\n");
  const Report report = judge(rules, recycle.configuration, target("kernel=6.1"), {});
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].also == std::vector<std::string>{"test/generic"});
  // Without the specific rule the generic one speaks, and still nobody else on that line.
  CHECK(verdict(rules, recycle, "kernel=6.1", {{}, {"test/rule"}}) ==
        "1 error test/generic: net.ipv4.tcp_tw_recycle was removed in 4.12\n");
  CHECK(verdict(rules, Files("net.ipv4.tcp_abc = 1\n"), "kernel=6.1") ==
        "1 error test/generic: net.ipv4.tcp_abc was removed in 3.9\n");
  CHECK(verdict(rules, Files("net.ipv4.tcp_abc = 1\n"), "kernel=2.6.32") ==
        "1 warning test/value: a remark on the line\n");
}

TEST_CASE("selection: the closest word wins") {
  const RuleSet rules = rule("when: vm.swappiness < 10\ntags: [policy, taste]");
  const Files files("vm.swappiness = 5\n");
  const std::string fires = "1 warning test/rule: it fires\n";
  struct Choice {
    std::vector<std::string> select;
    std::vector<std::string> ignore;
    bool speaks;
  };
  for (const Choice& choice :
       {Choice{{}, {}, false}, Choice{{"policy"}, {}, true}, Choice{{"test/"}, {}, true},
        Choice{{"test/rule"}, {"test/"}, true}, Choice{{"test/"}, {"test/rule"}, false},
        Choice{{"test/rule"}, {"test/rule"}, false}, Choice{{"test/"}, {"taste"}, true},
        Choice{{"other/"}, {}, false}, Choice{{"default"}, {}, false},
        Choice{{"default", "taste"}, {}, true}, Choice{{"taste"}, {"default"}, true}}) {
    CAPTURE(choice.select);
    CAPTURE(choice.ignore);
    CHECK(verdict(rules, files, "kernel=6.1", {choice.select, choice.ignore}) ==
          (choice.speaks ? fires : ""));
  }
}

TEST_CASE("selection: `default` names what speaks without it") {
  const RuleSet plain = rule("when: vm.swappiness < 10");
  const RuleSet practice =
      rule("when: vm.swappiness < 10\ntags: [policy, taste]\nroles: [database]");
  const RuleSet local = rule("when: vm.swappiness < 10\ntags: [taste]\nroles: [database]");
  const Files files("vm.swappiness = 5\n");
  const std::string fires = "1 warning test/rule: it fires\n";
  struct Choice {
    const RuleSet* rules;
    const char* given;
    Selection selection;
    bool speaks;
  };
  for (const Choice& choice : {
           Choice{&plain, "kernel=6.1", {{"default"}, {}}, true},
           Choice{&plain, "kernel=6.1", {{"default"}, {"test/"}}, false},
           Choice{&plain, "kernel=6.1", {{"other/"}, {"default"}}, false},
           Choice{&practice, "kernel=6.1", {}, false},
           Choice{&practice, "kernel=6.1 role=database", {}, true},
           Choice{&practice, "kernel=6.1 role=database", {{"default"}, {}}, true},
           Choice{&practice, "kernel=6.1", {{"taste"}, {}}, true},
           Choice{&practice, "kernel=6.1", {{"test/rule", "taste"}, {}}, true},
           Choice{&practice, "kernel=6.1", {{"test/rule"}, {}}, false},
           Choice{&practice, "kernel=6.1", {{"test/"}, {}}, false},
           Choice{&local, "kernel=6.1", {{"taste"}, {}}, false},
           Choice{&local, "kernel=6.1", {{"default"}, {}}, false},
           Choice{&local, "kernel=6.1 role=database", {{"default"}, {}}, true},
       }) {
    CAPTURE(choice.given);
    CAPTURE(choice.selection.select);
    CHECK(verdict(*choice.rules, files, choice.given, choice.selection) ==
          (choice.speaks ? fires : ""));
  }
}

TEST_CASE("a rule whose expression fails is a defect, once") {
  const RuleSet rules = rule("when: 1 / (vm.swappiness - vm.swappiness) == 1");
  const Files files("vm.swappiness = 5\n");
  const Report report = judge(rules, files.configuration, target(""), {});
  CHECK(report.findings.empty());
  REQUIRE(report.defects.size() == 1);
  CHECK(report.defects[0].file == "test.yaml");
  CHECK(report.defects[0].message.find("test/rule") != std::string::npos);
}

TEST_CASE("equal input gives equal output, findings in order") {
  const Files files(
      "; c\nvm.swapiness = 1\nnet.ipv4.tcp_tw_recycle = 1 \nnet.ipv4.tcp_syn_retries = 200\n"
      "vm.swappiness = 010\nvm.swappiness = 5\n");
  const Report first = judge(generic(), files.configuration, target(""), {});
  const Report second = judge(generic(), files.configuration, target(""), {});
  REQUIRE(first.findings.size() == second.findings.size());
  for (size_t i = 0; i < first.findings.size(); ++i) {
    CHECK(first.findings[i].message == second.findings[i].message);
    if (i == 0) continue;
    CHECK(first.findings[i - 1].span.begin <= first.findings[i].span.begin);
  }
  CHECK(first.assignments == 5);
}

}  // namespace
}  // namespace proctor::rules
