// Facts of the network namespace that the process is in.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
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

namespace {

/// Enough for several thousand listeners.
constexpr size_t kSocketTable = size_t{1} << 20;

/// Adds the ports of listeners in a table such as /proc/net/tcp. The kernel prints all of them
/// first (before Linux 4.4 with half-open connections between them), so the rest need not be read.
/// False: the listeners alone fill the limit.
bool add_listeners(std::string_view table, std::set<int64_t>& ports) {
  constexpr std::string_view kListen = "0A";
  constexpr std::string_view kSynReceived = "03";
  const bool whole = table.size() < kSocketTable;
  std::vector<std::string_view> lines = split(table, '\n');
  for (size_t i = 1; i + 1 < lines.size(); ++i) {
    const std::vector<std::string_view> words = split_blanks(lines[i]);
    if (words.size() < 4) continue;
    if (words[3] != kListen && words[3] != kSynReceived) return true;
    const std::string_view local = words[1];
    const std::string_view digits = local.substr(std::min(local.rfind(':') + 1, local.size()));
    uint16_t port = 0;
    const auto [end, status] =
        std::from_chars(digits.data(), digits.data() + digits.size(), port, 16);
    if (status == std::errc() && words[3] == kListen) ports.insert(port);
  }
  return whole;
}

}  // namespace

Result<FactValue> read_listen_ports(ProcSys& procsys) {
  std::set<int64_t> ports;
  for (const std::string path : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    const Reading table = procsys.read(path, kSocketTable);
    if (table.error == ENOENT && path.ends_with('6')) continue;  // A kernel without IPv6.
    if (!table.bytes) return unreadable(path, table.error);
    if (!add_listeners(*table.bytes, ports)) {
      return Error{fmt::format("{} lists more listeners than are read", path)};
    }
  }
  return FactValue(std::vector<int64_t>(ports.begin(), ports.end()));
}

}  // namespace proctor::host
