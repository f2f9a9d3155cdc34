#include "cli/settings_file.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "advise/toml.h"
#include "cli/input.h"
#include "cli/paths.h"
#include "cli/snapshot_file.h"
#include "host/procsys.h"
#include "text/file.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

using rules::Reporter;
using rules::YamlNode;

/// More combinations than anybody reads are a slip of the pen.
constexpr size_t kMostTargets = 1000;

std::vector<const YamlNode*> scalars(const YamlNode& map, std::string_view field) {
  std::vector<const YamlNode*> out;
  const YamlNode* node = map.get(field);
  if (node == nullptr) return out;
  if (node->is_scalar()) out.push_back(node);
  if (node->is_list()) {
    for (const YamlNode& item : node->items) {
      if (item.is_scalar()) out.push_back(&item);
    }
  }
  return out;
}

rules::Severity severity_of(std::string_view name) {
  if (name == "error") return rules::Severity::kError;
  return name == "warning" ? rules::Severity::kWarning : rules::Severity::kInfo;
}

/// One [[target]], as the targets that its combinations are.
class TargetReader {
 public:
  TargetReader(const YamlNode& node, const std::string& folder, Reporter& report)
      : node_(node), folder_(folder), report_(report) {}

  std::vector<TargetSettings> run() {
    TargetSettings first;
    first.span = span_of(report_.source().text(), node_);
    const auto name = scalars(node_, "name");
    if (!name.empty()) first.name = name[0]->text;
    if (!name.empty() && trim(first.name).empty()) report_(*name[0], "the name is empty");
    for (const YamlNode* file : scalars(node_, "files")) first.files.push_back(named(*file));
    snapshot(first);
    std::vector<std::string> roles;
    for (const YamlNode* role : scalars(node_, "roles")) {
      first.roles.push_back(named(*role));
      roles.push_back(role->text);
    }
    if (!roles.empty()) first.facts.set("roles", roles);
    facts(first);
    running(first);
    made_.push_back(std::move(first));
    for (const std::string_view fact : {"kernel", "memory", "cpus"}) {
      combine(fact,
              [&](const YamlNode& value, TargetSettings& target) { fact_of(fact, value, target); });
    }
    combine("loader", [&](const YamlNode& value, TargetSettings& target) {
      const Result<const load::Loader*> loader = load::find_loader(value.text);
      if (loader) {
        target.loader = *loader;
      } else {
        report_(value, loader.error());
      }
    });
    return std::move(made_);
  }

 private:
  Named named(const YamlNode& node) const {
    return {node.text, span_of(report_.source().text(), node)};
  }

  void fact_of(std::string_view name, const YamlNode& value, TargetSettings& target) {
    const host::FactInfo* info = host::find_fact(name);
    if (info == nullptr) {
      report_(value, host::unknown_fact(name));
      return;
    }
    Result<host::FactValue> fact = host::parse_fact_value(*info, value.text);
    if (fact) {
      target.facts.set(name, std::move(fact).value());
    } else {
      report_(value, fact.error());
    }
  }

  void facts(TargetSettings& target) {
    const YamlNode* map = node_.get("facts");
    if (map == nullptr || !map->is_map()) return;
    for (size_t i = 0; i + 1 < map->items.size(); i += 2) {
      const YamlNode& name = map->items[i];
      const YamlNode& value = map->items[i + 1];
      if (!value.is_scalar()) continue;
      if (host::find_fact(name.text) == nullptr) {
        report_(name, host::unknown_fact(name.text));
      } else {
        fact_of(name.text, value, target);
      }
    }
  }

  /// Before everything that may override it.
  void snapshot(TargetSettings& target) {
    const auto path = scalars(node_, "snapshot");
    if (path.empty()) return;
    target.inputs.push_back(join_path(folder_, path[0]->text));
    const auto read = read_snapshot(target.inputs.back());
    if (!read) {
      report_(*path[0], read.error());
      return;
    }
    add_facts(**read, target.facts);
    target.running = (*read)->values;
    target.running_complete = true;
    for (const auto& [name, why] : (*read)->unreadable_values) {
      target.running_unreadable.insert(name);
    }
  }

  void running(TargetSettings& target) {
    const auto path = scalars(node_, "running");
    if (path.empty()) return;
    const std::string file = join_path(folder_, path[0]->text);
    target.inputs.push_back(file);
    const Result<std::string> text = read_option_file(file);
    if (!text) {
      report_(*path[0], fmt::format("{} {}", file, text.error()));
      return;
    }
    host::Dump dump = host::parse_sysctl_dump(*text);
    if (dump.values.empty() || !dump.problems.empty()) {
      report_(*path[0], fmt::format("{} is no output of sysctl -a{}{}", file,
                                    dump.problems.empty() ? "" : ": ",
                                    dump.problems.empty() ? "" : dump.problems.front()));
      return;
    }
    target.running = std::move(dump.values);
    target.running_complete = dump.skipped == 0;
    target.running_unreadable.clear();
  }

  /// Sets one value of `field` in each target so far, once for each value of it.
  template <typename Set>
  void combine(std::string_view field, Set set) {
    const auto values = scalars(node_, field);
    if (values.empty()) return;
    if (made_.size() * values.size() > kMostTargets) {
      report_(*values[0], fmt::format("more than {} combinations", kMostTargets));
      return;
    }
    std::vector<TargetSettings> more;
    for (const TargetSettings& target : made_) {
      for (const YamlNode* value : values) {
        more.push_back(target);
        if (values.size() > 1) more.back().name += "/" + value->text;
        set(*value, more.back());
      }
    }
    made_ = std::move(more);
  }

  const YamlNode& node_;
  const std::string& folder_;
  Reporter& report_;
  std::vector<TargetSettings> made_;
};

class FileReader {
 public:
  FileReader(SettingsFile& file, Reporter& report) : file_(file), report_(report) {}

  void run(const YamlNode& root) {
    file_.rule_paths = names(root, "rules");
    file_.select = names(root, "select");
    file_.ignore = names(root, "ignore");
    file_.exclude = names(root, "exclude");
    for (const YamlNode* level : scalars(root, "fail-on")) file_.fail_on = named(*level);
    for (const YamlNode* path : scalars(root, "baseline")) file_.baseline = named(*path);
    severities(root);
    path_ignores(root);
    targets(root);
  }

 private:
  Named named(const YamlNode& node) const {
    return {node.text, span_of(report_.source().text(), node)};
  }

  std::vector<Named> names(const YamlNode& map, std::string_view field) {
    std::vector<Named> out;
    for (const YamlNode* node : scalars(map, field)) {
      if (trim(node->text).empty()) {
        report_(*node, fmt::format("'{}' holds an empty name", field));
      }
      out.push_back(named(*node));
    }
    return out;
  }

  void severities(const YamlNode& root) {
    const YamlNode* map = root.get("severity");
    if (map == nullptr || !map->is_map()) return;
    for (size_t i = 0; i + 1 < map->items.size(); i += 2) {
      file_.severities.push_back({named(map->items[i]), severity_of(map->items[i + 1].text)});
    }
  }

  void path_ignores(const YamlNode& root) {
    const YamlNode* list = root.get("per-path-ignore");
    if (list == nullptr || !list->is_list()) return;
    for (const YamlNode& item : list->items) {
      PathIgnore ignore;
      ignore.paths = names(item, "paths");
      ignore.rules = names(item, "rules");
      file_.path_ignores.push_back(std::move(ignore));
    }
  }

  void targets(const YamlNode& root) {
    const YamlNode* list = root.get("target");
    if (list == nullptr || !list->is_list()) return;
    std::set<std::string> seen;
    for (const YamlNode& item : list->items) {
      if (!item.is_map()) continue;
      for (TargetSettings& target : TargetReader(item, folder(), report_).run()) {
        if (!seen.insert(target.name).second) {
          const YamlNode* name = item.get("name");
          report_(name != nullptr ? *name : item,
                  fmt::format("another target is called '{}'", escape_bytes(target.name)));
        }
        file_.inputs.insert(file_.inputs.end(), target.inputs.begin(), target.inputs.end());
        file_.targets.push_back(std::move(target));
      }
    }
    if (file_.targets.size() > kMostTargets) {
      report_(*list,
              fmt::format("{} targets; at most {} are judged", file_.targets.size(), kMostTargets));
    }
  }

  const std::string& folder() const { return file_.folder; }

  SettingsFile& file_;
  Reporter& report_;
};

}  // namespace

std::string SettingsFile::place(Span span) const {
  return fmt::format("{}:{}", path, source->position(span.begin).line);
}

std::vector<std::string> texts_of(const std::vector<Named>& names) {
  std::vector<std::string> out;
  out.reserve(names.size());
  for (const Named& name : names) out.push_back(name.text);
  return out;
}

SettingsFile read_settings_file(const std::string& path, std::vector<Diagnostic>& problems) {
  SettingsFile file;
  file.path = path;
  const size_t slash = path.rfind('/');
  if (slash != std::string::npos) file.folder = path.substr(0, std::max<size_t>(slash, 1));
  file.absolute = absolute_path(file.folder);
  Result<std::string> text = read_file(path);
  if (!text) {
    problems.push_back({path, {}, {}, text.error(), ""});
    return file;
  }
  file.source = std::make_unique<rules::Source>(path, std::move(text).value());
  std::vector<rules::YamlProblem> mistakes;
  const YamlNode root = advise::parse_toml(file.source->text(), mistakes);
  for (rules::YamlProblem& mistake : mistakes) {
    problems.push_back(file.diagnostic(mistake.span, std::move(mistake.message)));
  }
  if (!mistakes.empty()) return file;
  Reporter report(*file.source, problems);
  rules::check_shape(root, settings_shape(), report);
  if (report.count() == 0) FileReader(file, report).run(root);
  return file;
}

std::string find_settings_file(std::string_view absolute) {
  while (true) {
    std::string path(absolute == "/" ? "" : absolute);
    path.append("/").append(kSettingsName);
    if (::access(path.c_str(), F_OK) == 0) return path;
    if (absolute == "/" || absolute.empty()) return {};
    absolute = absolute.substr(0, std::max<size_t>(absolute.rfind('/'), 1));
  }
}

}  // namespace proctor::cli
