// The baselines of a run: that of the command line, or those of the settings; or the one to write.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/judging.h"
#include "cli/workspace.h"
#include "report/baseline.h"

namespace proctor::cli {

/// The rule that speaks of entries which nothing is found for.
inline constexpr std::string_view kStaleRule = "baseline/stale";

class Baselines {
 public:
  /// Reads them; mistakes go to `problems`, then nothing is to be judged.
  Baselines(const Settings& settings, const Workspace& space, std::vector<Diagnostic>& problems);
  ~Baselines();

  /// Whether there is any. Then units must be handed over one after the other, in order.
  bool any() const { return kind() != report::Run::Baseline::kNone; }
  report::Run::Baseline kind() const;

  /// Takes the known findings out of the unit and counts them in its part.
  void take_known(JudgedUnit& unit);

  /// What the baselines hold and the run did not find, by name of the baseline. `fails`: one is at
  /// or above --fail-on. After the last unit.
  struct Stale {
    report::Part part;
    bool fails = false;
  };
  std::vector<Stale> stale() const;

  /// Writes the new baseline, if one was asked for: empty, or why there is none.
  std::string write();

 private:
  struct Reader;
  struct Writer;

  void prepare(std::vector<Diagnostic>& problems);
  /// `named`: where the settings name it; nullptr: the command line does.
  void add(const Project& project, const std::string& path, const Named* named,
           std::vector<Diagnostic>& problems);
  bool may_say(const Project& project, const std::string& folder, const report::Known& known,
               bool gone) const;
  bool is_below_roots(const std::string& path) const;
  std::optional<rules::Finding> finding_of(const Reader& reader,
                                           const report::Baseline::Stale& stale) const;

  const Settings& settings_;
  const Workspace& space_;
  std::vector<std::unique_ptr<Reader>> readers_;
  std::map<const Project*, Reader*> reader_of_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace proctor::cli
