// check --watch: judges again whenever something changes that the run depends on.
#include <unistd.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "cli/paths.h"
#include "cli/settings.h"
#include "cli/watch.h"
#include "cli/workspace.h"

namespace proctor::cli {
namespace {

/// Collects what a run depends on, as far as it can be told: a settings file with a mistake names
/// nothing, but it is watched itself.
class Collector {
 public:
  explicit Collector(const Invocation& invocation) : invocation_(invocation) {}

  Watched run() {
    options();
    std::vector<Diagnostic> unsaid;
    if (const Result<Settings> settings = read_settings(invocation_); settings.ok()) {
      const Workspace space = open_workspace(invocation_, *settings, unsaid);
      for (const auto& project : space.projects) add(*project);
      for (const Source& source : space.discovery.sources) add(source);
      for (const std::string& root : space.roots) add_root(root, space);
      if (invocation_.operands.empty() && space.roots.empty()) add_root(absolute_path("."), space);
    }
    for (const std::string& path : invocation_.operands) settings_files_above(absolute_path(path));
    settings_files_above(absolute_path("."));
    return std::move(watched_);
  }

 private:
  void options() {
    for (const OptionUse& use : invocation_.options) {
      switch (use.id) {
        case OptionId::kRunning:
        case OptionId::kSnapshot:
        case OptionId::kConfig:
        case OptionId::kBaseline:
          watched_.files.insert(absolute_path(use.value));
          break;
        case OptionId::kRules:
          add_rules(use.value);
          break;
        case OptionId::kOutput:
          add_output(use.value);
          break;
        default:
          break;
      }
    }
  }

  void add_rules(const std::string& path) {
    watched_.files.insert(absolute_path(path));
    watched_.rules.insert(absolute_path(path));
  }

  /// [FORMAT=]FILE; what is no file of that name is not written either.
  void add_output(const std::string& value) {
    watched_.outputs.insert(absolute_path(value));
    const size_t equals = value.find('=');
    if (equals != std::string::npos)
      watched_.outputs.insert(absolute_path(value.substr(equals + 1)));
  }

  void add(const Project& project) {
    const SettingsFile& file = project.file;
    if (file.path.empty()) return;
    watched_.files.insert(absolute_path(file.path));
    const auto named = [&](const std::string& path) {
      return absolute_path(join_path(file.folder, path));
    };
    for (const Named& path : file.rule_paths) add_rules(named(path.text));
    if (file.baseline) watched_.files.insert(named(file.baseline->text));
    for (const std::string& path : file.inputs) watched_.files.insert(absolute_path(path));
  }

  void add(const Source& source) {
    const std::string path = absolute_path(source.path);
    settings_files_above(path);
    if (source.kind == Source::Kind::kFile) watched_.files.insert(path);
    if (source.kind == Source::Kind::kFolder) watched_.folders.insert(path);
    if (source.kind != Source::Kind::kRoot) return;
    for (const char* each : root_places()) {
      const std::string_view place = each;
      const std::string whole = absolute_path(join_path(source.path, place));
      if (place.ends_with(".conf")) {
        watched_.files.insert(whole);
      } else {
        watched_.folders.insert(whole);
      }
    }
  }

  /// A folder that was searched: what appears in it counts. A root and a drop-in folder hold
  /// nothing further.
  void add_root(const std::string& path, const Workspace& space) {
    const bool is_source = std::ranges::any_of(space.discovery.sources, [&](const auto& source) {
      return absolute_path(source.path) == path;
    });
    if (!is_source) watched_.trees.insert(path);
  }

  /// One that appears may hold, and one that goes lets another one hold.
  void settings_files_above(std::string folder) {
    while (watched_.files.insert(join_path(folder, kSettingsName)).second && folder != "/") {
      folder = folder.substr(0, std::max<size_t>(folder.rfind('/'), 1));
    }
  }

  const Invocation& invocation_;
  Watched watched_;
};

}  // namespace

int watch_check(const Invocation& invocation) {
  if (std::ranges::find(invocation.operands, "-") != invocation.operands.end()) {
    return misuse("--watch: standard input cannot be read again");
  }
  if (invocation.has(OptionId::kWriteBaseline)) {
    return misuse("only one of --watch and --write-baseline can be given");
  }
  const bool quiet = invocation.has(OptionId::kQuiet);
  Watcher watcher;
  std::string changed;
  while (true) {
    // Before anything is judged, so that no change is lost.
    if (std::string error = watcher.watch(Collector(invocation).run()); !error.empty()) {
      return misuse(error);
    }
    if (::isatty(STDOUT_FILENO) == 1) print("\x1b[H\x1b[2J");
    if (!quiet && !changed.empty()) {
      complain(relative_path(changed, absolute_path(".")) + " changed");
    }
    check_once(invocation, false);
    if (!quiet) complain("waiting for a change; Ctrl-C ends");
    Result<std::string> next = watcher.wait();
    if (!next) return misuse(next.error());
    changed = std::move(next).value();
  }
}

}  // namespace proctor::cli
