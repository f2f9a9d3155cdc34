// The single door to /proc and /sys.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/facts.h"
#include "kernel/state.h"
#include "text/result.h"

namespace proctor::host {

/// A reading: bytes, or errno.
struct Reading {
  std::optional<std::string> bytes;
  int error = 0;
};

/// Paths are absolute as on the machine ("/proc/sys/vm/swappiness").
class ProcSys {
 public:
  virtual ~ProcSys() = default;
  virtual Reading read(const std::string& path) = 0;
  /// Names in a folder, sorted, or errno.
  virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
};

/// This machine. Never writes.
std::unique_ptr<ProcSys> live();

/// In memory, for tests and snapshots; records every path that was read.
class FakeProcSys : public ProcSys {
 public:
  void put(std::string path, std::string bytes);
  void fail(std::string path, int error);
  Reading read(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& path) override;
  const std::vector<std::string>& reads() const { return reads_; }

 private:
  std::map<std::string, Reading> files_;
  std::vector<std::string> reads_;
};

/// Kernel, memory, CPUs, page size, interfaces, modules, container, ...: what can be read is set,
/// what cannot is recorded as unreadable.
void read_facts(ProcSys& procsys, Facts& facts);

/// Running values of exactly `paths` (below /proc/sys, "net/core/somaxconn") into `state`.
void read_values(ProcSys& procsys, const std::vector<std::string>& paths, kernel::State& state);

/// A dump in the form of `sysctl -a` ("key = value"; repeated tabs kept): path -> text.
/// Errors carry the line.
struct Dump {
  std::map<std::string, std::string> values;
  std::vector<std::string> problems;
};
Dump parse_sysctl_dump(std::string_view text);

}  // namespace proctor::host
