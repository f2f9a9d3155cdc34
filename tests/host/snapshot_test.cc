#include "host/snapshot.h"

#include <doctest/doctest.h>

#include <string>

namespace proctor::host {
namespace {

Snapshot sample() {
  FakeProcSys files;
  files.put("/proc/sys/kernel/osrelease", "6.1.0-50-amd64\n");
  files.put("/proc/sys/kernel/hostname", "relay.example\n");
  files.put("/proc/sys/net/ipv4/tcp_fastopen_key", "secret\n");
  files.put("/proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n");
  files.fail("/proc/sys/vm/compact_memory", EACCES);
  files.put("/proc/meminfo", "MemTotal: 2026400 kB\n");
  files.put("/proc/net/netstat", "TcpExt: ListenOverflows\nTcpExt: 12\n");
  files.put("/proc/net/tcp",
            "  sl  local_address rem_address   st tx_queue rx_queue\n"
            "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000 0 0 1\n"
            "   1: 0163630A:9C41 0263630A:0050 06 00000000:00000000 03:00001771 00000000 0 0 0\n");
  files.put("/proc/net/udp", "heading\n");
  return take_snapshot(files);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("a snapshot reads back as it was written") {
  const std::string text = snapshot_to_json(sample());
  const Result<Snapshot> read = snapshot_from_json(text);
  REQUIRE_MESSAGE(read, read.error());
  CHECK(snapshot_to_json(*read) == text);
  CHECK(read->facts.integer("memory") == 2026400 * int64_t{1024});
  CHECK(read->values.at("net/ipv4/ip_local_port_range") == "32768\t60999");
  REQUIRE(read->readings.sockets);
  REQUIRE(read->readings.sockets->sources.size() == 1);
  CHECK(read->readings.sockets->sources[0].address == "10.99.99.1");
}

TEST_CASE("secrets are left out, and what may not be read has its reason") {
  const Snapshot snapshot = sample();
  CHECK_FALSE(snapshot.values.contains("net/ipv4/tcp_fastopen_key"));
  CHECK(snapshot.unreadable_values.at("net/ipv4/tcp_fastopen_key") == "a secret, never read");
  CHECK(snapshot.unreadable_values.at("vm/compact_memory") ==
        "EACCES reading /proc/sys/vm/compact_memory");
}

TEST_CASE("an anonymous snapshot names nobody") {
  Snapshot snapshot = sample();
  anonymize(snapshot);
  const std::string text = snapshot_to_json(snapshot);
  for (const char* name : {"10.99.99", "127.0.0.1", "relay.example"}) {
    CAPTURE(name);
    CHECK(text.find(name) == std::string::npos);
  }
  CHECK(text.find("\"address-1\"") != std::string::npos);
  CHECK(snapshot_from_json(text));
}

TEST_CASE("documents that are no snapshot") {
  const std::string good = snapshot_to_json(sample());
  struct Case {
    std::string text;
    const char* error;
  };
  const Case cases[] = {
      {"", "is no snapshot: no JSON from line 1, column 1 on"},
      {"not json", "is no snapshot: no JSON from line 1, column"},
      {"[1, 2]", "is no snapshot: it has no version"},
      {R"({"version": 8e99999})", "is no snapshot: it holds a number that is too large"},
      {R"({"version": "1"})", "is no snapshot: its version is no number"},
      {R"({"version": 2})", "is a snapshot of version 2; this program reads version 1"},
      {R"({"version": 1})", "is no sound snapshot: the snapshot: the field 'program' is missing"},
      {good.substr(0, good.size() / 2), "is no snapshot: the text ends too early"},
      {replaced(good, "\"port_low\": 32768", "\"port_low\": 70000"),
       "readings.sockets.port_low: expected a whole number from 0 to 65535"},
      {replaced(good, "\"uptime_ms\": 0", "\"uptime_ms\": -5"),
       "readings.uptime_ms: expected a whole number from 0"},
      {replaced(good, "\"TcpExt.ListenOverflows\": 12", "\"TcpExt.ListenOverflows\": 1.5"),
       "readings.metrics.TcpExt.ListenOverflows: expected a whole number"},
      {replaced(good, "\"TcpExt.ListenOverflows\": 12",
                "\"TcpExt.ListenOverflows\": 99999999999999999999"),
       "readings.metrics.TcpExt.ListenOverflows: expected a whole number"},
      {replaced(good, "\"memory\": 2075033600", "\"memory\": -1"), "facts.memory: "},
      {replaced(good, "\"memory\": 2075033600", "\"memry\": 1"), "facts.memry: "},
      {replaced(good, "\"kernel/hostname\"", "\"../../etc/passwd\""), "is no path below /proc/sys"},
      {replaced(good, "\"anonymous\": false", "\"anonymous\": 0"),
       "anonymous: expected true or false"},
      {replaced(good, "\"taken\"", "\"takn\""), "the field 'taken' is missing"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.error);
    const Result<Snapshot> read = snapshot_from_json(each.text);
    REQUIRE_FALSE(read);
    CHECK_MESSAGE(read.error().find(each.error) != std::string::npos, read.error());
  }
}

TEST_CASE("no prefix of a snapshot is one, and none is a crash") {
  const std::string good = snapshot_to_json(sample());
  for (size_t length = 0; length + 2 < good.size(); ++length) {
    CHECK_FALSE(snapshot_from_json(good.substr(0, length)));
  }
  CHECK_FALSE(snapshot_from_json(std::string(100000, '[')));
  CHECK_FALSE(snapshot_from_json("{\"version\": 1, \"facts\": " + std::string(100000, '{')));
}

}  // namespace
}  // namespace proctor::host
