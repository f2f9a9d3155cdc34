// audit: the running system, its values, its files, and where the two differ.
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "cli/commands.h"
#include "cli/host_values.h"
#include "cli/judging.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "cli/target.h"
#include "cli/workspace.h"
#include "rules/running.h"
#include "text/file.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::cli {
namespace {

/// Seconds since 1970 at which this machine started.
std::optional<int64_t> boot_time() {
  const Result<std::string> text = read_file("/proc/stat");
  if (!text) return std::nullopt;
  constexpr std::string_view kField = "btime ";
  for (const std::string_view line : split(*text, '\n')) {
    if (!line.starts_with(kField)) continue;
    const Result<int64_t> time = parse_int(line.substr(kField.size()));
    return time ? std::optional(*time) : std::nullopt;
  }
  return std::nullopt;
}

void mark_edited(load::Configuration& configuration) {
  const std::optional<int64_t> boot = boot_time();
  for (load::SourceFile& file : configuration.files) {
    struct stat status {};
    if (!boot || file.document == nullptr || file.kind != load::SourceKind::kFile) continue;
    if (::stat(file.document->name().c_str(), &status) != 0) continue;
    file.edited = status.st_mtim.tv_sec > *boot;
  }
}

class Audit {
 public:
  Audit(const Workspace& space, const Settings& settings, std::string root)
      : space_(space), settings_(settings), root_(std::move(root)) {}

  JudgedUnit judge() {
    JudgedUnit judged;
    load::Configuration none;
    const load::Configuration* files = root_.empty() ? &none : load_files(judged);
    rules::Target target = space_.targets.front();
    target.audited = true;
    if (settings_.host_values) add_audit_values(rules(), selection(), *files, target);
    add_files(*files, target, judged.part);
    add_values(*files, target, judged.part);
    report::sort_part(judged.part);
    return judged;
  }

 private:
  const rules::RuleSet& rules() const { return space_.projects.front()->loaded.rules; }
  const rules::Selection& selection() const { return space_.projects.front()->selection; }

  const load::Configuration* load_files(JudgedUnit& judged) const {
    const load::Loader* loader = space_.targets.front().loader;
    judged.sources.push_back(load_source({Source::Kind::kRoot, root_}, loader));
    LoadedSource& loaded = judged.sources.back();
    if (root_ == "/") {
      if (Result<std::string> line = read_file("/proc/cmdline")) {
        load::add_command_line(loaded.files, std::move(line).value());
      }
      mark_edited(loaded.files.configuration);
    }
    std::ranges::move(loaded.errors, std::back_inserter(judged.part.errors));
    return &loaded.files.configuration;
  }

  void add_files(const load::Configuration& files, const rules::Target& target,
                 report::Part& part) {
    rules::Report report = rules::judge(rules(), files, target, selection());
    said_.insert(report.silenced.begin(), report.silenced.end());
    std::vector<uint32_t> index;
    for (const load::SourceFile& file : files.files) {
      index.push_back(static_cast<uint32_t>(part.files.size()));
      if (file.document != nullptr) part.files.push_back(file.document);
    }
    for (rules::Finding& finding : report.findings) {
      said_.emplace(finding.rule, finding.keys.empty() ? std::string() : finding.keys.front());
      finding.file = index[finding.file];
      for (rules::Related& related : finding.related) related.file = index[related.file];
      for (rules::Fix& fix : finding.fixes) {
        for (rules::FileEdit& edit : fix.edits) edit.file = index[edit.file];
      }
    }
    for (rules::Undecided& undecided : report.undecided) undecided.file = index[undecided.file];
    take(std::move(report), part);
  }

  /// The running values. What the files' lines have been told already is not told again.
  void add_values(const load::Configuration& files, const rules::Target& target,
                  report::Part& part) {
    lines_ = std::make_unique<rules::RunningLines>(target);
    std::set<std::string> set;
    for (const load::SourceFile& file : files.files) {
      if (file.document == nullptr || file.masked || file.kind == load::SourceKind::kUnread)
        continue;
      for (const conf::Line& line : file.document->lines()) {
        if (line.kind != conf::LineKind::kAssignment) continue;
        set.insert(kernel::dotted_to_path(file.document->text(line.key)));
      }
    }
    rules::Report report = rules::judge_running(rules(), *lines_, target, selection(), set);
    std::erase_if(report.findings, [&](const rules::Finding& finding) {
      return !finding.keys.empty() && said_.contains({finding.rule, finding.keys.front()});
    });
    const auto index = static_cast<uint32_t>(part.files.size());
    part.files.push_back(&lines_->document());
    for (rules::Finding& finding : report.findings) {
      finding.file = index;
      for (rules::Related& related : finding.related) related.file = index;
    }
    for (rules::Undecided& undecided : report.undecided) undecided.file = index;
    take(std::move(report), part);
  }

  static void take(rules::Report report, report::Part& part) {
    for (rules::Finding& finding : report.findings) {
      part.entries.push_back({std::move(finding), {0}});
    }
    for (rules::Undecided& undecided : report.undecided) {
      part.open.push_back({std::move(undecided), {0}});
    }
    std::ranges::move(report.defects, std::back_inserter(part.errors));
    part.assignments += report.assignments;
  }

  const Workspace& space_;
  const Settings& settings_;
  std::string root_;                                    ///< Empty: no files.
  std::set<std::pair<std::string, std::string>> said_;  ///< Rule and key, of files.
  std::unique_ptr<rules::RunningLines> lines_;
};

/// Whether the values are another machine's.
bool is_elsewhere(const Invocation& invocation) {
  return invocation.has(OptionId::kSnapshot) || invocation.has(OptionId::kRunning);
}

Workspace workspace_of(const Settings& settings, const std::string& root) {
  Workspace space;
  auto project = std::make_unique<Project>();
  project->loaded = load_rules(settings);
  project->selection = settings.selection;
  project->fail_on = settings.fail_on;
  space.targets.push_back(make_target(settings));
  if (space.targets.front().loader == nullptr) {
    space.targets.front().loader = *load::find_loader("systemd");
  }
  space.discovery.sources.push_back({Source::Kind::kRoot, root});
  space.discovery.set_units();
  space.assignments.push_back({project.get(), {0}});
  space.projects.push_back(std::move(project));
  return space;
}

}  // namespace

int run_audit(const Invocation& invocation) {
  Invocation whole = invocation;
  const bool elsewhere = is_elsewhere(invocation);
  if (!elsewhere && !invocation.has(OptionId::kHost)) {
    // First, so that what the user gives overrides what is read.
    whole.options.insert(whole.options.begin(), {OptionId::kHost, ""});
  }
  const Result<Settings> settings = read_settings(whole);
  if (!settings) return misuse(settings.error());
  const std::string root(invocation.value(OptionId::kRoot, elsewhere ? "" : "/"));
  const Workspace space = workspace_of(*settings, root);
  const std::string wrong = check_names(space.projects.front()->loaded.rules, *settings);
  if (!wrong.empty()) return misuse(wrong);
  Audit audit(space, *settings, root);
  return report_units(*settings, space, [&](size_t) { return audit.judge(); });
}

}  // namespace proctor::cli
