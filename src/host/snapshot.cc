#include "host/snapshot.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include "host/readers.h"
#include "text/text.h"

namespace proctor::host {
namespace {

constexpr std::string_view kProcSys = "/proc/sys";

/// Folders below /proc/sys are at most net/ipv4/conf/NAME deep; the bound is against loops.
constexpr unsigned kDeepest = 10;

bool is_secret(std::string_view path) {
  return path == "net/ipv4/tcp_fastopen_key" || path.ends_with("/stable_secret");
}

class Values {
 public:
  Values(ProcSys& procsys, Snapshot& snapshot) : procsys_(procsys), snapshot_(snapshot) {}

  void folder(const std::string& path, unsigned depth) {
    const std::string absolute =
        path.empty() ? std::string(kProcSys) : fmt::format("{}/{}", kProcSys, path);
    const ProcSys::Listing listing = procsys_.list(absolute);
    if (!listing.names) {
      // A key of an interface that went away meanwhile.
      if (listing.error == ENOENT) return;
      snapshot_.unreadable_values.emplace(path, unreadable(absolute, listing.error).message);
      return;
    }
    for (const std::string& name : *listing.names) {
      entry(path.empty() ? name : fmt::format("{}/{}", path, name), depth);
    }
  }

 private:
  void entry(const std::string& path, unsigned depth) {
    if (is_secret(path)) {
      snapshot_.unreadable_values.emplace(path, "a secret, never read");
      return;
    }
    const std::string absolute = fmt::format("{}/{}", kProcSys, path);
    Reading reading = procsys_.read(absolute);
    if (reading.bytes) {
      if (reading.bytes->ends_with('\n')) reading.bytes->pop_back();
      snapshot_.values.emplace(path, std::move(*reading.bytes));
    } else if ((reading.error == EISDIR || reading.error == ENOENT) && depth < kDeepest) {
      folder(path, depth + 1);
    } else {
      snapshot_.unreadable_values.emplace(path, unreadable(absolute, reading.error).message);
    }
  }

  ProcSys& procsys_;
  Snapshot& snapshot_;
};

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm parts{};
  std::array<char, 32> text{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return {};
  const size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text.data(), length);
}

/// Gives each distinct text a name, in the order in which they come.
class Names {
 public:
  explicit Names(std::string_view prefix) : prefix_(prefix) {}

  void replace(std::string& text) {
    if (text.empty()) return;
    const auto [at, fresh] = names_.try_emplace(text);
    if (fresh) at->second = fmt::format("{}-{}", prefix_, names_.size());
    text = at->second;
  }

 private:
  std::string prefix_;
  std::map<std::string, std::string> names_;
};

/// udev names a network device after its hardware address where it has nothing better.
bool holds_mac(std::string_view name) {
  constexpr size_t kPrefix = 3;
  constexpr size_t kMac = 12;
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return name.size() >= kPrefix + kMac && name.starts_with("enx") &&
         std::ranges::all_of(name.substr(kPrefix, kMac), hex);
}

void rename_devices(Snapshot& snapshot) {
  Names names("enx");
  for (NetworkDevice& device : snapshot.readings.devices) {
    if (holds_mac(device.name)) names.replace(device.name);
  }
  if (const auto* known = snapshot.facts.strings("interfaces")) {
    std::vector<std::string> interfaces = *known;
    for (std::string& name : interfaces) {
      if (holds_mac(name)) names.replace(name);
    }
    std::ranges::sort(interfaces);
    snapshot.facts.set("interfaces", std::move(interfaces));
  }
  const auto renamed = [&](const std::string& path) {
    std::string out;
    for (const std::string_view part : split(path, '/')) {
      std::string name(part);
      if (holds_mac(name)) names.replace(name);
      out += (out.empty() ? "" : "/") + name;
    }
    return out;
  };
  for (auto* values : {&snapshot.values, &snapshot.unreadable_values}) {
    std::map<std::string, std::string> out;
    for (auto& [path, text] : *values) out.emplace(renamed(path), std::move(text));
    *values = std::move(out);
  }
}

}  // namespace

Snapshot take_snapshot(ProcSys& procsys) {
  Snapshot snapshot;
  snapshot.taken = now();
  read_facts(procsys, snapshot.facts);
  Values(procsys, snapshot).folder("", 0);
  snapshot.readings = read_everything(procsys);
  return snapshot;
}

void anonymize(Snapshot& snapshot) {
  snapshot.anonymous = true;
  // What else names a machine, its owner or its network among the values.
  constexpr std::array<std::string_view, 4> kNaming = {
      "kernel/domainname", "kernel/hostname", "kernel/random/boot_id", "kernel/spl/hostid"};
  for (const std::string_view path : kNaming) {
    const auto at = snapshot.values.find(std::string(path));
    if (at == snapshot.values.end()) continue;
    snapshot.unreadable_values.emplace(at->first, "left out, the snapshot is anonymous");
    snapshot.values.erase(at);
  }
  rename_devices(snapshot);
  Names addresses("address");
  Names processes("process");
  Names groups("group");
  if (auto& sockets = snapshot.readings.sockets) {
    for (SourceUse& source : sockets->sources) {
      addresses.replace(source.address);
      for (DestinationUse& destination : source.busiest) addresses.replace(destination.address);
    }
    for (ListenerUse& listener : sockets->listeners) addresses.replace(listener.address);
  }
  for (ProcessUse& process : snapshot.readings.processes) processes.replace(process.name);
  for (CgroupUse& group : snapshot.readings.cgroups) groups.replace(group.name);
}

}  // namespace proctor::host
