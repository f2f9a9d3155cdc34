// Which facts are read, and the ones that are a line of one file.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "host/readers.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::host {
namespace {

constexpr int64_t kKiB = 1024;

Result<FactValue> read_arch(ProcSys& procsys) {
  std::string machine = procsys.platform().machine;
  if (machine.empty()) return Error{"uname gives no machine name"};
  return FactValue(std::move(machine));
}

Result<FactValue> read_page_size(ProcSys& procsys) {
  const int64_t size = procsys.platform().page_size;
  if (size <= 0) return Error{"sysconf gives no page size"};
  return FactValue(size);
}

Result<FactValue> read_hz(ProcSys& procsys) {
  constexpr int64_t kSecond = 1'000'000'000;
  const int64_t tick = procsys.platform().tick_ns;
  if (tick <= 0) return Error{"the clock has no tick"};
  return FactValue((kSecond + tick / 2) / tick);
}

/// The upstream release that a distribution's kernel is made from, where its name tells only the
/// series: Debian says "... Debian 6.1.176-1 (2026-07-02)" in the version, Ubuntu
/// "Ubuntu 5.15.0-91.101-generic 5.15.131" in a file of its own.
std::optional<kernel::Version> packaged_release(ProcSys& procsys) {
  std::string text = procsys.read("/proc/version_signature").bytes.value_or("");
  std::vector<std::string_view> words = split_blanks(text);
  if (!words.empty()) {
    const Result<kernel::Version> version = kernel::parse_version(words.back());
    return version ? std::optional(*version) : std::nullopt;
  }
  text = procsys.read("/proc/sys/kernel/version").bytes.value_or("");
  words = split_blanks(text);
  const auto debian = std::ranges::find(words, "Debian");
  if (debian == words.end() || debian + 1 == words.end()) return std::nullopt;
  const Result<kernel::Version> version = kernel::parse_version(*(debian + 1));
  return version ? std::optional(*version) : std::nullopt;
}

Result<FactValue> read_kernel(ProcSys& procsys) {
  const Result<std::string> release = read_line(procsys, "/proc/sys/kernel/osrelease");
  if (!release) return Error{release.error()};
  Result<kernel::Version> version = kernel::parse_version(*release);
  if (!version) return Error{version.error()};
  if (version->is_series()) {
    const std::optional<kernel::Version> packaged = packaged_release(procsys);
    if (packaged && packaged->in_series(*version)) version = *packaged;
  }
  return FactValue(kernel::VersionRange{*version, *version});
}

/// A line "MemTotal:       24690956 kB" of /proc/meminfo, in bytes.
Result<FactValue> read_meminfo(ProcSys& procsys, std::string_view field) {
  const Result<std::string> text = read_text(procsys, "/proc/meminfo");
  if (!text) return Error{text.error()};
  for (const std::string_view line : split(*text, '\n')) {
    const std::vector<std::string_view> words = split_blanks(line);
    if (words.size() < 2 || words[0] != field) continue;
    const Result<int64_t> kilobytes = parse_int(words[1]);
    int64_t bytes = 0;
    if (!kilobytes || __builtin_mul_overflow(*kilobytes, kKiB, &bytes)) break;
    return FactValue(bytes);
  }
  return Error{fmt::format("/proc/meminfo has no {}", field)};
}

Result<FactValue> read_memory(ProcSys& procsys) { return read_meminfo(procsys, "MemTotal:"); }
Result<FactValue> read_swap(ProcSys& procsys) { return read_meminfo(procsys, "SwapTotal:"); }

/// How many numbers "0-3,8" holds.
Result<FactValue> count_of_list(ProcSys& procsys, const std::string& path) {
  const Result<std::string> text = read_line(procsys, path);
  if (!text) return Error{text.error()};
  int64_t count = 0;
  for (const std::string_view part : split(*text, ',')) {
    const size_t hyphen = std::min(part.find('-'), part.size());
    const Result<int64_t> first = parse_int(part.substr(0, hyphen));
    const Result<int64_t> last = hyphen == part.size() ? first : parse_int(part.substr(hyphen + 1));
    constexpr int64_t kMost = 1 << 20;
    if (!first || !last || *first < 0 || *last < *first || *last > kMost) {
      return Error{fmt::format("'{}' in {} is no list of numbers", escape_bytes(*text), path)};
    }
    count += *last - *first + 1;
  }
  return FactValue(count);
}

Result<FactValue> read_cpus(ProcSys& procsys) {
  return count_of_list(procsys, "/sys/devices/system/cpu/online");
}

Result<FactValue> read_numa_nodes(ProcSys& procsys) {
  // A kernel without NUMA has no folder "node" beside "cpu".
  if (procsys.list("/sys/devices/system/node").error == ENOENT &&
      procsys.list("/sys/devices/system/cpu").names) {
    return FactValue(int64_t{1});
  }
  return count_of_list(procsys, "/sys/devices/system/node/online");
}

Result<FactValue> read_thp(ProcSys& procsys) {
  const std::string path = "/sys/kernel/mm/transparent_hugepage/enabled";
  const Reading reading = procsys.read(path);
  // The folder is there in every kernel that can do transparent huge pages.
  if (reading.error == ENOENT && procsys.list("/sys/kernel/mm").names) {
    return FactValue(std::string("never"));
  }
  if (!reading.bytes) return unreadable(path, reading.error);
  const std::string_view text = *reading.bytes;
  const size_t open = text.find('[');
  const size_t close = text.find(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return Error{fmt::format("'{}' in {} marks no choice", escape_bytes(trim(text)), path)};
  }
  return FactValue(std::string(text.substr(open + 1, close - open - 1)));
}

Result<FactValue> read_kdump(ProcSys& procsys) {
  const std::string path = "/sys/kernel/kexec_crash_loaded";
  const Reading reading = procsys.read(path);
  if (reading.error == ENOENT && procsys.list("/sys/kernel").names) return FactValue(false);
  if (!reading.bytes) return unreadable(path, reading.error);
  return FactValue(trim(*reading.bytes) == "1");
}

/// The value of NAME=value in os-release, without its quotes.
std::string_view os_release_field(std::string_view text, std::string_view name) {
  for (std::string_view line : split(text, '\n')) {
    if (line.size() <= name.size() || !line.starts_with(name) || line[name.size()] != '=') continue;
    return trim(line.substr(name.size() + 1), " \t\r\"'");
  }
  return {};
}

Result<FactValue> read_distro(ProcSys& procsys) {
  const Result<std::string> text = read_text(procsys, "/etc/os-release");
  if (!text) return Error{text.error()};
  std::string distro(os_release_field(*text, "ID"));
  if (distro.empty()) return Error{"/etc/os-release has no ID"};
  // Rolling distributions have no version.
  const std::string_view version = os_release_field(*text, "VERSION_ID");
  if (!version.empty()) distro += fmt::format("-{}", version);
  return FactValue(std::move(distro));
}

Result<FactValue> read_swap_kind(ProcSys& procsys) {
  const Result<std::string> text = read_text(procsys, "/proc/swaps");
  if (!text) return Error{text.error()};
  std::string_view device;
  int64_t best = 0;
  const std::vector<std::string_view> lines = split(*text, '\n');
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string_view> words = split_blanks(lines[i]);
    if (words.size() < 5) continue;
    const Result<int64_t> priority = parse_int(words.back());
    if (!priority || (!device.empty() && *priority <= best)) continue;
    device = words.front();
    best = *priority;
  }
  if (device.empty()) return FactValue(std::string("none"));
  if (device.starts_with("/dev/zram")) return FactValue(std::string("zram"));
  const Reading zswap = procsys.read("/sys/module/zswap/parameters/enabled");
  const bool on = zswap.bytes && trim(*zswap.bytes) == "Y";
  return FactValue(std::string(on ? "zswap" : "disk"));
}

struct Reader {
  std::string_view name;
  Result<FactValue> (*read)(ProcSys& procsys);
};

constexpr std::array kReaders = {
    Reader{"arch", read_arch},
    Reader{"container", read_container},
    Reader{"cpus", read_cpus},
    Reader{"distro", read_distro},
    Reader{"hz", read_hz},
    Reader{"initial_netns", read_initial_netns},
    Reader{"interfaces", read_interfaces},
    Reader{"ipv6", read_ipv6},
    Reader{"kdump", read_kdump},
    Reader{"kernel", read_kernel},
    Reader{"link_speed", read_link_speed},
    Reader{"listen_ports", read_listen_ports},
    Reader{"memory", read_memory},
    Reader{"modules", read_modules},
    Reader{"numa_nodes", read_numa_nodes},
    Reader{"page_size", read_page_size},
    Reader{"swap", read_swap},
    Reader{"swap_kind", read_swap_kind},
    Reader{"thp", read_thp},
    Reader{"virt", read_virt},
};

void read_fact(ProcSys& procsys, Facts& facts, const Reader& reader) {
  Result<FactValue> value = reader.read(procsys);
  if (value) {
    facts.set(reader.name, std::move(value).value());
  } else {
    facts.set_unreadable(reader.name, value.error());
  }
}

}  // namespace

void read_facts(ProcSys& procsys, Facts& facts) {
  for (const Reader& reader : kReaders) read_fact(procsys, facts, reader);
}

void read_facts(ProcSys& procsys, Facts& facts, std::span<const std::string_view> names) {
  for (const Reader& reader : kReaders) {
    if (std::ranges::find(names, reader.name) != names.end()) read_fact(procsys, facts, reader);
  }
}

}  // namespace proctor::host
