// check: judges configurations and reports, in as many formats as asked for.
#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "cli/baselines.h"
#include "cli/commands.h"
#include "cli/in_order.h"
#include "cli/judging.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "cli/output_paths.h"
#include "cli/progress.h"
#include "cli/settings.h"
#include "cli/show_settings.h"
#include "cli/target.h"
#include "cli/version.h"
#include "cli/workspace.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

/// One report being written.
struct Writing {
  std::unique_ptr<report::Run> run;
  std::unique_ptr<report::Format> format;
  std::unique_ptr<Output> output;
};

/// What is left of a unit once its documents are gone.
struct Rendered {
  std::vector<report::Piece> pieces;
  report::Totals totals;
  std::vector<Diagnostic> errors;
  std::vector<Diagnostic> odd;  ///< Names that are no files, and what the loader makes of them.
  bool fails = false;           ///< Something is at or above --fail-on.
  bool misled = false;          ///< A comment to the program cannot be followed.
};

class Check {
 public:
  Check(const Settings& settings, const Workspace& space, const JudgeUnit& judge,
        Baselines& baselines)
      : settings_(settings),
        space_(space),
        judge_(judge),
        baselines_(baselines),
        progress_(space.discovery.units.size()) {}

  /// An empty string, or why a report cannot be written.
  std::string open() {
    if (std::string wrong = wrong_outputs(settings_, space_); !wrong.empty()) return wrong;
    for (const OutputRequest& request : settings_.outputs) {
      Writing writing;
      writing.run = std::make_unique<report::Run>(make_run(request));
      writing.format = request.format->make(*writing.run);
      if (request.path.empty()) {
        writing.output = std::make_unique<StandardOutput>();
      } else {
        auto file = std::make_unique<FileOutput>(request.path);
        if (!file->open_error().empty()) return file->open_error();
        writing.output = std::move(file);
      }
      writings_.push_back(std::move(writing));
    }
    return {};
  }

  int judge() {
    const Discovery& discovery = space_.discovery;
    for (Writing& writing : writings_) writing.format->begin(*writing.output);
    report::Part problems;
    problems.errors = discovery.problems;
    report::sort_part(problems);
    take(render(problems));
    const unsigned threads =
        discovery.units.size() < 4 ? 1 : std::max(1U, std::thread::hardware_concurrency());
    if (baselines_.any()) {
      judge_with_baselines(threads);
    } else {
      in_order<Rendered>(
          discovery.units.size(), threads, [&](size_t unit) { return render(unit, judge_(unit)); },
          [&](Rendered rendered) {
            progress_.step();
            take(std::move(rendered));
          });
    }
    progress_.stop();
    return finish();
  }

 private:
  report::Run make_run(const OutputRequest& request) const {
    const bool screen = request.path.empty();
    const Terminal device = terminal(settings_.color);
    report::Run run;
    run.version = kVersion;
    for (const rules::Target& target : space_.targets) run.targets.push_back(describe(target));
    run.assumed_kernels = assumed_kernels();
    run.option_of = option_for_need;
    run.fail_on = space_.fail_on();
    run.baseline = baselines_.kind();
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread starts.
    if (const char* project = std::getenv("CI_PROJECT_DIR")) run.project_folder = project;
    if (request.format->needs_rules) run.rules = rule_infos(space_, baselines_.any());
    run.style.color = screen && device.color;
    if (screen) run.style.width = device.width;
    run.style.quiet = settings_.quiet;
    run.style.statistics = settings_.statistics;
    return run;
  }

  /// What is known depends on the units before, and what is stale on all of them: reports are held
  /// back until the end.
  void judge_with_baselines(unsigned threads) {
    std::vector<std::pair<std::string, Rendered>> held;  ///< With the name of the first file.
    in_order<JudgedUnit>(
        space_.discovery.units.size(), threads, [&](size_t unit) { return judge_(unit); },
        [&](JudgedUnit judged) {
          progress_.step();
          baselines_.take_known(judged);
          const auto& files = judged.part.files;
          std::string name = files.empty() ? std::string() : files.front()->name();
          held.emplace_back(std::move(name), render(held.size(), judged));
        });
    auto next = held.begin();
    for (const Baselines::Stale& stale : baselines_.stale()) {
      const std::string& name = stale.part.files.front()->name();
      for (; next != held.end() && next->first <= name; ++next) take(std::move(next->second));
      Rendered rendered = render(stale.part);
      rendered.fails = stale.fails;
      take(std::move(rendered));
    }
    for (; next != held.end(); ++next) take(std::move(next->second));
  }

  Rendered render(size_t unit, const JudgedUnit& judged) const {
    Rendered rendered = render(judged.part);
    for (const LoadedSource& source : judged.sources) {
      for (const auto& [path, why] : source.files.odd) {
        rendered.odd.push_back({path, {}, {}, why, {}});
      }
    }
    sort_unique(rendered.odd);
    const std::optional<rules::Severity>& level =
        space_.assignments[space_.discovery.units[unit]].project->fail_on;
    rendered.misled = std::ranges::any_of(judged.part.entries, [](const auto& entry) {
      const std::string& rule = entry.finding.rule;
      return rule.starts_with("suppression/") && rule != "suppression/unused";
    });
    rendered.fails = level && std::ranges::any_of(judged.part.entries, [&](const auto& entry) {
                       return entry.finding.severity >= *level;
                     });
    return rendered;
  }

  Rendered render(const report::Part& part) const {
    Rendered rendered;
    for (const Writing& writing : writings_) {
      rendered.pieces.push_back(writing.format->render(part));
    }
    rendered.totals.add(part);
    rendered.errors = part.errors;
    return rendered;
  }

  void take(Rendered rendered) {
    const Progress::Pause pause(progress_);
    for (size_t i = 0; i < writings_.size(); ++i) {
      writings_[i].format->add(rendered.pieces[i], *writings_[i].output);
    }
    totals_.add(rendered.totals);
    fails_ = fails_ || rendered.fails;
    misled_ = misled_ || rendered.misled;
    for (const Diagnostic& error : rendered.errors) complain(error);
    if (settings_.quiet) return;
    for (const Diagnostic& one : rendered.odd) complain(one.file + ": " + one.message);
  }

  int finish() {
    bool written = true;
    for (Writing& writing : writings_) {
      writing.format->end(totals_, *writing.output);
      const std::string error = writing.output->close();
      if (error.empty()) continue;
      complain(error);
      written = false;
    }
    if (!written || !space_.sound() || misled_ || totals_.failures > 0) {
      if (!settings_.new_baseline.empty()) {
        complain("the baseline is not written, since not everything could be judged");
      }
      return kTrouble;
    }
    if (const std::string error = baselines_.write(); !error.empty()) {
      complain(error);
      return kTrouble;
    }
    return fails_ ? kFindings : kClean;
  }

  const Settings& settings_;
  const Workspace& space_;
  const JudgeUnit& judge_;
  Baselines& baselines_;
  Progress progress_;
  std::vector<Writing> writings_;
  report::Totals totals_;
  bool fails_ = false;
  bool misled_ = false;
};

/// To free what was learned takes a tenth of the time of a check for thirty targets. The workspace
/// goes: nothing may be asked of the judge any more.
void keep_forever(std::unique_ptr<const Judge> judge) {
  static auto& kept = *new std::vector<std::unique_ptr<const Judge>>;  // It has no end.
  kept.push_back(std::move(judge));
}

}  // namespace

int report_units(const Settings& settings, const Workspace& space, const JudgeUnit& judge) {
  std::vector<Diagnostic> problems;
  Baselines baselines(settings, space, problems);
  for (const Diagnostic& problem : problems) complain(problem);
  if (!problems.empty()) return kTrouble;
  Check check(settings, space, judge, baselines);
  if (const std::string wrong = check.open(); !wrong.empty()) return misuse(wrong);
  return check.judge();
}

int run_check(const Invocation& invocation) {
  return invocation.has(OptionId::kWatch) ? watch_check(invocation) : check_once(invocation, true);
}

int check_once(const Invocation& invocation, bool last) {
  const Result<Settings> settings = read_settings(invocation);
  if (!settings) return misuse(settings.error());
  std::vector<Diagnostic> problems;
  const Workspace space = open_workspace(invocation, *settings, problems);
  for (const Diagnostic& problem : problems) complain(problem);
  if (!problems.empty()) return kTrouble;
  if (settings->show_settings) return print(settings_text(space, *settings));
  auto judge = std::make_unique<const Judge>(space, settings->host_values);
  const int status =
      report_units(*settings, space, [&](size_t unit) { return judge->judge(unit); });
  if (last) keep_forever(std::move(judge));
  return status;
}

}  // namespace proctor::cli
