#include "rules/scenario.h"

#include <algorithm>
#include <utility>

#include "load/alike.h"
#include "rules/touched.h"
#include "rules/values.h"
#include "text/text.h"

namespace proctor::rules {
namespace {

using kernel::WriteResult;

bool may_be_taken(const kernel::Outcome& outcome) {
  return outcome.result == WriteResult::kAccepted || outcome.result == WriteResult::kAltered ||
         outcome.result == WriteResult::kUnknown;
}

bool same_outcome(const load::LoadResult& a, const load::LoadResult& b) {
  const auto same_assignment = [](const load::Assignment& x, const load::Assignment& y) {
    return x.origin == y.origin && x.status == y.status && x.by == y.by && x.path == y.path &&
           x.value == y.value && x.writes == y.writes;
  };
  const auto same_write = [](const load::Write& x, const load::Write& y) {
    return x.origin == y.origin && x.outcome.result == y.outcome.result && x.path == y.path &&
           x.outcome.reads_back == y.outcome.reads_back;
  };
  // The texts of notes name the loader.
  const auto same_note = [](const load::Note& x, const load::Note& y) {
    return x.kind == y.kind && x.origin == y.origin;
  };
  return std::ranges::equal(a.assignments, b.assignments, same_assignment) &&
         std::ranges::equal(a.writes, b.writes, same_write) &&
         std::ranges::equal(a.notes, b.notes, same_note) && a.final_state.same_cells(b.final_state);
}

using RunsByLoader = std::vector<std::shared_ptr<const Run>>;

/// `groups` gets the loaders in order; `runs[segment][loader]` point to shared runs.
void collect_groups(std::span<const load::Loader* const> loaders,
                    const std::vector<RunsByLoader>& runs, std::vector<Group>& groups) {
  for (size_t i = 0; i < loaders.size(); ++i) {
    RunsByLoader mine;
    mine.reserve(runs.size());
    for (const auto& segment : runs) mine.push_back(segment[i]);
    const auto found = std::ranges::find(groups, mine, &Group::runs);
    if (found != groups.end()) {
      found->loaders.push_back(loaders[i]);
    } else {
      groups.push_back({{loaders[i]}, std::move(mine)});
    }
  }
}

/// busybox turns only those dots into slashes that lead to something: of a key that does not exist
/// it makes a path of its own, which would hide that it is the key of the others.
void name_missing_keys(const load::Configuration& configuration, load::LoadResult& result) {
  if (result.loader->program != load::Program::kBusybox) return;
  for (load::Assignment& assignment : result.assignments) {
    if (assignment.status != load::Status::kFailed || !assignment.writes.empty()) continue;
    const load::SourceFile& file = configuration.files[assignment.origin.file];
    if (file.kind != load::SourceKind::kFile) continue;
    const conf::Line line = file.document->lines()[assignment.origin.line];
    const bool marked = assignment.origin.line == 0 && file.document->has_bom();
    if (line.kind == conf::LineKind::kAssignment && !line.dash && !marked) {
      assignment.path = as_path(file.document->text(line.key));
    }
  }
}

std::vector<const load::Loader*> loaders_in_question(const Target& target) {
  if (target.loader != nullptr) return {target.loader};
  std::vector<const load::Loader*> all;
  for (const load::Loader& loader : load::loaders()) all.push_back(&loader);
  return all;
}

std::string_view program_name(load::Program program) {
  switch (program) {
    case load::Program::kProcps:
      return "procps";
    case load::Program::kSystemd:
      return "systemd-sysctl";
    case load::Program::kBusybox:
      return "busybox";
  }
  return {};
}

/// The version part of "procps-3.3.17".
std::string_view version_part(const load::Loader& loader) {
  const size_t dash = loader.name.rfind('-');
  return dash == std::string_view::npos ? loader.name : loader.name.substr(dash + 1);
}

RunsByLoader run_segment(const load::Configuration& configuration,
                         std::span<const load::Loader* const> loaders, const Start& start) {
  RunsByLoader runs(loaders.size());
  std::vector<std::shared_ptr<const Run>> distinct;
  for (load::Alike& group : load::run_alike(loaders, configuration, start.state, start.tree)) {
    name_missing_keys(configuration, group.result);
    auto found = std::ranges::find_if(
        distinct, [&](const auto& run) { return same_outcome(run->result(), group.result); });
    if (found == distinct.end()) {
      distinct.push_back(std::make_shared<const Run>(std::move(group.result)));
      found = distinct.end() - 1;
    }
    for (const load::Loader* loader : group.loaders) {
      const auto place = std::ranges::find(loaders, loader);
      runs[static_cast<size_t>(place - loaders.begin())] = *found;
    }
  }
  return runs;
}

/// Those of `known` at a version; empty: it has none.
RunsByLoader runs_again(const Scenarios* known, const kernel::Version& version,
                        std::span<const load::Loader* const> loaders) {
  if (known == nullptr) return {};
  const auto segment = std::ranges::find(known->segments, version, &Segment::version);
  if (segment == known->segments.end()) return {};
  RunsByLoader runs;
  for (const load::Loader* loader : loaders) {
    const auto group = std::ranges::find_if(known->groups, [&](const Group& one) {
      return std::ranges::find(one.loaders, loader) != one.loaders.end();
    });
    runs.push_back(group->runs[static_cast<size_t>(segment - known->segments.begin())]);
  }
  return runs;
}

}  // namespace

Run::Run(load::LoadResult result) : result_(std::move(result)) {
  for (uint32_t i = 0; i < result_.assignments.size(); ++i) {
    const load::Assignment& assignment = result_.assignments[i];
    facts_[assignment.path].assignments.push_back(i);
    for (const uint32_t write : assignment.writes) {
      if (result_.writes[write].path == assignment.path) continue;
      PathFacts& facts = facts_[result_.writes[write].path];
      if (facts.assignments.empty() || facts.assignments.back() != i) {
        facts.assignments.push_back(i);
      }
    }
  }
  for (uint32_t i = 0; i < result_.writes.size(); ++i) {
    facts_[result_.writes[i].path].writes.push_back(i);
  }
  paths_.reserve(facts_.size());
  for (auto& [path, facts] : facts_) {
    paths_.push_back(path);
    if (const auto found = kernel::find_path(path)) facts.key = found->key;
  }
  std::ranges::sort(paths_);
  // No file written by hand sets as many keys, or as many that nobody can write.
  constexpr size_t kManyPaths = 300;
  constexpr std::ptrdiff_t kManyReadOnly = 10;
  const auto read_only = std::ranges::count_if(facts_, [](const auto& one) {
    return one.second.key != nullptr && one.second.key->read_only;
  });
  is_dump_ = paths_.size() >= kManyPaths || read_only >= kManyReadOnly;
}

const PathFacts* Run::find(std::string_view path) const {
  const auto found = facts_.find(path);
  return found == facts_.end() ? nullptr : &found->second;
}

const load::Write* Run::effective_write(std::string_view path) const {
  const PathFacts* facts = find(path);
  if (facts == nullptr) return nullptr;
  for (auto at = facts->writes.rbegin(); at != facts->writes.rend(); ++at) {
    if (may_be_taken(result_.writes[*at].outcome)) return &result_.writes[*at];
  }
  return nullptr;
}

const load::Assignment& Run::maker(const load::Write& write) const {
  return result_.assignments[write.assignment];
}

bool Run::is_live(const load::Assignment& assignment) const {
  if (assignment.status == load::Status::kUnknown && assignment.writes.empty()) return true;
  if (assignment.writes.empty() && assignment.status != load::Status::kFailed) {
    // Not written because it is in force already, or because an equal line stays in its place.
    const kernel::Cell& cell = state().read(assignment.path);
    return cell.status == kernel::Cell::Status::kKnown &&
           fold_blanks(cell.text) == fold_blanks(assignment.value);
  }
  return std::ranges::any_of(assignment.writes, [&](uint32_t write) {
    return may_be_taken(result_.writes[write].outcome);
  });
}

std::vector<Segment> segments_of(const Target& target, std::span<const kernel::Version> cuts) {
  std::vector<Segment> segments;
  const auto given = target.facts.kernel();
  if (!given) {
    for (const kernel::Version& version : kernel::maintained_kernels()) {
      const bool joins =
          !segments.empty() && std::ranges::none_of(cuts, [&](const kernel::Version& cut) {
            return segments.back().version < cut && cut <= version;
          });
      if (joins) {
        segments.back().range.to = version;
        segments.back().version = version;
      } else {
        segments.push_back({{version, version}, version});
      }
    }
    return segments;
  }
  segments.push_back({*given, given->from});
  for (const kernel::Version& cut : cuts) {
    if (cut <= segments.back().version || !given->contains(cut)) continue;
    segments.back().range.to = cut;
    segments.push_back({{cut, given->to}, cut});
  }
  return segments;
}

kernel::VersionRange range_of(const Target& target) {
  if (const auto given = target.facts.kernel()) return *given;
  const auto kernels = kernel::maintained_kernels();
  return {kernels.front(), kernels.back()};
}

std::vector<kernel::Version> change_points(std::span<const kernel::Key* const> keys,
                                           const Target& target) {
  const kernel::VersionRange range = range_of(target);
  std::vector<kernel::Version> out;
  if (range.is_single()) return out;
  for (const kernel::Key* key : keys) {
    const auto changes = kernel::change_points(*key, range);
    out.insert(out.end(), changes.begin(), changes.end());
  }
  sort_unique(out);
  return out;
}

Scenarios run_all(const load::Configuration& configuration, const Target& target,
                  std::vector<Segment> segments, Starts& starts, const Scenarios* known) {
  Scenarios out;
  out.kernel_given = target.facts.kernel().has_value();
  out.loader_given = target.loader != nullptr;
  for (const kernel::Key* key : touched_keys(configuration)) {
    if (!key->module.empty()) out.assumed_modules.emplace_back(key->module);
  }
  sort_unique(out.assumed_modules);
  const auto loaders = loaders_in_question(target);
  std::vector<RunsByLoader> runs;
  runs.reserve(segments.size());
  out.starts.reserve(segments.size());
  for (const Segment& segment : segments) {
    out.starts.push_back(starts.get(target, segment.version, out.assumed_modules));
    RunsByLoader again = runs_again(known, segment.version, loaders);
    runs.push_back(again.empty() ? run_segment(configuration, loaders, *out.starts.back())
                                 : std::move(again));
  }
  out.segments = std::move(segments);
  collect_groups(loaders, runs, out.groups);
  return out;
}

std::string Scenarios::kernels_text() const {
  if (!kernel_given) return "the maintained kernels";
  const kernel::Version& from = segments.front().range.from;
  const kernel::Version& to = segments.back().range.to;
  if (from == to) return "Linux " + from.to_string();
  if (from.major == 0) return "Linux up to " + to.to_string();
  if (to.major == 65535) return "Linux " + from.to_string() + " and later";
  return "Linux " + from.to_string() + " to " + to.to_string();
}

std::string loaders_text(std::span<const load::Loader* const> loaders) {
  const auto all = load::loaders();
  std::string out;
  for (size_t i = 0; i < loaders.size();) {
    const load::Program program = loaders[i]->program;
    size_t end = i + 1;
    while (end < loaders.size() && loaders[end] == loaders[end - 1] + 1 &&
           loaders[end]->program == program) {
      ++end;
    }
    const auto total = std::ranges::count(all, program, &load::Loader::program);
    if (!out.empty()) out += ", ";
    out += program_name(program);
    if (end - i != static_cast<size_t>(total)) {
      out += ' ';
      out += version_part(*loaders[i]);
      if (end - i > 1) {
        out += " to ";
        out += version_part(*loaders[end - 1]);
      }
    }
    i = end;
  }
  return out;
}

std::string segments_text(std::span<const Segment> segments, const std::vector<bool>& holds) {
  std::string out;
  for (size_t i = 0; i < segments.size();) {
    if (!holds[i]) {
      ++i;
      continue;
    }
    size_t end = i + 1;
    while (end < segments.size() && holds[end]) ++end;
    if (!out.empty()) out += ", ";
    if (i == 0 && end == segments.size()) return "all of them";
    if (end == segments.size()) {
      out += segments[i].range.from.to_string() + " and later";
    } else if (i == 0) {
      out += "before " + segments[end].range.from.to_string();
    } else {
      out +=
          segments[i].range.from.to_string() + " to before " + segments[end].range.from.to_string();
    }
    i = end;
  }
  return out;
}

}  // namespace proctor::rules
