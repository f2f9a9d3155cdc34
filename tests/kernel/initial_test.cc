#include <doctest/doctest.h>

#include "kernel/state.h"

using namespace proctor;
using namespace proctor::kernel;

namespace {

constexpr uint64_t kGiB = uint64_t{1} << 30;

Machine machine(const char* version, std::optional<uint64_t> memory = std::nullopt) {
  Machine result;
  result.version = *parse_version(version);
  result.memory = memory;
  result.modules = {"nf_conntrack", "nf_conntrack_ipv4"};
  return result;
}

}  // namespace

TEST_CASE("initial values by version") {
  struct Case {
    const char* path;
    const char* version;
    const char* expected;  ///< Null: unknown.
  };
  const Case cases[] = {
      {"net/core/somaxconn", "5.3", "128"},
      {"net/core/somaxconn", "5.4", "4096"},
      {"net/core/somaxconn", "2.6.39", "128"},
      {"net/ipv4/tcp_tw_reuse", "4.14", "0"},
      {"net/ipv4/tcp_tw_reuse", "4.18", nullptr},
      {"net/ipv4/tcp_tw_reuse", "4.19", "2"},
      {"net/ipv4/tcp_syn_retries", "2.6.32", "5"},
      {"net/ipv4/tcp_syn_retries", "3.2", nullptr},
      {"net/ipv4/tcp_syn_retries", "3.10", "6"},
      {"net/ipv4/ip_local_port_range", "4.1", "32768\t61000"},
      {"net/ipv4/ip_local_port_range", "4.2", "32768\t60999"},
      {"net/core/rmem_max", "6.12", "212992"},
      {"net/core/rmem_max", "6.18", "4194304"},
      {"net/core/optmem_max", "6.7", "20480"},
      {"net/core/optmem_max", "6.8", "131072"},
      {"net/ipv4/tcp_fin_timeout", "2.6.39", "60"},
      {"net/ipv4/tcp_fin_timeout", "7.2", "60"},
      {"net/ipv4/tcp_limit_output_bytes", "6.15", nullptr},
      {"net/ipv4/tcp_challenge_ack_limit", "6.0", "2147483647"},
      {"net/ipv4/tcp_fastopen_blackhole_timeout_sec", "5.10", nullptr},
      {"net/ipv4/tcp_fastopen_blackhole_timeout_sec", "5.10.230", "0"},
      {"net/netfilter/nf_conntrack_tcp_timeout_established", "4.4", "432000"},
      {"net/netfilter/nf_conntrack_udp_timeout_stream", "4.19", "180"},
      {"net/netfilter/nf_conntrack_udp_timeout_stream", "5.0", nullptr},
      {"net/netfilter/nf_conntrack_udp_timeout_stream", "5.4", "120"},
      {"net/ipv4/conf/all/accept_source_route", "6.1", "0"},
      {"net/ipv4/conf/default/accept_source_route", "6.1", "1"},
      {"net/ipv6/conf/all/temp_valid_lft", "6.6", "604800"},
      {"vm/swappiness", "4.4", "60"},
      {"kernel/dmesg_restrict", "6.1", nullptr},
      {"kernel/perf_event_paranoid", "6.1", nullptr},
  };
  for (const Case& one : cases) {
    CAPTURE(one.path);
    CAPTURE(one.version);
    const Cell cell = initial_value(one.path, machine(one.version));
    if (one.expected == nullptr) {
      CHECK(cell.status == Cell::Status::kUnknown);
    } else {
      CHECK(cell == Cell::known(one.expected));
    }
  }
}

TEST_CASE("initial values that follow the memory") {
  struct Case {
    const char* path;
    const char* version;
    uint64_t memory;
    const char* expected;
  };
  const Case cases[] = {
      {"net/ipv4/tcp_max_tw_buckets", "6.1", kGiB, "4096"},
      {"net/ipv4/tcp_max_tw_buckets", "6.1", 8 * kGiB, "32768"},
      {"net/ipv4/tcp_max_tw_buckets", "6.1", 7950 * (kGiB / 1024), "32768"},
      {"net/ipv4/tcp_max_tw_buckets", "6.1", 24105 * (kGiB / 1024), "131072"},
      {"net/ipv4/tcp_max_tw_buckets", "6.1", 1024 * kGiB, "262144"},
      {"net/ipv4/tcp_max_orphans", "4.4", 8 * kGiB, "32768"},
      {"net/ipv4/tcp_max_syn_backlog", "4.4", 8 * kGiB, "256"},
      {"net/ipv4/tcp_max_syn_backlog", "6.1", 8 * kGiB, "512"},
      {"net/ipv4/tcp_max_syn_backlog", "6.1", kGiB, "128"},
      {"net/netfilter/nf_conntrack_max", "6.1", 976 * (kGiB / 1024), "8192"},
      {"net/netfilter/nf_conntrack_max", "6.1", 2 * kGiB, "65536"},
      {"net/netfilter/nf_conntrack_max", "6.1", 8 * kGiB, "262144"},
      {"net/nf_conntrack_max", "5.10", 8 * kGiB, "262144"},
      {"net/netfilter/nf_conntrack_buckets", "5.10", 8 * kGiB, "65536"},
      {"net/netfilter/nf_conntrack_max", "3.10", 8 * kGiB, "65536"},
      {"net/netfilter/nf_conntrack_expect_max", "6.1", 8 * kGiB, "4096"},
      {"net/ipv4/netfilter/ip_conntrack_max", "4.8", 2 * kGiB, "65536"},
      {"net/ipv4/tcp_rmem", "5.4", 8 * kGiB, "4096\t131072\t6291456"},
      {"net/ipv4/tcp_rmem", "4.19", 8 * kGiB, "4096\t87380\t6291456"},
      {"net/ipv4/tcp_wmem", "5.4", 8 * kGiB, "4096\t16384\t4194304"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.path);
    CAPTURE(one.version);
    Machine host = machine(one.version, one.memory);
    host.page_size = 4096;
    CHECK(initial_value(one.path, host) == Cell::known(one.expected));
  }
}

TEST_CASE("what is missing is named, what is known is still told") {
  CHECK(initial_value("net/ipv4/tcp_max_tw_buckets", machine("6.1")) ==
        Cell::unknown({"host.memory"}));
  const Cell rmem = initial_value("net/ipv4/tcp_rmem", machine("6.1"));
  CHECK(rmem.status == Cell::Status::kUnknown);
  CHECK(rmem.needs == std::vector<std::string>{"host.memory", "host.page_size"});
  CHECK(rmem.text == "?\t131072\t?");
  CHECK(initial_value("vm/min_free_kbytes", machine("6.1", 8 * kGiB)).needs ==
        std::vector<std::string>{"host.thp"});
  Machine huge = machine("6.1", 8 * kGiB);
  huge.thp = "madvise";
  CHECK(initial_value("vm/min_free_kbytes", huge) == Cell::about("67584"));
  huge.memory = kGiB;
  CHECK(initial_value("vm/min_free_kbytes", huge) == Cell::about("45056"));
  huge.thp = "never";
  CHECK(initial_value("vm/min_free_kbytes", huge).approximate);
  CHECK(initial_value("kernel/pid_max", machine("6.1")).needs ==
        std::vector<std::string>{"host.cpus"});
  CHECK(initial_value("net/core/netdev_budget_usecs", machine("6.1")).needs ==
        std::vector<std::string>{"host.hz"});
}

TEST_CASE("absurd facts give no absurd values") {
  for (const uint64_t memory : {uint64_t{0}, uint64_t{1}, ~uint64_t{0}, uint64_t{1} << 62}) {
    Machine host = machine("6.1", memory);
    host.page_size = 4096;
    for (const char* path :
         {"net/ipv4/tcp_max_tw_buckets", "net/ipv4/tcp_mem", "vm/min_free_kbytes",
          "kernel/threads-max", "net/netfilter/nf_conntrack_max", "net/ipv4/tcp_rmem"}) {
      CAPTURE(path);
      CAPTURE(memory);
      const Cell cell = initial_value(path, host);
      CHECK(cell.text.find('-') == std::string::npos);
    }
  }
  Machine pages = machine("6.1", kGiB);
  pages.page_size = 0;
  CHECK(initial_value("net/ipv4/tcp_mem", pages).status == Cell::Status::kUnknown);
}

TEST_CASE("a namespace that copied its parent's values has no initial ones") {
  Machine container = machine("6.1", 8 * kGiB);
  container.initial_netns = false;
  CHECK(initial_value("net/ipv4/tcp_rmem", container) == Cell::unknown({}));
  CHECK(initial_value("net/ipv4/tcp_mem", container) == Cell::absent());
  CHECK(initial_value("net/ipv4/tcp_fin_timeout", container) == Cell::known("60"));
}
