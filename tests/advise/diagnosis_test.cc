#include "advise/diagnosis.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace proctor::advise {
namespace {

const Capacity& model() {
  static std::vector<Diagnostic> problems;
  static const Capacity capacity = builtin_capacity(problems);
  REQUIRE_MESSAGE(problems.empty(), problems.front().message);
  return capacity;
}

/// A small relay: values as on Linux 6.1 with 2 GiB.
rules::Target relay() {
  rules::Target target;
  target.facts.set("kernel", *host::parse_fact_value(*host::find_fact("kernel"), "6.1"));
  target.facts.set("memory", int64_t{2} << 30U);
  target.running = {{"net/ipv4/ip_local_port_range", "20000\t20599"},
                    {"net/ipv4/tcp_max_tw_buckets", "8192"},
                    {"net/ipv4/tcp_max_orphans", "8192"},
                    {"net/ipv4/tcp_mem", "22000\t30000\t44000"},
                    {"net/ipv4/udp_mem", "45000\t60000\t90000"},
                    {"net/ipv4/tcp_syncookies", "1"},
                    {"net/ipv4/tcp_fin_timeout", "60"},
                    {"net/core/somaxconn", "4096"},
                    {"net/core/netdev_max_backlog", "1000"},
                    {"net/netfilter/nf_conntrack_max", "1000"},
                    {"net/netfilter/nf_conntrack_count", "950"},
                    {"net/netfilter/nf_conntrack_buckets", "16"},
                    {"fs/file-nr", "100\t0\t200"},
                    {"fs/file-max", "200"},
                    {"kernel/pid_max", "32768"},
                    {"kernel/threads-max", "15000"}};
  return target;
}

host::Readings loaded() {
  host::Readings readings;
  readings.uptime_ms = 1000000;
  readings.metrics = {{"sockstat.TCP.tw", 8192},      {"sockstat.TCP.orphan", 3000},
                      {"sockstat.TCP.mem", 43000},    {"sockstat.TCP.alloc", 5000},
                      {"sockstat.UDP.mem", 10},       {"sockstat.FRAG.memory", 4194304},
                      {"softnet.queue", 1000},        {"softnet.time_squeeze", 50},
                      {"softirq.NET_RX", 1000},       {"arp_cache.entries", 1024},
                      {"ndisc_cache.entries", 10},    {"tasks", 14000},
                      {"TcpExt.ListenOverflows", 12}, {"TcpExt.TCPTimeWaitOverflow", 5}};
  host::SocketSummary sockets;
  sockets.low = 20000;
  sockets.high = 20599;
  sockets.available = 600;
  sockets.blocked = 100;
  host::SourceUse source;
  source.address = "10.99.0.1";
  source.connections = 600;
  source.ports = 600;
  source.ports_odd = 300;
  source.time_wait = 270;
  source.habit = host::PortHabit::kBind;
  sockets.sources.push_back(source);
  source.address = "10.99.0.2";
  source.habit = host::PortHabit::kConnect;
  source.busiest = {{"10.99.1.1", 443, 450, 400}};
  sockets.sources.push_back(source);
  host::ListenerUse listener;
  listener.address = "0.0.0.0";
  listener.port = 9001;
  listener.queue = 129;
  listener.limit = 128;
  listener.half_open = 3;
  listener.drops = 7;
  sockets.listeners.push_back(listener);
  readings.sockets = sockets;
  readings.processes = {{42, "tor", 1000, 1024}};
  readings.cgroups = {{"system.slice/tor.service", 90, 100}};
  readings.inotify = {{1000, 128, 65536}};
  return readings;
}

DiagnoseRequest request_of(const host::Readings& readings) {
  DiagnoseRequest request;
  request.model = &model();
  request.target = relay();
  request.now = &readings;
  return request;
}

const Pressure* find(const Diagnosis& diagnosis, std::string_view id, std::string_view scope) {
  for (const Pressure& pressure : diagnosis.pressures) {
    if (pressure.resource->id == id && pressure.scope == scope) return &pressure;
  }
  return nullptr;
}

TEST_CASE("levels of a machine under load") {
  const host::Readings readings = loaded();
  const Diagnosis diagnosis = diagnose(request_of(readings));
  for (const std::string& defect : diagnosis.defects) FAIL_CHECK(defect);
  struct Case {
    const char* id;
    const char* scope;
    double used;
    double limit;
    Level level;
  };
  const Case cases[] = {
      {"ephemeral-ports", "10.99.0.1", 600, 600, Level::kExhausted},
      {"ephemeral-ports", "10.99.0.2 → 10.99.1.1:443", 450, 500, Level::kCritical},
      {"time-wait", "this namespace", 8192, 8192, Level::kExhausted},
      {"orphans", "all namespaces", 3000, 8192, Level::kHigh},
      {"accept-queue", "0.0.0.0:9001", 129, 129, Level::kExhausted},
      {"syn-queue", "0.0.0.0:9001", 3, 129, Level::kOk},
      {"tcp-memory", "all namespaces", 43000, 44000, Level::kCritical},
      {"udp-memory", "all namespaces", 10, 45000, Level::kOk},
      {"conntrack", "this namespace", 950, 1000, Level::kCritical},
      {"conntrack-buckets", "mean chain", 118.75, 50, Level::kExhausted},
      {"softnet-backlog", "the fullest CPU", 1000, 1000, Level::kExhausted},
      {"softnet-budget", "all CPUs", 50, 1000, Level::kHigh},
      {"fragments", "IPv4", 4194304, 4194304, Level::kExhausted},
      {"file-handles", "the machine", 100, 200, Level::kHigh},
      {"descriptors", "tor (42)", 1000, 1024, Level::kCritical},
      {"pids", "the machine", 14000, 15000, Level::kCritical},
      {"pids", "system.slice/tor.service", 90, 100, Level::kCritical},
  };
  for (const Case& each : cases) {
    CAPTURE(each.id);
    CAPTURE(each.scope);
    const Pressure* pressure = find(diagnosis, each.id, each.scope);
    REQUIRE(pressure != nullptr);
    CHECK(pressure->used == each.used);
    CHECK(pressure->limit == each.limit);
    CHECK(to_string(pressure->level) == to_string(each.level));
    CHECK_FALSE(pressure->cures.empty());
    CHECK_FALSE(pressure->no_cures.empty());
  }
  CHECK(find(diagnosis, "ephemeral-ports", "10.99.0.2") == nullptr);
  for (size_t i = 1; i < diagnosis.pressures.size(); ++i) {
    CHECK(diagnosis.pressures[i - 1].ratio.value_or(-1) >=
          diagnosis.pressures[i].ratio.value_or(-1));
  }
}

TEST_CASE("counters between two readings raise what they tell of") {
  const host::Readings before = loaded();
  host::Readings now = loaded();
  now.uptime_ms += 5000;
  now.metrics["sockstat.TCP.tw"] = 10;
  now.metrics["TcpExt.ListenOverflows"] += 3;
  now.metrics["TcpExt.TCPTimeWaitOverflow"] += 2;
  DiagnoseRequest request = request_of(now);
  request.before = &before;
  const Diagnosis diagnosis = diagnose(request);
  CHECK(diagnosis.interval == 5.0);
  REQUIRE(diagnosis.counters.size() == 2);
  CHECK(diagnosis.counters[0].counter->name == "TcpExt.TCPTimeWaitOverflow");
  CHECK(diagnosis.counters[0].delta == 2);
  const Pressure* pressure = find(diagnosis, "time-wait", "this namespace");
  REQUIRE(pressure != nullptr);
  CHECK(to_string(pressure->level) == "exhausted");
  CHECK(pressure->evidence[0].starts_with("TcpExt.TCPTimeWaitOverflow rose by 2 in 5.0 s"));
}

TEST_CASE("what cannot be read is unknown and says why") {
  host::Readings readings = loaded();
  readings.metrics.clear();
  readings.sockets.reset();
  const Diagnosis diagnosis = diagnose(request_of(readings));
  for (const std::string& defect : diagnosis.defects) FAIL_CHECK(defect);
  const Pressure* pressure = find(diagnosis, "time-wait", "this namespace");
  REQUIRE(pressure != nullptr);
  CHECK(to_string(pressure->level) == "unknown");
  REQUIRE(pressure->needs.size() == 1);
  CHECK(pressure->needs[0] == "sockstat.TCP.tw is not told");
}

TEST_CASE("forecasts follow the formulas of the model") {
  DiagnoseRequest request;
  request.model = &model();
  request.target = relay();
  request.target.running["net/ipv4/ip_local_port_range"] = "32768\t60999";
  request.target.running["net/ipv4/tcp_max_tw_buckets"] = "32768";
  request.target.running["fs/file-max"] = "200000";
  request.loads = {{"connections", 8000}, {"rate", 150}};
  const Forecasts forecasts = forecast(request);
  for (const std::string& defect : forecasts.defects) FAIL_CHECK(defect);
  struct Case {
    const char* id;
    double used;
    double limit;
  };
  // An exit of 8,000 connections and 150 streams a second, as the measured model has it.
  const Case cases[] = {{"time-wait", 9150, 32768}, {"descriptors", 8100, 1024}};
  for (const Case& each : cases) {
    CAPTURE(each.id);
    bool found = false;
    for (const Forecast& one : forecasts.list) {
      if (one.resource->id != each.id) continue;
      found = true;
      CHECK(one.used == each.used);
      CHECK(one.limit == each.limit);
    }
    CHECK(found);
  }
  const Forecast& first = forecasts.list.front();
  CHECK(first.resource->id == "descriptors");
  REQUIRE(first.breaks_at);
  // connections / processes + 100 reaches 1024 at 924 of 8,000 connections.
  CHECK(*first.breaks_at == doctest::Approx(924.0 / 8000).epsilon(0.001));
  for (size_t i = 1; i < forecasts.list.size(); ++i) {
    CHECK(forecasts.list[i - 1].breaks_at.value_or(1e9) <=
          forecasts.list[i].breaks_at.value_or(1e9));
  }
}

TEST_CASE("every resource of a counter and every id is of use") {
  std::set<std::string> ids;
  for (const Resource& resource : model().resources) ids.insert(resource.id);
  for (const char* id :
       {"ephemeral-ports", "time-wait", "orphans", "accept-queue", "syn-queue", "tcp-memory",
        "udp-memory", "conntrack", "conntrack-buckets", "neighbours", "softnet-backlog",
        "softnet-budget", "fragments", "file-handles", "descriptors", "pids", "inotify"}) {
    CAPTURE(id);
    CHECK(ids.contains(id));
  }
}

}  // namespace
}  // namespace proctor::advise
