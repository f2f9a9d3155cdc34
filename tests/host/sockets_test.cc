#include "host/sockets.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "host/port_use.h"
#include "host/procsys.h"
#include "host/readings.h"

namespace proctor::host {
namespace {

TEST_CASE("rows of the tables of /proc/net") {
  struct Case {
    const char* line;
    bool is_row;
    const char* local;
    int local_port;
    const char* remote;
    int state;
    uint32_t receive;
    uint32_t drops;
  };
  // Recorded from Linux 6.1 and 6.18 on a little-endian machine.
  const Case cases[] = {
      {"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid", false,
       "", 0, "", 0, 0, 0},
      {"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 "
       "27105 1 0000000000000000 100 0 0 10 0",
       true, "127.0.0.1", 8080, "0.0.0.0", kTcpListen, 3, 0},
      {"   1: 0163630A:4E21 0263630A:0050 06 00000000:00000000 03:00001771 00000000     0        0 "
       "0 3 0000000000000000",
       true, "10.99.99.1", 20001, "10.99.99.2", kTcpTimeWait, 0, 0},
      {"   0: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A "
       "00000000:00000000 00:00000000 00000000     0        0 1 1 0000000000000000 100 0 0 10 0",
       true, "::1", 22, "::", kTcpListen, 0, 0},
      {"  123: 0100007F:0035 00000000:0000 07 00000000:00000900 00:00000000 00000000     0        "
       "0 9 2 0000000000000000 17",
       true, "127.0.0.1", 53, "0.0.0.0", kTcpClose, 0x900, 17},
      {"   0: 0100007F 00000000:0000 0A 0:0", false, "", 0, "", 0, 0, 0},
      {"   0: 0100007F:GGGG 00000000:0000 0A 0:0", false, "", 0, "", 0, 0, 0},
      {"", false, "", 0, "", 0, 0, 0},
  };
  for (const Case& each : cases) {
    CAPTURE(each.line);
    SocketRow row;
    REQUIRE(parse_socket_line(each.line, row) == each.is_row);
    if (!each.is_row) continue;
    CHECK(row.local.to_string() == each.local);
    CHECK(row.local_port == each.local_port);
    CHECK(row.remote.to_string() == each.remote);
    CHECK(row.state == each.state);
    CHECK(row.receive_queue == each.receive);
    CHECK(row.drops == each.drops);
  }
}

/// A listener of this process on a port that the kernel chose.
class Listener {
 public:
  Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    REQUIRE(::listen(fd_, 7) == 0);
    REQUIRE(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { ::close(fd_); }
  uint16_t port() const { return port_; }

 private:
  int fd_;
  uint16_t port_ = 0;
};

TEST_CASE("socket diagnosis and /proc/net tell the same of a real listener") {
  const Listener listener;
  const std::unique_ptr<ProcSys> machine = live();
  int found = 0;
  uint32_t limit = 0;
  const auto each = [&](const SocketRow& row) {
    if (row.local_port != listener.port() || row.local.to_string() != "127.0.0.1") return;
    CHECK(row.state == kTcpListen);
    CHECK(row.receive_queue == 0);
    ++found;
    limit = row.send_queue;
  };
  const int error = read_sockets_diag(SocketTable::kTcpListeners, each);
  if (error != 0) {
    MESSAGE("no socket diagnosis here: errno " << error);
  } else {
    CHECK(found == 1);
    CHECK(limit == 7);
  }
  found = 0;
  REQUIRE(read_sockets_proc(*machine, SocketTable::kTcpListeners, each) == 0);
  CHECK(found == 1);
  CHECK(limit == kUnknownLimit);
}

SocketRow connection(const char* local, int local_port, const char* remote, int remote_port,
                     uint8_t state = kTcpEstablished) {
  SocketRow row;
  const auto address = [](const char* text) {
    in_addr four{};
    REQUIRE(::inet_pton(AF_INET, text, &four) == 1);
    return IpAddress::v4(reinterpret_cast<const uint8_t*>(&four));
  };
  row.local = address(local);
  row.remote = address(remote);
  row.local_port = static_cast<uint16_t>(local_port);
  row.remote_port = static_cast<uint16_t>(remote_port);
  row.state = state;
  return row;
}

void put_range(FakeProcSys& files, const char* reserved = "\n") {
  files.put("/proc/sys/net/ipv4/ip_local_port_range", "20000\t20099\n");
  files.put("/proc/sys/net/ipv4/ip_local_reserved_ports", reserved);
}

TEST_CASE("a full range of plain binds is told from inbound connections") {
  FakeProcSys files;
  put_range(files);
  files.put_socket(SocketTable::kTcpListeners,
                   connection("0.0.0.0", 9001, "0.0.0.0", 0, kTcpListen));
  for (int i = 0; i < 50; ++i) {
    files.put_socket(SocketTable::kTcpOthers, connection("10.0.0.1", 9001, "10.0.1.1", 30000 + i));
  }
  for (int i = 0; i < 100; ++i) {
    const uint8_t state = i < 40 ? kTcpTimeWait : kTcpEstablished;
    const std::string remote = "10.0.2." + std::to_string(1 + i);
    files.put_socket(SocketTable::kTcpOthers,
                     connection("10.0.0.1", 20000 + i, remote.c_str(), 443, state));
  }
  const Result<SocketSummary> sockets = read_sockets(files);
  REQUIRE(sockets);
  CHECK(sockets->available == 100);
  CHECK(sockets->blocked == 100);
  REQUIRE(sockets->sources.size() == 1);
  const SourceUse& source = sockets->sources[0];
  CHECK(source.address == "10.0.0.1");
  CHECK(source.connections == 100);
  CHECK(source.ports == 100);
  CHECK(source.ports_odd == 50);
  CHECK(source.time_wait == 40);
  CHECK(source.destinations == 100);
  CHECK(source.habit == PortHabit::kBind);
  REQUIRE(sockets->listeners.size() == 1);
  CHECK(sockets->listeners[0].port == 9001);
}

TEST_CASE("reserved ports are no ports of the range, and a listener in it blocks one") {
  FakeProcSys files;
  put_range(files, "20000-20009,20050\n");
  files.put_socket(SocketTable::kTcpListeners,
                   connection("0.0.0.0", 20020, "0.0.0.0", 0, kTcpListen));
  files.put_socket(SocketTable::kTcpListeners,
                   connection("0.0.0.0", 20050, "0.0.0.0", 0, kTcpListen));
  const Result<SocketSummary> sockets = read_sockets(files);
  REQUIRE(sockets);
  CHECK(sockets->available == 89);
  CHECK(sockets->blocked == 1);
  CHECK(sockets->listeners[0].in_range);
  CHECK_FALSE(sockets->listeners[1].in_range);
}

TEST_CASE("habits of allocation, as experiments on Linux 6.18 left them") {
  struct Case {
    const char* name;
    PortCounts counts;
    PortHabit habit;
  };
  // connections, ports, odd, lower, shared, destinations, busiest, no_port, live, odd and even
  // ports of the range.
  const Case cases[] = {
      {"nothing", {0, 0, 0, 0, 0, 0, 0, 0, 0, 50, 50}, PortHabit::kUnknown},
      {"a few", {10, 10, 10, 5, 0, 10, 1, 0, 10, 50, 50}, PortHabit::kUnknown},
      {"50 of 100 plain binds", {50, 50, 50, 25, 0, 50, 1, 0, 50, 50, 50}, PortHabit::kBind},
      {"all 100 plain binds", {100, 100, 50, 50, 0, 100, 1, 0, 100, 50, 50}, PortHabit::kBind},
      {"50 connects to one", {50, 50, 0, 25, 0, 1, 50, 0, 50, 50, 50}, PortHabit::kConnect},
      {"50 of 100 binds with SO_REUSEADDR",
       {50, 50, 25, 50, 0, 50, 1, 0, 50, 50, 50},
       PortHabit::kBindReuse},
      {"400 connects to four",
       {400, 100, 50, 50, 100, 4, 100, 0, 400, 50, 50},
       PortHabit::kConnect},
      {"the option is on the sockets",
       {60, 50, 5, 25, 10, 60, 1, 60, 60, 50, 50},
       PortHabit::kConnect},
  };
  for (const Case& each : cases) {
    CAPTURE(each.name);
    CHECK(to_string(habit_of(each.counts)) == to_string(each.habit));
  }
}

TEST_CASE("counters by the names of their sources") {
  FakeProcSys files;
  files.put("/proc/uptime", "12345.67 8901.23\n");
  files.put("/proc/net/netstat", "TcpExt: SyncookiesSent ListenOverflows\nTcpExt: 3 12\n");
  files.put("/proc/net/snmp", "Tcp: MaxConn ActiveOpens\nTcp: -1 500\nUdp: RcvbufErrors\nUdp: 4\n");
  files.put("/proc/net/sockstat", "sockets: used 99\nTCP: inuse 5 orphan 1 tw 112 alloc 9 mem 3\n");
  files.put("/proc/net/softnet_stat",
            "00000010 00000002 00000001 00000000 00000000 00000000 00000000 00000000 00000000 "
            "00000000 00000000 00000005 00000000\n"
            "00000001 00000000 0000000f 00000000 00000000 00000000 00000000 00000000 00000000 "
            "00000000 00000000 00000000 00000001\n");
  files.put("/proc/net/stat/nf_conntrack",
            "entries  early_drop drop\n0000000a 1 2\n0000000a 3 4\n");
  files.put("/proc/loadavg", "0.00 0.01 0.05 2/381 12345\n");
  Readings readings;
  read_counters(files, readings);
  const std::pair<const char*, int64_t> expected[] = {
      {"TcpExt.ListenOverflows", 12},
      {"Tcp.ActiveOpens", 500},
      {"Udp.RcvbufErrors", 4},
      {"sockstat.TCP.tw", 112},
      {"softnet.dropped", 2},
      {"softnet.time_squeeze", 16},
      {"softnet.queue", 5},
      {"conntrack.early_drop", 4},
      {"conntrack.drop", 6},
      {"conntrack.entries", 10},
      {"tasks", 381},
  };
  for (const auto& each : expected) {
    CAPTURE(each.first);
    REQUIRE(readings.metrics.contains(each.first));
    CHECK(readings.metrics.find(each.first)->second == each.second);
  }
  CHECK(readings.uptime_ms == 12345670);
}

TEST_CASE("what may not be read is named with its reason") {
  FakeProcSys files;
  files.fail("/proc/net/netstat", EACCES);
  Readings readings;
  read_counters(files, readings);
  REQUIRE(readings.unreadable.contains("/proc/net/netstat"));
  CHECK(readings.unreadable["/proc/net/netstat"] == "EACCES reading /proc/net/netstat");
}

}  // namespace
}  // namespace proctor::host
