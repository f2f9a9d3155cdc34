#include "cli/target.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "cli/baselines.h"
#include "report/escape.h"
#include "rules/selection.h"
#include "text/units.h"

namespace proctor::cli {
namespace {

/// A template's text with its holes as "...": a rule table has no values to put in.
std::string plain_text(const rules::Template& text) {
  std::string out;
  for (const std::string& literal : text.literals) {
    if (!out.empty()) out += "...";
    out += literal;
  }
  return out;
}

}  // namespace

rules::Target make_target(const Settings& settings) {
  rules::Target target;
  target.facts = settings.facts;
  target.loader = settings.loader;
  target.running = settings.running;
  target.running_complete = settings.running_complete;
  target.running_unreadable = settings.running_unreadable;
  return target;
}

report::TargetInfo describe(const rules::Target& target) {
  report::TargetInfo info;
  info.name = target.name;
  if (const auto kernel = target.facts.kernel()) info.kernel = kernel->to_string();
  info.memory = target.facts.integer("memory");
  info.cpus = target.facts.integer("cpus");
  info.roles = target.facts.roles();
  if (target.loader != nullptr) info.loader = target.loader->name;
  return info;
}

std::string assumed_kernels() {
  const auto kernels = kernel::maintained_kernels();
  return fmt::format("{} to {}", kernels.front().to_string(), kernels.back().to_string());
}

std::string machine_text(const host::Facts& facts) {
  std::string out;
  if (const auto memory = facts.integer("memory")) {
    out += format_size(static_cast<uint64_t>(*memory)) + ", ";
  }
  if (const auto cpus = facts.integer("cpus")) {
    out += report::counted(static_cast<uint64_t>(*cpus), "CPU") + ", ";
  }
  const auto kernel = facts.kernel();
  return out + "Linux " + (kernel ? kernel->to_string() : assumed_kernels());
}

std::vector<kernel::Version> versions_of(const host::Facts& facts) {
  const std::optional<kernel::VersionRange> range = facts.kernel();
  if (range && range->is_single()) return {range->from};
  std::vector<kernel::Version> versions;
  for (const kernel::Version& version : kernel::maintained_kernels()) {
    if (!range || range->contains(version)) versions.push_back(version);
  }
  constexpr uint16_t kOpen = 65535;
  if (range && range->from.major != 0) versions.push_back(range->from);
  if (range && range->to.major != kOpen) versions.push_back(range->to);
  std::ranges::sort(versions);
  versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
  return versions;
}

std::vector<report::RuleInfo> rule_infos(const Workspace& space, bool has_baseline) {
  std::map<std::string_view, const rules::Rule*> speaking;
  std::set<std::pair<const Project*, std::vector<std::string>>> done;
  for (const Assignment& assignment : space.assignments) {
    for (const uint32_t target : assignment.targets) {
      const rules::RuleSet& rules = assignment.project->loaded.rules;
      auto roles = rules.expand_roles(space.targets[target].facts.roles());
      if (!roles.ok() || !done.emplace(assignment.project, *roles).second) continue;
      for (size_t i = 0; i < rules.size(); ++i) {
        const rules::Rule& rule = rules.rule(i);
        const bool of_baseline = has_baseline && rule.id == kStaleRule;
        if (rules.disabled(i)) continue;
        if (of_baseline || rules::speaks(rule, assignment.project->selection, *roles)) {
          speaking.emplace(rule.id, &rule);
        }
      }
    }
  }
  std::vector<report::RuleInfo> infos;
  infos.reserve(speaking.size());
  for (const auto& [id, rule] : speaking) {
    infos.push_back(
        {rule->id, rule->title, plain_text(rule->why), rule->severity, rule->category, rule->tags});
  }
  return infos;
}

}  // namespace proctor::cli
