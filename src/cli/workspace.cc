#include "cli/workspace.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "cli/paths.h"
#include "cli/target.h"
#include "rules/selection.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

Diagnostic of_command_line(std::string message) { return {"", {}, {}, std::move(message), ""}; }

std::string parent_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  return std::string(path.substr(0, std::max<size_t>(slash, 1)));
}

/// Closeness of the ways to name a rule, for sorting: tags, then prefixes by length, then ids.
size_t weight(std::string_view name) {
  if (name.find('/') == std::string_view::npos) return 0;
  return name.ends_with('/') ? name.size() : std::string_view::npos;
}

/// Reads a project's settings and makes the command line's prevail.
class ProjectMaker {
 public:
  ProjectMaker(Project& project, const Settings& settings, std::vector<Diagnostic>& problems)
      : project_(project), settings_(settings), problems_(problems) {}

  void run() {
    const size_t before = problems_.size();
    if (!project_.file.path.empty()) {
      project_.file = read_settings_file(project_.file.path, problems_);
      if (problems_.size() > before) return;
    }
    load();
    select();
    check_names();
    if (problems_.size() > before) return;
    set_severities();
    quiet_paths();
    project_.exclude = texts_of(project_.file.exclude);
  }

 private:
  void load() {
    Settings with_file;
    for (const Named& path : project_.file.rule_paths) {
      std::string whole = join_path(project_.file.folder, path.text);
      if (::access(whole.c_str(), F_OK) != 0) {
        problems_.push_back(project_.file.diagnostic(
            path.span, fmt::format("there is no rule file or folder '{}'", escape_bytes(whole))));
        continue;
      }
      with_file.rule_paths.push_back(std::move(whole));
    }
    with_file.rule_paths.insert(with_file.rule_paths.end(), settings_.rule_paths.begin(),
                                settings_.rule_paths.end());
    project_.loaded = load_rules(with_file);
  }

  void select() {
    project_.selection = settings_.selection;
    if (project_.selection.select.empty())
      project_.selection.select = texts_of(project_.file.select);
    for (const Named& name : project_.file.ignore) {
      project_.selection.ignore.push_back(name.text);
    }
    project_.fail_on = settings_.fail_on;
    if (!settings_.fail_on_given && project_.file.fail_on) {
      project_.fail_on = severity_of(project_.file.fail_on->text);
    }
  }

  void check_names() {
    std::vector<const Named*> names;
    for (const Named& name : project_.file.select) names.push_back(&name);
    for (const Named& name : project_.file.ignore) names.push_back(&name);
    for (const SeverityChange& change : project_.file.severities) names.push_back(&change.rules);
    for (const PathIgnore& ignore : project_.file.path_ignores) {
      for (const Named& name : ignore.rules) names.push_back(&name);
    }
    if (!names.empty()) {
      const RuleNames known(project_.loaded.rules);
      for (const Named* name : names) {
        std::string wrong = known.wrong(name->text);
        if (!wrong.empty()) {
          problems_.push_back(project_.file.diagnostic(name->span, std::move(wrong)));
        }
      }
    }
    for (const TargetSettings& target : project_.file.targets) {
      for (const Named& role : target.roles) {
        const auto known = project_.loaded.rules.expand_roles(std::span(&role.text, 1));
        if (!known) problems_.push_back(project_.file.diagnostic(role.span, known.error()));
      }
    }
    // The combinations of one table share their roles.
    sort_unique(problems_);
  }

  void set_severities() {
    struct Change {
      std::string_view rules;
      rules::Severity severity;
    };
    std::vector<Change> changes;
    for (const SeverityChange& change : project_.file.severities) {
      changes.push_back({change.rules.text, change.severity});
    }
    const auto by_weight = [](const Change& change) { return weight(change.rules); };
    std::ranges::stable_sort(changes, {}, by_weight);
    const auto own = static_cast<ptrdiff_t>(changes.size());
    for (const Settings::SeverityOption& option : settings_.severities) {
      changes.push_back({option.rules, option.severity});
    }
    std::ranges::stable_sort(changes.begin() + own, changes.end(), {}, by_weight);
    rules::RuleSet& rules = project_.loaded.rules;
    for (const Change& change : changes) {
      for (size_t i = 0; i < rules.size(); ++i) {
        if (rules::names_rule(change.rules, rules.rule(i))) rules.set_severity(i, change.severity);
      }
    }
  }

  void quiet_paths() {
    for (const PathIgnore& ignore : project_.file.path_ignores) {
      add_quiet(texts_of(ignore.paths), project_.file.absolute, texts_of(ignore.rules));
    }
    for (const Settings::PathIgnoreOption& option : settings_.path_ignores) {
      add_quiet({option.path}, absolute_path("."), option.rules);
    }
    if (project_.quiet.empty()) return;
    project_.selection.quiet = [project = &project_](std::string_view rule,
                                                     const std::string& file) {
      return project->is_quiet(rule, file);
    };
  }

  void add_quiet(std::vector<std::string> patterns, std::string folder,
                 const std::vector<std::string>& names) {
    QuietPaths quiet{std::move(patterns), std::move(folder), {}};
    const rules::RuleSet& rules = project_.loaded.rules;
    for (size_t i = 0; i < rules.size(); ++i) {
      const bool named = std::ranges::any_of(
          names, [&](const std::string& name) { return rules::names_rule(name, rules.rule(i)); });
      if (named) quiet.ids.emplace(rules.id(i));
    }
    project_.quiet.push_back(std::move(quiet));
  }

  Project& project_;
  const Settings& settings_;
  std::vector<Diagnostic>& problems_;
};

class Opening {
 public:
  Opening(const Settings& settings, std::vector<Diagnostic>& problems)
      : settings_(settings), problems_(problems), here_(absolute_path(".")) {}

  Workspace run(const std::vector<std::string>& operands) {
    const std::vector<std::string> paths = operands.empty() ? default_paths() : operands;
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
    space_.projects.push_back(std::make_unique<Project>());
    Project& project = *space_.projects.back();
    project.file.path = path;
    project.file.absolute = here_;
    ProjectMaker(project, settings_, problems_).run();
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

bool Project::is_quiet(std::string_view rule, const std::string& path) const {
  return std::ranges::any_of(quiet, [&](const QuietPaths& paths) {
    if (!paths.ids.contains(rule)) return false;
    const std::string relative = relative_path(absolute_path(path), paths.folder);
    return std::ranges::any_of(paths.patterns, [&](const std::string& pattern) {
      return path_matches(pattern, relative);
    });
  });
}

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
