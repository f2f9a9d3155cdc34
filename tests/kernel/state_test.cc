#include "kernel/state.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "kernel/predict.h"
#include "kernel/presence.h"

using namespace proctor;
using namespace proctor::kernel;

namespace {

Machine machine(const char* version) {
  Machine result;
  result.version = *parse_version(version);
  return result;
}

}  // namespace

TEST_CASE("explicit cells lie over initial values") {
  State state(machine("6.1"));
  CHECK(state.read("net/core/somaxconn") == Cell::known("4096"));
  CHECK(!state.is_explicit("net/core/somaxconn"));
  state.set("net/core/somaxconn", Cell::known("8192"));
  CHECK(state.read("net/core/somaxconn") == Cell::known("8192"));
  CHECK(state.is_explicit("net/core/somaxconn"));
  CHECK(state.read("net/ipv4/tcp_tw_recycle") == Cell::absent());
  CHECK(state.cells().size() == 1);
}

TEST_CASE("a copy shares the base and goes its own way") {
  State base(machine("6.1"));
  base.set("vm/swappiness", Cell::known("10"));
  base.set("vm/laptop_mode", Cell::known("5"));
  base.freeze();
  State copy = base;
  copy.set("vm/swappiness", Cell::known("20"));
  CHECK(base.read("vm/swappiness") == Cell::known("10"));
  CHECK(copy.read("vm/swappiness") == Cell::known("20"));
  CHECK(copy.read("vm/laptop_mode") == Cell::known("5"));
  CHECK(copy.cells() == std::map<std::string, Cell>{{"vm/laptop_mode", Cell::known("5")},
                                                    {"vm/swappiness", Cell::known("20")}});
}

TEST_CASE("a complete dump has no initial values") {
  State state(machine("6.1"));
  CHECK(state.read("vm/swappiness") == Cell::known("60"));
  state.set_complete(true);
  CHECK(state.read("vm/swappiness") == Cell::absent());
}

TEST_CASE("a state tells what it was asked beyond what it was given") {
  State state(machine("6.1"));
  state.set("net/ipv4/ip_local_port_range", Cell::known("32768\t60999"));
  state.freeze();
  CHECK(state.asked().empty());
  write(state, "net/ipv4/ip_local_port_range", "1024 65535\n");
  const std::vector<std::string> asked = state.asked();
  CHECK(std::ranges::count(asked, "net/ipv4/ip_unprivileged_port_start") == 1);
  CHECK(std::ranges::count(asked, "net/ipv4/ip_local_port_range") == 0);
  CHECK(State(state).asked() == asked);
}

TEST_CASE("interfaces are those that somebody named") {
  State state(machine("6.1"));
  CHECK(!state.interfaces().has_value());
  state.set("net/ipv4/conf/eth0.100/rp_filter", Cell::known("1"));
  state.set("net/ipv4/conf/all/rp_filter", Cell::known("1"));
  state.set("net/ipv4/conf/gone/rp_filter", Cell::absent());
  CHECK(state.interfaces() == std::vector<std::string>{"eth0.100"});
  Machine given = machine("6.1");
  given.interfaces = {"lo", "eth0"};
  CHECK(State(given).interfaces() == std::vector<std::string>{"eth0", "lo"});
}

TEST_CASE("presence needs the facts that decide it") {
  using enum Presence::Answer;
  Machine one = machine("6.1");
  CHECK(presence("net/netfilter/nf_conntrack_max", one).answer == kUnknown);
  CHECK(presence("net/netfilter/nf_conntrack_max", one).needs ==
        std::vector<std::string>{"host.modules"});
  one.modules = {"nf-conntrack"};
  CHECK(presence("net/netfilter/nf_conntrack_max", one).answer == kYes);
  one.modules = {"tcp_bbr"};
  CHECK(presence("net/netfilter/nf_conntrack_max", one).reason ==
        "the module nf_conntrack is not loaded");
  CHECK(presence("net/ipv4/conf/eth0/rp_filter", one).needs ==
        std::vector<std::string>{"host.interfaces"});
  CHECK(presence("net/ipv4/conf/lo/rp_filter", one).answer == kYes);
  one.interfaces = {"lo"};
  CHECK(presence("net/ipv4/conf/eth0/rp_filter", one).reason == "there is no interface eth0");
  CHECK(presence("net/ipv4/neigh/all/gc_stale_time", one).answer == kNo);
  CHECK(presence("net/ipv4/neigh/default/gc_thresh3", one).answer == kYes);
  CHECK(presence("net/ipv4/neigh/lo/gc_thresh3", one).answer == kNo);
  CHECK(presence("net/ipv4/tcp_tw_recycle", one).reason == "removed in 4.12");
  CHECK(presence("net/ipv4/tcp_plb_enabled", one).reason == "it arrives in 6.2");
  CHECK(presence("net/ipv4/tcp_fin_timeuot", one).reason == "no kernel has this key");
  CHECK(presence("net/core/netdev_max_backlog", one).answer == kYes);
  one.initial_netns = false;
  CHECK(presence("net/core/netdev_max_backlog", one).answer == kNo);
  CHECK(presence("net/core/somaxconn", one).answer == kYes);
}
