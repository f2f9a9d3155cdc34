// Who uses which ephemeral ports, and how programs got them.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/procsys.h"
#include "host/sockets.h"

namespace proctor::host {

constexpr size_t kPorts = 65536;
using PortSet = std::bitset<kPorts>;

/// net.ipv4.ip_local_port_range without net.ipv4.ip_local_reserved_ports.
struct PortRange {
  int32_t low = 0;
  int32_t high = 0;  ///< Inclusive.
  PortSet reserved;

  bool holds(uint16_t port) const { return port >= low && port <= high && !reserved.test(port); }
  /// Ports that the kernel may give.
  int64_t available() const;
};
/// The list of ip_local_reserved_ports ("8080,9000-9010") as the kernel prints it.
PortSet parse_ports(std::string_view list);
/// nullopt: the range cannot be read.
std::optional<PortRange> read_port_range(ProcSys& procsys);

/// How the sockets of one source address got their ports, as the ports themselves tell. The kernel
/// (4.6 and later) gives bind() with port 0 ports whose distance from the low end of the range is
/// odd before it gives the others, and connect() the other way round; with SO_REUSEADDR bind() goes
/// through the lower half of the range first. A port that bind() gave is used once for an address,
/// one that connect() gave for any number of destinations.
enum class PortHabit : uint8_t {
  kUnknown,    ///< Too few ports to tell.
  kBind,       ///< bind() with port 0 before connect().
  kBindReuse,  ///< The same with SO_REUSEADDR.
  kConnect,    ///< connect(), or bind() with IP_BIND_ADDRESS_NO_PORT.
  kMixed,
};
std::string_view to_string(PortHabit habit);
std::optional<PortHabit> parse_port_habit(std::string_view name);

struct DestinationUse {
  std::string address;
  int64_t port = 0;
  int64_t connections = 0;  ///< TIME-WAIT included.
  int64_t time_wait = 0;
};

/// Outbound TCP of one local address: connections from ports of the range that no listener has.
struct SourceUse {
  std::string address;
  int64_t connections = 0;  ///< TIME-WAIT included.
  int64_t time_wait = 0;  ///< FIN-WAIT-2 included: closed on this side, both still hold their port.
  int64_t unconnected = 0;   ///< Bound, but not connected; kernels tell of them from 6.8 on.
  int64_t ports = 0;         ///< Distinct ones.
  int64_t ports_odd = 0;     ///< At an odd distance from the low end: bind() begins with these.
  int64_t ports_lower = 0;   ///< In the lower half of the range.
  int64_t ports_shared = 0;  ///< Used by more than one connection.
  int64_t destinations = 0;  ///< Distinct address and port.
  int64_t no_port = 0;       ///< Connections that say IP_BIND_ADDRESS_NO_PORT.
  PortHabit habit = PortHabit::kUnknown;
  std::vector<DestinationUse> busiest;  ///< The most used ones, at least one.
};

struct ListenerUse {
  std::string address;
  int64_t port = 0;
  int64_t queue = 0;             ///< Connections that wait for accept().
  std::optional<int64_t> limit;  ///< min(backlog, somaxconn) when it called listen().
  int64_t half_open = 0;         ///< Its connections in SYN-RECEIVED.
  int64_t drops = 0;             ///< Packets that it dropped since it began.
  bool in_range = false;         ///< An ephemeral port that is not reserved.
};

struct UdpUse {
  int64_t sockets = 0;
  int64_t queued = 0;  ///< Bytes that wait to be read, all sockets together.
  int64_t drops = 0;   ///< Packets that open sockets dropped since they began.
  int64_t fullest_port = 0;
  int64_t fullest_queued = 0;
};

struct SocketSummary {
  std::vector<std::pair<std::string, int64_t>> tcp_states;  ///< By name; those that occur.
  int64_t low = 0;
  int64_t high = 0;
  int64_t available = 0;  ///< Ports of the range that are not reserved.
  /// Ports of the range that an explicit bind() owns, on any address: connect() may not use them.
  int64_t blocked = 0;
  std::vector<SourceUse> sources;      ///< The most used first.
  int64_t sources_left_out = 0;        ///< Less used than all of them.
  std::vector<ListenerUse> listeners;  ///< By port and address.
  UdpUse udp;
};

constexpr size_t kMostSources = 100;
constexpr size_t kMostBusiest = 5;

/// Reads the tables once and sums them up; an error is the reason why they cannot be read.
Result<SocketSummary> read_sockets(ProcSys& procsys);

/// What the habit is told from.
struct PortCounts {
  int64_t connections = 0;
  int64_t ports = 0;
  int64_t odd = 0;
  int64_t lower = 0;
  int64_t shared = 0;
  int64_t destinations = 0;
  int64_t busiest = 0;  ///< Connections to the busiest destination.
  int64_t no_port = 0;  ///< Of connections that are not in TIME-WAIT.
  int64_t live = 0;     ///< Connections that are not in TIME-WAIT.
  int64_t all_odd = 0;  ///< Ports of the range at an odd distance.
  int64_t all_even = 0;
};
PortHabit habit_of(const PortCounts& counts);

}  // namespace proctor::host
