// The rules in force: the program's own, and those of --rules.
#include <dirent.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cli/output.h"
#include "cli/settings.h"
#include "rules/selection.h"
#include "text/file.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

bool is_rule_file(std::string_view name) {
  return !name.starts_with('.') && (name.ends_with(".yaml") || name.ends_with(".yml"));
}

Diagnostic whole_file(std::string path, std::string message) {
  return {std::move(path), {}, {}, std::move(message), ""};
}

/// Ids, prefixes and tags that --select and --ignore may name.
std::vector<std::string> selectors(const rules::RuleSet& rules) {
  std::vector<std::string> names{std::string(rules::kDefaultRules)};
  for (size_t i = 0; i < rules.size(); ++i) {
    const std::string_view id = rules.id(i);
    names.emplace_back(id);
    names.emplace_back(id.substr(0, id.find('/') + 1));
    for (const std::string& tag : rules.rule(i).tags) names.push_back(tag);
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

std::vector<std::string> rule_files_of(const std::string& path, std::vector<Diagnostic>& problems) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return {path};
  std::vector<std::string> files;
  DIR* folder = ::opendir(path.c_str());
  if (folder == nullptr) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    problems.push_back(whole_file(path, fmt::format("cannot be read: {}", std::strerror(errno))));
    return {};
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread starts.
  while (const dirent* entry = ::readdir(folder)) {
    if (!is_rule_file(entry->d_name)) continue;
    files.push_back(fmt::format("{}{}{}", path, path.ends_with('/') ? "" : "/", entry->d_name));
  }
  ::closedir(folder);
  std::ranges::sort(files);
  if (files.empty()) problems.push_back(whole_file(path, "holds no rule file (*.yaml, *.yml)"));
  return files;
}

LoadedRules load_rules(const Settings& settings) {
  LoadedRules loaded{rules::RuleSet::builtin(), true};
  std::vector<Diagnostic> problems;
  for (const std::string& path : settings.rule_paths) {
    for (const std::string& file : rule_files_of(path, problems)) {
      const Result<std::string> text = read_file(file);
      if (text) {
        loaded.rules.add_yaml(file, *text, problems);
      } else {
        problems.push_back(whole_file(file, text.error()));
      }
    }
  }
  loaded.rules.link(problems);
  for (const Diagnostic& problem : problems) complain(problem);
  loaded.sound = problems.empty();
  return loaded;
}

RuleNames::RuleNames(const rules::RuleSet& rules) : rules_(rules), names_(selectors(rules)) {}

std::string RuleNames::wrong(std::string_view name) const {
  if (std::ranges::binary_search(names_, name) || rules_.old_name(name)) return {};
  const std::vector<std::string_view> views(names_.begin(), names_.end());
  return fmt::format("no rule, prefix or tag is called '{}'{}", escape_bytes(name),
                     did_you_mean(name, views));
}

std::string check_names(const rules::RuleSet& rules, const Settings& settings) {
  const auto roles = rules.expand_roles(settings.facts.roles());
  if (!roles) return fmt::format("--role: {}", roles.error());
  if (settings.selection.select.empty() && settings.selection.ignore.empty()) return {};
  const RuleNames names(rules);
  const auto unknown = [&](std::string_view option, const std::vector<std::string>& given) {
    for (const std::string& name : given) {
      const std::string wrong = names.wrong(name);
      if (!wrong.empty()) return fmt::format("{}: {}", option, wrong);
    }
    return std::string();
  };
  std::string wrong = unknown("--select", settings.selection.select);
  return wrong.empty() ? unknown("--ignore", settings.selection.ignore) : wrong;
}

}  // namespace proctor::cli
