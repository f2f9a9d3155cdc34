#include "cli/workspace.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "cli/paths.h"
#include "cli/target.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

Diagnostic of_command_line(std::string message) { return {"", {}, {}, std::move(message), ""}; }

std::string parent_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  return std::string(path.substr(0, std::max<size_t>(slash, 1)));
}

class Opening {
 public:
  Opening(const Settings& settings, std::vector<Diagnostic>& problems)
      : settings_(settings), problems_(problems), here_(absolute_path(".")) {}

  Workspace run(const std::vector<std::string>& operands) {
    const std::vector<std::string> paths = operands.empty() ? default_paths() : operands;
    for (const std::string& path : operands) space_.roots.push_back(absolute_path(path));
    if (problems_.empty() || !operands.empty()) {
      space_.discovery = discover(paths, settings_.stdin_name);
      find_projects();
      exclude(operands);
    }
    check_options();
    if (problems_.empty()) assign();
    return std::move(space_);
  }

 private:
  /// The files of the targets, else the current folder.
  std::vector<std::string> default_paths() {
    const Project& project = project_of(here_);
    space_.roots.push_back(project.file.absolute);
    std::vector<std::string> paths;
    bool all = project.file.targets.empty();
    for (const TargetSettings& target : project.file.targets) {
      if (!is_wanted(target.name)) continue;
      all = all || target.files.empty();
      for (const Named& pattern : target.files) {
        const std::string folder = project.file.folder.empty() ? "." : project.file.folder;
        const std::vector<std::string> found = expand_path(pattern.text, folder);
        if (found.empty()) {
          problems_.push_back(project.file.diagnostic(
              pattern.span, fmt::format("target '{}': there is no file '{}'",
                                        escape_bytes(target.name), escape_bytes(pattern.text))));
        }
        paths.insert(paths.end(), found.begin(), found.end());
      }
    }
    if (all) return {project.file.targets.empty() ? "." : shown_folder(project.file)};
    sort_unique(paths);
    sort_unique(problems_);
    return paths;
  }

  static std::string shown_folder(const SettingsFile& file) {
    return file.folder.empty() ? "." : file.folder;
  }

  bool is_wanted(const std::string& target) const {
    return settings_.targets.empty() ||
           std::ranges::any_of(settings_.targets,
                               [&](const std::string& name) { return is_called(target, name); });
  }

  /// "web" also calls the combinations of that table: "web/6.1", "web/6.12".
  static bool is_called(std::string_view target, std::string_view name) {
    return target.starts_with(name) && (target.size() == name.size() || target[name.size()] == '/');
  }

  /// The settings of the files in `folder`, absolute.
  Project& project_of(const std::string& folder) {
    const auto known = by_folder_.find(folder);
    if (known != by_folder_.end()) return *known->second;
    std::string path;
    if (!settings_.no_config) {
      path = settings_.config.empty() ? find_settings_file(folder) : settings_.config;
    }
    if (path.starts_with('/') && settings_.config.empty()) {
      const std::string shorter = relative_path(path, here_);
      if (!shorter.starts_with("..")) path = shorter;
    }
    Project& project = project_in(path);
    by_folder_.emplace(folder, &project);
    return project;
  }

  Project& project_in(const std::string& path) {
    for (const auto& project : space_.projects) {
      if (project->file.path == path) return *project;
    }
    space_.projects.push_back(make_project(path, here_, settings_, problems_));
    Project& project = *space_.projects.back();
    make_targets(project);
    return project;
  }

  void make_targets(Project& project) {
    for (const TargetSettings& settings : project.file.targets) {
      names_.emplace_back(settings.name);
      if (!is_wanted(settings.name)) continue;
      rules::Target target = make_target(settings_);
      target.name = settings.name;
      target.facts = settings.facts;
      for (const auto& [name, value] : settings_.facts.all()) target.facts.set(name, value);
      if (target.loader == nullptr) target.loader = settings.loader;
      if (target.running.empty() && !settings_.host_values) {
        target.running = settings.running;
        target.running_complete = settings.running_complete;
        target.running_unreadable = settings.running_unreadable;
      }
      project.targets.push_back(static_cast<uint32_t>(space_.targets.size()));
      space_.targets.push_back(std::move(target));
    }
  }

  void find_projects() {
    for (const Source& source : space_.discovery.sources) {
      const std::string whole = absolute_path(source.path);
      const bool is_folder =
          source.kind == Source::Kind::kFolder || source.kind == Source::Kind::kRoot;
      projects_.push_back(&project_of(is_folder ? whole : parent_of(whole)));
      if (problems_.size() > kMostProblems) return;
    }
  }

  /// Drops what is found in folders and is not to be searched.
  void exclude(const std::vector<std::string>& operands) {
    const std::set<std::string> named(operands.begin(), operands.end());
    std::vector<Source>& sources = space_.discovery.sources;
    std::vector<Source> kept;
    std::vector<Project*> projects;
    for (size_t i = 0; i < projects_.size(); ++i) {
      if (!named.contains(sources[i].path) && is_excluded(sources[i], *projects_[i])) continue;
      kept.push_back(std::move(sources[i]));
      projects.push_back(projects_[i]);
    }
    sources = std::move(kept);
    projects_ = std::move(projects);
    space_.discovery.set_units();
  }

  bool is_excluded(const Source& source, const Project& project) const {
    const std::string whole = absolute_path(source.path);
    const auto in = [&](const std::vector<std::string>& patterns, std::string_view folder) {
      const std::string path = relative_path(whole, folder);
      return std::ranges::any_of(
          patterns, [&](const std::string& pattern) { return path_matches(pattern, path); });
    };
    return in(project.exclude, project.file.absolute) || in(settings_.exclude, here_);
  }

  /// Names on the command line that nothing is called by.
  void check_options() {
    if (!problems_.empty()) return;
    for (const std::string& target : settings_.targets) {
      if (std::ranges::any_of(names_, [&](const auto& name) { return is_called(name, target); })) {
        continue;
      }
      const std::vector<std::string_view> views(names_.begin(), names_.end());
      problems_.push_back(
          of_command_line(fmt::format("--target: no target is called '{}'{}", escape_bytes(target),
                                      did_you_mean(target, views))));
    }
    for (const auto& project : space_.projects) {
      const auto roles = project->loaded.rules.expand_roles(settings_.facts.roles());
      if (!roles) problems_.push_back(of_command_line(fmt::format("--role: {}", roles.error())));
    }
    check_rule_names("--select", settings_.selection.select);
    check_rule_names("--ignore", settings_.selection.ignore);
    for (const Settings::SeverityOption& option : settings_.severities) {
      check_rule_names("--severity", {option.rules});
    }
    for (const Settings::PathIgnoreOption& option : settings_.path_ignores) {
      check_rule_names("--per-path-ignore", option.rules);
    }
    sort_unique(problems_);
  }

  /// A name is right if a rule of any project is called so.
  void check_rule_names(std::string_view option, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      std::string wrong;
      for (const auto& project : space_.projects) {
        wrong = RuleNames(project->loaded.rules).wrong(name);
        if (wrong.empty()) break;
      }
      if (wrong.empty()) continue;
      problems_.push_back(of_command_line(fmt::format("{}: {}", option, wrong)));
    }
  }

  void assign() {
    std::vector<Source> kept;
    for (size_t i = 0; i < projects_.size(); ++i) {
      Source& source = space_.discovery.sources[i];
      Assignment assignment{projects_[i], targets_of(source, *projects_[i])};
      if (assignment.targets.empty()) continue;
      kept.push_back(std::move(source));
      space_.assignments.push_back(std::move(assignment));
    }
    space_.discovery.sources = std::move(kept);
    space_.discovery.set_units();
  }

  std::vector<uint32_t> targets_of(const Source& source, const Project& project) {
    const std::string path = relative_path(absolute_path(source.path), project.file.absolute);
    std::vector<uint32_t> targets;
    size_t next = 0;
    for (const TargetSettings& settings : project.file.targets) {
      if (!is_wanted(settings.name)) continue;
      const uint32_t index = project.targets[next++];
      const bool meant =
          settings.files.empty() || std::ranges::any_of(settings.files, [&](const Named& pattern) {
            return path_matches(pattern.text, path);
          });
      if (meant) targets.push_back(index);
    }
    if (targets.empty() && settings_.targets.empty()) targets.push_back(nameless());
    return targets;
  }

  /// The target of files that no settings give one.
  uint32_t nameless() {
    if (!nameless_) {
      nameless_ = static_cast<uint32_t>(space_.targets.size());
      space_.targets.push_back(make_target(settings_));
    }
    return *nameless_;
  }

  static constexpr size_t kMostProblems = 100;

  const Settings& settings_;
  std::vector<Diagnostic>& problems_;
  std::string here_;
  Workspace space_;
  std::map<std::string, Project*> by_folder_;
  std::vector<Project*> projects_;  ///< By source.
  std::vector<std::string> names_;  ///< Of all targets.
  std::optional<uint32_t> nameless_;
};

}  // namespace

bool Workspace::sound() const {
  return std::ranges::all_of(projects, [](const auto& project) { return project->loaded.sound; });
}

std::optional<rules::Severity> Workspace::fail_on() const {
  std::optional<rules::Severity> lowest;
  for (const auto& project : projects) {
    if (project->fail_on && (!lowest || *project->fail_on < *lowest)) lowest = project->fail_on;
  }
  return lowest;
}

Workspace open_workspace(const Invocation& invocation, const Settings& settings,
                         std::vector<Diagnostic>& problems) {
  return Opening(settings, problems).run(invocation.operands);
}

}  // namespace proctor::cli
