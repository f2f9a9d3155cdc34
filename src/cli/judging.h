// Reads configurations and judges them for every target.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cli/discover.h"
#include "cli/settings.h"
#include "load/files.h"
#include "report/part.h"
#include "rules/engine.h"

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
};

/// Judges units; judge() may be called from several threads at once.
class Judge {
 public:
  /// `host_values`: running values of this machine are read for each configuration.
  Judge(const rules::RuleSet& rules, std::vector<rules::Target> targets, rules::Selection selection,
        bool host_values)
      : rules_(rules),
        targets_(std::move(targets)),
        selection_(std::move(selection)),
        host_values_(host_values) {}

  JudgedUnit judge(std::span<const Source> unit) const;
  const std::vector<rules::Target>& targets() const { return targets_; }

 private:
  void add(const load::Configuration& configuration, report::Part& part) const;

  const rules::RuleSet& rules_;
  std::vector<rules::Target> targets_;
  rules::Selection selection_;
  bool host_values_;
};

}  // namespace proctor::cli
