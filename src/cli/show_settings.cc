#include "cli/show_settings.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "cli/target.h"
#include "report/escape.h"
#include "text/units.h"

namespace proctor::cli {
namespace {

/// TOML takes the escapes of JSON.
std::string quoted(std::string_view text) { return report::json_string(text); }

std::string list_of(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ", ";
    out += quoted(text);
  }
  return out + "]";
}

class Page {
 public:
  Page(const Workspace& space, const Settings& settings) : space_(space), settings_(settings) {}

  std::string run() {
    for (const auto& project : space_.projects) show(*project);
    configurations();
    return std::move(out_);
  }

 private:
  void row(std::string_view name, std::string_view value, std::string_view origin) {
    const std::string left = fmt::format("{} = {}", name, value);
    constexpr size_t kColumn = 40;
    fmt::format_to(std::back_inserter(out_), "{:<{}}  # {}\n", left, kColumn, origin);
  }

  /// A list of the file with a list of the command line.
  void list(const SettingsFile& file, std::string_view name, const std::vector<Named>& own,
            std::string_view option, const std::vector<std::string>& given, bool replaces) {
    std::vector<std::string> all;
    std::string origin;
    if (!own.empty() && !(replaces && !given.empty())) {
      all = texts_of(own);
      origin = file.place(own.front().span);
    }
    if (!given.empty()) {
      all.insert(all.end(), given.begin(), given.end());
      if (!origin.empty()) origin += " and ";
      origin += option;
    }
    row(name, list_of(all), origin.empty() ? "default" : origin);
  }

  void show(const Project& project) {
    const SettingsFile& file = project.file;
    fmt::format_to(std::back_inserter(out_), "# {}\n",
                   file.path.empty() ? "no proctor.toml" : file.path);
    const std::string_view level =
        project.fail_on ? rules::to_string(*project.fail_on) : std::string_view("never");
    std::string origin = "default";
    if (file.fail_on) origin = file.place(file.fail_on->span);
    if (settings_.fail_on_given) origin = "--fail-on";
    row("fail-on", quoted(level), origin);
    list(file, "rules", file.rule_paths, "--rules", settings_.rule_paths, false);
    list(file, "select", file.select, "--select", settings_.selection.select, true);
    list(file, "ignore", file.ignore, "--ignore", settings_.selection.ignore, false);
    list(file, "exclude", file.exclude, "--exclude", settings_.exclude, false);
    baseline(file);
    severities(file);
    path_ignores(file);
    targets(project);
    out_ += '\n';
  }

  void baseline(const SettingsFile& file) {
    if (!settings_.baseline.empty()) {
      row("baseline", quoted(settings_.baseline), "--baseline");
    } else if (file.baseline && !settings_.no_baseline && settings_.new_baseline.empty()) {
      row("baseline", quoted(file.baseline->text), file.place(file.baseline->span));
    }
  }

  void severities(const SettingsFile& file) {
    if (file.severities.empty() && settings_.severities.empty()) return;
    out_ += "\n[severity]\n";
    for (const SeverityChange& change : file.severities) {
      const bool replaced = std::ranges::any_of(settings_.severities, [&](const auto& given) {
        return given.rules == change.rules.text;
      });
      if (replaced) continue;
      row(quoted(change.rules.text), quoted(rules::to_string(change.severity)),
          file.place(change.rules.span));
    }
    for (const Settings::SeverityOption& option : settings_.severities) {
      row(quoted(option.rules), quoted(rules::to_string(option.severity)), "--severity");
    }
  }

  void path_ignores(const SettingsFile& file) {
    const auto table = [&](const std::vector<std::string>& paths,
                           const std::vector<std::string>& names, std::string_view origin) {
      out_ += "\n[[per-path-ignore]]\n";
      row("paths", list_of(paths), origin);
      row("rules", list_of(names), origin);
    };
    for (const PathIgnore& ignore : file.path_ignores) {
      table(texts_of(ignore.paths), texts_of(ignore.rules), file.place(ignore.paths.front().span));
    }
    for (const Settings::PathIgnoreOption& option : settings_.path_ignores) {
      table({option.path}, option.rules, "--per-path-ignore");
    }
  }

  void targets(const Project& project) {
    size_t next = 0;
    for (const TargetSettings& settings : project.file.targets) {
      if (next == project.targets.size()) return;
      const rules::Target& target = space_.targets[project.targets[next]];
      if (target.name != settings.name) continue;
      ++next;
      out_ += "\n[[target]]\n";
      row("name", quoted(target.name), project.file.place(settings.span));
      if (!settings.files.empty()) {
        row("files", list_of(texts_of(settings.files)),
            project.file.place(settings.files.front().span));
      }
      facts(target, &settings);
    }
    const bool nameless = std::ranges::any_of(space_.assignments, [&](const Assignment& each) {
      return each.project == &project && space_.targets[each.targets.front()].name.empty();
    });
    if (nameless && !settings_.facts.all().empty()) {
      out_ += "\n# facts of files that no target is for\n";
      facts(make_target(settings_), nullptr);
    }
  }

  void facts(const rules::Target& target, const TargetSettings* settings) {
    for (const auto& [name, value] : target.facts.all()) {
      const bool given = settings_.facts.get(name) != nullptr;
      const std::string text = host::fact_to_text(value);
      std::string origin = given ? option_for_need("host." + name) : "target";
      row(fmt::format("{}", name), quoted(text), origin);
    }
    if (target.loader != nullptr) {
      row("loader", quoted(target.loader->name),
          settings == nullptr || settings_.loader != nullptr ? "--loader" : "target");
    }
  }

  void configurations() {
    out_ += "# configurations and their targets\n";
    for (size_t i = 0; i < space_.discovery.sources.size(); ++i) {
      std::string names;
      for (const uint32_t target : space_.assignments[i].targets) {
        const std::string& name = space_.targets[target].name;
        names += (names.empty() ? "" : ", ") + (name.empty() ? "(none)" : name);
      }
      fmt::format_to(std::back_inserter(out_), "#   {}: {}\n",
                     report::printable(space_.discovery.sources[i].path), names);
    }
  }

  const Workspace& space_;
  const Settings& settings_;
  std::string out_;
};

}  // namespace

std::string settings_text(const Workspace& space, const Settings& settings) {
  return Page(space, settings).run();
}

}  // namespace proctor::cli
