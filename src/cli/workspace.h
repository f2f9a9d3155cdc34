// What a run of check or fix judges: the configurations, the settings that hold for each, and the
// targets that each is judged for.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/discover.h"
#include "cli/settings.h"
#include "cli/settings_file.h"
#include "rules/engine.h"

namespace proctor::cli {

/// Rules that say nothing of some files.
struct QuietPaths {
  std::vector<std::string> patterns;
  std::string folder;                      ///< Absolute; what the patterns start from.
  std::set<std::string, std::less<>> ids;  ///< Of the rules.
};

/// One proctor.toml, or none, with the command line's options over it.
struct Project {
  SettingsFile file;
  LoadedRules loaded;
  rules::Selection selection;
  std::optional<rules::Severity> fail_on;
  std::vector<QuietPaths> quiet;
  std::vector<std::string> exclude;
  std::vector<uint32_t> targets;  ///< Of file.targets those that --target names, in Workspace.

  /// Whether the rule says nothing of the file.
  bool is_quiet(std::string_view rule, const std::string& path) const;
};

/// What one source is judged by.
struct Assignment {
  const Project* project = nullptr;
  std::vector<uint32_t> targets;  ///< Into Workspace::targets, ascending; not empty.
};

struct Workspace {
  std::vector<std::unique_ptr<Project>> projects;
  std::vector<rules::Target> targets;
  Discovery discovery;
  std::vector<Assignment> assignments;  ///< By source of `discovery`.

  bool sound() const;  ///< No rule file has a mistake.
  /// The lowest level that fails; empty: none does.
  std::optional<rules::Severity> fail_on() const;
};

/// Finds the configurations and reads the settings. Mistakes in settings and names that nothing is
/// called by go to `problems`; then nothing is to be judged.
Workspace open_workspace(const Invocation& invocation, const Settings& settings,
                         std::vector<Diagnostic>& problems);

}  // namespace proctor::cli
