#include "advise/tuning.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

#include "advise/tuning_scope.h"
#include "kernel/catalog.h"
#include "kernel/predict.h"
#include "kernel/presence.h"
#include "rules/render.h"
#include "rules/values.h"
#include "text/text.h"

namespace proctor::advise {
namespace {

using expr::Value;
using kernel::Cell;
using kernel::WriteResult;

/// What a condition comes to.
struct Answer {
  bool holds = false;
  std::vector<std::string> needs;  ///< Not empty: it cannot be told.
  bool unknown = false;
};

/// What one kernel makes of a key.
struct Outcome {
  const Setting* setting = nullptr;
  Fate fate = Fate::kUnknown;
  std::string value;
  std::vector<std::string> needs;
  std::string why;
};

/// A key with the settings that give it a value; the first whose condition holds does.
struct Entry {
  std::string key;
  std::vector<const Setting*> settings;
};

/// Groups together, by their first setting; within a group in the order of the settings.
std::vector<Entry> entries_of(const Profile& profile) {
  std::vector<std::string_view> groups;
  for (const Setting& setting : profile.settings) {
    if (std::ranges::find(groups, setting.group) == groups.end()) groups.push_back(setting.group);
  }
  std::vector<Entry> entries;
  for (const std::string_view group : groups) {
    for (const Setting& setting : profile.settings) {
      if (setting.group != group) continue;
      for (const std::string& key : setting.keys) {
        const auto known = std::ranges::find(entries, key, &Entry::key);
        if (known == entries.end()) {
          entries.push_back({key, {&setting}});
        } else {
          known->settings.push_back(&setting);
        }
      }
    }
  }
  return entries;
}

/// The profile on one kernel.
class OneKernel {
 public:
  OneKernel(const TuneRequest& request, const kernel::Version& version,
            std::set<std::string>& defects)
      : request_(request), version_(version), defects_(defects) {}

  Outcome outcome(const Entry& entry) {
    Outcome made;
    made.setting = entry.settings.front();
    made.fate = Fate::kCondition;
    for (const Setting* setting : entry.settings) {
      Answer answer;
      answer.holds = true;
      if (setting->when) answer = ask(*setting->when, scope(setting->module), entry.key);
      if (answer.unknown) return {setting, Fate::kUnknown, {}, answer.needs, {}};
      if (answer.holds) return value(entry.key, *setting);
    }
    return made;
  }

  Answer ask(const Formula& formula, const TuningScope& names, std::string_view what) {
    const Value value = formula.program.run(names);
    Answer answer;
    if (const bool* flag = value.get_if<bool>()) {
      answer.holds = *flag;
    } else if (value.is_unknown()) {
      answer.unknown = true;
      answer.needs = value.as_unknown()->needs;
    } else if (!is_absent(value)) {
      defect(formula, value, what);
    }
    return answer;
  }

  const TuningScope& plain() { return scope({}); }

 private:
  /// A kernel with one module more, and what has been written to it.
  struct World {
    World(const TuneRequest& request, const kernel::Version& version, const std::string& module)
        : scope(request, version, module), state(scope.state()) {}
    TuningScope scope;
    kernel::State state;
  };

  World& world(const std::string& module) {
    const auto found = worlds_.find(module);
    if (found != worlds_.end()) return *found->second;
    auto made = std::make_unique<World>(request_, version_, module);
    return *worlds_.emplace(module, std::move(made)).first->second;
  }
  const TuningScope& scope(const std::string& module) { return world(module).scope; }

  static bool is_absent(const Value& value) {
    const expr::EvalError* error = value.as_error();
    return error != nullptr && error->kind == expr::EvalError::Kind::kAbsent;
  }

  void defect(const Formula& formula, const Value& value, std::string_view what) {
    defects_.insert(fmt::format("{}: {}: {}: {}", request_.profile->name, what, formula.source,
                                value.is_error() ? value.as_error()->message : "is no value"));
  }

  Outcome value(const std::string& key, const Setting& setting) {
    Outcome made;
    made.setting = &setting;
    World& at = world(setting.module);
    const std::string path = kernel::dotted_to_path(key);
    const kernel::Presence presence = kernel::presence(path, at.state.machine());
    if (presence.answer == kernel::Presence::Answer::kNo) {
      made.fate = Fate::kLacking;
      made.why = presence.reason;
      return made;
    }
    const Value value = setting.value.program.run(at.scope);
    if (value.is_unknown()) {
      made.needs = value.as_unknown()->needs;
      return made;
    }
    const auto text = rules::spelling_of(value);
    if (!text) {
      // A formula over a key that this kernel lacks has nothing to say there.
      made.fate = is_absent(value) ? Fate::kLacking : Fate::kCondition;
      if (is_absent(value)) made.why = value.as_error()->message;
      if (!is_absent(value)) defect(setting.value, value, key);
      return made;
    }
    made.value = *text;
    if (presence.answer == kernel::Presence::Answer::kUnknown && !presence.needs.empty()) {
      made.needs = presence.needs;
      return made;
    }
    write(path, at, made);
    return made;
  }

  /// Tries the line on the kernel as the lines before it left it.
  void write(const std::string& path, World& at, Outcome& made) {
    const Cell before = at.state.read(path);
    const Cell initial = kernel::initial_value(path, at.state.machine());
    kernel::State after = at.state;
    const kernel::Outcome outcome = kernel::write(after, path, made.value + "\n");
    if (outcome.result == WriteResult::kRejected || outcome.result == WriteResult::kMissing) {
      made.fate = outcome.result == WriteResult::kMissing ? Fate::kLacking : Fate::kRefused;
      made.why = outcome.reason;
      return;
    }
    const std::string wanted = outcome.reads_back.value_or(made.value);
    made.fate = same(before, wanted) && same(initial, wanted) ? Fate::kDefault : Fate::kWritten;
    at.state = std::move(after);
  }

  static bool same(const Cell& cell, std::string_view text) {
    return cell.status == Cell::Status::kKnown && !cell.approximate &&
           fold_blanks(cell.text) == fold_blanks(text);
  }

  const TuneRequest& request_;
  kernel::Version version_;
  std::set<std::string>& defects_;
  std::map<std::string, std::unique_ptr<World>> worlds_;
};

bool has_value(const Outcome& outcome) {
  return outcome.fate == Fate::kWritten || outcome.fate == Fate::kDefault;
}

/// What differs between kernels, for people.
std::string difference(const std::vector<Outcome>& outcomes,
                       const std::vector<rules::Segment>& segments) {
  std::string out;
  std::vector<bool> told(outcomes.size(), false);
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (told[i]) continue;
    std::vector<bool> holds(outcomes.size(), false);
    for (size_t j = i; j < outcomes.size(); ++j) {
      const bool alike = has_value(outcomes[i]) == has_value(outcomes[j]) &&
                         outcomes[i].value == outcomes[j].value;
      if (alike) holds[j] = told[j] = true;
    }
    out += fmt::format("{}{}: {}", out.empty() ? "" : "; ", rules::segments_text(segments, holds),
                       has_value(outcomes[i]) ? outcomes[i].value : "none");
  }
  return out;
}

/// One line from what each kernel makes of it.
TunedLine merge(const Entry& entry, const std::vector<Outcome>& outcomes,
                const std::vector<rules::Segment>& segments) {
  const Outcome& newest = outcomes.back();
  TunedLine line{newest.setting, entry.key, newest.fate, newest.value, newest.needs, newest.why};
  std::set<std::string> needs;
  bool written = false;
  bool agree = true;
  for (const Outcome& outcome : outcomes) {
    needs.insert(outcome.needs.begin(), outcome.needs.end());
    written = written || outcome.fate == Fate::kWritten;
    agree = agree && has_value(outcome) == has_value(newest) &&
            (!has_value(outcome) || outcome.value == newest.value);
  }
  const bool unknown = std::ranges::any_of(
      outcomes, [](const Outcome& outcome) { return outcome.fate == Fate::kUnknown; });
  if (!unknown && agree) {
    if (written) line.fate = Fate::kWritten;
    return line;
  }
  line.fate = Fate::kUnknown;
  if (!unknown) {
    needs = {"host.kernel"};
    line.why = difference(outcomes, segments);
    line.value.clear();
  }
  line.needs.assign(needs.begin(), needs.end());
  return line;
}

class Tuner {
 public:
  explicit Tuner(const TuneRequest& request) : request_(request), profile_(*request.profile) {}

  Tuning run() {
    made_.segments = segments();
    for (const rules::Segment& segment : made_.segments) {
      kernels_.push_back(std::make_unique<OneKernel>(request_, segment.version, defects_));
    }
    requirements();
    for (const Entry& entry : entries_of(profile_)) lines(entry);
    companions();
    for (const Advice& advice : profile_.advice) {
      if (!advice.when || holds(*advice.when, "advice")) made_.advice.push_back(advice.text);
    }
    made_.defects.assign(defects_.begin(), defects_.end());
    made_.needs.assign(needs_.begin(), needs_.end());
    return std::move(made_);
  }

 private:
  std::vector<rules::Segment> segments() const {
    std::vector<const kernel::Key*> keys;
    for (const std::string& pattern : profile_.patterns) {
      if (const kernel::Key* key = kernel::find_pattern(pattern)) keys.push_back(key);
    }
    std::vector<kernel::Version> cuts = rules::change_points(keys, request_.target);
    cuts.insert(cuts.end(), profile_.versions.begin(), profile_.versions.end());
    sort_unique(cuts);
    return rules::segments_of(request_.target, cuts);
  }

  void lines(const Entry& entry) {
    std::vector<Outcome> outcomes;
    for (const auto& kernel : kernels_) outcomes.push_back(kernel->outcome(entry));
    TunedLine line = merge(entry, outcomes, made_.segments);
    if (line.fate == Fate::kDefault && line.setting->asserted && !request_.minimal) {
      line.fate = Fate::kWritten;
    }
    made_.lines.push_back(std::move(line));
  }

  /// On every kernel; what it needs is noted.
  bool holds(const Formula& formula, std::string_view what) {
    bool all = true;
    for (const auto& kernel : kernels_) {
      const Answer answer = kernel->ask(formula, kernel->plain(), what);
      needs_.insert(answer.needs.begin(), answer.needs.end());
      all = all && answer.holds && !answer.unknown;
    }
    return all;
  }

  void requirements() {
    for (const Requirement& requirement : profile_.requirements) {
      for (const auto& kernel : kernels_) {
        const Answer answer = kernel->ask(requirement.condition, kernel->plain(), "requirement");
        needs_.insert(answer.needs.begin(), answer.needs.end());
        if (answer.holds || answer.unknown) continue;
        made_.unmet.push_back(requirement.message);
        break;
      }
    }
  }

  void companions() {
    for (const Companion& companion : profile_.companions) {
      if (companion.when && !holds(*companion.when, companion.path)) continue;
      CompanionFile file{companion.path, {}, companion.reason};
      for (const rules::Template& line : companion.lines) {
        const rules::Rendered text = rules::render(line, kernels_.back()->plain());
        if (!text.error.empty()) defects_.insert(companion.path + ": " + text.error);
        file.content += text.text + "\n";
      }
      made_.companions.push_back(std::move(file));
    }
    modules();
  }

  /// Modules whose keys are written must be there before the file is loaded.
  void modules() {
    std::set<std::string> modules;
    for (const TunedLine& line : made_.lines) {
      if (line.fate == Fate::kWritten) modules.insert(line.setting->module);
    }
    modules.erase(std::string());
    constexpr std::string_view kFolder = "/etc/modules-load.d/";
    for (const CompanionFile& file : made_.companions) {
      if (!file.path.starts_with(kFolder)) continue;
      for (const std::string_view module : split(file.content, '\n')) {
        modules.erase(std::string(module));
      }
    }
    if (modules.empty()) return;
    CompanionFile file{fmt::format("{}proctor-{}.conf", kFolder, profile_.name),
                       {},
                       "The keys of a module exist only once it is loaded; sysctl runs before it"
                       " otherwise."};
    for (const std::string& module : modules) file.content += module + "\n";
    made_.companions.push_back(std::move(file));
  }

  const TuneRequest& request_;
  const Profile& profile_;
  std::vector<std::unique_ptr<OneKernel>> kernels_;
  std::set<std::string> defects_;
  std::set<std::string> needs_;
  Tuning made_;
};

}  // namespace

Tuning tune(const TuneRequest& request) { return Tuner(request).run(); }

}  // namespace proctor::advise
