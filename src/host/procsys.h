// The single door to /proc and /sys, and to what else tells facts about this machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/facts.h"
#include "host/sockets.h"
#include "kernel/state.h"
#include "text/result.h"

namespace proctor::host {

/// A reading: bytes, or errno.
struct Reading {
  std::optional<std::string> bytes;
  int error = 0;
};

/// What system calls tell and no file does. Zero or empty: not known.
struct Platform {
  std::string machine;    ///< uname -m.
  int64_t page_size = 0;  ///< Bytes.
  /// Resolution of CLOCK_MONOTONIC_COARSE, which is one tick: 4,000,000 for CONFIG_HZ=250. The
  /// clock tick that sysconf() gives is USER_HZ, 100 on every kernel.
  int64_t tick_ns = 0;
};

/// Far above any file that is read here; a bound against files that never end.
constexpr size_t kWholeFile = size_t{16} << 20;

/// Paths are absolute as on the machine ("/proc/sys/vm/swappiness"). Only what is asked is opened.
class ProcSys {
 public:
  ProcSys() = default;
  ProcSys(const ProcSys&) = delete;
  ProcSys& operator=(const ProcSys&) = delete;
  virtual ~ProcSys() = default;

  /// The first `limit` bytes.
  virtual Reading read(const std::string& path, size_t limit) = 0;
  Reading read(const std::string& path) { return read(path, kWholeFile); }
  /// Names in a folder, sorted, or errno in Reading::error.
  struct Listing {
    std::optional<std::vector<std::string>> names;
    int error = 0;
  };
  virtual Listing list(const std::string& path) = 0;
  /// The text of a symbolic link.
  virtual Reading link(const std::string& path) = 0;
  virtual Platform platform() = 0;

  /// Gives the lines of a file that may be too large for memory, without their ends. Returns 0 or
  /// errno.
  using EachLine = std::function<void(std::string_view line)>;
  virtual int each_line(const std::string& path, const EachLine& each) = 0;
  /// How many names a folder has, or errno: one of /proc/PID/fd may have a million.
  struct Count {
    int64_t entries = 0;
    int error = 0;
  };
  virtual Count count(const std::string& path) = 0;
  /// Every socket of the table in this network namespace, by socket diagnosis or, where the kernel
  /// has none, from /proc/net. Returns 0 or errno; after an error the rows so far are a part.
  virtual int each_socket(SocketTable table, const EachSocket& each) = 0;
};

/// This machine. Never writes. Not for use by two threads at a time.
std::unique_ptr<ProcSys> live();

/// In memory, for tests and snapshots; records every path that was read, listed or followed.
class FakeProcSys : public ProcSys {
 public:
  void put(std::string path, std::string bytes);
  void put_link(std::string path, std::string target);
  void put_folder(std::string path);
  void fail(std::string path, int error);
  void set_platform(Platform platform) { platform_ = std::move(platform); }

  using ProcSys::read;
  Reading read(const std::string& path, size_t limit) override;
  /// The parents of everything that was put are folders.
  Listing list(const std::string& path) override;
  Reading link(const std::string& path) override;
  Platform platform() override { return platform_; }
  int each_line(const std::string& path, const EachLine& each) override;
  Count count(const std::string& path) override;
  /// Rows that were put, else the tables of /proc/net.
  int each_socket(SocketTable table, const EachSocket& each) override;
  void put_socket(SocketTable table, SocketRow row);
  const std::vector<std::string>& reads() const { return reads_; }

 private:
  std::map<std::string, Reading> files_;
  std::map<std::string, std::string> links_;
  std::set<std::string> folders_;
  std::vector<std::pair<SocketTable, SocketRow>> sockets_;
  Platform platform_;
  std::vector<std::string> reads_;
};

/// The tables of /proc/net as each_socket() gives them, for kernels without socket diagnosis.
int read_sockets_proc(ProcSys& procsys, SocketTable table, const EachSocket& each);

/// Kernel, memory, CPUs, page size, interfaces, modules, container, ...: what can be read is set,
/// what cannot is recorded as unreadable with its reason. Roles are never read.
void read_facts(ProcSys& procsys, Facts& facts);
/// The same for the facts of these names alone, so that nothing is opened that no rule asks for.
void read_facts(ProcSys& procsys, Facts& facts, std::span<const std::string_view> names);

/// Running values of exactly `paths` (below /proc/sys, "net/core/somaxconn") into `state`: a file
/// that is not there is absent, one that cannot be read is unknown.
void read_values(ProcSys& procsys, const std::vector<std::string>& paths, kernel::State& state);

/// A dump in the form of `sysctl -a`.
struct Dump {
  /// Path below /proc/sys -> text. Tabs inside a value are kept; the lines of a value that has
  /// several ("dev.cdrom.info = ..." again and again) are joined by LF.
  std::map<std::string, std::string> values;
  /// Lines that are no assignment, each "line 12: ...". At most kMaxDumpProblems are kept.
  std::vector<std::string> problems;
  size_t problem_count = 0;
  /// What sysctl itself said of keys it could not read ("sysctl: permission denied on key ...").
  size_t skipped = 0;
};
constexpr size_t kMaxDumpProblems = 20;

/// Reads "key = value", "key=value" and "key =". Keys may use dots or slashes; where a dotted key
/// is ambiguous because an interface name has a dot, the catalog's patterns decide.
Dump parse_sysctl_dump(std::string_view text);

}  // namespace proctor::host
