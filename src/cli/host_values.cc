#include "cli/host_values.h"

#include <cerrno>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/target.h"
#include "host/procsys.h"
#include "kernel/catalog.h"
#include "load/loader.h"
#include "rules/scenario.h"
#include "rules/selection.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

constexpr std::string_view kProcSys = "/proc/sys/";

/// A configuration that names more keys than this is no configuration of one machine.
constexpr size_t kMostPaths = 20000;

class Needs {
 public:
  Needs(const rules::RuleSet& rules, const rules::Target& target) : rules_(rules) {
    names_ = {"all", "default", "lo"};
    if (const auto* interfaces = target.facts.strings("interfaces")) {
      names_.insert(interfaces->begin(), interfaces->end());
    }
  }

  void add_configuration(const load::Configuration& configuration) {
    for (const load::SourceFile& file : configuration.files) {
      if (file.document == nullptr) continue;
      for (const conf::Line& line : file.document->lines()) {
        if (line.kind != conf::LineKind::kAssignment || paths_.size() > kMostPaths) continue;
        add_written(kernel::dotted_to_path(file.document->text(line.key)));
      }
    }
  }

  void add_rules(const rules::Selection& selection, const std::vector<std::string>& roles) {
    for (size_t i = 0; i < rules_.size(); ++i) {
      if (rules_.disabled(i) || !rules::speaks(rules_.rule(i), selection, roles)) continue;
      for (const std::string& pattern : rules_.rule(i).mentions) {
        if (patterns_done_.insert(pattern).second) add_pattern(kernel::dotted_to_path(pattern));
      }
    }
  }

  const std::set<std::string>& paths() const { return paths_; }

 private:
  void add_written(const std::string& path) {
    if (path.find("..") != std::string::npos || path.find('\0') != std::string::npos) return;
    if (path.find_first_of("*?[") != std::string::npos) {
      add_pattern(path);
    } else {
      paths_.insert(path);
    }
    const auto key = kernel::find_path(path);
    if (!key || !patterns_.insert(key->key->name).second) return;
    for (const uint32_t index : rules_.reading(key->key->name)) {
      for (const std::string& read : rules_.rule(index).reads) {
        if (patterns_done_.insert(read).second) add_pattern(kernel::dotted_to_path(read));
      }
    }
  }

  /// A path whose part '*' stands for interfaces.
  void add_pattern(const std::string& path) {
    const size_t star = path.find('*');
    if (star == std::string::npos) {
      if (path.find_first_of("?[") == std::string::npos) paths_.insert(path);
      return;
    }
    for (const std::string& name : names_) {
      std::string one = path;
      one.replace(star, 1, name);
      if (one.find('*') == std::string::npos) paths_.insert(std::move(one));
    }
  }

  const rules::RuleSet& rules_;
  std::set<std::string> names_;
  std::set<std::string_view> patterns_;
  std::set<std::string> patterns_done_;
  std::set<std::string> paths_;
};

void read_into(host::ProcSys& machine, const std::string& path, rules::Target& target) {
  host::Reading reading = machine.read(std::string(kProcSys) + path);
  if (reading.bytes) {
    if (reading.bytes->ends_with('\n')) reading.bytes->pop_back();
    target.running.insert_or_assign(path, std::move(*reading.bytes));
  } else if (reading.error == ENOENT) {
    target.running_absent.insert(path);
  }
}

void read_folder(host::ProcSys& machine, const std::string& folder, unsigned depth,
                 rules::Target& target) {
  constexpr unsigned kDeepest = 8;
  if (depth > kDeepest) return;
  std::string path = std::string(kProcSys) + folder;
  if (path.ends_with('/')) path.pop_back();
  const host::ProcSys::Listing listing = machine.list(path);
  if (!listing.names) {
    // Not a folder, so a key.
    if (listing.error == ENOTDIR) read_into(machine, folder, target);
    return;
  }
  const std::string prefix = folder.empty() ? std::string() : folder + "/";
  for (const std::string& name : *listing.names) {
    read_folder(machine, prefix + name, depth + 1, target);
  }
}

void read_paths(const std::set<std::string>& paths, rules::Target& target) {
  const std::unique_ptr<host::ProcSys> machine = host::live();
  for (const std::string& path : paths) {
    // What the command line gave after --host has precedence.
    if (!target.running.contains(path)) read_into(*machine, path, target);
  }
}

/// One key limits another: reads what predicting the configuration's writes asks about, and what
/// that leads to in turn.
void read_relations(const load::Configuration& configuration, rules::Target& target) {
  constexpr int kRounds = 4;
  if (target.running_complete) return;
  const std::unique_ptr<host::ProcSys> machine = host::live();
  const load::Loader& loader =
      target.loader != nullptr ? *target.loader : **load::find_loader("systemd");
  const kernel::Version version = versions_of(target.facts).back();
  for (int round = 0; round < kRounds; ++round) {
    const size_t known = target.running.size() + target.running_absent.size();
    const load::LoadResult result =
        load::run(loader, configuration, rules::start_state(target, version));
    for (const std::string& path : result.final_state.asked()) read_into(*machine, path, target);
    if (known == target.running.size() + target.running_absent.size()) return;
  }
}

}  // namespace

void add_host_values(const rules::RuleSet& rules, const load::Configuration& configuration,
                     rules::Target& target) {
  Needs needs(rules, target);
  needs.add_configuration(configuration);
  read_paths(needs.paths(), target);
  read_relations(configuration, target);
}

void add_audit_values(const rules::RuleSet& rules, const rules::Selection& selection,
                      const load::Configuration& configuration, rules::Target& target) {
  Needs needs(rules, target);
  needs.add_configuration(configuration);
  // Roles that nobody declares have been complained about before.
  if (const auto roles = rules.expand_roles(target.facts.roles())) {
    needs.add_rules(selection, *roles);
  }
  read_paths(needs.paths(), target);
  read_relations(configuration, target);
}

void add_all_host_values(rules::Target& target) {
  const std::unique_ptr<host::ProcSys> machine = host::live();
  read_folder(*machine, "", 0, target);
}

}  // namespace proctor::cli
