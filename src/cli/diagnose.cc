// diagnose: which limit is being hit, and what moves it.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <thread>

#include "advise/diagnosis.h"
#include "cli/commands.h"
#include "cli/diagnose_print.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "cli/target.h"
#include "host/procsys.h"
#include "kernel/predict.h"
#include "text/file.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::cli {
namespace {

constexpr uint64_t kDefaultInterval = 2000;  ///< Milliseconds, of --watch.

class Diagnose {
 public:
  Diagnose(const Invocation& invocation, Settings settings, const advise::Capacity& model)
      : invocation_(invocation), settings_(std::move(settings)) {
    request_.model = &model;
  }

  int run() {
    const Result<ListFormat> format =
        list_format(invocation_, {ListFormat::kText, ListFormat::kJson});
    if (!format) return misuse(format.error());
    json_ = *format == ListFormat::kJson;
    const Terminal screen = terminal(settings_.color);
    page_ = {screen.color, screen.width};
    if (std::string wrong = read_interval(); !wrong.empty()) return misuse(wrong);
    if (invocation_.has(OptionId::kWhatIf)) return what_if();
    if (invocation_.has(OptionId::kSvg)) return misuse("--svg draws what --what-if tells");
    return settings_.snapshots.empty() ? on_machine() : on_snapshots();
  }

 private:
  std::string read_interval() {
    if (!invocation_.has(OptionId::kInterval)) return {};
    const std::string_view text = invocation_.value(OptionId::kInterval);
    const Result<uint64_t> milliseconds = parse_duration(text);
    constexpr uint64_t kLeast = 10;
    constexpr uint64_t kMost = uint64_t{24} * 3600 * 1000;
    if (!milliseconds || *milliseconds < kLeast || *milliseconds > kMost) {
      return fmt::format("--interval: '{}' is no time from 10ms to 24h, such as 5s",
                         escape_bytes(text));
    }
    interval_ = *milliseconds;
    return {};
  }

  int show(const Unreadable& unreadable) const {
    const advise::Diagnosis diagnosis = advise::diagnose(request_);
    for (const std::string& defect : diagnosis.defects) complain(defect);
    const int status = print(json_ ? diagnosis_json(diagnosis, unreadable)
                                   : diagnosis_text(diagnosis, unreadable, page_));
    return diagnosis.defects.empty() ? status : int{kTrouble};
  }

  int on_snapshots() {
    if (settings_.snapshots.size() > 2) {
      return misuse("--snapshot: two are compared, the earlier first; there are more");
    }
    if (interval_ || invocation_.has(OptionId::kWatch)) {
      return misuse("--interval and --watch read this machine; a snapshot does not move");
    }
    request_.target = make_target(settings_);
    request_.now = &settings_.snapshots.back()->readings;
    if (settings_.snapshots.size() == 2) {
      request_.before = &settings_.snapshots.front()->readings;
      if (request_.before->uptime_ms >= request_.now->uptime_ms) {
        return misuse(
            "--snapshot: the second is not later than the first; give the earlier first, both of "
            "one machine without a restart between them");
      }
    }
    Unreadable unreadable = request_.now->unreadable;
    for (const std::string& path : paths()) {
      const auto found = settings_.snapshots.back()->unreadable_values.find(path);
      if (found != settings_.snapshots.back()->unreadable_values.end()) {
        unreadable.emplace("/proc/sys/" + path, found->second);
      }
    }
    return show(unreadable);
  }

  /// Paths of the keys that the model reads.
  std::vector<std::string> paths() const {
    std::vector<std::string> paths;
    for (std::string path : request_.model->patterns) {
      // The model asks for no single interface.
      constexpr std::string_view kAny = ".*.";
      const size_t star = path.find(kAny);
      if (star != std::string::npos) path.replace(star, kAny.size(), ".default.");
      paths.push_back(kernel::dotted_to_path(path));
    }
    return paths;
  }

  void read_machine(host::ProcSys& machine) {
    static constexpr std::array<std::string_view, 2> kFacts = {"kernel", "memory"};
    host::Facts facts;
    host::read_facts(machine, facts, kFacts);
    for (const auto& [name, value] : settings_.facts.all()) facts.set(name, value);
    settings_.facts = std::move(facts);
    request_.target = make_target(settings_);
    for (const std::string& path : paths()) {
      if (request_.target.running.contains(path)) continue;
      host::Reading reading = machine.read("/proc/sys/" + path);
      if (reading.bytes) {
        if (reading.bytes->ends_with('\n')) reading.bytes->pop_back();
        request_.target.running.emplace(path, std::move(*reading.bytes));
      } else if (reading.error == ENOENT) {
        request_.target.running_absent.insert(path);
      } else {
        request_.target.running_unreadable.insert(path);
        unreadable_.emplace("/proc/sys/" + path, kernel::errno_name(reading.error));
      }
    }
  }

  void wait() const {
    std::this_thread::sleep_for(std::chrono::milliseconds(interval_.value_or(kDefaultInterval)));
  }

  int on_machine() {
    const std::unique_ptr<host::ProcSys> machine = host::live();
    const bool watch = invocation_.has(OptionId::kWatch);
    host::Readings before;
    if (interval_ || watch) {
      host::read_counters(*machine, before);
      request_.before = &before;
      wait();
    }
    while (true) {
      read_machine(*machine);
      host::Readings now = host::read_everything(*machine);
      request_.now = &now;
      if (watch && ::isatty(STDOUT_FILENO) != 0) print("\x1b[H\x1b[2J");
      now.unreadable.insert(unreadable_.begin(), unreadable_.end());
      const int status = show(now.unreadable);
      if (!watch || status != kClean) return status;
      before = std::move(now);
      wait();
    }
  }

  int what_if() {
    if (std::string wrong = read_loads(); !wrong.empty()) return misuse(wrong);
    if (wants_help_) return print(loads_help());
    request_.target = make_target(settings_);
    if (settings_.host_values) {
      const std::unique_ptr<host::ProcSys> machine = host::live();
      read_machine(*machine);
    }
    const advise::Forecasts forecasts = advise::forecast(request_);
    for (const std::string& defect : forecasts.defects) complain(defect);
    const int status = print(json_ ? forecasts_json(forecasts, request_)
                                   : forecasts_text(forecasts, request_, page_));
    const std::string path(invocation_.value(OptionId::kSvg));
    if (!path.empty()) {
      const std::string error = write_file(path, forecasts_svg(forecasts, request_));
      if (!error.empty()) return misuse(fmt::format("{}: {}", path, error));
    }
    return forecasts.defects.empty() ? status : int{kTrouble};
  }

  std::string read_loads() {
    for (const OptionUse& use : invocation_.options) {
      if (use.id != OptionId::kWhatIf) continue;
      if (use.value == "help") wants_help_ = true;
      if (wants_help_) return {};
      for (const std::string_view part : split(use.value, ',')) {
        if (std::string wrong = read_load(trim(part)); !wrong.empty()) return wrong;
      }
    }
    return {};
  }

  std::string read_load(std::string_view text) {
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
      return fmt::format("--what-if: '{}' is not NAME=NUMBER", escape_bytes(text));
    }
    const std::string name(trim(text.substr(0, equals)));
    const advise::LoadName* load = request_.model->find_load(name);
    if (load == nullptr) {
      std::vector<std::string_view> names;
      for (const advise::LoadName& each : request_.model->loads) names.push_back(each.name);
      const std::string near = did_you_mean(name, names);
      return fmt::format("--what-if: no load is called '{}'{}", escape_bytes(name),
                         near.empty() ? "; `--what-if help` lists them" : near);
    }
    const Result<int64_t> number = parse_int(trim(text.substr(equals + 1)));
    if (!number || *number < load->min || *number > load->max) {
      return fmt::format("--what-if: {} is a whole number from {} to {}, not '{}'", name, load->min,
                         load->max, escape_bytes(text.substr(equals + 1)));
    }
    request_.loads[name] = *number;
    return {};
  }

  std::string loads_help() const {
    std::string out;
    for (const advise::LoadName& load : request_.model->loads) {
      out += fmt::format("{:<14}{} (default: {})\n", load.name, load.title, load.value);
    }
    return out;
  }

  const Invocation& invocation_;
  Settings settings_;
  advise::DiagnoseRequest request_;
  DiagnosePage page_;
  Unreadable unreadable_;             ///< Of the values that the model reads.
  std::optional<uint64_t> interval_;  ///< Milliseconds.
  bool json_ = false;
  bool wants_help_ = false;
};

}  // namespace

int run_diagnose(const Invocation& invocation) {
  Result<Settings> settings = read_settings(invocation);
  if (!settings) return misuse(settings.error());
  std::vector<Diagnostic> problems;
  const advise::Capacity model = advise::builtin_capacity(problems);
  for (const Diagnostic& problem : problems) complain(problem);
  if (!problems.empty()) return kTrouble;
  return Diagnose(invocation, std::move(settings).value(), model).run();
}

}  // namespace proctor::cli
