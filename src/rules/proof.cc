#include "rules/proof.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "load/alike.h"
#include "load/footprint.h"
#include "rules/touched.h"
#include "rules/vicinity.h"
#include "text/text.h"

namespace proctor::rules {
namespace {

using kernel::Cell;
using kernel::WriteResult;

/// The writes to one path that may matter, without the newline that some loaders append.
std::vector<std::string_view> writes_to(const Run& run, const std::string& path) {
  std::vector<std::string_view> out;
  const PathFacts* facts = run.find(path);
  if (facts == nullptr) return out;
  for (const uint32_t index : facts->writes) {
    const load::Write& write = run.result().writes[index];
    const bool refused = write.outcome.result == WriteResult::kRejected ||
                         write.outcome.result == WriteResult::kMissing;
    if (!refused) out.push_back(trim(write.bytes, "\n"));
  }
  return out;
}

}  // namespace

bool same_cell(const Run& a, const Run& b, const std::string& path) {
  const Cell& x = a.state().read(path);
  const Cell& y = b.state().read(path);
  if (!(x == y)) return false;
  if (x.status != Cell::Status::kUnknown) return true;
  const auto mine = writes_to(a, path);
  const auto theirs = writes_to(b, path);
  if (mine.empty() || theirs.empty()) return mine.empty() && theirs.empty();
  // The last write decides what is there, if the key is.
  return mine.back() == theirs.back();
}

namespace {

bool same_state(const Run& a, const Run& b) {
  return std::ranges::all_of(a.state().paths_apart(b.state()),
                             [&](const std::string& path) { return same_cell(a, b, path); });
}

/// Whether every attempt to set the line's keys fails because the kernel has none of them.
bool only_missing(const Run& run, const load::Origin& origin) {
  bool found = false;
  for (const load::Assignment& assignment : run.result().assignments) {
    if (assignment.origin != origin) continue;
    found = true;
    const PathFacts* facts = run.find(assignment.path);
    if (facts == nullptr) return false;
    if (facts->writes.empty() && assignment.status != load::Status::kFailed) return false;
    for (const uint32_t index : facts->writes) {
      if (run.result().writes[index].outcome.result != WriteResult::kMissing) return false;
    }
    if (run.state().read(assignment.path).status != Cell::Status::kAbsent) return false;
  }
  return found;
}

bool was_taken(const load::Write& write) {
  return write.outcome.result == WriteResult::kAccepted ||
         write.outcome.result == WriteResult::kAltered;
}

/// What the writes of an assignment change or rest on, its own path first.
std::vector<std::string_view> footprint(const Run& run, const load::Assignment& assignment) {
  std::vector<std::string_view> out;
  load::visit_footprint(run.result(), assignment,
                        [&](std::string_view path) { out.push_back(path); });
  return out;
}

bool holds(const std::vector<std::string_view>& paths, std::string_view path) {
  return std::ranges::find(paths, path) != paths.end();
}

/// Whether the line wrote what was there before, and nothing that other lines do or that a loader
/// does with other lines depends on it.
bool without_effect(const Run& run, const kernel::State& start, const load::Origin& origin) {
  const std::vector<load::Assignment>& all = run.result().assignments;
  const auto line = std::ranges::find(all, origin, &load::Assignment::origin);
  if (line == all.end() || line->path.starts_with('/')) return false;
  // procps 3.3.15 may send the end of its first value behind its second (Traits::retry_keeps_old).
  constexpr std::ptrdiff_t kFirst = 2;
  const auto written = std::count_if(
      all.begin(), line, [](const load::Assignment& earlier) { return !earlier.writes.empty(); });
  if (written < kFirst) return false;
  const bool taken = std::ranges::all_of(
      line->writes, [&](uint32_t index) { return was_taken(run.result().writes[index]); });
  if (!taken || (line->writes.empty() && line->status != load::Status::kIgnored)) return false;

  const std::vector<std::string_view> mine = footprint(run, *line);
  for (const std::string_view path : mine) {
    if (path == kernel::kEveryInterface) return false;
    const std::string name(path);
    const Cell& before = start.read(name);
    if (before.status == Cell::Status::kUnknown || !(before == run.state().read(name)))
      return false;
  }
  return std::ranges::all_of(all, [&](const load::Assignment& other) {
    if (&other == &*line) return true;
    // A pattern leaves out what has a line of its own.
    if (other.origin == origin || load::is_odd_path(other)) return false;
    return std::ranges::none_of(footprint(run, other), [&](std::string_view path) {
      return holds(mine, path) ||
             (path == kernel::kEveryInterface && line->path.starts_with("net/"));
    });
  });
}

/// Whether every loader drops the blanks that `edit` takes away from behind a value.
bool only_blanks(const Run& run, const conf::Document& document, const load::Origin& origin,
                 const conf::Edit& edit) {
  const conf::Line line = document.lines()[origin.line];
  const bool behind = edit.text.empty() && edit.span.begin >= line.value.end &&
                      edit.span.end <= line.text.end &&
                      trim(document.text(edit.span), " \t").empty();
  if (!behind || line.kind != conf::LineKind::kAssignment || line.value.empty()) return false;
  return std::ranges::all_of(run.result().assignments, [&](const load::Assignment& assignment) {
    return assignment.origin != origin || assignment.value == document.text(line.value);
  });
}

bool is_removal(const conf::Edit& edit) { return edit.text.starts_with("# "); }

/// A proof by what the lines did, without another run; false: no such proof.
bool evidently_keeps(const Run& run, const kernel::State& start,
                     const load::Configuration& configuration, const FileEdit& change) {
  const conf::Document& document = *configuration.files[change.file].document;
  // At a line's end it may join the next one to it, comments included.
  if (document.bytes().find('\\') != std::string::npos) return false;
  const auto index = static_cast<uint32_t>(document.line_index(change.edit.span.begin));
  const load::Origin origin{change.file, index};
  const conf::Line line = document.lines()[index];
  if (change.edit.span == line.text && is_removal(change.edit)) {
    return only_missing(run, origin) || without_effect(run, start, origin);
  }
  return only_blanks(run, document, origin, change.edit);
}

/// Whether loaders that end at a refused value end where they did. That lines come to be read, or
/// no longer, is no small change, even where it makes no difference today. `lost`: lines elsewhere
/// are not read, either.
bool same_end(const load::LoadResult& before, const load::LoadResult& after, bool lost) {
  const auto was = std::ranges::find_if(before.writes, load::ends_loaders);
  const auto is = std::ranges::find_if(after.writes, load::ends_loaders);
  if (was == before.writes.end()) return is == after.writes.end();
  if (is != after.writes.end()) return was->path == is->path && was->bytes == is->bytes;
  return !lost && std::ranges::none_of(before.assignments, [](const load::Assignment& line) {
    return line.reason == load::kEndedBefore;
  });
}

/// What all loaders in question make of edited files.
Afterwards run_edited(const Scenarios& before, size_t segment, const load::Configuration& after) {
  std::vector<const load::Loader*> loaders;
  for (const Group& group : before.groups) {
    loaders.insert(loaders.end(), group.loaders.begin(), group.loaders.end());
  }
  std::ranges::sort(loaders);
  const Start& start = *before.starts[segment];
  Afterwards out;
  for (load::Alike& alike : load::run_alike(loaders, after, start.state, start.tree)) {
    out.push_back({std::move(alike.loaders), std::make_unique<const Run>(std::move(alike.result))});
  }
  return out;
}

/// Whether the edited files leave what the group's run left. They need not keep it together.
bool same_states(const Group& group, size_t segment, const Afterwards& afterwards, bool lost) {
  const Run& before = *group.runs[segment];
  return std::ranges::all_of(afterwards, [&](const auto& after) {
    std::vector<const load::Loader*> mine;
    std::ranges::copy_if(group.loaders, std::back_inserter(mine), [&](const load::Loader* one) {
      return std::ranges::find(after.loaders, one) != after.loaders.end();
    });
    if (mine.empty()) return true;
    const bool ends = load::any_stops(mine);
    return (!ends || same_end(before.result(), after.run->result(), lost)) &&
           same_state(before, *after.run);
  });
}

}  // namespace

std::optional<Edited> edited(const load::Configuration& configuration,
                             const std::vector<FileEdit>& edits) {
  Edited out;
  out.configuration = configuration;
  std::map<uint32_t, std::vector<conf::Edit>> by_file;
  for (const FileEdit& edit : edits) by_file[edit.file].push_back(edit.edit);
  out.documents.reserve(by_file.size());
  for (auto& [file, list] : by_file) {
    const conf::Document* document = configuration.files[file].document;
    if (document == nullptr) return std::nullopt;
    std::string bytes = document->bytes();
    if (!conf::apply_edits(bytes, std::move(list))) return std::nullopt;
    out.documents.push_back(conf::Document::parse(document->name(), std::move(bytes)));
    out.configuration.files[file].document = &out.documents.back();
  }
  return out;
}

bool same_states(const Scenarios& before, const load::Configuration& after) {
  for (size_t segment = 0; segment < before.segments.size(); ++segment) {
    const Afterwards afterwards = run_edited(before, segment, after);
    const bool lost = after.elsewhere.end_at(before.segments[segment].version).lost;
    for (const Group& group : before.groups) {
      if (!same_states(group, segment, afterwards, lost)) return false;
    }
  }
  return true;
}

bool same_states(const load::Configuration& before, const load::Configuration& after,
                 const Target& target) {
  auto keys = touched_keys(before);
  const auto others = touched_keys(after);
  keys.insert(keys.end(), others.begin(), others.end());
  const auto cuts = change_points(keys, target);
  Starts starts;
  return same_states(run_all(before, target, segments_of(target, cuts), starts), after);
}

Prover::Prover(const Scenarios& before, const load::Configuration& configuration)
    : before_(before), configuration_(configuration), vicinities_(before.segments.size()) {
  for (auto& segment : vicinities_) segment.resize(before.groups.size());
}

Prover::~Prover() = default;

bool Prover::keeps_state(const Fix& fix) {
  edited_.reset();
  for (size_t segment = 0; segment < before_.segments.size(); ++segment) {
    afterwards_.reset();
    for (size_t group = 0; group < before_.groups.size(); ++group) {
      if (!keeps(fix, segment, group)) return false;
    }
  }
  return true;
}

bool Prover::keeps(const Fix& fix, size_t segment, size_t group) {
  const Group& loaders = before_.groups[group];
  const Run& run = *loaders.runs[segment];
  const Start& start = *before_.starts[segment];
  const bool evident = std::ranges::all_of(fix.edits, [&](const FileEdit& edit) {
    return evidently_keeps(run, start.state, configuration_, edit);
  });
  if (evident) return true;
  work_ += run.result().assignments.size() * loaders.loaders.size();
  if (work_ > kMostWork) return false;
  if (run.result().assignments.size() <= kFew) return keeps_all(fix, segment, loaders);
  std::unique_ptr<Vicinity>& vicinity = vicinities_[segment][group];
  if (!vicinity) vicinity = std::make_unique<Vicinity>(run, configuration_);
  if (const auto near = vicinity->keeps_state(fix.edits, loaders, start)) return *near;
  return keeps_all(fix, segment, loaders);
}

bool Prover::keeps_all(const Fix& fix, size_t segment, const Group& group) {
  if (!edited_) edited_ = edited(configuration_, fix.edits);
  if (!*edited_) return false;
  const load::Configuration& after = (*edited_)->configuration;
  if (!afterwards_) afterwards_ = run_edited(before_, segment, after);
  const bool lost = after.elsewhere.end_at(before_.segments[segment].version).lost;
  return same_states(group, segment, *afterwards_, lost);
}

}  // namespace proctor::rules
