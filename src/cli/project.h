// One proctor.toml with the command line's options over it: the rules in force and what is left
// out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/settings.h"
#include "cli/settings_file.h"

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

/// Reads the settings file `path` (empty: there is none) and makes the command line's options
/// prevail. `here` is the current folder, from '/' on. Mistakes go to `problems`; then the project
/// is not to be used.
std::unique_ptr<Project> make_project(const std::string& path, const std::string& here,
                                      const Settings& settings, std::vector<Diagnostic>& problems);

}  // namespace proctor::cli
