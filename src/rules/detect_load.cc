#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "rules/detection.h"
#include "rules/place.h"
#include "rules/values.h"

namespace proctor::rules {
namespace {

using kernel::WriteResult;
using load::Assignment;
using load::Origin;
using load::Status;

/// Files that a distribution's packages own.
bool is_vendor(std::string_view path) {
  return path.starts_with("/usr/lib/") || path.starts_with("/lib/");
}

class LoadDetector {
 public:
  LoadDetector(const View& view, Sink& sink, size_t group)
      : view_(view), sink_(sink), group_(group), run_(view.run(group)) {}

  void run() {
    for (const std::string_view path : run_.paths()) {
      repeats(path, *run_.find(path));
      aliases(path);
    }
    for (const Assignment& assignment : run_.result().assignments) {
      undone(assignment);
      refused(assignment);
    }
    rest_lost();
    whole_files();
  }

 private:
  const Assignment& at(uint32_t index) const { return run_.result().assignments[index]; }

  const std::string& file_of(const Assignment& assignment) const {
    return view_.configuration.files[assignment.origin.file].path;
  }

  /// Lines that set one path, where more than the last may count.
  void repeats(std::string_view path, const PathFacts& facts) {
    std::vector<const Assignment*> lines;
    for (const uint32_t index : facts.assignments) {
      const Assignment& line = at(index);
      const bool sets = line.status == Status::kApplied || line.status == Status::kOverridden ||
                        line.status == Status::kUnknown;
      if (sets && !line.glob && line.path == path) lines.push_back(&line);
    }
    if (lines.size() < 2) return;
    const Assignment& winner = *lines.back();
    std::set<uint32_t> files;
    for (const Assignment* line : lines) files.insert(line->origin.file);
    for (const uint32_t file : files) {
      std::vector<const Assignment*> mine;
      std::ranges::copy_if(lines, std::back_inserter(mine),
                           [&](const Assignment* line) { return line->origin.file == file; });
      std::ranges::sort(mine, {}, [](const Assignment* line) { return line->origin; });
      if (mine.size() > 1) in_one_file(mine, winner);
      if (file != winner.origin.file) by_another_file(*mine.back(), winner);
    }
  }

  void in_one_file(const std::vector<const Assignment*>& lines, const Assignment& winner) {
    const Assignment& last = *lines.back();
    bool same = true;
    Hit hit = hit_at(last);
    for (const Assignment* line : lines) {
      if (line == &last) continue;
      same = same && fold_blanks(line->value) == fold_blanks(last.value);
      hit.beside.push_back(beside(*line));
    }
    for (const Assignment* line : lines) {
      if (line == &last && &winner == &last) continue;
      if (line == &winner) continue;
      hit.changes.push_back({Change::Kind::kRemoveLine, line->origin, {}, {}});
    }
    hit.change_summary = hit.changes.size() == 1 ? "delete the line that does not count"
                                                 : "delete the lines that do not count";
    const Assignment& first = *lines.front();
    hit.variables = {kernel::path_to_dotted(last.path), last.value, first.value,
                     view_.where(first.origin, last.origin)};
    sink_.emit(same ? "duplicate" : "conflicting-duplicate", group_, hit);
  }

  void by_another_file(const Assignment& line, const Assignment& winner) {
    Hit hit = hit_at(line);
    hit.variables = {kernel::path_to_dotted(line.path), line.value, winner.value,
                     view_.where(winner.origin, line.origin)};
    hit.beside.push_back(beside(winner));
    hit.changes.push_back({Change::Kind::kRemoveLine, line.origin, {}, {}});
    hit.change_summary = "delete the line";
    if (fold_blanks(line.value) == fold_blanks(winner.value)) {
      return sink_.emit("duplicate", group_, hit);
    }
    const bool vendor = is_vendor(file_of(winner)) && !is_vendor(file_of(line));
    if (vendor) hit.changes.clear();
    sink_.emit(vendor ? "sorts-before-vendor" : "overridden", group_, hit);
  }

  /// Two names of one variable.
  void aliases(std::string_view path) {
    const load::Write* mine = run_.effective_write(path);
    if (mine == nullptr || !sink_.wants("alias-pair")) return;
    for (const std::string& other : kernel::same_variable(path)) {
      const load::Write* theirs = run_.effective_write(other);
      if (theirs == nullptr || theirs->order > mine->order) continue;
      const Assignment& line = run_.maker(*mine);
      const Assignment& earlier = run_.maker(*theirs);
      if (line.glob || earlier.glob) continue;
      Hit hit = hit_at(line);
      hit.paths = {std::string(path), other};
      hit.variables = {kernel::path_to_dotted(path), line.value, kernel::path_to_dotted(other),
                       view_.where(earlier.origin, line.origin)};
      hit.beside.push_back(beside(earlier));
      hit.changes.push_back({Change::Kind::kRemoveLine, earlier.origin, {}, {}});
      hit.change_summary = "delete the other line";
      sink_.emit("alias-pair", group_, hit);
    }
  }

  /// The last assignment of a line, null if there is none.
  const Assignment* last_of(const Origin& origin) {
    if (by_origin_.empty()) {
      for (const Assignment& one : run_.result().assignments) by_origin_[one.origin] = &one;
    }
    const auto found = by_origin_.find(origin);
    return found == by_origin_.end() ? nullptr : found->second;
  }

  /// A later write of another key takes the value back.
  void undone(const Assignment& line) {
    if (line.status != Status::kOverridden || !line.by || line.writes.empty()) return;
    const Assignment* by = last_of(*line.by);
    const load::Write& write = run_.result().writes[line.writes.back()];
    if (by == nullptr || by->path == write.path || by->glob) return;
    const auto same = kernel::same_variable(write.path);
    if (std::ranges::find(same, by->path) != same.end()) return;
    const kernel::Cell& now = run_.state().read(write.path);
    Hit hit = hit_at(line);
    hit.paths = {write.path};
    hit.beside.push_back(beside(*by));
    hit.variables = {kernel::path_to_dotted(write.path), view_.scenarios.kernels_text(), line.value,
                     now.text, kernel::path_to_dotted(by->path)};
    sink_.emit("order-undone", group_, hit);
  }

  /// What busybox does not read any more: one finding for the lines of a file.
  void rest_lost() {
    // Of a piece of a file: the first line that is lost is of another.
    const load::Elsewhere& others = view_.configuration.elsewhere;
    if (others.end_at(view_.version()).read != load::Elsewhere::kAll) return;
    const auto& lines = run_.result().assignments;
    for (size_t i = 1; i < lines.size(); ++i) {
      const Assignment& refused = lines[i - 1];
      if (lines[i].reason != load::kEndedBefore || refused.reason == load::kEndedBefore) continue;
      Hit hit = hit_at(lines[i]);
      hit.variables = {kernel::path_to_dotted(lines[i].path),
                       view_.where(refused.origin, lines[i].origin)};
      hit.beside.push_back(beside(refused));
      hit.stays = true;
      for (size_t j = i + 1; j < lines.size() && lines[j].reason == load::kEndedBefore &&
                             lines[j].origin.file == lines[i].origin.file;
           ++j) {
        ++hit.more;
      }
      sink_.emit(kRestLost, group_, hit);
    }
  }

  /// Refused where it stands, taken if it stood at the end.
  void refused(const Assignment& line) {
    if (line.writes.empty() || !sink_.wants("order-refused")) return;
    const load::Write& write = run_.result().writes[line.writes.back()];
    if (write.outcome.result != WriteResult::kRejected || write.outcome.at_open) return;
    if (write.order + 1 == run_.result().writes.size()) return;
    if (!end_) {
      end_ = run_.state();
      end_->freeze();
    }
    kernel::State end = *end_;
    const kernel::Outcome late = kernel::write(end, write.path, write.bytes);
    if (late.result != WriteResult::kAccepted && late.result != WriteResult::kAltered) return;
    const load::Write* enabler = enabler_of(write, late);
    if (enabler == nullptr) return;
    Hit hit = hit_at(line);
    hit.paths = {write.path};
    hit.kills = true;
    hit.beside.push_back(beside(run_.maker(*enabler)));
    hit.variables = {kernel::path_to_dotted(write.path), view_.scenarios.kernels_text(), line.value,
                     write.outcome.reason, kernel::path_to_dotted(enabler->path)};
    sink_.emit("order-refused", group_, hit);
  }

  /// Whether a write may bear on what the kernel says to `refused`, which is `late` at the end.
  static bool bears_on(const load::Write& write, const load::Write& refused,
                       const kernel::Outcome& late) {
    const auto has = [](const kernel::Outcome& outcome, std::string_view path) {
      return std::ranges::any_of(outcome.others, [&](const std::string& other) {
        return other == path || other == kernel::kEveryInterface;
      });
    };
    return write.path == refused.path || has(refused.outcome, write.path) ||
           has(late, write.path) || has(write.outcome, refused.path);
  }

  /// The later write after which `refused` would be taken, as it is at the end. Looks at a bounded
  /// number of them.
  const load::Write* enabler_of(const load::Write& refused, const kernel::Outcome& late) const {
    static constexpr size_t kMostWrites = 1000;
    kernel::State state = view_.scenarios.starts[view_.segment]->state;
    const auto& writes = run_.result().writes;
    for (size_t i = 0; i < std::min(writes.size(), kMostWrites); ++i) {
      if (writes[i].path.starts_with('/')) continue;
      kernel::write(state, writes[i].path, writes[i].bytes);
      if (i <= refused.order || !bears_on(writes[i], refused, late)) continue;
      kernel::State trial = state;
      const kernel::Outcome outcome = kernel::write(trial, refused.path, refused.bytes);
      if (outcome.result == WriteResult::kAccepted || outcome.result == WriteResult::kAltered) {
        return &writes[i];
      }
    }
    return nullptr;
  }

  void whole_files() {
    for (uint32_t i = 0; i < view_.configuration.files.size(); ++i) {
      const load::SourceFile& file = view_.configuration.files[i];
      if (file.document == nullptr) continue;
      Hit hit;
      hit.origin = {i, kWholeFile};
      if (file.masked) {
        hit.variables = {file.path, file.masked_by};
        sink_.emit("masked", group_, hit);
      } else if (file.kind == load::SourceKind::kUnread) {
        // The order of files is that of the loader asked for, or of systemd-sysctl.
        hit.partial = !view_.scenarios.loader_given;
        hit.variables = {file.path, view_.scenarios.loader_given
                                        ? std::string(run_.result().loader->name)
                                        : std::string("systemd-sysctl")};
        sink_.emit("never-read", group_, hit);
      }
    }
  }

  Beside beside(const Assignment& line) const {
    const Span span = span_of_line(view_.configuration, line.origin);
    return {line.origin, span, std::string(view_.document(line.origin).text(span))};
  }

  Hit hit_at(const Assignment& line) const {
    Hit hit;
    hit.origin = line.origin;
    hit.span = span_of_line(view_.configuration, line.origin);
    hit.paths = {line.path};
    return hit;
  }

  const View& view_;
  Sink& sink_;
  size_t group_;
  const Run& run_;
  std::optional<kernel::State> end_;               ///< After everything, cheap to copy.
  std::map<Origin, const Assignment*> by_origin_;  ///< Filled by last_of().
};

}  // namespace

void detect_load(const View& view, Sink& sink) {
  for (size_t group = 0; group < view.scenarios.groups.size(); ++group) {
    LoadDetector(view, sink, group).run();
  }
}

}  // namespace proctor::rules
