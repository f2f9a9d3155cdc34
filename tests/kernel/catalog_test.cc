#include "kernel/catalog.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "kernel/state.h"

using namespace proctor;
using namespace proctor::kernel;

namespace {

Version at(const char* text) { return *parse_version(text); }

const Key& key(const char* name) {
  const Key* found = find_pattern(name);
  REQUIRE_MESSAGE(found != nullptr, name);
  return *found;
}

}  // namespace

TEST_CASE("keys are sorted and unique") {
  const auto all = keys();
  CHECK(all.size() >= 1228);
  CHECK(std::is_sorted(all.begin(), all.end(),
                       [](const Key& a, const Key& b) { return a.name < b.name; }));
  for (const Key& one : all) CHECK(find_pattern(one.name) == &one);
}

TEST_CASE("paths find their pattern") {
  struct Case {
    const char* path;
    const char* pattern;
    std::vector<std::string> wildcards;
  };
  const Case cases[] = {
      {"net/ipv4/ip_forward", "net.ipv4.ip_forward", {}},
      {"net/ipv4/conf/all/rp_filter", "net.ipv4.conf.*.rp_filter", {"all"}},
      {"net/ipv4/conf/eth0.100/rp_filter", "net.ipv4.conf.*.rp_filter", {"eth0.100"}},
      {"net/ipv6/neigh/lo/gc_stale_time", "net.ipv6.neigh.*.gc_stale_time", {"lo"}},
      {"dev/parport/default/spintime", "dev.parport.default.spintime", {}},
      {"dev/parport/parport0/spintime", "dev.parport.*.spintime", {"parport0"}},
      {"dev/parport/p0/devices/lp/timeslice", "dev.parport.*.devices.*.timeslice", {"p0", "lp"}},
      {"net/netfilter/nf_log/2", "net.netfilter.nf_log.*", {"2"}},
  };
  for (const Case& one : cases) {
    CAPTURE(one.path);
    const auto found = find_path(one.path);
    REQUIRE(found.has_value());
    CHECK(found->key->name == one.pattern);
    CHECK(found->wildcards == one.wildcards);
  }
  for (const char* path : {"", "/", "net", "net/ipv4", "net/ipv4/conf//rp_filter",
                           "net/ipv4/ip_forward/", "nosuch/key", "/net/ipv4/ip_forward",
                           "net.ipv4.ip_forward", "net/ipv4/conf/all/rp_filter/x"}) {
    CAPTURE(path);
    CHECK(!find_path(path).has_value());
  }
}

TEST_CASE("dots and slashes") {
  CHECK(path_to_dotted("net/ipv4/conf/eth0.100/rp_filter") == "net.ipv4.conf.eth0/100.rp_filter");
  CHECK(dotted_to_path("net.ipv4.conf.eth0/100.rp_filter") == "net/ipv4/conf/eth0.100/rp_filter");
  CHECK(dotted_to_path("net/ipv4/conf/eth0.100/rp_filter") == "net/ipv4/conf/eth0.100/rp_filter");
  CHECK(dotted_to_path("plain") == "plain");
}

TEST_CASE("existence follows the life of a key") {
  using enum Existence;
  struct Case {
    const char* name;
    const char* version;
    Existence expected;
  };
  const Case cases[] = {
      {"net.ipv4.tcp_tw_recycle", "2.6.39", kPresent},
      {"net.ipv4.tcp_tw_recycle", "4.11", kPresent},
      {"net.ipv4.tcp_tw_recycle", "4.12", kAbsent},
      {"net.ipv4.tcp_tw_recycle", "6.1.176", kAbsent},
      {"net.ipv4.tcp_abc", "3.8", kPresent},
      {"net.ipv4.tcp_abc", "3.9", kAbsent},
      {"net.ipv4.tcp_cookie_size", "3.10", kAbsent},
      {"net.ipv4.tcp_frto_response", "3.9", kPresent},
      {"net.ipv4.tcp_frto_response", "3.10", kAbsent},
      {"net.ipv4.tcp_max_ssthresh", "3.10", kPresent},
      {"net.ipv4.tcp_max_ssthresh", "3.13", kAbsent},
      {"net.ipv4.tcp_dma_copybreak", "3.17", kPresent},
      {"net.ipv4.tcp_dma_copybreak", "3.18", kAbsent},
      {"net.ipv4.tcp_thin_dupack", "4.10", kPresent},
      {"net.ipv4.tcp_thin_dupack", "4.11", kAbsent},
      {"net.ipv4.tcp_rx_skb_cache", "5.1", kAbsent},
      {"net.ipv4.tcp_rx_skb_cache", "5.2", kPresent},
      {"net.ipv4.tcp_rx_skb_cache", "5.15", kPresent},
      {"net.ipv4.tcp_rx_skb_cache", "5.16", kAbsent},
      {"net.ipv4.tcp_tw_reuse_delay", "6.13", kAbsent},
      {"net.ipv4.tcp_tw_reuse_delay", "6.14", kPresent},
      {"net.ipv4.ip_autobind_reuse", "5.6", kAbsent},
      {"net.ipv4.ip_autobind_reuse", "5.7", kPresent},
      {"net.ipv4.tcp_shrink_window", "6.5", kPresent},
      {"net.ipv4.tcp_shrink_window", "6.1", kUnknown},
      {"net.ipv4.tcp_shrink_window", "6.1.192", kPresent},
      {"net.ipv4.tcp_shrink_window", "5.10", kAbsent},
      {"net.ipv4.tcp_migrate_req", "5.14", kPresent},
      {"net.ipv4.ip_local_port_step_width", "7.0", kAbsent},
      {"net.ipv4.ip_local_port_step_width", "7.1", kPresent},
      {"net.ipv4.tcp_pingpong_thresh", "6.7", kPresent},
      {"net.ipv4.tcp_pingpong_thresh", "6.6", kUnknown},
      {"net.ipv4.tcp_rto_max_ms", "6.15", kPresent},
      {"net.ipv4.tcp_rto_min_us", "6.11", kPresent},
      {"net.ipv4.tcp_plb_enabled", "6.1", kAbsent},
      {"net.ipv4.tcp_plb_enabled", "6.2", kPresent},
      {"kernel.sched_min_granularity_ns", "5.12", kPresent},
      {"kernel.sched_min_granularity_ns", "5.13", kAbsent},
      {"net.netfilter.nf_conntrack_helper", "5.19", kNeedsModule},
      {"net.netfilter.nf_conntrack_helper", "6.0", kAbsent},
      {"net.netfilter.nf_conntrack_dccp_loose", "6.14", kNeedsModule},
      {"net.netfilter.nf_conntrack_dccp_loose", "6.15", kUnknown},
      {"net.netfilter.nf_conntrack_dccp_loose", "6.17", kAbsent},
      {"net.ipv4.netfilter.ip_conntrack_max", "4.8", kNeedsModule},
      {"net.ipv4.netfilter.ip_conntrack_max", "4.9", kAbsent},
      {"net.ipv4.tcp_fack", "7.1", kPresent},
      {"net.ipv4.tcp_low_latency", "7.1", kPresent},
      {"kernel.real-root-dev", "6.19", kPresent},
      {"kernel.real-root-dev", "7.0", kAbsent},
      {"kernel.oops_limit", "5.10.7", kAbsent},
      {"kernel.oops_limit", "5.10", kUnknown},
      {"kernel.oops_limit", "5.10.223", kPresent},
      {"kernel.oops_limit", "4.9", kAbsent},
      {"kernel.unprivileged_userns_clone", "6.1", kUnknown},
      {"vm.mem_profiling", "6.12", kUnknown},
      {"net.ipv4.tcp_syncookies", "2.6.32", kPresent},
      {"net.ipv6.conf.*.accept_ra", "6.1", kPresent},
  };
  for (const Case& one : cases) {
    CAPTURE(one.name);
    CAPTURE(one.version);
    CHECK(existence(key(one.name), at(one.version)) == one.expected);
  }
}

TEST_CASE("the history row in force") {
  struct Case {
    const char* name;
    const char* version;
    const char* handler;
    bool certain;
    int64_t maximum;  ///< -1: none is expected.
  };
  const Case cases[] = {
      {"net.core.somaxconn", "3.9", "proc_dointvec", true, -1},
      {"net.core.somaxconn", "3.18", "proc_dointvec_minmax", true, 65535},
      {"net.core.somaxconn", "4.1", "proc_dointvec_minmax", false, 65535},
      {"net.core.somaxconn", "6.1", "proc_dointvec_minmax", true, -1},
      {"net.ipv4.tcp_syn_retries", "3.9", "proc_dointvec", true, -1},
      {"net.ipv4.tcp_syn_retries", "5.9", "proc_dointvec_minmax", true, 127},
      {"net.ipv4.tcp_syn_retries", "5.10", "proc_dointvec_minmax", false, 127},
      {"net.ipv4.tcp_syn_retries", "5.10.223", "proc_dou8vec_minmax", true, 127},
      {"net.ipv4.tcp_reordering", "5.10.223", "proc_dointvec", true, -1},
      {"net.ipv4.tcp_reordering", "5.15.100", "proc_dointvec", false, -1},
      {"net.ipv4.tcp_rmem", "6.1.176", "proc_dointvec_minmax", true, -1},
      {"net.ipv4.tcp_rmem", "6.1.192", "proc_dointvec_minmax", true, -1},
      {"net.ipv4.tcp_sack", "5.11", "proc_dointvec", true, -1},
      {"net.ipv4.tcp_sack", "5.13", "proc_dointvec", false, -1},
      {"net.ipv4.tcp_sack", "5.15.41", "proc_dou8vec_minmax", true, -1},
      {"net.netfilter.nf_conntrack_max", "6.1.0", "proc_dointvec", false, -1},
      {"net.netfilter.nf_conntrack_max", "6.1.192", "proc_dointvec_minmax", true, 2147483647},
      {"net.netfilter.nf_conntrack_max", "6.2", "proc_dointvec", true, -1},
  };
  for (const Case& one : cases) {
    CAPTURE(one.name);
    CAPTURE(one.version);
    const InForce found = change_at(key(one.name), at(one.version));
    REQUIRE(found.row != nullptr);
    CHECK(found.row->handler == one.handler);
    CHECK(found.certain() == one.certain);
    CHECK((found.row->maximum.kind == Bound::Kind::kNumber) == (one.maximum >= 0));
    if (one.maximum >= 0) CHECK(found.row->maximum.value == one.maximum);
  }
}

TEST_CASE("versions at which a key changes") {
  const auto points = change_points(key("net.ipv4.tcp_tw_recycle"), {at("2.6.18"), at("6.12")});
  CHECK(std::find(points.begin(), points.end(), at("4.12")) != points.end());
  CHECK(std::is_sorted(points.begin(), points.end()));
  CHECK(change_points(key("net.ipv4.tcp_tw_recycle"), {at("5.0"), at("6.12")}).empty());
}

TEST_CASE("between two points nothing changes") {
  Machine machine;
  machine.memory = uint64_t{8} << 30;
  machine.cpus = 4;
  machine.page_size = 4096;
  machine.hz = 250;
  machine.thp = "always";
  machine.modules = {"nf_conntrack"};
  const VersionRange range{at("4.4"), at("7.2")};
  const char* const versions[] = {"4.5",  "4.9",  "4.12", "4.14", "4.20", "5.0",  "5.4",
                                  "5.6",  "5.10", "5.11", "5.12", "5.13", "5.15", "5.19",
                                  "6.0",  "6.1",  "6.5",  "6.6",  "6.8",  "6.11", "6.12",
                                  "6.14", "6.15", "6.17", "6.18", "7.0",  "7.1"};
  for (const Key& one : keys()) {
    std::string path = dotted_to_path(one.name);
    if (const size_t star = path.find('*'); star != path.npos) path.replace(star, 1, "default");
    const auto points = change_points(one, range);
    Version last = range.from;
    size_t next = 0;
    for (const char* text : versions) {
      while (next < points.size() && points[next] <= at(text)) last = points[next++];
      CAPTURE(one.name);
      CAPTURE(std::string(text));
      CHECK(existence(one, at(text)) == existence(one, last));
      CHECK(change_at(one, at(text)).row == change_at(one, last).row);
      CHECK(change_at(one, at(text)).other == change_at(one, last).other);
      machine.version = at(text);
      const Cell here = initial_value(path, machine);
      machine.version = last;
      CHECK(here == initial_value(path, machine));
    }
  }
}

TEST_CASE("a path's initial values by version, for people") {
  const auto rows = initial_rows("net/core/somaxconn");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].value == "128");
  CHECK(rows[1].from == at("5.4"));
  CHECK(rows[1].value == "4096");
  CHECK(!rows[1].evidence.empty());
  CHECK(initial_rows("net/ipv4/conf/all/accept_source_route").front().value == "0");
  CHECK(initial_rows("net/ipv4/conf/eth0/accept_source_route").front().value == "1");
  CHECK(initial_rows("no/such/key").empty());
}

TEST_CASE("one variable under two names") {
  CHECK(same_variable("net/ipv4/ip_forward") ==
        std::vector<std::string>{"net/ipv4/conf/all/forwarding"});
  CHECK(same_variable("net/nf_conntrack_max") ==
        std::vector<std::string>{"net/netfilter/nf_conntrack_max"});
  CHECK(same_variable("net/ipv6/neigh/eth0.1/retrans_time_ms") ==
        std::vector<std::string>{"net/ipv6/neigh/eth0.1/retrans_time"});
  CHECK(same_variable("net/ipv4/route/gc_min_interval") ==
        std::vector<std::string>{"net/ipv4/route/gc_min_interval_ms"});
  CHECK(same_variable("net/ipv6/conf/all/forwarding").empty());
  CHECK(same_variable("vm/swappiness").empty());
}
