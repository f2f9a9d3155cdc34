// Facts of the network namespace that the process is in.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "host/readers.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::host {

Result<FactValue> read_initial_netns(ProcSys& procsys) {
  // Kernels register this key for the initial namespace only, whatever they are built with.
  const std::string key = "/proc/sys/net/core/netdev_max_backlog";
  const Reading reading = procsys.read(key);
  if (reading.bytes) return FactValue(true);
  if (reading.error == ENOENT && procsys.list("/proc/sys/net/core").names) return FactValue(false);
  return unreadable(key, reading.error);
}

Result<FactValue> read_interfaces(ProcSys& procsys) {
  // The folders of /proc/sys, not those of /sys/class/net: they are what a key can name, and a
  // container may see the /sys of another namespace.
  std::set<std::string> names;
  const std::string ipv4 = "/proc/sys/net/ipv4/conf";
  const ProcSys::Listing first = procsys.list(ipv4);
  const ProcSys::Listing second = procsys.list("/proc/sys/net/ipv6/conf");
  if (!first.names && !second.names) return unreadable(ipv4, first.error);
  for (const ProcSys::Listing* listing : {&first, &second}) {
    if (listing->names) names.insert(listing->names->begin(), listing->names->end());
  }
  names.erase("all");
  names.erase("default");
  return FactValue(std::vector<std::string>(names.begin(), names.end()));
}

Result<FactValue> read_ipv6(ProcSys& procsys) {
  const std::string folder = "/proc/sys/net/ipv6";
  const ProcSys::Listing listing = procsys.list(folder);
  if (listing.names) return FactValue(true);
  if (listing.error == ENOENT && procsys.list("/proc/sys/net").names) return FactValue(false);
  return unreadable(folder, listing.error);
}

Result<FactValue> read_link_speed(ProcSys& procsys) {
  const std::string folder = "/sys/class/net";
  const ProcSys::Listing interfaces = procsys.list(folder);
  if (!interfaces.names) return unreadable(folder, interfaces.error);
  int64_t fastest = 0;
  for (const std::string& name : *interfaces.names) {
    const std::string path = fmt::format("{}/{}", folder, name);
    // A veth or a bridge claims a speed too, but no cable ends there.
    if (!procsys.list(path + "/device").names) continue;
    const Reading speed = procsys.read(path + "/speed");
    if (!speed.bytes) continue;  // EINVAL while the link is down.
    const Result<int64_t> megabits = parse_int(trim(*speed.bytes));
    constexpr int64_t kMost = 1'000'000'000;
    if (megabits && *megabits <= kMost) fastest = std::max(fastest, *megabits);
  }
  // -1 is how a driver says that it does not know.
  if (fastest <= 0) return Error{"no network device tells its speed"};
  return FactValue(fastest * 1'000'000);
}

Result<FactValue> read_listen_ports(ProcSys& procsys) {
  std::set<int64_t> ports;
  const int error = procsys.each_socket(
      SocketTable::kTcpListeners, [&](const SocketRow& row) { ports.insert(row.local_port); });
  if (error != 0) return unreadable("/proc/net/tcp", error);
  return FactValue(std::vector<int64_t>(ports.begin(), ports.end()));
}

}  // namespace proctor::host
