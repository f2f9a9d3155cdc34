// proctor.toml: what a repository says of itself.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/facts.h"
#include "load/loader.h"
#include "rules/finding.h"
#include "rules/shape.h"
#include "rules/source.h"
#include "text/diagnostic.h"

namespace proctor::cli {

inline constexpr std::string_view kSettingsName = "proctor.toml";

/// A text of the file and where it stands.
struct Named {
  std::string text;
  Span span;
};

struct SeverityChange {
  Named rules;  ///< An id, a prefix ending in '/', a tag.
  rules::Severity severity = rules::Severity::kWarning;
};

struct PathIgnore {
  std::vector<Named> paths;  ///< Patterns, relative to the file's folder.
  std::vector<Named> rules;
};

/// One machine, or one kind of machine. A table that gives several kernels, sizes or loaders is
/// one target for each combination.
struct TargetSettings {
  std::string name;
  Span span;                 ///< Of the table.
  std::vector<Named> files;  ///< Patterns, relative to the file's folder; empty: all files.
  host::Facts facts;
  std::vector<Named> roles;
  const load::Loader* loader = nullptr;
  std::map<std::string, std::string> running;
  bool running_complete = false;
  std::set<std::string> running_unreadable;  ///< Of a snapshot.
  std::vector<std::string> inputs;           ///< Files that were read for it.
};

struct SettingsFile {
  std::string path;      ///< As the user would call it; empty: there is none.
  std::string folder;    ///< Of the file, as the user would call it; empty: the current one.
  std::string absolute;  ///< The folder from '/' on.
  std::unique_ptr<rules::Source> source;

  std::vector<Named> rule_paths;
  std::vector<Named> select;
  std::vector<Named> ignore;
  std::vector<SeverityChange> severities;
  std::vector<PathIgnore> path_ignores;
  std::vector<Named> exclude;  ///< Patterns.
  std::optional<Named> fail_on;
  std::optional<Named> baseline;
  std::vector<TargetSettings> targets;
  std::vector<std::string> inputs;  ///< Snapshots and dumps that targets name, as they were opened.

  /// "proctor.toml:3".
  std::string place(Span span) const;
  Diagnostic diagnostic(Span span, std::string message) const {
    return source->diagnostic(span, std::move(message));
  }
};

std::vector<std::string> texts_of(const std::vector<Named>& names);

/// What such a file may hold.
const rules::Shape& settings_shape();

/// Every mistake goes to `problems`; then the result is not to be used.
SettingsFile read_settings_file(const std::string& path, std::vector<Diagnostic>& problems);

/// Path of the closest proctor.toml in the folder `absolute` or above it; empty: none.
std::string find_settings_file(std::string_view absolute);

}  // namespace proctor::cli
