// Rules asked about running values, without a configuration.
#include "rules/running.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "judging.h"

namespace proctor::rules {
namespace {

std::string verdict_on_values(const RuleSet& rules, const std::string& given,
                              const std::set<std::string>& set = {}) {
  const Target machine = target(given);
  const RunningLines lines(machine);
  const Report report = judge_running(rules, lines, machine, {}, set);
  CHECK(report.defects.empty());
  std::string out;
  for (const Finding& finding : report.findings) {
    CHECK(finding.fixes.empty());
    out += std::string(lines.document().text(finding.span)) + ": " + finding.why + "\n";
  }
  for (const Undecided& undecided : report.undecided) {
    out += std::string(lines.document().text(undecided.span)) + " ?\n";
  }
  return out;
}

struct Row {
  const char* name;
  const char* fields;
  const char* given;
  std::set<std::string> set;
  const char* expected;
};

TEST_CASE("a value is written where it is not the kernel's own, or a file sets it") {
  const char* written = "when: written(vm.swappiness)\nwhy: w";
  const char* threads = "when: written(kernel.`threads-max`)\nwhy: w";
  const char* large = "when: written(net.ipv4.tcp_mem)\nwhy: w";
  const Row rows[] = {
      {"another value",
       written,
       "kernel=6.1 running:vm.swappiness=10",
       {},
       "vm.swappiness = 10: w\n"},
      {"the kernel's own", written, "kernel=6.1 running:vm.swappiness=60", {}, ""},
      {"the kernel's own, set by a file",
       written,
       "kernel=6.1 running:vm.swappiness=60",
       {"vm/swappiness"},
       "vm.swappiness = 60: w\n"},
      {"not read", written, "kernel=6.1 running:vm.page-cluster=0", {}, ""},
      {"the kernel's own is not known",
       "when: written(kernel.core_pattern)\nwhy: w",
       "kernel=6.1 running:kernel.pid_max=70000",
       {},
       ""},
      {"near what the memory makes of it",
       threads,
       "kernel=6.1 memory=8GiB arch=x86_64 page_size=4096 running:kernel.threads-max=63000",
       {},
       ""},
      {"far from it",
       threads,
       "kernel=6.1 memory=8GiB arch=x86_64 page_size=4096 running:kernel.threads-max=30000",
       {},
       "kernel.threads-max = 30000: w\n"},
      {"unknown memory", large, "kernel=6.1 running:net.ipv4.tcp_mem=1", {}, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(verdict_on_values(rule(row.fields), row.given, row.set) == row.expected);
  }
}

TEST_CASE("every rule is asked, whether or not anybody wrote what it reads") {
  const Row rows[] = {
      {"a value of the kernel's own",
       "when: vm.swappiness == 60\nwhy: w",
       "kernel=6.1 running:vm.swappiness=60",
       {},
       "vm.swappiness = 60: w\n"},
      {"where the anchor stands",
       "when: vm.swappiness == 60\nanchor: vm.page-cluster\nwhy: w",
       "kernel=6.1 running:vm.swappiness=60 running:vm.page-cluster=3",
       {},
       "vm.page-cluster = 3: w\n"},
      {"a fact decides",
       "when: vm.swappiness == 60 && host.cpus > 4\nwhy: w",
       "kernel=6.1 running:vm.swappiness=60",
       {},
       "vm.swappiness = 60 ?\n"},
      {"the better value is told",
       "when: vm.swappiness == 5\nwhy: Few.\n"
       "fix: { set: vm.swappiness, to: \"60\", safe: false }",
       "kernel=6.1 running:vm.swappiness=5",
       {},
       "vm.swappiness = 5: Few. Better: vm.swappiness = 60.\n"},
      {"nothing to delete",
       "when: vm.swappiness == 5\nwhy: Few.\nfix: { remove: vm.swappiness, safe: false }",
       "kernel=6.1 running:vm.swappiness=5",
       {},
       "vm.swappiness = 5: Few.\n"},
      {"each interface",
       "for-each: interface\nwhen: net.ipv4.conf[iface].rp_filter == 0\nwhy: \"{iface}\"",
       "kernel=6.1 interfaces=lo,eth0 running:net.ipv4.conf.lo.rp_filter=0 "
       "running:net.ipv4.conf.eth0.rp_filter=1",
       {},
       "net.ipv4.conf.lo.rp_filter = 0: lo\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(verdict_on_values(rule(row.fields), row.given, row.set) == row.expected);
  }
}

TEST_CASE("lines hold what fits on one, and no key that the catalog lacks") {
  Target machine = target("kernel=6.1 running:vm.swappiness=60");
  machine.running["dev/cdrom/info"] = "CD-ROM information\ndrive name:";
  machine.running["vm/nothing_of_this_name"] = "1";
  machine.running["kernel/core_pattern"] = std::string("a\x1b[2Jb");
  machine.running["net/ipv4/conf/eth0.100/rp_filter"] = "0";
  machine.running["net/ipv4/tcp_rmem"] = "4096\t131072\t6291456";
  const RunningLines lines(machine);
  CHECK(lines.document().bytes() ==
        "net.ipv4.conf.eth0/100.rp_filter = 0\n"
        "net.ipv4.tcp_rmem = 4096 131072 6291456\n"
        "vm.swappiness = 60\n");
  CHECK(lines.paths().size() == 3);
}

}  // namespace
}  // namespace proctor::rules
