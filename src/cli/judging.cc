#include "cli/judging.h"

#include <algorithm>
#include <utility>

#include "cli/host_values.h"
#include "cli/input.h"
#include "cli/merger.h"
#include "text/file.h"

namespace proctor::cli {
namespace {

Diagnostic unreadable(std::string path, std::string why) {
  return {std::move(path), {}, {}, std::move(why), ""};
}

load::FileSet single(const std::string& name, std::string bytes) {
  load::FileSet files;
  files.documents.push_back(
      std::make_unique<conf::Document>(conf::Document::parse(name, std::move(bytes))));
  load::SourceFile file;
  file.document = files.documents.back().get();
  file.path = name;
  files.configuration.files.push_back(std::move(file));
  return files;
}

/// The files of one configuration in the part: read again for another loader, they are the same.
class Files {
 public:
  Files(const load::Configuration& configuration, report::Part& part, size_t first) {
    for (const load::SourceFile& file : configuration.files) {
      index_.push_back(file.document == nullptr ? kNone : place(*file.document, part, first));
    }
  }

  void rename(rules::Report& report) const {
    for (rules::Finding& finding : report.findings) {
      finding.file = index_[finding.file];
      for (rules::Related& related : finding.related) related.file = index_[related.file];
      for (rules::Fix& fix : finding.fixes) {
        for (rules::FileEdit& edit : fix.edits) edit.file = index_[edit.file];
      }
    }
    for (rules::Undecided& undecided : report.undecided) {
      undecided.file = index_[undecided.file];
    }
  }

 private:
  static constexpr uint32_t kNone = 0xffffffff;

  static uint32_t place(const conf::Document& document, report::Part& part, size_t first) {
    const auto begin = part.files.begin() + static_cast<ptrdiff_t>(first);
    const auto same = std::find_if(begin, part.files.end(), [&](const conf::Document* known) {
      return known->name() == document.name();
    });
    const auto index = static_cast<uint32_t>(same - part.files.begin());
    if (same == part.files.end()) part.files.push_back(&document);
    return index;
  }

  std::vector<uint32_t> index_;  ///< Into Part::files, by file of the configuration.
};

/// Whether a configuration is one file, and all that is said of it follows from its bytes.
bool is_lone(const load::Configuration& configuration, const Project& project) {
  const load::SourceFile& file = configuration.files.front();
  return configuration.files.size() == 1 && file.document != nullptr &&
         file.kind == load::SourceKind::kFile && !file.masked && !project.selection.quiet;
}

}  // namespace

/// What the targets of one source give.
struct Judge::Collector {
  report::Part& part;
  size_t first_file;  ///< Of the source, in the part.
  Merger merger;
  Kept& kept;
  uint32_t assignments;
};

LoadedSource load_source(const Source& source, const load::Loader* loader) {
  LoadedSource loaded;
  const load::Loader& order = loader != nullptr ? *loader : **load::find_loader("systemd");
  switch (source.kind) {
    case Source::Kind::kFile:
    case Source::Kind::kStandardInput: {
      Result<std::string> bytes =
          source.kind == Source::Kind::kFile ? read_file(source.path) : read_standard_input();
      if (bytes) {
        loaded.files = single(source.path, std::move(bytes).value());
      } else {
        loaded.errors.push_back(unreadable(source.path, bytes.error()));
      }
      return loaded;
    }
    case Source::Kind::kFolder:
      loaded.files = load::find_drop_ins(order, source.path);
      break;
    case Source::Kind::kRoot:
      loaded.files = load::find_files(order, source.path);
      break;
  }
  for (const load::FileSet::Unreadable& file : loaded.files.unreadable) {
    loaded.errors.push_back(unreadable(file.path, file.why));
  }
  return loaded;
}

bool depends_on_loader(const Source& source) {
  return source.kind == Source::Kind::kFolder || source.kind == Source::Kind::kRoot;
}

std::vector<rules::Told> Judge::judge_for_hosts(const load::Configuration& configuration,
                                                const Assignment& assignment) const {
  std::vector<rules::Told> out;
  const rules::RuleSet& rules = assignment.project->loaded.rules;
  for (const uint32_t target : assignment.targets) {
    rules::Target with_values = space_.targets[target];
    add_host_values(rules, configuration, with_values);
    out.push_back(
        {rules::judge(rules, configuration, with_values, assignment.project->selection), {target}});
  }
  return out;
}

std::vector<rules::Told> Judge::judge(const load::Configuration& configuration,
                                      const Assignment& assignment, Kept& kept) const {
  if (host_values_) return judge_for_hosts(configuration, assignment);
  rules::Audience& audience = this->audience(assignment, kept);
  rules::Pieces::Answer answer;
  answer.left = audience.all();
  if (space_.discovery.units.size() >= kManyUnits && is_lone(configuration, *assignment.project)) {
    answer = kept.pieces.judge(audience, configuration, kept.starts);
    for (rules::Told& told : answer.told) told.report.assignments = answer.assignments;
  }
  if (!answer.left.empty()) {
    auto whole = judge_whole(configuration, audience, answer.left, assignment, kept);
    std::ranges::move(whole, std::back_inserter(answer.told));
  }
  // As if each were judged in its turn: of two entries on the same the first stands first.
  const auto first = [](const rules::Told& told) { return told.targets.front(); };
  if (!std::ranges::is_sorted(answer.told, {}, first)) {
    std::ranges::stable_sort(answer.told, {}, first);
  }
  for (rules::Told& told : answer.told) {
    for (uint32_t& target : told.targets) target = assignment.targets[target];
  }
  return std::move(answer.told);
}

std::vector<rules::Told> Judge::judge_whole(const load::Configuration& configuration,
                                            rules::Audience& audience, const rules::TargetSet& left,
                                            const Assignment& assignment, Kept& kept) const {
  const bool lone = is_lone(configuration, *assignment.project);
  std::string_view bytes;
  if (lone) bytes = configuration.files.front().document->bytes();
  Recent::Asker asker{assignment.project, configuration.at_boot, {}};
  for (const uint32_t target : left) asker.targets.push_back(assignment.targets[target]);
  if (lone) {
    if (const auto known = recent_.find(bytes, asker)) return *known;
  }
  std::vector<rules::Told> out;
  for (auto& heard : audience.judge(configuration, left, rules::LineNames::kNumber, kept.starts)) {
    out.push_back(std::move(heard.told));
  }
  if (lone) {
    recent_.add(bytes, std::move(asker), std::make_shared<const std::vector<rules::Told>>(out));
  }
  return out;
}

rules::Audience& Judge::audience(const Assignment& assignment, Kept& kept) const {
  const auto known = std::ranges::find_if(kept.audiences,
                                          [&](const auto& one) { return one.first == assignment; });
  if (known != kept.audiences.end()) return *known->second;
  std::vector<const rules::Target*> targets;
  for (const uint32_t target : assignment.targets) targets.push_back(&space_.targets[target]);
  auto audience =
      std::make_unique<rules::Audience>(assignment.project->loaded.rules, std::move(targets),
                                        assignment.project->selection, kept.starts);
  kept.audiences.emplace_back(assignment, std::move(audience));
  return *kept.audiences.back().second;
}

void Judge::add(const load::Configuration& configuration, const Assignment& assignment,
                Collector& collector) const {
  const Files files(configuration, collector.part, collector.first_file);
  for (rules::Told& told : judge(configuration, assignment, collector.kept)) {
    files.rename(told.report);
    collector.merger.add(std::move(told.report.findings), told.targets);
    collector.merger.add(std::move(told.report.undecided), told.targets);
    std::ranges::move(told.report.defects, std::back_inserter(collector.part.errors));
    collector.assignments = std::max(collector.assignments, told.report.assignments);
  }
}

void Judge::add(const Source& source, const Assignment& assignment, JudgedUnit& judged) const {
  // Targets of one loader see the same files.
  std::vector<uint32_t> left = assignment.targets;
  Collector collector{judged.part, judged.part.files.size(),
                      Merger(space_.targets, assignment.targets.size(), judged.part), kept(), 0};
  while (!left.empty()) {
    const load::Loader* loader = space_.targets[left.front()].loader;
    const auto others = std::stable_partition(left.begin(), left.end(), [&](uint32_t target) {
      return !depends_on_loader(source) || space_.targets[target].loader == loader;
    });
    judged.sources.push_back(load_source(source, loader));
    LoadedSource& loaded = judged.sources.back();
    std::ranges::move(loaded.errors, std::back_inserter(judged.part.errors));
    if (!loaded.files.configuration.files.empty()) {
      add(loaded.files.configuration, {assignment.project, {left.begin(), others}}, collector);
    }
    left.erase(left.begin(), others);
  }
  collector.merger.finish();
  judged.part.assignments += collector.assignments;
  judged.projects.resize(judged.part.files.size(), assignment.project);
}

/// Of this thread.
Judge::Kept& Judge::kept() const {
  const std::scoped_lock lock(mutex_);
  std::unique_ptr<Kept>& mine = kept_[std::this_thread::get_id()];
  if (!mine) mine = std::make_unique<Kept>(store_);
  return *mine;
}

JudgedUnit Judge::judge(size_t unit) const {
  JudgedUnit judged;
  const std::span<const Source> sources = space_.discovery.unit(unit);
  for (size_t i = 0; i < sources.size(); ++i) {
    add(sources[i], space_.assignments[space_.discovery.units[unit] + i], judged);
  }
  report::sort_part(judged.part);
  return judged;
}

}  // namespace proctor::cli
