// Counters and occupancy from the small files of /proc.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "host/readers.h"
#include "host/readings.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::host {
namespace {

using Words = std::vector<std::string_view>;

void set(Readings& readings, std::string name, std::string_view number) {
  if (const Result<int64_t> value = parse_int(number)) {
    readings.metrics.insert_or_assign(std::move(name), *value);
  }
}

/// The text, or nothing and the reason in `readings`. A file that is not there is no failure where
/// the kernel may lack what it tells of.
std::string text_of(ProcSys& procsys, const std::string& path, bool optional, Readings& readings) {
  Reading reading = procsys.read(path);
  if (reading.bytes) return std::move(*reading.bytes);
  if (reading.error != ENOENT || !optional) {
    readings.unreadable.emplace(path, unreadable(path, reading.error).message);
  }
  return {};
}

/// Pairs of lines "TcpExt: NAME NAME ..." and "TcpExt: 1 2 ...".
void read_pairs(ProcSys& procsys, const std::string& path, Readings& readings) {
  const std::string text = text_of(procsys, path, false, readings);
  const Words lines = split(text, '\n');
  for (size_t i = 0; i + 1 < lines.size(); i += 2) {
    const Words names = split_blanks(lines[i]);
    const Words values = split_blanks(lines[i + 1]);
    if (names.empty() || names.size() != values.size() || names[0] != values[0]) continue;
    const std::string_view group = names[0].substr(0, names[0].find(':'));
    for (size_t k = 1; k < names.size(); ++k) {
      set(readings, fmt::format("{}.{}", group, names[k]), values[k]);
    }
  }
}

/// Lines "TCP: inuse 1 orphan 0".
void read_sockstat(ProcSys& procsys, std::string_view file, bool optional, Readings& readings) {
  const std::string text = text_of(procsys, fmt::format("/proc/net/{}", file), optional, readings);
  for (const std::string_view line : split(text, '\n')) {
    const Words words = split_blanks(line);
    for (size_t k = 1; k + 1 < words.size(); k += 2) {
      const std::string_view group = words[0].substr(0, words[0].find(':'));
      set(readings, fmt::format("{}.{}.{}", file, group, words[k]), words[k + 1]);
    }
  }
}

void read_snmp6(ProcSys& procsys, Readings& readings) {
  const std::string text = text_of(procsys, "/proc/net/snmp6", true, readings);
  for (const std::string_view line : split(text, '\n')) {
    const Words words = split_blanks(line);
    // Lines of single message types say what the totals say.
    if (words.size() == 2 && words[0].find("Type") == std::string_view::npos) {
      set(readings, std::string(words[0]), words[1]);
    }
  }
}

int64_t hex(std::string_view word) {
  int64_t value = 0;
  std::from_chars(word.data(), word.data() + word.size(), value, 16);
  return value;
}

/// One line a CPU, columns as softnet_seq_show() prints them.
void read_softnet(ProcSys& procsys, Readings& readings) {
  const std::string text = text_of(procsys, "/proc/net/softnet_stat", false, readings);
  struct Column {
    size_t number;
    std::string_view name;
  };
  static constexpr Column kSummed[] = {{0, "softnet.processed"},
                                       {1, "softnet.dropped"},
                                       {2, "softnet.time_squeeze"},
                                       {10, "softnet.flow_limit"}};
  // The length of the queue came in 5.10; with it the line has 13 columns or more.
  constexpr size_t kQueue = 11;
  for (const std::string_view line : split(text, '\n')) {
    const Words words = split_blanks(line);
    for (const Column& column : kSummed) {
      if (column.number >= words.size()) continue;
      readings.metrics[std::string(column.name)] += hex(words[column.number]);
    }
    if (words.size() <= kQueue + 1) continue;
    int64_t& fullest = readings.metrics["softnet.queue"];
    fullest = std::max(fullest, hex(words[kQueue]));
  }
}

/// A heading and one line a CPU, in hexadecimal.
void read_stat(ProcSys& procsys, std::string_view file, std::string_view group,
               Readings& readings) {
  // Tables of neighbours have this file in the initial network namespace only.
  const std::string text = text_of(procsys, fmt::format("/proc/net/stat/{}", file), true, readings);
  const Words lines = split(text, '\n');
  const Words names = split_blanks(lines[0]);
  for (size_t i = 1; i < lines.size(); ++i) {
    const Words values = split_blanks(lines[i]);
    if (values.size() != names.size()) continue;
    for (size_t k = 0; k < names.size(); ++k) {
      int64_t& metric = readings.metrics[fmt::format("{}.{}", group, names[k])];
      // The number of entries is that of the whole table on each line.
      metric = names[k] == "entries" ? hex(values[k]) : metric + hex(values[k]);
    }
  }
}

void read_softirqs(ProcSys& procsys, Readings& readings) {
  const std::string text = text_of(procsys, "/proc/softirqs", true, readings);
  for (const std::string_view line : split(text, '\n')) {
    const Words words = split_blanks(line);
    if (words.empty() || words[0] != "NET_RX:") continue;
    int64_t sum = 0;
    for (size_t i = 1; i < words.size(); ++i)
      sum += parse_int(words[i]).ok() ? *parse_int(words[i]) : 0;
    readings.metrics["softirq.NET_RX"] = sum;
  }
}

void read_tasks(ProcSys& procsys, Readings& readings) {
  const std::string text = text_of(procsys, "/proc/loadavg", false, readings);
  const Words words = split_blanks(text);
  if (words.size() < 4) return;
  const size_t slash = words[3].find('/');
  if (slash != std::string_view::npos) set(readings, "tasks", words[3].substr(slash + 1));
}

/// "12345.67 8901.23": seconds since boot, idle seconds.
void read_uptime(ProcSys& procsys, Readings& readings) {
  const std::string text = text_of(procsys, "/proc/uptime", false, readings);
  const std::string_view word = std::string_view(text).substr(0, text.find(' '));
  const size_t dot = word.find('.');
  if (dot == std::string_view::npos || word.size() != dot + 3) return;
  const Result<int64_t> seconds = parse_int(word.substr(0, dot));
  const Result<int64_t> hundredths = parse_int(word.substr(dot + 1));
  if (!seconds || !hundredths) return;
  if (*seconds < INT32_MAX) readings.uptime_ms = *seconds * 1000 + *hundredths * 10;
}

}  // namespace

void read_counters(ProcSys& procsys, Readings& readings) {
  read_uptime(procsys, readings);
  read_pairs(procsys, "/proc/net/netstat", readings);
  read_pairs(procsys, "/proc/net/snmp", readings);
  read_snmp6(procsys, readings);
  read_sockstat(procsys, "sockstat", false, readings);
  read_sockstat(procsys, "sockstat6", true, readings);
  read_softnet(procsys, readings);
  read_softirqs(procsys, readings);
  read_stat(procsys, "nf_conntrack", "conntrack", readings);
  read_stat(procsys, "arp_cache", "arp_cache", readings);
  read_stat(procsys, "ndisc_cache", "ndisc_cache", readings);
  read_tasks(procsys, readings);
}

void read_devices(ProcSys& procsys, Readings& readings) {
  const std::string folder = "/sys/class/net";
  const ProcSys::Listing names = procsys.list(folder);
  if (!names.names) {
    readings.unreadable.emplace(folder, unreadable(folder, names.error).message);
    return;
  }
  for (const std::string& name : *names.names) {
    const std::string path = fmt::format("{}/{}", folder, name);
    const Reading state = procsys.read(path + "/operstate");
    if (!state.bytes) continue;  // bonding_masters is a file among the folders.
    NetworkDevice device;
    device.name = name;
    device.state = trim(*state.bytes);
    const Reading driver = procsys.link(path + "/device/driver");
    if (driver.bytes) device.driver = driver.bytes->substr(driver.bytes->rfind('/') + 1);
    const Reading speed = procsys.read(path + "/speed");
    const Result<int64_t> megabits = parse_int(trim(speed.bytes.value_or("")));
    constexpr int64_t kMost = 1'000'000'000;
    if (megabits && *megabits > 0 && *megabits <= kMost) device.speed = *megabits * 1'000'000;
    readings.devices.push_back(std::move(device));
  }
}

Readings read_everything(ProcSys& procsys) {
  Readings readings;
  read_counters(procsys, readings);
  Result<SocketSummary> sockets = read_sockets(procsys);
  if (sockets) {
    readings.sockets = std::move(sockets).value();
  } else {
    readings.unreadable.emplace("sockets", sockets.error());
  }
  read_processes(procsys, readings);
  read_devices(procsys, readings);
  return readings;
}

}  // namespace proctor::host
