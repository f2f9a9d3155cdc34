// What a run of check or fix judges: the configurations, the settings that hold for each, and the
// targets that each is judged for.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/discover.h"
#include "cli/project.h"
#include "rules/engine.h"

namespace proctor::cli {

/// What one source is judged by.
struct Assignment {
  const Project* project = nullptr;
  std::vector<uint32_t> targets;  ///< Into Workspace::targets, ascending; not empty.
  friend bool operator==(const Assignment&, const Assignment&) = default;
};

struct Workspace {
  std::vector<std::unique_ptr<Project>> projects;
  std::vector<rules::Target> targets;
  Discovery discovery;
  std::vector<Assignment> assignments;  ///< By source of `discovery`.
  /// Absolute: what this run looked at, or below; the settings' folder if no path was given.
  std::vector<std::string> roots;

  bool sound() const;  ///< No rule file has a mistake.
  /// The lowest level that fails; empty: none does.
  std::optional<rules::Severity> fail_on() const;
};

/// Finds the configurations and reads the settings. Mistakes in settings and names that nothing is
/// called by go to `problems`; then nothing is to be judged.
Workspace open_workspace(const Invocation& invocation, const Settings& settings,
                         std::vector<Diagnostic>& problems);

}  // namespace proctor::cli
