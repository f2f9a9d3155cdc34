// tune: a sysctl.d file from a profile.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "advise/profile.h"
#include "advise/tune_file.h"
#include "advise/tuning.h"
#include "cli/commands.h"
#include "cli/host_values.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "cli/target.h"
#include "cli/tune_extras.h"
#include "report/escape.h"
#include "text/file.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::cli {
namespace {

/// As a shell reads it back.
std::string shell_word(std::string_view text) {
  const bool plain = !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./=:,+@%").find(c) != std::string_view::npos;
  });
  if (plain) return std::string(text);
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

bool decides_content(OptionId id) {
  switch (id) {
    case OptionId::kHost:
    case OptionId::kRunning:
    case OptionId::kSnapshot:
    case OptionId::kKernel:
    case OptionId::kMemory:
    case OptionId::kCpus:
    case OptionId::kRole:
    case OptionId::kFact:
    case OptionId::kRules:
    case OptionId::kSet:
    case OptionId::kMinimal:
    case OptionId::kShowOmitted:
      return true;
    default:
      return false;
  }
}

/// The command that gives the same file, in one line.
std::string command_text(const Invocation& invocation) {
  std::string out = "proctor tune " + shell_word(invocation.operands[0]);
  for (const OptionUse& use : invocation.options) {
    if (!decides_content(use.id)) continue;
    const OptionInfo& option = option_info(use.id);
    out += fmt::format(" {}", option.name);
    if (!option.value.empty()) out += " " + shell_word(report::printable(use.value));
  }
  return out;
}

/// Parameters of --set; an error names the option.
Result<std::map<std::string, expr::Value>> given_parameters(const Invocation& invocation,
                                                            const advise::Profile& profile) {
  std::map<std::string, expr::Value> given;
  for (const OptionUse& use : invocation.options) {
    if (use.id != OptionId::kSet) continue;
    const size_t equals = use.value.find('=');
    if (equals == std::string::npos) {
      return Error{fmt::format("--set: '{}' is not NAME=VALUE", escape_bytes(use.value))};
    }
    const std::string name(trim(std::string_view(use.value).substr(0, equals)));
    const advise::Parameter* parameter = profile.find_parameter(name);
    if (parameter == nullptr) {
      std::vector<std::string_view> names;
      for (const advise::Parameter& known : profile.parameters) names.push_back(known.name);
      return Error{fmt::format("--set: {} has no parameter '{}'{}", profile.name,
                               escape_bytes(name), did_you_mean(name, names))};
    }
    Result<expr::Value> value =
        advise::parse_parameter(*parameter, trim(std::string_view(use.value).substr(equals + 1)));
    if (!value) return Error{fmt::format("--set: {}", value.error())};
    given.insert_or_assign(name, std::move(value).value());
  }
  return given;
}

void add_unknown_roles(const advise::Profile& profile, const rules::RuleSet& rules,
                       std::vector<Diagnostic>& problems) {
  std::vector<std::string_view> names;
  for (const rules::Role& role : rules.roles()) names.push_back(role.name);
  for (const advise::AskedRole& asked : profile.asked_roles) {
    if (std::ranges::find(names, asked.name) != names.end()) continue;
    problems.push_back(asked.unknown);
    problems.back().message += did_you_mean(asked.name, names);
  }
}

/// A file that somebody asked for, complained about where it cannot be written.
bool write_or_complain(const std::string& path, std::string_view bytes) {
  const std::string error = write_file(path, bytes);
  if (error.empty()) return true;
  complain(fmt::format("{}: {}", path, error));
  return false;
}

class Tune {
 public:
  Tune(const Invocation& invocation, const Settings& settings, const LoadedRules& loaded,
       const advise::Profile& profile)
      : invocation_(invocation), settings_(settings), loaded_(loaded), profile_(profile) {}

  int run() {
    const std::string wrong = prepare();
    if (!wrong.empty()) return misuse(wrong);
    const advise::Tuning tuning = advise::tune(request_);
    for (const std::string& defect : tuning.defects) complain(defect);
    for (const std::string& unmet : tuning.unmet) {
      complain(fmt::format("{} is not for this machine: {}", profile_.name, unmet));
    }
    if (!tuning.defects.empty() || !tuning.unmet.empty()) return kTrouble;
    const bool written = invocation_.has(OptionId::kCompare) ? compare(tuning) : write_all(tuning);
    if (written) remarks(tuning);
    return written && loaded_.sound ? kClean : kTrouble;
  }

 private:
  std::string prepare() {
    request_.profile = &profile_;
    request_.minimal = invocation_.has(OptionId::kMinimal);
    auto given = given_parameters(invocation_, profile_);
    if (!given) return given.error();
    request_.given = std::move(given).value();
    request_.target = make_target(settings_);
    std::vector<std::string> roles = settings_.facts.roles();
    const bool declared = std::ranges::find(loaded_.rules.roles(), profile_.name,
                                            &rules::Role::name) != loaded_.rules.roles().end();
    if (declared && std::ranges::find(roles, profile_.name) == roles.end()) {
      roles.push_back(profile_.name);
      request_.target.facts.set("roles", roles);
    }
    auto expanded = loaded_.rules.expand_roles(roles);
    if (!expanded) return fmt::format("--role: {}", expanded.error());
    request_.roles = std::move(expanded).value();
    if (settings_.host_values) add_all_host_values(request_.target);
    return {};
  }

  advise::TuneFileInfo info() const {
    advise::TuneFileInfo info;
    const std::string path(invocation_.value(OptionId::kOut));
    info.name =
        path.empty() ? advise::tune_file_name(profile_.name) : path.substr(path.rfind('/') + 1);
    info.path = "/etc/sysctl.d/" + info.name;
    info.machine = machine_text(request_.target.facts);
    info.command = command_text(invocation_);
    info.undo_file = invocation_.value(OptionId::kUndo);
    info.undo_command =
        fmt::format("proctor tune {} --host --undo UNDO.conf", shell_word(invocation_.operands[0]));
    info.omitted = invocation_.has(OptionId::kShowOmitted);
    info.advice = invocation_.has(OptionId::kCompanions);
    info.option_of = option_for_need;
    return info;
  }

  bool write(const std::string& text) const {
    const std::string path(invocation_.value(OptionId::kOut));
    return path.empty() ? print(text) == kClean : write_or_complain(path, text);
  }

  std::string file_text(const advise::Tuning& tuning) const {
    advise::TuneFileInfo info = this->info();
    std::string text = advise::tune_file(profile_, tuning, info);
    info.asserts = advise::asserts_defaults(loaded_.rules, request_, text);
    return info.asserts ? advise::tune_file(profile_, tuning, info) : text;
  }

  /// The undo file first: without it nothing is changed.
  bool write_all(const advise::Tuning& tuning) const {
    if (invocation_.has(OptionId::kUndo) && !write_undo(tuning)) return false;
    const std::string_view folder = invocation_.value(OptionId::kCompanions);
    std::string text = file_text(tuning);
    if (folder == "-") text += companions_text(tuning);
    if (!write(text)) return false;
    if (!folder.empty() && tuning.companions.empty()) {
      complain("--companions: this file needs no other ones");
    }
    if (folder.empty() || folder == "-") return true;
    const std::string error = write_companions(tuning, folder);
    if (!error.empty()) complain(error);
    return error.empty();
  }

  bool write_undo(const advise::Tuning& tuning) const {
    const std::string path(invocation_.value(OptionId::kUndo));
    const Result<std::string> text =
        undo_text(request_, tuning, path.substr(path.rfind('/') + 1), info().machine);
    if (text) return write_or_complain(path, *text);
    complain(text.error());
    return false;
  }

  bool compare(const advise::Tuning& tuning) const {
    const Result<std::string> text = comparison_text(
        request_, tuning, loaded_.rules, std::string(invocation_.value(OptionId::kCompare)), info(),
        terminal("never").width);
    if (!text) complain(text.error());
    return text.ok() && write(*text);
  }

  /// What was left out for want of a fact: by fact, so that each is asked for once.
  void remarks(const advise::Tuning& tuning) const {
    std::map<std::string, std::vector<std::string>> keys;
    for (const advise::TunedLine& line : tuning.lines) {
      if (line.fate != advise::Fate::kUnknown) continue;
      std::string needs;
      for (const std::string& need : line.needs) {
        const std::string option = option_for_need(need);
        needs += (needs.empty() ? "" : ", ") + (option.empty() ? need : option);
      }
      keys[needs].push_back(line.key);
    }
    for (const auto& [needs, list] : keys) {
      std::string names;
      for (const std::string& key : list) names += (names.empty() ? "" : ", ") + key;
      complain(
          fmt::format("left out, {} decides: {}", needs.empty() ? "nothing known" : needs, names));
    }
  }

  const Invocation& invocation_;
  const Settings& settings_;
  const LoadedRules& loaded_;
  const advise::Profile& profile_;
  advise::TuneRequest request_;
};

}  // namespace

int run_tune(const Invocation& invocation) {
  const Result<Settings> settings = read_settings(invocation);
  if (!settings) return misuse(settings.error());
  const LoadedRules loaded = load_rules(*settings);
  if (const std::string wrong = check_names(loaded.rules, *settings); !wrong.empty()) {
    return misuse(wrong);
  }
  std::vector<Diagnostic> problems;
  const Result<advise::Profile> profile = advise::load_profile(invocation.operands[0], problems);
  if (!profile) return misuse(profile.error());
  add_unknown_roles(*profile, loaded.rules, problems);
  for (const Diagnostic& problem : problems) complain(problem);
  if (!problems.empty()) return kTrouble;
  return Tune(invocation, *settings, loaded, *profile).run();
}

}  // namespace proctor::cli
