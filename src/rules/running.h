// Running values in the place of a configuration, so that rules can be asked about them.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "conf/document.h"
#include "rules/engine.h"
#include "rules/scenario.h"

namespace proctor::rules {

/// One line for every running value that fits on one, as a configuration has it, sorted by key.
class RunningLines {
 public:
  explicit RunningLines(const Target& target);
  RunningLines(const RunningLines&) = delete;
  RunningLines& operator=(const RunningLines&) = delete;

  const load::Configuration& configuration() const { return configuration_; }
  const conf::Document& document() const { return *document_; }
  const std::vector<std::string>& paths() const { return paths_; }  ///< By line.

  /// What every line is in effect for.
  std::shared_ptr<const Run> all(const Target& target, const kernel::Version& version) const;
  /// The lines that somebody must have written: of `set`, and where the value is not the kernel's
  /// own. What the kernel's own value is may be unknown; then nobody wrote it.
  std::shared_ptr<const Run> written(const Target& target, const kernel::Version& version,
                                     const std::set<std::string>& set) const;

 private:
  template <typename Take>
  std::shared_ptr<const Run> run(const Target& target, const kernel::Version& version,
                                 const Take& take) const;

  std::vector<std::string> paths_;
  std::vector<std::string> values_;
  std::unique_ptr<conf::Document> document_;
  load::Configuration configuration_;
};

/// Asks every rule about the running values of `target`, whether they are somebody's or the
/// kernel's own; what detectors say of lines and files does not apply. Findings stand on the lines
/// and offer no edits. `set`: paths that configuration files set.
Report judge_running(const RuleSet& rules, const RunningLines& lines, const Target& target,
                     const Selection& selection, const std::set<std::string>& set);

}  // namespace proctor::rules
