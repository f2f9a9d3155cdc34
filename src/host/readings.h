// What a machine tells about its load: counters, occupancy, sockets, processes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/port_use.h"
#include "host/procsys.h"

namespace proctor::host {

/// A process and its table of descriptors.
struct ProcessUse {
  int64_t pid = 0;
  std::string name;
  int64_t descriptors = 0;
  int64_t limit = 0;  ///< RLIMIT_NOFILE, the soft one.
};

/// What the inotify instances of one user hold.
struct InotifyUse {
  int64_t uid = 0;
  int64_t instances = 0;
  int64_t watches = 0;
};

/// A control group with a limit on tasks.
struct CgroupUse {
  std::string name;  ///< Path below the root of the hierarchy: "system.slice/tor.service".
  int64_t tasks = 0;
  int64_t limit = 0;
};

struct NetworkDevice {
  std::string name;
  std::string driver;            ///< Empty: a device without one, as a bridge.
  std::optional<int64_t> speed;  ///< Bits per second.
  std::string state;             ///< "up", "down", "unknown", ... as operstate has it.
};

/// Metrics by name, as their sources name them:
///   "TcpExt.ListenOverflows"   /proc/net/netstat and snmp; "Ip6ReasmFails" /proc/net/snmp6
///   "sockstat.TCP.tw"          /proc/net/sockstat, "sockstat6.FRAG6.memory" sockstat6
///   "softnet.dropped"          /proc/net/softnet_stat, summed over the CPUs; "softnet.queue" is
///                              that of the fullest CPU
///   "softirq.NET_RX"           /proc/softirqs, summed over the CPUs
///   "conntrack.early_drop"     /proc/net/stat/nf_conntrack, "arp_cache.table_fulls",
///                              "ndisc_cache.table_fulls", summed over the CPUs; entries are not
///   "tasks"                    threads of the whole machine, from /proc/loadavg
struct Readings {
  int64_t uptime_ms = 0;  ///< Of the machine when it was read; 0: unknown.
  std::map<std::string, int64_t, std::less<>> metrics;
  std::optional<SocketSummary> sockets;
  std::vector<ProcessUse> processes;   ///< Nearest to their limit first.
  std::vector<InotifyUse> inotify;     ///< Most watches first.
  std::vector<CgroupUse> cgroups;      ///< Nearest to their limit first.
  std::vector<NetworkDevice> devices;  ///< By name.
  /// What could not be read, or only in part, and why.
  std::map<std::string, std::string, std::less<>> unreadable;
};

constexpr size_t kMostProcesses = 20;

/// Counters and occupancy that cost a few files; no sockets, no processes.
void read_counters(ProcSys& procsys, Readings& readings);
/// Descriptors, inotify and control groups: looks at every process.
void read_processes(ProcSys& procsys, Readings& readings);
void read_devices(ProcSys& procsys, Readings& readings);
/// All of it.
Readings read_everything(ProcSys& procsys);

}  // namespace proctor::host
