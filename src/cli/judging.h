// Reads configurations and judges them for every target.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "cli/recent.h"
#include "cli/workspace.h"
#include "load/files.h"
#include "report/part.h"
#include "rules/pieces.h"
#include "rules/starts.h"

namespace proctor::cli {

/// A configuration in memory.
struct LoadedSource {
  load::FileSet files;
  std::vector<Diagnostic> errors;  ///< What could not be read.
};

/// `loader` decides which files are read and in which order; nullptr: as the newest systemd does.
/// Standard input is read to its end.
LoadedSource load_source(const Source& source, const load::Loader* loader);

/// A unit, judged. Owns the documents that `part` points into.
struct JudgedUnit {
  std::vector<LoadedSource> sources;
  report::Part part;
  std::vector<const Project*> projects;  ///< Of the files of `part`; shorter: of the last none.
};

/// Judges the units of a workspace; judge() may be called from several threads at once.
class Judge {
 public:
  /// `host_values`: running values of this machine are read for each configuration.
  Judge(const Workspace& space, bool host_values) : space_(space), host_values_(host_values) {}

  JudgedUnit judge(size_t unit) const;

 private:
  struct Collector;
  /// What a thread keeps from unit to unit.
  struct Kept {
    explicit Kept(rules::PieceStore& store) : pieces(store) {}

    rules::Starts starts;
    rules::Pieces pieces;
    std::vector<std::pair<Assignment, std::unique_ptr<rules::Audience>>> audiences;
  };
  /// Of fewer units pieces are not worth remembering.
  static constexpr size_t kManyUnits = 30;

  void add(const Source& source, const Assignment& assignment, JudgedUnit& judged) const;
  /// For targets that see the same files.
  void add(const load::Configuration& configuration, const Assignment& assignment,
           Collector& collector) const;

  /// Targets of the results by their place in the workspace.
  std::vector<rules::Told> judge(const load::Configuration& configuration,
                                 const Assignment& assignment, Kept& kept) const;
  std::vector<rules::Told> judge_for_hosts(const load::Configuration& configuration,
                                           const Assignment& assignment) const;
  /// For those of the audience that are left; targets by their place in it.
  std::vector<rules::Told> judge_whole(const load::Configuration& configuration,
                                       rules::Audience& audience, const rules::TargetSet& left,
                                       const Assignment& assignment, Kept& kept) const;
  rules::Audience& audience(const Assignment& assignment, Kept& kept) const;
  Kept& kept() const;

  const Workspace& space_;
  bool host_values_;
  mutable rules::PieceStore store_;
  mutable std::mutex mutex_;
  mutable std::map<std::thread::id, std::unique_ptr<Kept>> kept_;
  mutable Recent recent_;
};

/// Judges a unit of a workspace; called from several threads at once if there are several units.
using JudgeUnit = std::function<JudgedUnit(size_t unit)>;

/// Judges every unit and writes the reports that `settings` asks for: an exit status.
int report_units(const Settings& settings, const Workspace& space, const JudgeUnit& judge);

/// Whether the loader decides which files of the source are read, or in which order.
bool depends_on_loader(const Source& source);

}  // namespace proctor::cli
