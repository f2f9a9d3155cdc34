// What one configuration may meet: kernels times loaders, each pair run once.
//
// A target that names a range of kernels, or no kernel, is judged at one version of every stretch
// in which nothing changes that its keys or rules depend on; loaders that do the same with the
// files are one group.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kernel/version.h"
#include "load/loader.h"
#include "rules/engine.h"
#include "rules/starts.h"

namespace proctor::rules {

/// A stretch of kernels in which nothing changes that matters here.
struct Segment {
  kernel::VersionRange range;
  kernel::Version version;  ///< The one that is judged: the newest of the stretch.
};

/// What happened to one path below /proc/sys; indices ascend.
struct PathFacts {
  std::vector<uint32_t> assignments;  ///< LoadResult::assignments that name it or wrote it.
  std::vector<uint32_t> writes;       ///< LoadResult::writes to it.
  const kernel::Key* key = nullptr;   ///< Its row in the catalog; nullptr: none.
};

/// One run of a loader, and what is where in it.
class Run {
 public:
  explicit Run(load::LoadResult result);
  Run(const Run&) = delete;  // The index views the result's strings.
  Run& operator=(const Run&) = delete;

  const load::LoadResult& result() const { return result_; }
  const kernel::State& state() const { return result_.final_state; }
  /// nullptr: nothing in the configuration names the path.
  const PathFacts* find(std::string_view path) const;
  /// Every path that is named or written, sorted.
  const std::vector<std::string_view>& paths() const { return paths_; }
  /// The write that decides a path's value: the last that was taken or may have been; nullptr:
  /// none.
  const load::Write* effective_write(std::string_view path) const;
  /// The assignment that made a write. REQUIRES: a write of this run.
  const load::Assignment& maker(const load::Write& write) const;
  /// Whether an assignment has something in effect: a write of it was taken or may have been.
  bool is_live(const load::Assignment& assignment) const;
  /// Whether a dump of all keys (sysctl -a) is taken for a configuration: nobody chose its lines,
  /// which restate what another machine had.
  bool is_dump() const { return is_dump_; }

 private:
  load::LoadResult result_;
  std::unordered_map<std::string_view, PathFacts> facts_;
  std::vector<std::string_view> paths_;
  bool is_dump_ = false;
};

/// Loaders that do the same in every segment.
struct Group {
  std::vector<const load::Loader*> loaders;
  std::vector<std::shared_ptr<const Run>> runs;  ///< By segment.
};

struct Scenarios {
  std::vector<Segment> segments;                     ///< Ascending.
  std::vector<std::shared_ptr<const Start>> starts;  ///< By segment.
  std::vector<Group> groups;                         ///< In the order of load::loaders().
  bool kernel_given = false;
  bool loader_given = false;
  /// Modules of the keys that the configuration writes, which count as loaded where nobody said
  /// what is: whoever writes a key means it for a machine that has it.
  std::vector<std::string> assumed_modules;

  /// "Linux 6.1", "Linux 4.4 to 6.12", "the maintained kernels".
  std::string kernels_text() const;
};

/// The segments of what the target names, cut at `cuts` (versions at which something changes).
std::vector<Segment> segments_of(const Target& target, std::span<const kernel::Version> cuts);

/// The kernels that the target names, from the oldest to the newest.
kernel::VersionRange range_of(const Target& target);

/// Versions at which something about one of `keys` changes for the target, ascending; none if it
/// names a single kernel.
std::vector<kernel::Version> change_points(std::span<const kernel::Key* const> keys,
                                           const Target& target);

/// Runs every loader in question on every segment. `known` is what the same gave for other
/// segments: where one is judged at the same version, it serves again.
Scenarios run_all(const load::Configuration& configuration, const Target& target,
                  std::vector<Segment> segments, Starts& starts, const Scenarios* known = nullptr);

/// "procps-3.3.10 to 3.3.17, busybox": versions of one program that follow each other are a range,
/// all of them the program alone. `loaders` in the order of load::loaders().
std::string loaders_text(std::span<const load::Loader* const> loaders);

/// "before 4.12", "5.4 and later", "5.4 to 5.15": the segments for which `holds` is true.
std::string segments_text(std::span<const Segment> segments, const std::vector<bool>& holds);

}  // namespace proctor::rules
