#include <doctest/doctest.h>

#include <map>
#include <string>

#include "host/procsys.h"

namespace proctor::host {
namespace {

TEST_CASE("one line of a dump") {
  struct Case {
    std::string line;
    std::string path;
    std::string value;
  };
  const Case cases[] = {
      {"vm.swappiness = 60", "vm/swappiness", "60"},
      {"vm.swappiness=60", "vm/swappiness", "60"},
      {"vm/swappiness = 60", "vm/swappiness", "60"},
      {"vm.swappiness = 60\r", "vm/swappiness", "60"},
      {"net.ipv4.tcp_rmem = 4096\t131072\t6291456", "net/ipv4/tcp_rmem", "4096\t131072\t6291456"},
      {"kernel.domainname = (none)", "kernel/domainname", "(none)"},
      {"kernel.hotplug = ", "kernel/hotplug", ""},
      {"kernel.hotplug =", "kernel/hotplug", ""},
      {"kernel.core_pattern = |/bin/x a=b c", "kernel/core_pattern", "|/bin/x a=b c"},
      {"kernel.core_pattern =  two blanks", "kernel/core_pattern", " two blanks"},
      // As sysctl prints an interface with a dot in its name.
      {"net.ipv4.conf.eth0/100.rp_filter = 1", "net/ipv4/conf/eth0.100/rp_filter", "1"},
      {"net/ipv4/conf/eth0.100/rp_filter = 1", "net/ipv4/conf/eth0.100/rp_filter", "1"},
      // As other programs do.
      {"net.ipv4.conf.eth0.100.rp_filter = 1", "net/ipv4/conf/eth0.100/rp_filter", "1"},
      {"net.ipv4.neigh.a.b.c.gc_stale_time = 60", "net/ipv4/neigh/a.b.c/gc_stale_time", "60"},
      {"net.ipv6.conf.all.forwarding = 0", "net/ipv6/conf/all/forwarding", "0"},
      // Not in the catalog: taken as it stands.
      {"vendor.some.key = 1", "vendor/some/key", "1"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.line);
    const Dump dump = parse_sysctl_dump(c.line + "\n");
    CHECK(dump.values == std::map<std::string, std::string>{{c.path, c.value}});
    CHECK(dump.problem_count == 0);
  }
}

TEST_CASE("a whole dump") {
  const Dump dump = parse_sysctl_dump(
      "sysctl: permission denied on key 'fs.protected_fifos'\n"
      "dev.cdrom.info = CD-ROM information, Id: cdrom.c 3.20 2003/12/17\n"
      "dev.cdrom.info = \n"
      "dev.cdrom.info = drive name:\tsr0\n"
      "\n"
      "vm.swappiness = 60\n"
      "sysctl: reading key \"net.ipv6.conf.all.stable_secret\"\n"
      "garbage\n"
      "../../etc/passwd = x\n"
      " = 3\n"
      "vm.page-cluster = 3");
  CHECK(dump.values == std::map<std::string, std::string>{
                           {"dev/cdrom/info",
                            "CD-ROM information, Id: cdrom.c 3.20 2003/12/17\n\ndrive name:\tsr0"},
                           {"vm/page-cluster", "3"},
                           {"vm/swappiness", "60"}});
  CHECK(dump.skipped == 2);
  CHECK(dump.problem_count == 3);
  CHECK(dump.problems == std::vector<std::string>{"line 8: expected 'key = value'",
                                                  "line 9: '../../etc/passwd' is no key",
                                                  "line 10: '' is no key"});
}

TEST_CASE("hostile dumps are bounded") {
  CHECK(parse_sysctl_dump("").values.empty());
  const Dump binary = parse_sysctl_dump(std::string("\0=\0\n", 4));
  CHECK(binary.values.empty());
  CHECK(binary.problems == std::vector<std::string>{"line 1: '\\x00' is no key"});
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "no assignment\n";
  const Dump dump = parse_sysctl_dump(many);
  CHECK(dump.problem_count == 1000);
  CHECK(dump.problems.size() == kMaxDumpProblems);
  std::string deep = "a";
  for (int i = 0; i < 100000; ++i) deep += ".a";
  CHECK(parse_sysctl_dump(deep + " = 1").values.size() == 1);
}

}  // namespace
}  // namespace proctor::host
