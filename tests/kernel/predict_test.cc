// What the kernel answers: cases from the handlers' sources, one by one.
#include "kernel/predict.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "predicting.h"

namespace proctor::kernel {
namespace {

struct Case {
  const char* path;
  const char* before;  ///< Null: the kernel's initial value.
  std::string bytes;
  int error;          ///< 0: accepted.
  const char* after;  ///< Null: not compared.
};

void check(const char* version, const Case& one) {
  State state(machine(version));
  if (one.before != nullptr) state.set(one.path, Cell::known(one.before));
  const Outcome outcome = write(state, one.path, one.bytes);
  CAPTURE(version);
  CAPTURE(one.path);
  CAPTURE(one.bytes);
  CAPTURE(outcome.reason);
  if (one.error == 0) {
    CHECK((outcome.result == WriteResult::kAccepted || outcome.result == WriteResult::kAltered));
  } else {
    CHECK(outcome.result == WriteResult::kRejected);
  }
  CHECK(outcome.error == one.error);
  if (one.after != nullptr) {
    CHECK(outcome.reads_back.value_or("(unknown)") == one.after);
    CHECK(state.read(one.path).text == one.after);
  }
}

constexpr const char* kInt = "net/ipv4/tcp_max_orphans";
constexpr const char* kU8 = "net/ipv4/tcp_sack";
constexpr const char* kUint = "net/ipv4/tcp_probe_interval";
constexpr const char* kUlong = "kernel/shmmax";

TEST_CASE("the grammar of numbers") {
  const Case cases[] = {
      {kInt, "1", " \t\n5\n", 0, "5"},
      {kInt, "1", "0x1F", 0, "31"},
      {kInt, "1", "010", 0, "8"},
      {kInt, "1", "08", EINVAL, "1"},
      {kInt, "1", "+5", EINVAL, "1"},
      {kInt, "1", "5,6", EINVAL, "1"},
      {kInt, "1", "- 1", EINVAL, "1"},
      {kInt, "1", "-", EINVAL, "1"},
      {kInt, "1", "-0", 0, "0"},
      {kInt, "1", "5 # comment", 0, "5"},
      {kInt, "1", "5# comment", EINVAL, "1"},
      {kInt, "1", "5\r\n", EINVAL, "1"},
      {kInt, "1", "\r5\n", 0, "5"},
      {kInt, "1", std::string("5\0", 2), EINVAL, "1"},
      {kInt, "1", "\n", EINVAL, "1"},
      {kInt, "1", "", 0, "1"},
      {kInt, "1", "2147483647", 0, "2147483647"},
      {kInt, "1", "2147483648", EINVAL, "1"},
      {kInt, "1", "-2147483648", 0, "-2147483648"},
      {kInt, "1", "-2147483649", EINVAL, "1"},
      {kInt, "1", "00000000000000000001", 0, "1"},
      {kInt, "1", "000000000000000000001", EINVAL, "1"},
      {kU8, "1", "255", 0, "255"},
      {kU8, "1", "256", EINVAL, "1"},
      {kU8, "1", "-0", EINVAL, "1"},
      {kU8, "1", "0 garbage", 0, "0"},
      {kUint, "600", "4294967295", EINVAL, "600"},
      {kUlong, "1", "18446744073709551615", 0, "18446744073709551615"},
      {kUlong, "1", "18446744073709551616", EINVAL, "1"},
      {kUlong, "1", "-1", EINVAL, "1"},
  };
  for (const Case& one : cases) check("6.1.176", one);
}

TEST_CASE("older grammars") {
  check("4.0", {kInt, "1", "4294967297", 0, "1"});
  check("4.1", {kInt, "1", "4294967297", EINVAL, "1"});
  check("5.0", {kInt, "1", "18446744073709551621", 0, "5"});
  check("5.2", {kInt, "1", "18446744073709551621", EINVAL, "1"});
  check("5.10.223", {kUlong, "7", "-1", 0, "7"});
  check("5.0", {"vm/dirty_background_bytes", "7", "0", 0, "7"});
  check("5.10.223", {"vm/dirty_background_bytes", "7", "0", EINVAL, "7"});
}

TEST_CASE("vectors") {
  const char* rmem = "net/ipv4/tcp_rmem";
  const char* sem = "kernel/sem";
  const Case cases[] = {
      {rmem, "1\t8\t3", "11", 0, "11\t8\t3"},
      {rmem, "1\t8\t3", "7 8 99999999999", EINVAL, "7\t8\t3"},
      {rmem, "1\t8\t3", "7 8 9 10", 0, "7\t8\t9"},
      {rmem, "1\t8\t3", "7,8,9", EINVAL, "1\t8\t3"},
      {rmem, "1\t8\t3", "0 8 9", EINVAL, "1\t8\t3"},
      {sem, "250\t32000\t32\t128", "1 2 3 40000000", ERANGE, "1\t2\t3\t128"},
      {sem, "250\t32000\t32\t128", "300 64000", 0, "300\t64000\t32\t128"},
      {"vm/lowmem_reserve_ratio", "256\t256\t32\t0\t0", "-1 x", 0, "0\t256\t32\t0\t0"},
  };
  for (const Case& one : cases) check("6.1.176", one);
}

TEST_CASE("times") {
  const Case cases[] = {
      {"net/ipv4/tcp_fin_timeout", "60", "8589934", 0, "8589934"},
      {"net/ipv4/tcp_fin_timeout", "60", "8589935", EINVAL, "60"},
      {"net/ipv4/tcp_fin_timeout", "60", "-5", 0, "-5"},
      {"net/ipv4/neigh/eth0/retrans_time_ms", "1000", "1001", 0, "1004"},
      {"net/ipv4/neigh/eth0/retrans_time_ms", "1000", "-1", EINVAL, "1000"},
      {"net/ipv4/neigh/eth0/locktime", "100", "127", 0, "126"},
      {"net/ipv4/neigh/eth0/locktime", "100", "-5", 0, "-0"},
      {"net/ipv6/neigh/eth0/retrans_time", "250", "7", 0, "7"},
  };
  for (const Case& one : cases) check("6.1.176", one);
}

TEST_CASE("text, lists and masks") {
  const Case cases[] = {
      {"kernel/core_pattern", "core", std::string(200, 'a') + "\n", 0, nullptr},
      {"kernel/hostname", "a", "b c\nd", 0, "b c"},
      {"kernel/hostname", "a", std::string("b\0c", 3), 0, "b"},
      {"net/ipv4/ip_local_reserved_ports", "", "8080,9000-9002,0x10\n", 0, "16,8080,9000-9002"},
      {"net/ipv4/ip_local_reserved_ports", "1", "8080, 9090", EINVAL, "1"},
      {"net/ipv4/ip_local_reserved_ports", "1", "5-3", EINVAL, "1"},
      {"net/ipv4/ip_local_reserved_ports", "1", "65536", EINVAL, "1"},
      {"net/ipv4/ip_local_reserved_ports", "1", "\n", 0, ""},
      {"net/core/flow_limit_cpu_bitmap", "0", "f", 0, "f"},
      {"net/core/flow_limit_cpu_bitmap", "0", "1f", EOVERFLOW, "0"},
      {"net/core/flow_limit_cpu_bitmap", "0", "0x1", EINVAL, "0"},
      {"net/ipv4/tcp_congestion_control", "cubic", "bbr\n", 0, "bbr"},
      {"net/ipv4/tcp_congestion_control", "cubic", " reno", ENOENT, "cubic"},
      {"net/core/default_qdisc", "pfifo_fast", "nosuch", ENOENT, "pfifo_fast"},
      {"kernel/printk_devkmsg", "ratelimit", "on\n", 0, "on"},
      {"kernel/printk_devkmsg", "ratelimit", "on", EINVAL, "ratelimit"},
      {"kernel/seccomp/actions_logged", "trap", "log trap", 0, "trap log"},
      {"kernel/seccomp/actions_logged", "trap", "allow", EINVAL, "trap"},
      {"net/ipv4/ping_group_range", "1\t0", "10 5", 0, "1\t0"},
      {"net/ipv4/ping_group_range", "1\t0", "0 4294967294", 0, "0\t4294967294"},
  };
  for (const Case& one : cases) check("6.1.176", one);
}

TEST_CASE("lists of CPUs") {
  const char* list = "net/ipv4/vs/est_cpulist";
  const Case cases[] = {
      {list, "0", "0-2\n", 0, "0-2"},   {list, "0", "0,,2 1\n", 0, "0-2"},
      {list, "0", "0-3:1/2", 0, "0,2"}, {list, "0", "0-3:0/1", 0, ""},
      {list, "0", "1\0x", 0, nullptr},  {list, "0", "\n", 0, ""},
      {list, "0", "2-1", EINVAL, "0"},  {list, "0", "1-", EINVAL, "0"},
      {list, "0", "0x1", EINVAL, "0"},  {list, "0", "0-3:2/1", EINVAL, "0"},
      {list, "0", "0;1", EINVAL, "0"},  {list, "0", "4294967296", EOVERFLOW, "0"},
      {list, "0", "8192", ERANGE, "0"},
  };
  for (const Case& one : cases) check("7.2.13", one);
}

TEST_CASE("no table is made of more than 2 GiB, whatever memory there is") {
  const auto result = [](const char* version, const char* buckets) {
    Machine large = machine(version);
    large.memory = uint64_t{1} << 40;
    State state(large);
    return write(state, "net/netfilter/nf_conntrack_buckets", buckets).result;
  };
  CHECK(result("6.1.176", "268434944") == WriteResult::kAccepted);
  CHECK(result("6.1.176", "268434945") == WriteResult::kRejected);
  CHECK(result("5.10.262", "268435456") == WriteResult::kRejected);
  CHECK(result("5.10.7", "268435456") == WriteResult::kUnknown);
}

TEST_CASE("how many CPUs there may ever be is not known") {
  const auto result = [](const char* path, const char* before, const char* bytes) {
    State state(machine("7.2.13"));
    state.set(path, Cell::known(before));
    return write(state, path, bytes).result;
  };
  // Two digits stand for up to eight CPUs, five at least.
  CHECK(result("net/core/rps_default_mask", "00", "1f") == WriteResult::kAccepted);
  CHECK(result("net/core/rps_default_mask", "00", "20") == WriteResult::kUnknown);
  CHECK(result("net/core/rps_default_mask", "00", "100") == WriteResult::kRejected);
  CHECK(result("net/ipv4/vs/est_cpulist", "0-3", "4") == WriteResult::kUnknown);
  CHECK(result("net/ipv4/vs/est_cpulist", "0-3", "all") == WriteResult::kUnknown);
}

TEST_CASE("keys with rules of their own") {
  const Case cases[] = {
      {"net/ipv4/ip_local_port_range", "32768\t60999", "1 65535", EINVAL, "32768\t60999"},
      {"net/ipv4/ip_local_port_range", "32768\t60999", "1024 65535", 0, "1024\t65535"},
      {"net/ipv4/ip_unprivileged_port_start", "1024", "32769", EINVAL, "1024"},
      {"fs/pipe-max-size", "1048576", "5000", 0, "8192"},
      {"fs/pipe-max-size", "1048576", "1", 0, "4096"},
      {"net/core/rps_sock_flow_entries", "0", "1000", 0, "1024"},
      {"net/netfilter/nf_conntrack_buckets", "8192", "10000", 0, "10240"},
      {"vm/dirty_bytes", "0", "0", EINVAL, "0"},
      {"vm/percpu_pagelist_high_fraction", "0", "7", EINVAL, "0"},
      {"kernel/yama/ptrace_scope", "3", "1", EINVAL, "3"},
      {"kernel/unprivileged_bpf_disabled", "1", "0", EPERM, "1"},
      {"net/netfilter/nf_hooks_lwtunnel", "1", "0", EBUSY, "1"},
      {"net/ipv6/conf/eth0/mtu", "1500", "9000", EINVAL, "1500"},
      {"net/ipv6/conf/eth0/addr_gen_mode", "0", "2", EINVAL, "0"},
      {"net/ipv6/conf/all/stable_secret", nullptr, "::1", EIO, nullptr},
      {"net/ipv6/conf/eth0/stable_secret", nullptr, "2001:db8::1", 0,
       "2001:0db8:0000:0000:0000:0000:0000:0001"},
      {"net/ipv6/conf/eth0/stable_secret", nullptr, "0002001:db8::1/64 # ours\n", 0,
       "2001:0db8:0000:0000:0000:0000:0000:0001"},
      {"net/ipv6/conf/eth0/stable_secret", nullptr, "1::1.2.3.4\n", 0,
       "0001:0000:0000:0000:0000:0000:0102:0304"},
      {"net/ipv6/conf/eth0/stable_secret", nullptr, "1::2::3\n", EIO, nullptr},
      {"net/ipv6/conf/eth0/stable_secret", nullptr, "1:2:3:4:5:6:7:8:9\n", EIO, nullptr},
      {"net/ipv6/conf/eth0/stable_secret", nullptr, "12001:db8::1\n", EIO, nullptr},
      {"net/ipv6/conf/eth0/stable_secret", nullptr, " ::1\n", EIO, nullptr},
      {"net/bridge/bridge-nf-call-iptables", "1", "7", 0, "1"},
      {"kernel/sched_rt_runtime_us", "950000", "1000001", EINVAL, "950000"},
  };
  for (const Case& one : cases) check("6.1.176", one);
  check("7.2.13", {"kernel/sched_rt_runtime_us", "1000000", "1000", EBUSY, "1000000"});
  check("7.2.13", {"net/sctp/cookie_hmac_alg", "none", "sha256x\n", 0, "sha256"});
  check("7.2.13", {"net/sctp/cookie_hmac_alg", "none", "sha25\n", EINVAL, "none"});
  check("7.2.13", {"net/sctp/cookie_hmac_alg", "none", "nonesuch\n", EINVAL, "none"});
  check("6.1.176", {"net/sctp/cookie_hmac_alg", "md5", "nonesuch\n", 0, "none"});
  check("7.2.13", {"net/ipv4/vs/conn_max", "1000", "-2147483648\n", 0, "1000"});
  check("7.2.13", {"net/ipv4/vs/conn_max", "1000", "-2147483647\n", EINVAL, "1000"});
}

TEST_CASE("bounds that a stable release brought, or that have the name of another file's") {
  check("6.12.118", {"net/ipv4/tcp_tso_rtt_log", "9", "31\n", 0, "31"});
  check("6.12.118", {"net/ipv4/tcp_tso_rtt_log", "9", "32\n", EINVAL, "9"});
  check("7.2.13", {"net/ipv4/tcp_tso_rtt_log", "9", "255\n", 0, "255"});
  check("6.12.118", {"net/smc/rmem", "65536", "16384\n", 0, "16384"});
  check("6.12.118", {"net/smc/wmem", "65536", "16383\n", EINVAL, "65536"});
}

TEST_CASE("panic_sys_info has the bits of panic_print, of numbers above 2^63 too") {
  State state(machine("7.2.13"));
  state.set("kernel/panic_sys_info", Cell::known(""));
  write(state, "kernel/panic_print", "18446744073709551614\n");
  CHECK(state.read("kernel/panic_sys_info").text == "mem,timers,locks,ftrace,all_bt,blocked_tasks");
}

TEST_CASE("one variable in two units") {
  Machine some = machine("6.1.176");
  some.hz.reset();
  State state(some);
  for (const char* name : {"default", "eth0"}) {
    const std::string folder = std::string("net/ipv4/neigh/") + name + "/";
    state.set(folder + "base_reachable_time", Cell::known("30"));
    state.set(folder + "base_reachable_time_ms", Cell::known("30000"));
  }
  // Whether 7 ms are whole jiffies depends on HZ; so does what the other unit reads.
  write(state, "net/ipv4/neigh/default/base_reachable_time_ms", "7");
  const auto status = [&](const char* path) { return state.read(path).status; };
  CHECK(status("net/ipv4/neigh/default/base_reachable_time") == Cell::Status::kUnknown);
  CHECK(status("net/ipv4/neigh/eth0/base_reachable_time_ms") == Cell::Status::kUnknown);
}

TEST_CASE("the name of a logger is compared as far as the logger's goes") {
  const Case cases[] = {
      {"net/netfilter/nf_log/2", "nf_log_ipv4", "NF_LOG_IPV4x\n", 0, "nf_log_ipv4"},
      {"net/netfilter/nf_log/2", "nf_log_ipv4", "none\n", ENOENT, "nf_log_ipv4"},
  };
  for (const Case& one : cases) check("6.1.176", one);
}

std::string after(const char* path, const char* bytes, const char* other, const char* before) {
  State state(machine("6.1.176"));
  state.set(other, Cell::known(before));
  state.set("vm/dirty_ratio", Cell::known("20"));
  state.set("vm/dirty_bytes", Cell::known("0"));
  state.set("net/ipv4/ip_forward", Cell::known("0"));
  state.set("net/ipv6/conf/all/disable_ipv6", Cell::known("0"));
  if (std::string_view(other) != path) write(state, path, bytes);
  const Cell& cell = state.read(other);
  return cell.status == Cell::Status::kKnown ? cell.text : "(unknown)";
}

TEST_CASE("side effects") {
  CHECK(after("net/ipv4/ip_forward", "1", "net/ipv4/conf/eth0/forwarding", "0") == "1");
  CHECK(after("net/ipv4/ip_forward", "1", "net/ipv4/conf/all/accept_redirects", "1") == "0");
  CHECK(after("net/ipv4/ip_forward", "0", "net/ipv4/conf/all/accept_redirects", "1") == "1");
  CHECK(after("net/ipv4/ip_forward", "1", "net/ipv4/conf/all/forwarding", "0") == "1");
  CHECK(after("net/ipv4/conf/default/rp_filter", "1", "net/ipv4/conf/eth0/rp_filter", "0") ==
        "(unknown)");
  CHECK(after("net/ipv4/conf/default/rp_filter", "1", "net/ipv4/conf/lo/rp_filter", "0") == "0");
  CHECK(after("net/ipv6/conf/all/disable_ipv6", "1", "net/ipv6/conf/eth0/disable_ipv6", "0") ==
        "1");
  CHECK(after("vm/dirty_bytes", "8192", "vm/dirty_ratio", "20") == "0");
  CHECK(after("vm/dirty_ratio", "10", "vm/dirty_bytes", "0") == "0");
  CHECK(after("vm/overcommit_kbytes", "0", "vm/overcommit_ratio", "50") == "0");
  CHECK(after("net/ipv4/neigh/eth0/retrans_time", "100", "net/ipv4/neigh/eth0/retrans_time_ms",
              "4") == "1000");
}

TEST_CASE("files that are not there or not writable") {
  State state(machine("6.1.176"));
  Outcome outcome = write(state, "net/ipv4/tcp_tw_recycle", "1\n");
  CHECK(outcome.result == WriteResult::kMissing);
  CHECK(outcome.error == ENOENT);
  CHECK(outcome.at_open);
  outcome = write(state, "net/netfilter/nf_conntrack_count", "1\n");
  CHECK(outcome.result == WriteResult::kRejected);
  CHECK(outcome.error == EACCES);
  CHECK(outcome.at_open);

  Machine inner = machine("6.1.176");
  inner.initial_netns = false;
  State container(inner);
  CHECK(write(container, "net/core/rmem_max", "1\n").error == EACCES);
  CHECK(write(container, "net/core/netdev_max_backlog", "1\n").result == WriteResult::kMissing);
}

TEST_CASE("what nobody said stays unknown") {
  Machine bare;
  bare.version = *parse_version("6.1");
  State state(bare);
  CHECK(write(state, "net/ipv4/tcp_fin_timeout", "30\n").result == WriteResult::kAccepted);
  const Outcome late = write(state, "net/ipv4/tcp_fin_timeout", "10000000\n");
  CHECK(late.result == WriteResult::kUnknown);
  CHECK(late.needs == std::vector<std::string>{"host.hz"});
  CHECK(write(state, "net/ipv4/tcp_fin_timeout", "100000000\n").result == WriteResult::kRejected);
  const Outcome module = write(state, "net/netfilter/nf_conntrack_max", "1000\n");
  CHECK(module.result == WriteResult::kUnknown);
  CHECK(write(state, "net/netfilter/nf_conntrack_max", "many\n").result == WriteResult::kRejected);
  // A backport of 6.1.192.
  CHECK(write(state, "net/ipv4/tcp_rmem", "1 1 1\n").result == WriteResult::kUnknown);
  CHECK(write(state, "net/ipv4/tcp_rmem", "4096 1048576 2097152\n").result ==
        WriteResult::kAccepted);
}

TEST_CASE("writes that go on at an offset") {
  State state(machine("6.1.176"));
  const Outcome first = write(state, "net/ipv4/tcp_max_orphans", "5 # x\n");
  CHECK(first.taken == 2);
  const Outcome rest = write(state, "net/ipv4/tcp_max_orphans", "# x\n", 2);
  CHECK(rest.taken == 4);
  CHECK(state.read("net/ipv4/tcp_max_orphans").text == "5");
  std::string ports;
  for (int port = 10000; port < 12000; port += 2) ports += std::to_string(port) + ',';
  state.set("net/ipv4/ip_local_reserved_ports", Cell::known(""));
  const Outcome page = write(state, "net/ipv4/ip_local_reserved_ports", ports);
  REQUIRE(page.taken);
  CHECK(*page.taken < 4096);
  write(state, "net/ipv4/ip_local_reserved_ports", ports.substr(*page.taken), *page.taken);
  CHECK(state.read("net/ipv4/ip_local_reserved_ports").text.ends_with(",11998"));
  CHECK(state.read("net/ipv4/ip_local_reserved_ports").text.starts_with("10000,"));
}

/// "Version{6, 12, 0, false}" in the sources of the predictions.
std::vector<Version> versions_in(const std::filesystem::path& file) {
  std::ifstream in(file);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  static const std::regex kVersion(R"(Version\{(\d+), (\d+), (\d+), (true|false)\})");
  std::vector<Version> out;
  for (std::sregex_iterator at(text.begin(), text.end(), kVersion); at != std::sregex_iterator();
       ++at) {
    const auto number = [&](size_t group) {
      return static_cast<uint16_t>(std::stoi((*at)[group].str()));
    };
    out.push_back({number(1), number(2), number(3), (*at)[4] == "true"});
  }
  return out;
}

TEST_CASE("behaviour_changes() knows every version that a prediction asks about") {
  const auto known = behaviour_changes();
  CHECK(std::ranges::is_sorted(known));
  size_t found = 0;
  const char* given = std::getenv("PROCTOR_SOURCE_ROOT");
  REQUIRE(given != nullptr);
  const std::filesystem::path root(given);
  for (const auto& entry : std::filesystem::directory_iterator(root / "src/kernel")) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("predict") || !name.ends_with(".cc") || name == "predict.cc") continue;
    for (const Version& version : versions_in(entry.path())) {
      CAPTURE(name);
      CAPTURE(version.to_string());
      // What is asked is often "up to this one".
      Version next = version;
      ++next.patch;
      CHECK(
          (std::ranges::binary_search(known, version) || std::ranges::binary_search(known, next)));
      ++found;
    }
  }
  CHECK(found > 30);
}

}  // namespace
}  // namespace proctor::kernel
