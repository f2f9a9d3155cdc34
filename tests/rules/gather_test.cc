// Lines of which a rule says the same have one finding, which speaks of those that it is true for.
#include "rules/gather.h"

#include <doctest/doctest.h>

#include <string>

#include "judging.h"

namespace proctor::rules {
namespace {

struct Row {
  const char* name;
  const char* conf;
  const char* expected;
};

void check(const std::string& rule, const std::string& given, std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(verdict(generic(), Files(row.conf), given, {{rule, "suppression/"}, {}}) == row.expected);
  }
}

TEST_CASE("lines of one module") {
  check("load/module-first", "kernel=6.1",
        {{"one finding for them",
          "net.netfilter.nf_conntrack_max = 65536\n"
          "vm.swappiness = 10\n"
          "net.netfilter.nf_conntrack_tcp_loose = 0\n",
          "1 info load/module-first: net.netfilter.nf_conntrack_max is lost at boot unless "
          "nf_conntrack is loaded before (2 lines)\n"},
         {"another module has its own",
          "net.netfilter.nf_conntrack_max = 65536\n"
          "sunrpc.rpc_debug = 1\n",
          "1 info load/module-first: net.netfilter.nf_conntrack_max is lost at boot unless "
          "nf_conntrack is loaded before\n"
          "2 info load/module-first: sunrpc.rpc_debug is lost at boot unless sunrpc is loaded "
          "before\n"},
         {"what is silenced is not among them",
          "# proctor: ignore load/module-first -- the firewall loads it\n"
          "net.netfilter.nf_conntrack_max = 65536\n"
          "net.netfilter.nf_conntrack_tcp_loose = 0\n",
          "3 info load/module-first: net.netfilter.nf_conntrack_tcp_loose is lost at boot unless "
          "nf_conntrack is loaded before\n"}});
}

TEST_CASE("what is refused is not lost for want of its module") {
  const Selection both{{"load/module-first", "value/rejected"}, {}};
  CHECK(verdict(generic(),
                Files("net.netfilter.nf_conntrack_max = 65536\n"
                      "net.netfilter.nf_conntrack_tcp_loose = 1234567\n"),
                "kernel=6.1", both) ==
        "1 info load/module-first: net.netfilter.nf_conntrack_max is lost at boot unless "
        "nf_conntrack is loaded before\n"
        "2 error value/rejected: net.netfilter.nf_conntrack_tcp_loose refuses 1234567: above its "
        "maximum of 1\n");
}

TEST_CASE("lines that are lost are told of whatever is said of the first") {
  check("load/rest-not-read", "kernel=6.1 loader=busybox-1.35.0",
        {{"it is there", "vm.swappiness = 1000\nvm.page-cluster = 0\n",
          "2 error load/rest-not-read: busybox ends at line 1, which the kernel refuses, and never "
          "sets vm.page-cluster\n"},
         {"it is no key, one more follows",
          "vm.swappiness = 1000\nvm.nothing = 0\nvm.page-cluster = 0\n",
          "2 error load/rest-not-read: busybox ends at line 1, which the kernel refuses, and never "
          "sets vm.nothing (and 1 more line of this file)\n"}});
}

TEST_CASE("findings of several severities stay apart") {
  Finding first;
  first.rule = "test/rule";
  first.topic = "one";
  first.message = "first";
  first.keys = {"vm.swappiness"};
  Finding second = first;
  second.message = "second";
  second.keys = {"vm.swappiness", "vm.page-cluster"};
  second.lines = 3;
  Finding worse = first;
  worse.severity = Severity::kError;
  Finding alone = first;
  alone.topic.clear();
  std::vector<Finding> all{first, alone, second, worse};
  gather(all);
  REQUIRE(all.size() == 3);
  CHECK(all[0].message == "first (4 lines)");
  CHECK(all[0].keys == std::vector<std::string>{"vm.swappiness", "vm.page-cluster"});
  CHECK(all[0].related.size() == 1);
  CHECK(all[1].message == "first");
  CHECK(all[2].message == "first");
}

}  // namespace
}  // namespace proctor::rules
