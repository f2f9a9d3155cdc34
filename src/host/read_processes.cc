// Descriptors, inotify watches and tasks, by looking at every process and control group.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "host/readers.h"
#include "host/readings.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::host {
namespace {

/// Bounds against machines that run more than anybody can look at in a second.
constexpr size_t kMostPids = 100000;
constexpr size_t kMostCgroups = 5000;
/// Descriptors that inotify is looked for in, of all processes together.
constexpr int64_t kMostLinks = 30000;

/// "Max open files            1024                 524288               files"
std::optional<int64_t> open_files_limit(std::string_view limits) {
  constexpr std::string_view kField = "Max open files";
  const size_t at = limits.find(kField);
  if (at == std::string_view::npos) return std::nullopt;
  const std::vector<std::string_view> words = split_blanks(limits.substr(at + kField.size(), 80));
  if (words.empty()) return std::nullopt;
  const Result<int64_t> soft = parse_int(words[0]);
  return soft ? std::optional(*soft) : std::nullopt;
}

/// The sign of a / b - c / d, exactly: the kernel has no tables of 2^31 descriptors or tasks.
int compare_shares(int64_t a, int64_t b, int64_t c, int64_t d) {
  const auto bounded = [](int64_t number) { return std::min<int64_t>(number, INT32_MAX); };
  const int64_t left = bounded(a) * bounded(d);
  const int64_t right = bounded(c) * bounded(b);
  return left < right ? -1 : static_cast<int>(left > right);
}

int64_t uid_of(std::string_view status) {
  const size_t at = status.find("\nUid:");
  if (at == std::string_view::npos) return -1;
  const std::vector<std::string_view> words = split_blanks(status.substr(at + 5, 60));
  const Result<int64_t> uid = words.empty() ? Result<int64_t>(-1) : parse_int(words[0]);
  return uid ? *uid : -1;
}

class Processes {
 public:
  Processes(ProcSys& procsys, Readings& readings) : procsys_(procsys), readings_(readings) {}

  void read() {
    const ProcSys::Listing all = procsys_.list("/proc");
    if (!all.names) {
      readings_.unreadable.emplace("/proc", unreadable("/proc", all.error).message);
      return;
    }
    size_t pids = 0;
    for (const std::string& name : *all.names) {
      const Result<int64_t> pid = parse_int(name);
      if (!pid || *pid <= 0) continue;
      if (++pids > kMostPids) break;
      add(*pid);
    }
    read_inotify();
    finish(pids);
  }

 private:
  void add(int64_t pid) {
    const std::string folder = fmt::format("/proc/{}", pid);
    const ProcSys::Count count = procsys_.count(folder + "/fd");
    if (count.error != 0) {
      if (count.error != ENOENT) {
        ++refused_;
        refusal_ = unreadable("/proc/PID/fd", count.error).message;
      }
      return;
    }
    if (count.entries == 0) return;  // A thread of the kernel.
    const Reading limits = procsys_.read(folder + "/limits");
    const auto limit = open_files_limit(limits.bytes.value_or(""));
    if (limit && *limit > 0) {
      ProcessUse use;
      use.pid = pid;
      use.name = std::string(trim(procsys_.read(folder + "/comm").bytes.value_or("")));
      use.descriptors = count.entries;
      use.limit = *limit;
      readings_.processes.push_back(std::move(use));
    }
    open_.emplace_back(count.entries, folder);
  }

  /// Those with few descriptors first: a server with a hundred thousand connections is seldom the
  /// one that watches files.
  void read_inotify() {
    std::ranges::sort(open_);
    int64_t left = kMostLinks;
    size_t skipped = 0;
    for (const auto& [descriptors, folder] : open_) {
      if (descriptors > left) {
        ++skipped;
        continue;
      }
      left -= descriptors;
      add_inotify(folder);
    }
    if (skipped > 0) {
      readings_.unreadable.emplace(
          "inotify of processes with many descriptors",
          fmt::format("{} of {} processes are not looked at", skipped, open_.size()));
    }
  }

  void add_inotify(const std::string& folder) {
    const ProcSys::Listing descriptors = procsys_.list(folder + "/fd");
    if (!descriptors.names) return;
    InotifyUse* use = nullptr;
    for (const std::string& number : *descriptors.names) {
      const Reading target = procsys_.link(fmt::format("{}/fd/{}", folder, number));
      if (!target.bytes || target.bytes->find("inotify") == std::string::npos) continue;
      if (target.bytes->find("anon_inode:") != 0) continue;
      if (use == nullptr) {
        const int64_t uid = uid_of(procsys_.read(folder + "/status").bytes.value_or(""));
        use = &inotify_[uid];
        use->uid = uid;
      }
      ++use->instances;
      procsys_.each_line(fmt::format("{}/fdinfo/{}", folder, number), [&](std::string_view line) {
        if (line.starts_with("inotify ")) ++use->watches;
      });
    }
  }

  void finish(size_t pids) {
    const auto nearer = [](const ProcessUse& a, const ProcessUse& b) {
      const int share = compare_shares(a.descriptors, a.limit, b.descriptors, b.limit);
      return share != 0 ? share > 0 : a.pid < b.pid;
    };
    std::ranges::sort(readings_.processes, nearer);
    if (readings_.processes.size() > kMostProcesses) readings_.processes.resize(kMostProcesses);
    for (const auto& [uid, use] : inotify_) readings_.inotify.push_back(use);
    std::ranges::stable_sort(readings_.inotify, std::ranges::greater(), &InotifyUse::watches);
    if (refused_ > 0) {
      readings_.unreadable.emplace(
          "descriptors and inotify of other users' processes",
          fmt::format("{} ({} of {} processes)", refusal_, refused_, pids));
    }
  }

  ProcSys& procsys_;
  Readings& readings_;
  std::map<int64_t, InotifyUse> inotify_;
  std::vector<std::pair<int64_t, std::string>> open_;  ///< Descriptors and folder of a process.
  size_t refused_ = 0;
  std::string refusal_;
};

class Cgroups {
 public:
  Cgroups(ProcSys& procsys, Readings& readings) : procsys_(procsys), readings_(readings) {}

  void read() {
    // Version 2 has all controllers in one tree, version 1 one tree for each.
    const std::string unified = "/sys/fs/cgroup";
    const bool is_unified = procsys_.read(unified + "/cgroup.controllers").bytes.has_value();
    walk(is_unified ? unified : unified + "/pids", "", 0);
    std::ranges::stable_sort(readings_.cgroups, [](const CgroupUse& a, const CgroupUse& b) {
      return compare_shares(a.tasks, a.limit, b.tasks, b.limit) > 0;
    });
    if (readings_.cgroups.size() > kMostProcesses) readings_.cgroups.resize(kMostProcesses);
  }

 private:
  void walk(const std::string& root, const std::string& name, unsigned depth) {
    constexpr unsigned kDeepest = 8;
    if (depth > kDeepest || seen_++ >= kMostCgroups) return;
    const std::string path = name.empty() ? root : root + "/" + name;
    const ProcSys::Listing listing = procsys_.list(path);
    if (!listing.names) return;
    if (std::ranges::binary_search(*listing.names, "pids.max")) add(path, name);
    for (const std::string& child : *listing.names) {
      // Files of a control group have a dot after the controller's name, and so may folders.
      if (is_file(child)) continue;
      walk(root, name.empty() ? child : fmt::format("{}/{}", name, child), depth + 1);
    }
  }

  static bool is_file(std::string_view name) {
    static constexpr std::string_view kPrefixes[] = {"cgroup.", "cpu.",  "cpuset.", "hugetlb.",
                                                     "io.",     "irq.",  "memory.", "misc.",
                                                     "pids.",   "rdma.", "dmem.",   "blkio."};
    return name == "tasks" || name == "notify_on_release" || name == "release_agent" ||
           std::ranges::any_of(kPrefixes,
                               [&](std::string_view prefix) { return name.starts_with(prefix); });
  }

  void add(const std::string& path, const std::string& name) {
    const Reading limit = procsys_.read(path + "/pids.max");
    const Reading tasks = procsys_.read(path + "/pids.current");
    const Result<int64_t> most = parse_int(trim(limit.bytes.value_or("")));  // Or "max".
    const Result<int64_t> now = parse_int(trim(tasks.bytes.value_or("")));
    if (most && now && *most > 0) readings_.cgroups.push_back({name, *now, *most});
  }

  ProcSys& procsys_;
  Readings& readings_;
  size_t seen_ = 0;
};

}  // namespace

void read_processes(ProcSys& procsys, Readings& readings) {
  Processes(procsys, readings).read();
  Cgroups(procsys, readings).read();
}

}  // namespace proctor::host
