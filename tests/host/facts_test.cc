#include "host/facts.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace proctor::host {
namespace {

FactValue value_of(std::string_view assignment) {
  const auto fact = parse_fact(assignment);
  if (!fact) return FactValue(std::string("error: ") + fact.error());
  return fact->second;
}

std::string error_of(std::string_view assignment) {
  const auto fact = parse_fact(assignment);
  return fact ? "no error" : fact.error();
}

TEST_CASE("a fact is typed by the table") {
  CHECK(value_of("memory=8GiB") == FactValue(int64_t{8589934592}));
  CHECK(value_of(" memory = 8GiB ") == FactValue(int64_t{8589934592}));
  CHECK(value_of("host.memory=512MiB") == FactValue(int64_t{536870912}));
  CHECK(value_of("swap=0") == FactValue(int64_t{0}));
  CHECK(value_of("link_speed=10Gbit/s") == FactValue(int64_t{10'000'000'000}));
  CHECK(value_of("cpus=4") == FactValue(int64_t{4}));
  CHECK(value_of("thp=madvise") == FactValue(std::string("madvise")));
  CHECK(value_of("container=yes") == FactValue(true));
  CHECK(value_of("ipv6=0") == FactValue(false));
  CHECK(value_of("listen_ports=443, 9001") == FactValue(std::vector<int64_t>{443, 9001}));
  CHECK(value_of("modules=nf_conntrack,br-netfilter") ==
        FactValue(std::vector<std::string>{"nf_conntrack", "br_netfilter"}));
  CHECK(value_of("modules=") == FactValue(std::vector<std::string>{}));
  CHECK(value_of("interfaces=eth0.100,br-lan") ==
        FactValue(std::vector<std::string>{"eth0.100", "br-lan"}));
  CHECK(value_of("kernel=4.19..6.12") ==
        FactValue(kernel::VersionRange{{4, 19, 0, false}, {6, 12, 0, false}}));
}

TEST_CASE("an error says what was expected") {
  struct Case {
    std::string_view assignment;
    std::string_view error;
  };
  const Case cases[] = {
      {"memory", "'memory' is not NAME=VALUE"},
      {"memry=8GiB", "unknown fact 'memry'; did you mean 'memory'?"},
      {"host.moduls=x", "unknown fact 'moduls'; did you mean 'modules'?"},
      {"memory=8X",
       "fact memory: '8X' is not a size; expected a number with an optional unit such as 8GiB,"
       " 512MiB or 4096"},
      {"memory=0", "'0' is no value for fact memory; expected 1 MiB to 4096 TiB"},
      {"cpus=0", "'0' is no value for fact cpus; expected 1 to 8,192"},
      {"cpus=-1", "'-1' is no value for fact cpus; expected 1 to 8,192"},
      {"cpus=four", "'four' is no value for fact cpus; expected a whole number"},
      {"cpus=", "'' is no value for fact cpus; expected a whole number"},
      {"link_speed=fast",
       "fact link_speed: 'fast' is not a bit rate; expected a number with an optional unit such"
       " as 10Gbit/s, 1000M or 100000000"},
      {"link_speed=18446744073G",
       "'18446744073G' is no value for fact link_speed; expected 1 to 1,000,000,000,000,000"},
      {"page_size=5000", "'5000' is no value for fact page_size; expected a power of two"},
      {"thp=alway",
       "'alway' is no value for fact thp; expected one of always|madvise|never; did you mean"
       " 'always'?"},
      {"container=maybe", "'maybe' is no value for fact container; expected true or false"},
      {"arch=", "'' is no value for fact arch; expected a word"},
      {"listen_ports=80,,443",
       "'80,,443' is no value for fact listen_ports; expected numbers with a comma between them"},
      {"listen_ports=70000", "'70000' is no value for fact listen_ports; expected 1 to 65,535"},
      {"modules=a,,b",
       "'a,,b' is no value for fact modules; expected names with a comma between them"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.assignment);
    CHECK(error_of(c.assignment) == c.error);
  }
  CHECK(error_of("kernel=newest").starts_with("fact kernel: "));
  // Nothing is near: the names themselves help.
  CHECK(error_of("zzzzzzzz=1").find("the facts are arch, container, cpus") != std::string::npos);
}

TEST_CASE("every fact can be given as its text") {
  for (const FactInfo& info : fact_table()) {
    CAPTURE(info.name);
    CHECK(find_fact(info.name) == &info);
    // The option names the fact or is the short form of one.
    const std::string option(info.option);
    const size_t value_at = option.find_first_of("= ", option.find("--fact ") == 0 ? 7 : 0);
    const auto value = parse_fact_value(info, option.substr(value_at + 1));
    REQUIRE(value.ok());
    const auto again = parse_fact_value(info, fact_to_text(*value));
    REQUIRE(again.ok());
    CHECK(*again == *value);
  }
  CHECK(find_fact("") == nullptr);
  CHECK(find_fact("host.memory") == nullptr);
}

TEST_CASE("a later fact overrides an earlier one, and a given one is never unreadable") {
  Facts facts;
  facts.set("memory", int64_t{1});
  facts.set("memory", int64_t{2});
  CHECK(facts.integer("memory") == 2);
  facts.set_unreadable("memory", "EACCES reading /proc/meminfo");
  CHECK(facts.unreadable("memory").empty());
  facts.set_unreadable("thp", "EACCES reading /sys");
  CHECK(facts.unreadable("thp") == "EACCES reading /sys");
  CHECK(facts.get("thp") == nullptr);
  facts.set("thp", std::string("never"));
  CHECK(facts.unreadable("thp").empty());
  facts.forget("thp");
  CHECK(facts.get("thp") == nullptr);
  CHECK(facts.roles().empty());
}

TEST_CASE("a machine holds what is known and nothing else") {
  const kernel::Version version{6, 1, 0, false};
  Facts facts;
  const kernel::Machine nothing = facts.machine(version);
  CHECK(nothing.version == version);
  CHECK_FALSE(nothing.memory.has_value());
  CHECK_FALSE(nothing.modules.has_value());
  CHECK_FALSE(nothing.initial_netns.has_value());

  facts.set("memory", int64_t{8589934592});
  facts.set("cpus", int64_t{4});
  facts.set("page_size", int64_t{4096});
  facts.set("hz", int64_t{250});
  facts.set("thp", std::string("always"));
  facts.set("arch", std::string("x86_64"));
  facts.set("modules", std::vector<std::string>{"nf_conntrack"});
  facts.set("interfaces", std::vector<std::string>{"lo"});
  facts.set("container", false);
  const kernel::Machine machine = facts.machine(version);
  CHECK(machine.memory == 8589934592U);
  CHECK(machine.cpus == 4U);
  CHECK(machine.page_size == 4096U);
  CHECK(machine.hz == 250U);
  CHECK(machine.thp == "always");
  CHECK(machine.arch == "x86_64");
  CHECK(machine.modules == std::vector<std::string>{"nf_conntrack"});
  CHECK(machine.interfaces == std::vector<std::string>{"lo"});
  CHECK(machine.initial_netns == true);

  // A container may use the host's network, so it says nothing of the namespace.
  facts.set("container", true);
  CHECK_FALSE(facts.machine(version).initial_netns.has_value());
  facts.set("initial_netns", false);
  CHECK(facts.machine(version).initial_netns == false);
}

}  // namespace
}  // namespace proctor::host
