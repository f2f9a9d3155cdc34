#include "rules/proof.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "rules/touched.h"
#include "text/text.h"

namespace proctor::rules {
namespace {

using kernel::Cell;
using kernel::WriteResult;

/// The writes to one path that may matter, as sent.
std::vector<std::string_view> writes_to(const Run& run, const std::string& path) {
  std::vector<std::string_view> out;
  const PathFacts* facts = run.find(path);
  if (facts == nullptr) return out;
  for (const uint32_t index : facts->writes) {
    const load::Write& write = run.result().writes[index];
    const bool refused = write.outcome.result == WriteResult::kRejected ||
                         write.outcome.result == WriteResult::kMissing;
    if (!refused) out.push_back(write.bytes);
  }
  return out;
}

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

bool same_state(const Run& a, const Run& b) {
  std::set<std::string> paths;
  for (const auto& [path, cell] : a.state().cells()) paths.insert(path);
  for (const auto& [path, cell] : b.state().cells()) paths.insert(path);
  return std::ranges::all_of(paths, [&](const std::string& path) { return same_cell(a, b, path); });
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
bool evidently_keeps(const Run& run, const load::Configuration& configuration,
                     const FileEdit& change) {
  const conf::Document& document = *configuration.files[change.file].document;
  const auto index = static_cast<uint32_t>(document.line_index(change.edit.span.begin));
  const load::Origin origin{change.file, index};
  const conf::Line line = document.lines()[index];
  if (change.edit.span == line.text && is_removal(change.edit)) return only_missing(run, origin);
  return only_blanks(run, document, origin, change.edit);
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

bool same_states(const Scenarios& before, const load::Configuration& after, const Target& target) {
  for (size_t segment = 0; segment < before.segments.size(); ++segment) {
    const kernel::State start =
        start_state(target, before.segments[segment].version, before.assumed_modules);
    for (const Group& group : before.groups) {
      // The edited files need not keep the group together: every loader is asked.
      for (const load::Loader* loader : group.loaders) {
        const Run run(load::run(*loader, after, start));
        if (!same_state(*group.runs[segment], run)) return false;
      }
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
  return same_states(run_all(before, target, segments_of(target, cuts)), after, target);
}

bool keeps_state(const Scenarios& before, const load::Configuration& configuration,
                 const Target& target, const Fix& fix) {
  const bool evident = std::ranges::all_of(before.groups, [&](const Group& group) {
    return std::ranges::all_of(group.runs, [&](const auto& run) {
      return std::ranges::all_of(fix.edits, [&](const FileEdit& edit) {
        return evidently_keeps(*run, configuration, edit);
      });
    });
  });
  if (evident) return true;
  const auto after = edited(configuration, fix.edits);
  return after && same_states(before, after->configuration, target);
}

}  // namespace proctor::rules
