#include "cli/judging.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "cli/host_values.h"
#include "cli/input.h"
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

/// What one target gave, put to what those before it gave: the same cause is one entry with a list
/// of targets.
class Merger {
 public:
  Merger(const std::vector<rules::Target>& targets, report::Part& part)
      : targets_(targets),
        part_(part),
        first_entry_(part.entries.size()),
        first_open_(part.open.size()) {}

  void add(std::vector<rules::Finding> findings, uint32_t target) {
    for (rules::Finding& finding : findings) {
      std::vector<size_t>& known = entries_[{finding.file, finding.span, finding.rule}];
      const auto same = std::ranges::find_if(known, [&](size_t entry) {
        return is_same(part_.entries[entry].finding, finding) &&
               part_.entries[entry].targets.back() != target;
      });
      if (same == known.end()) {
        known.push_back(part_.entries.size());
        part_.entries.push_back({std::move(finding), {target}});
        continue;
      }
      report::Entry& entry = part_.entries[*same];
      // What is said of the newest kernel is said of all.
      if (newest(target) > newest_of(entry.targets)) entry.finding = std::move(finding);
      entry.targets.push_back(target);
    }
  }

  void add(std::vector<rules::Undecided> undecided, uint32_t target) {
    for (rules::Undecided& one : undecided) {
      const auto [at, fresh] = open_.try_emplace(one, part_.open.size());
      if (fresh) {
        part_.open.push_back({std::move(one), {target}});
      } else {
        part_.open[at->second].targets.push_back(target);
      }
    }
  }

  /// After the last target.
  void finish(size_t target_count) {
    sort_targets(part_.entries, first_entry_);
    sort_targets(part_.open, first_open_);
    for (size_t i = first_entry_; i < part_.entries.size(); ++i) {
      part_.entries[i].for_all = part_.entries[i].targets.size() == target_count;
    }
    // A comment that silences something for one target is in use.
    std::erase_if(part_.entries, [](const report::Entry& entry) {
      return entry.finding.rule == "suppression/unused" && !entry.for_all;
    });
  }

 private:
  template <typename Entry>
  static void sort_targets(std::vector<Entry>& entries, size_t first) {
    for (size_t i = first; i < entries.size(); ++i) std::ranges::sort(entries[i].targets);
  }

  static bool is_same(const rules::Finding& a, const rules::Finding& b) {
    if (a.severity != b.severity || a.fixes.size() != b.fixes.size()) return false;
    return a.fixes.empty() ||
           (a.fixes[0].safe == b.fixes[0].safe && a.fixes[0].edits == b.fixes[0].edits);
  }

  kernel::Version newest(uint32_t target) const {
    const auto kernel = targets_[target].facts.kernel();
    return kernel ? kernel->to : kernel::maintained_kernels().back();
  }

  kernel::Version newest_of(const std::vector<uint32_t>& targets) const {
    kernel::Version newest_yet = newest(targets.front());
    for (const uint32_t target : targets) newest_yet = std::max(newest_yet, newest(target));
    return newest_yet;
  }

  const std::vector<rules::Target>& targets_;
  report::Part& part_;
  size_t first_entry_;
  size_t first_open_;
  std::map<std::tuple<uint32_t, Span, std::string>, std::vector<size_t>> entries_;
  std::map<rules::Undecided, size_t> open_;
};

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

/// The bytes of a configuration that is one file, of which all that is said follows from them.
std::optional<std::string_view> lone_bytes(const load::Configuration& configuration,
                                           const Project& project) {
  const load::SourceFile& file = configuration.files.front();
  const bool lone = configuration.files.size() == 1 && file.document != nullptr &&
                    file.kind == load::SourceKind::kFile && !file.masked &&
                    !configuration.at_boot && !project.selection.quiet;
  if (!lone) return std::nullopt;
  return file.document->bytes();
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

rules::Report Judge::judge(const load::Configuration& configuration, uint32_t target,
                           const Project& project, Kept& kept) const {
  const rules::RuleSet& rules = project.loaded.rules;
  if (host_values_) {
    rules::Target with_values = space_.targets[target];
    add_host_values(rules, configuration, with_values);
    return rules::judge(rules, configuration, with_values, project.selection);
  }
  const rules::Target& asked = space_.targets[target];
  const auto bytes = lone_bytes(configuration, project);
  if (bytes && space_.discovery.units.size() >= kManyUnits) {
    auto pieced = kept.pieces.judge(rules, configuration.files.front(), asked, project.selection,
                                    kept.starts);
    if (pieced) return *std::move(pieced);
  }
  const Recent::Asker asker{&project, target};
  if (bytes) {
    if (const auto known = recent_.find(*bytes, asker)) return *known;
  }
  rules::Report report = rules::judge(rules, configuration, asked, project.selection, kept.starts);
  if (bytes) recent_.add(*bytes, asker, std::make_shared<const rules::Report>(report));
  return report;
}

void Judge::add(const load::Configuration& configuration, std::span<const uint32_t> targets,
                const Project& project, Collector& collector) const {
  const Files files(configuration, collector.part, collector.first_file);
  uint32_t assignments = 0;
  for (const uint32_t index : targets) {
    rules::Report report = judge(configuration, index, project, collector.kept);
    files.rename(report);
    collector.merger.add(std::move(report.findings), index);
    collector.merger.add(std::move(report.undecided), index);
    std::ranges::move(report.defects, std::back_inserter(collector.part.errors));
    assignments = report.assignments;
  }
  collector.assignments = std::max(collector.assignments, assignments);
}

void Judge::add(const Source& source, const Assignment& assignment, JudgedUnit& judged) const {
  // Targets of one loader see the same files.
  std::vector<uint32_t> left = assignment.targets;
  Collector collector{judged.part, judged.part.files.size(), Merger(space_.targets, judged.part),
                      kept(), 0};
  while (!left.empty()) {
    const load::Loader* loader = space_.targets[left.front()].loader;
    const auto others = std::stable_partition(left.begin(), left.end(), [&](uint32_t target) {
      return !depends_on_loader(source) || space_.targets[target].loader == loader;
    });
    judged.sources.push_back(load_source(source, loader));
    LoadedSource& loaded = judged.sources.back();
    std::ranges::move(loaded.errors, std::back_inserter(judged.part.errors));
    if (!loaded.files.configuration.files.empty()) {
      add(loaded.files.configuration, {left.begin(), others}, *assignment.project, collector);
    }
    left.erase(left.begin(), others);
  }
  collector.merger.finish(assignment.targets.size());
  judged.part.assignments += collector.assignments;
  judged.projects.resize(judged.part.files.size(), assignment.project);
}

/// Of this thread.
Judge::Kept& Judge::kept() const {
  const std::scoped_lock lock(mutex_);
  std::unique_ptr<Kept>& mine = kept_[std::this_thread::get_id()];
  if (!mine) mine = std::make_unique<Kept>();
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
