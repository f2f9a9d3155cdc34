#include "cli/project.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>

#include "cli/paths.h"
#include "rules/selection.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

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

std::unique_ptr<Project> make_project(const std::string& path, const std::string& here,
                                      const Settings& settings, std::vector<Diagnostic>& problems) {
  auto project = std::make_unique<Project>();
  project->file.path = path;
  project->file.absolute = here;
  ProjectMaker(*project, settings, problems).run();
  return project;
}

}  // namespace proctor::cli
