#include "rules/audience.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "kernel/predict.h"
#include "load/settled.h"
#include "rules/touched.h"
#include "text/text.h"

namespace proctor::rules {
namespace {

/// Whether the kernel answers a run's writes as it did, and ends in the same state.
bool repeats(const Run& run, kernel::State state) {
  if (run.result().given_up) return false;
  for (const load::Write& write : run.result().writes) {
    if (write.path.starts_with('/')) continue;
    if (!is_same(kernel::write(state, write.path, write.bytes, write.offset), write.outcome)) {
      return false;
    }
  }
  return state.same_cells(run.state());
}

/// Whether no write of a run has to do with another.
bool are_apart(const Run& run) {
  std::set<std::string_view> paths;
  for (const load::Write& write : run.result().writes) {
    if (write.path.starts_with('/') || write.offset > 0) return false;
    if (!paths.insert(write.path).second) return false;
    for (const std::string& other : write.outcome.others) {
      if (other == kernel::kEveryInterface || !paths.insert(other).second) return false;
    }
  }
  return !run.result().given_up;
}

/// What a report rests on, by name.
struct Named {
  std::vector<const kernel::Key*> keys;
  std::set<std::string, std::less<>> paths;
  /// Path and bytes of writes that have to do with no other, and of those that fixes would make.
  std::set<std::pair<std::string, std::string>> writes;

  void add(const Reads& reads) { paths.insert(reads.values.begin(), reads.values.end()); }
  void add(const Run& run);
  bool add_writes(const Run& run);
  void add_fixes(const RuleSet& rules, const load::Configuration& configuration,
                 const Report& report);
  void add_edited(const conf::Document& document, std::vector<conf::Edit> edits);
  bool finish();
};

void Named::add(const Run& run) {
  for (const std::string_view path : run.paths()) paths.emplace(path);
  for (const load::Write& write : run.result().writes) {
    paths.insert(write.outcome.others.begin(), write.outcome.others.end());
  }
}

/// False: some have to do with others.
bool Named::add_writes(const Run& run) {
  if (!are_apart(run)) return false;
  for (const load::Write& write : run.result().writes) writes.emplace(write.path, write.bytes);
  return true;
}

/// A fix is safe if it leaves the state as it is: on every machine for itself.
void Named::add_fixes(const RuleSet& rules, const load::Configuration& configuration,
                      const Report& report) {
  for (const Finding& finding : report.findings) {
    // What the rule itself calls unsafe is never proved.
    const auto rule = rules.find(finding.rule);
    if (rule && std::ranges::none_of(rules.rule(*rule).fix, &FixStep::safe)) continue;
    for (const Fix& fix : finding.fixes) {
      std::map<uint32_t, std::vector<conf::Edit>> by_file;
      for (const FileEdit& edit : fix.edits) by_file[edit.file].push_back(edit.edit);
      for (auto& [file, edits] : by_file) {
        add_edited(*configuration.files[file].document, std::move(edits));
      }
    }
  }
}

/// Adds what the lines that change come to.
void Named::add_edited(const conf::Document& document, std::vector<conf::Edit> edits) {
  if (std::ranges::all_of(edits, &std::string::empty, &conf::Edit::text)) return;
  const std::string_view bytes = document.bytes();
  uint32_t begin = edits.front().span.begin;
  uint32_t end = edits.front().span.end;
  for (const conf::Edit& edit : edits) {
    begin = std::min(begin, edit.span.begin);
    end = std::max(end, edit.span.end);
  }
  while (begin > 0 && bytes[begin - 1] != '\n') --begin;
  while (end < bytes.size() && (end == begin || bytes[end - 1] != '\n')) ++end;
  for (conf::Edit& edit : edits) edit.span = {edit.span.begin - begin, edit.span.end - begin};
  std::string text(bytes.substr(begin, end - begin));
  if (!conf::apply_edits(text, std::move(edits))) return;
  const conf::Document after = conf::Document::parse({}, std::move(text));
  for (const conf::Line& line : after.lines()) {
    if (line.kind != conf::LineKind::kAssignment) continue;
    const auto at = paths.insert(as_path(after.text(line.key))).first;
    writes.emplace(*at, std::string(after.text(line.value)) + "\n");
  }
}

/// Adds the keys that go with others; false: some path is none of the catalog's.
bool Named::finish() {
  const size_t named = keys.size();
  for (size_t i = 0; i < named; ++i) {
    // Of a key that is gone it is said what has taken its place, if that is still there.
    if (const auto* now = kernel::find_pattern(keys[i]->replaced_by)) keys.push_back(now);
  }
  bool known = true;
  for (const std::string& path : paths) {
    const auto found = kernel::find_path(path);
    if (found) keys.push_back(found->key);
    known = known && found;
  }
  sort_unique(keys);
  return known;
}

/// Whether each line means one key of the catalog to every loader.
bool is_closed(const load::Configuration& configuration) {
  return std::all_of(configuration.files.begin(), configuration.files.end(),
                     [](const load::SourceFile& file) {
                       if (!is_read(file)) return true;
                       const conf::Document& document = *file.document;
                       const conf::Lines lines = document.lines();
                       return std::all_of(lines.begin(), lines.end(), [&](const conf::Line& line) {
                         if (!load::is_plain(document, line)) return false;
                         return line.kind != conf::LineKind::kAssignment ||
                                kernel::find_path(as_path(document.text(line.key))).has_value();
                       });
                     });
}

}  // namespace

Audience::Audience(const RuleSet& rules, std::vector<const Target*> targets,
                   const Selection& selection, Starts& starts)
    : rules_(rules),
      selection_(selection),
      targets_(std::move(targets)),
      agreement_(rules, targets_, selection) {
  for (uint32_t i = 0; i < targets_.size(); ++i) {
    any_range_ = any_range_ || (targets_[i]->facts.kernel() && !range_of(*targets_[i]).is_single());
    newest_.push_back(range_of(*targets_[i]).to);
    starts.share(*targets_[i], *targets_[agreement_.first_of_machine(i)]);
  }
}

TargetSet Audience::all() const {
  TargetSet all(targets_.size());
  std::iota(all.begin(), all.end(), 0U);
  return all;
}

uint32_t Audience::speaker(const TargetSet& targets) const {
  return *std::ranges::max_element(targets, {}, [&](uint32_t target) { return newest_[target]; });
}

std::vector<Audience::Heard> Audience::judge(const load::Configuration& configuration,
                                             TargetSet targets, LineNames lines, Starts& starts) {
  std::vector<Heard> all;
  while (!targets.empty()) {
    Heard& heard = all.emplace_back();
    heard.speaker = speaker(targets);
    const bool alone = targets.size() == 1;
    Reads reads;
    heard.told.report =
        judge_piece(rules_, configuration, *targets_[heard.speaker], selection_, starts, lines,
                    heard.facts, alone ? nullptr : &reads, scenarios(all, heard.speaker));
    if (alone) {
      heard.told.targets = std::move(targets);
      break;
    }
    const Basis basis = this->basis(configuration, heard, std::move(reads), starts);
    Answers answers(targets_.size());
    const auto others = std::stable_partition(targets.begin(), targets.end(), [&](uint32_t one) {
      return agree(basis, heard, one, answers, starts);
    });
    heard.told.targets.assign(targets.begin(), others);
    targets.erase(targets.begin(), others);
  }
  return all;
}

/// Of an earlier one with the same machine, and a single kernel; nullptr: there is none.
const Scenarios* Audience::scenarios(const std::vector<Heard>& heard, uint32_t target) const {
  const auto kernel = targets_[target]->facts.kernel();
  if (!kernel || !kernel->is_single()) return nullptr;
  const auto same = std::ranges::find_if(heard, [&](const Heard& one) {
    return one.speaker != target && agreement_.same_machine(one.speaker, target);
  });
  return same == heard.end() ? nullptr : &same->facts.scenarios;
}

Audience::Basis Audience::basis(const load::Configuration& configuration, const Heard& heard,
                                Reads reads, Starts& starts) {
  agreement_.tidy();
  Basis basis;
  Named named;
  named.add(reads);
  for (const kernel::Key* key : touched_keys(configuration)) {
    named.keys.push_back(key);
    const auto readers = rules_.reading(key->name);
    basis.rules.insert(basis.rules.end(), readers.begin(), readers.end());
  }
  sort_unique(basis.rules);
  for (const Group& group : heard.facts.scenarios.groups) {
    for (const auto& run : group.runs) named.add(*run);
    const Run& run = *group.runs.front();
    if (!named.add_writes(run)) basis.runs.push_back(&run);
  }
  named.add_fixes(rules_, configuration, heard.told.report);
  const bool known = named.finish();
  basis.closed = known && is_closed(configuration);
  for (const auto* key : named.keys) basis.by_kernel.push_back(&agreement_.of_key(*key));
  for (const std::string& path : named.paths) {
    basis.by_machine.push_back(&agreement_.of_initial(path));
  }
  for (const auto& [path, bytes] : named.writes) {
    basis.by_machine.push_back(&agreement_.of_write(path, bytes, starts));
  }
  basis.reads = std::move(reads);
  return basis;
}

bool Audience::agree(const Basis& basis, const Heard& heard, uint32_t target, Answers& answers,
                     Starts& starts) {
  const uint32_t speaker = heard.speaker;
  if (target == speaker) return true;
  if (!agreement_.comparable(speaker, target)) return false;
  if (!basis.closed && !agreement_.same_kernel(speaker, target)) return false;
  if (!agreement_.on_facts(basis.reads, speaker, target)) return false;
  if (!agreement_.on_detecting(speaker, target)) return false;
  const bool on_rules = std::ranges::all_of(
      basis.rules, [&](uint32_t rule) { return agreement_.on_rule(rule, speaker, target); });
  if (!on_rules) return false;
  if (agreement_.same_machine(speaker, target)) return true;
  int8_t& answer = answers[agreement_.machine(target)];
  if (answer == 0) answer = machines_agree(basis, heard, target, starts) ? 1 : -1;
  return answer > 0;
}

bool Audience::machines_agree(const Basis& basis, const Heard& heard, uint32_t target,
                              Starts& starts) {
  const uint32_t speaker = heard.speaker;
  const bool agree =
      (agreement_.same_kernel(speaker, target) ||
       std::ranges::all_of(basis.by_kernel,
                           [&](const auto* classes) {
                             return agreement_.same_for_kernels(*classes, speaker, target);
                           })) &&
      std::ranges::all_of(basis.by_machine, [&](const auto* classes) {
        return agreement_.same_for_machines(*classes, speaker, target);
      });
  if (!agree || basis.runs.empty()) return agree;
  const Target& other = *targets_[target];
  const auto start =
      starts.get(other, other.facts.kernel()->from, heard.facts.scenarios.assumed_modules);
  return std::ranges::all_of(basis.runs,
                             [&](const Run* run) { return repeats(*run, start->state); });
}

}  // namespace proctor::rules
