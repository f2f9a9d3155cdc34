#include "cli/settings.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/input.h"
#include "cli/snapshot_file.h"
#include "host/procsys.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

class Reader {
 public:
  explicit Reader(const CommandInfo& command)
      : reports_(std::ranges::count(command.options, OptionId::kOutput) > 0) {}

  Settings settings;

  /// An empty string, or what is wrong.
  std::string apply(const OptionUse& use) {
    switch (use.id) {
      case OptionId::kHost:
        return host();
      case OptionId::kRunning:
        return dump(use.value);
      case OptionId::kSnapshot:
        return snapshot(use.value);
      case OptionId::kKernel:
        return fact("kernel", use);
      case OptionId::kMemory:
        return fact("memory", use);
      case OptionId::kCpus:
        return fact("cpus", use);
      case OptionId::kRole:
        settings.facts.set("roles", with(settings.facts.roles(), use.value));
        return {};
      case OptionId::kFact:
        return any_fact(use.value);
      case OptionId::kLoader:
        return loader(use.value);
      case OptionId::kRules:
        settings.rule_paths.push_back(use.value);
        return {};
      case OptionId::kSelect:
        return names(use, settings.selection.select);
      case OptionId::kIgnore:
        return names(use, settings.selection.ignore);
      case OptionId::kSeverity:
        return severity(use.value);
      case OptionId::kPathIgnore:
        return path_ignore(use);
      default:
        return file_setting(use) ? "" : output(use);
    }
  }

  std::string finish() {
    if (settings.no_config && !settings.config.empty()) {
      return "only one of --config and --no-config can be given";
    }
    const bool two = !settings.baseline.empty() && !settings.new_baseline.empty();
    if (two || (settings.no_baseline && !(settings.baseline + settings.new_baseline).empty())) {
      return "only one of --baseline, --write-baseline and --no-baseline can be given";
    }
    OutputRequest screen{format_, ""};
    if (!replaced_) settings.outputs.insert(settings.outputs.begin(), screen);
    for (OutputRequest& request : settings.outputs) {
      if (request.format == nullptr) request.format = format_;
    }
    return {};
  }

 private:
  static std::vector<std::string> with(std::vector<std::string> list, std::string value) {
    list.push_back(std::move(value));
    return list;
  }

  std::string host() {
    const std::unique_ptr<host::ProcSys> machine = host::live();
    host::read_facts(*machine, settings.facts);
    forget_values();
    settings.host_values = true;
    return {};
  }

  void forget_values() {
    settings.host_values = false;
    settings.running.clear();
    settings.running_complete = false;
    settings.running_unreadable.clear();
  }

  std::string snapshot(const std::string& path) {
    const auto read = read_snapshot(path);
    if (!read) return fmt::format("--snapshot: {}", read.error());
    const std::shared_ptr<const host::Snapshot>& taken = *read;
    add_facts(*taken, settings.facts);
    forget_values();
    settings.running = taken->values;
    settings.running_complete = true;
    for (const auto& [name, why] : taken->unreadable_values) {
      settings.running_unreadable.insert(name);
    }
    settings.snapshots.push_back(taken);
    return {};
  }

  std::string fact(std::string_view name, const OptionUse& use) {
    Result<host::FactValue> value = host::parse_fact_value(*host::find_fact(name), use.value);
    if (!value) {
      std::string_view error = value.error();
      const std::string prefix = fmt::format("fact {}: ", name);
      if (error.starts_with(prefix)) error.remove_prefix(prefix.size());
      return fmt::format("{}: {}", option_info(use.id).name, error);
    }
    settings.facts.set(name, std::move(value).value());
    return {};
  }

  std::string any_fact(std::string_view assignment) {
    Result<std::pair<std::string, host::FactValue>> fact = host::parse_fact(assignment);
    if (!fact) return fmt::format("--fact: {}", fact.error());
    settings.facts.set(fact->first, fact->second);
    return {};
  }

  std::string dump(const std::string& path) {
    const Result<std::string> text = read_option_file(path);
    if (!text) return fmt::format("--running: {} {}", path, text.error());
    host::Dump dump = host::parse_sysctl_dump(*text);
    if (dump.values.empty()) {
      return fmt::format("--running: {} holds no value; expected the output of sysctl -a", path);
    }
    if (!dump.problems.empty()) {
      return fmt::format("--running: {}: {}", path, dump.problems.front());
    }
    forget_values();
    settings.running = std::move(dump.values);
    settings.running_complete = dump.skipped == 0;
    return {};
  }

  std::string loader(std::string_view name) {
    const Result<const load::Loader*> found = load::find_loader(name);
    if (!found) return fmt::format("--loader: {}", found.error());
    settings.loader = *found;
    return {};
  }

  static std::string names(const OptionUse& use, std::vector<std::string>& list) {
    for (const std::string_view part : split(use.value, ',')) {
      const std::string_view name = trim(part);
      if (name.empty()) {
        return fmt::format(
            "{}: '{}' holds an empty name; expected rule ids, prefixes or tags with"
            " a comma between them",
            option_info(use.id).name, escape_bytes(use.value));
      }
      list.emplace_back(name);
    }
    return {};
  }

  std::string severity(std::string_view value) {
    const size_t equals = value.rfind('=');
    const auto level =
        equals == std::string_view::npos ? std::nullopt : severity_of(value.substr(equals + 1));
    if (!level || equals == 0) {
      return fmt::format("--severity: '{}' is no NAME=LEVEL with a level of error, warning or info",
                         escape_bytes(value));
    }
    settings.severities.push_back({std::string(value.substr(0, equals)), *level});
    return {};
  }

  std::string path_ignore(const OptionUse& use) {
    const size_t equals = use.value.rfind('=');
    if (equals == std::string::npos || equals == 0) {
      return fmt::format("--per-path-ignore: '{}' is no PATTERN=NAME,...", escape_bytes(use.value));
    }
    Settings::PathIgnoreOption ignore{use.value.substr(0, equals), {}};
    std::string wrong = names({use.id, use.value.substr(equals + 1)}, ignore.rules);
    settings.path_ignores.push_back(std::move(ignore));
    return wrong;
  }

  /// Options about proctor.toml; whether `use` is one.
  bool file_setting(const OptionUse& use) {
    switch (use.id) {
      case OptionId::kConfig:
        settings.config = use.value;
        return true;
      case OptionId::kNoConfig:
        settings.no_config = true;
        return true;
      case OptionId::kTarget:
        settings.targets.push_back(use.value);
        return true;
      case OptionId::kExclude:
        settings.exclude.push_back(use.value);
        return true;
      case OptionId::kBaseline:
        settings.baseline = use.value;
        return true;
      case OptionId::kWriteBaseline:
        settings.new_baseline = use.value;
        return true;
      case OptionId::kNoBaseline:
        settings.no_baseline = true;
        return true;
      case OptionId::kShowSettings:
        settings.show_settings = true;
        return true;
      default:
        return false;
    }
  }

  std::string output(const OptionUse& use) {
    switch (use.id) {
      case OptionId::kFailOn:
        settings.fail_on = severity_of(use.value);
        settings.fail_on_given = true;
        return {};
      case OptionId::kFormat:
        // The lists have formats of their own.
        return reports_ ? find("--format", use.value, format_) : "";
      case OptionId::kOutput:
        return file(use.value);
      case OptionId::kColor:
        settings.color = use.value;
        return {};
      case OptionId::kQuiet:
        settings.quiet = true;
        return {};
      case OptionId::kStatistics:
        settings.statistics = true;
        return {};
      case OptionId::kStdinFilename:
        settings.stdin_name = use.value;
        return {};
      default:
        return {};
    }
  }

  static std::string find(std::string_view option, std::string_view name,
                          const report::FormatInfo*& format) {
    format = report::find_format(name);
    if (format != nullptr) return {};
    std::vector<std::string_view> known;
    std::string list;
    for (const report::FormatInfo& each : report::formats()) {
      known.push_back(each.name);
      list += (list.empty() ? "" : ", ") + std::string(each.name);
    }
    const std::string near = did_you_mean(name, known);
    return fmt::format("{}: unknown format '{}'{}", option, escape_bytes(name),
                       near.empty() ? "; expected one of " + list : near);
  }

  /// [FORMAT=]FILE. A word of letters before the '=' is meant as a format.
  std::string file(std::string_view value) {
    OutputRequest request{nullptr, std::string(value)};
    const size_t equals = value.find('=');
    const std::string_view word = value.substr(0, equals);
    const bool is_word = std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
    if (equals != std::string_view::npos && equals > 0 && is_word) {
      request.path = value.substr(equals + 1);
      const std::string error = find("--output", word, request.format);
      if (!error.empty()) return error + " (write ./ before a file name with '=')";
    } else {
      replaced_ = true;
    }
    if (request.path.empty()) return "--output: the name of the file is missing";
    settings.outputs.push_back(std::move(request));
    return {};
  }

  bool reports_;  ///< The command writes reports.
  const report::FormatInfo* format_ = report::find_format("text");
  bool replaced_ = false;  ///< A file without a format takes what would go to standard output.
};

}  // namespace

Result<Settings> read_settings(const Invocation& invocation) {
  Reader reader(*invocation.command);
  for (const OptionUse& use : invocation.options) {
    if (std::string wrong = reader.apply(use); !wrong.empty()) return Error{std::move(wrong)};
  }
  if (std::string wrong = reader.finish(); !wrong.empty()) return Error{std::move(wrong)};
  return std::move(reader.settings);
}

std::optional<rules::Severity> severity_of(std::string_view name) {
  if (name == "error") return rules::Severity::kError;
  if (name == "warning") return rules::Severity::kWarning;
  if (name == "info") return rules::Severity::kInfo;
  return std::nullopt;
}

std::string option_for_need(std::string_view need) {
  if (need == "loader") return "--loader";
  constexpr std::string_view kPrefix = "host.";
  if (!need.starts_with(kPrefix)) return {};
  const host::FactInfo* fact = host::find_fact(need.substr(kPrefix.size()));
  if (fact == nullptr) return {};
  const std::string_view option = fact->option;
  constexpr std::string_view kFact = "--fact ";
  if (!option.starts_with(kFact)) return std::string(option.substr(0, option.find(' ')));
  if (!fact->choices.empty()) return fmt::format("--fact {}={}", fact->name, fact->choices);
  if (fact->type == host::FactType::kBool) return fmt::format("--fact {}=true|false", fact->name);
  return fmt::format("--fact {}=...", fact->name);
}

}  // namespace proctor::cli
