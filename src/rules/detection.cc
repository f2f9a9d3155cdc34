#include "rules/detection.h"

#include <algorithm>
#include <cstddef>
#include <unordered_set>
#include <utility>

namespace proctor::rules {
namespace {

/// The same in every scenario, so that a hit finds its twins.
std::string subject_of(const Hit& hit) {
  std::string subject = std::to_string(hit.origin.file) + ":" + std::to_string(hit.origin.line);
  if (!hit.paths.empty()) subject += " " + hit.paths.front();
  return subject;
}

/// What a group says, for quick comparison: rule, subject and whether it fires.
using Said = std::unordered_set<std::string>;

std::string fingerprint(const Hit& hit) {
  return std::to_string(hit.rule) + (hit.fires ? "!" : "?") + hit.subject;
}

/// Lines that the loaders of a group try to set. What they do not look at is no contradiction; nor
/// is a value that they skip because it is in force, except where nobody meant the line.
std::vector<load::Origin> assignment_lines(const Run& run) {
  std::vector<load::Origin> lines;
  for (const load::Assignment& assignment : run.result().assignments) {
    if (assignment.status != load::Status::kIgnored || (run.is_dump() && run.is_live(assignment))) {
      lines.push_back(assignment.origin);
    }
  }
  std::ranges::sort(lines);
  return lines;
}

}  // namespace

std::string View::where(const load::Origin& origin, const load::Origin& from) const {
  if (origin.file == from.file) return name_of_line(origin.line, lines);
  return configuration.files[origin.file].path + ":" + std::to_string(origin.line + 1);
}

std::span<const Sink::Listener> Sink::listeners(std::string_view detector) const {
  const auto begin = std::ranges::lower_bound(listeners_, detector, {}, &Listener::first);
  const auto end = std::ranges::upper_bound(listeners_, detector, {}, &Listener::first);
  return {begin, end};
}

void Sink::emit(std::string_view detector, size_t group, const Hit& hit) {
  for (const auto& [name, rule] : listeners(detector)) {
    auto& [count, last] = counts_[{group, rule, hit.origin.file, hit.topic}];
    if (++count > kMaxPerFile) {
      fold(said_[group][last], hit);
      continue;
    }
    last = said_[group].size();
    Hit copy = hit;
    copy.rule = rule;
    copy.subject = subject_of(hit);
    said_[group].push_back(std::move(copy));
  }
}

void Sink::fold(Hit& last, const Hit& hit) {
  last.more += 1 + hit.more;
  const size_t room = kMaxChanges - std::min(kMaxChanges, last.changes.size());
  const auto count = static_cast<std::ptrdiff_t>(std::min(room, hit.changes.size()));
  last.changes.insert(last.changes.end(), hit.changes.begin(), hit.changes.begin() + count);
}

void Sink::emit_everywhere(std::string_view detector, const Hit& hit) {
  for (size_t group = 0; group < said_.size(); ++group) emit(detector, group, hit);
}

void Sink::count(std::map<uint32_t, uint32_t>& most) const {
  for (const auto& [place, counted] : counts_) {
    uint32_t& count = most[std::get<1>(place)];
    count = std::max(count, static_cast<uint32_t>(counted.first));
  }
}

std::vector<std::vector<Hit>> Sink::take(const View& view) {
  if (said_.size() > 1) {
    std::vector<Said> said(said_.size());
    std::vector<std::vector<load::Origin>> lines;
    for (size_t group = 0; group < said_.size(); ++group) {
      for (const Hit& hit : said_[group]) said[group].insert(fingerprint(hit));
      lines.push_back(assignment_lines(view.run(group)));
    }
    for (std::vector<Hit>& hits : said_) {
      for (Hit& hit : hits) {
        const std::string mine = fingerprint(hit);
        for (size_t other = 0; other < said.size() && !hit.partial; ++other) {
          hit.partial =
              !said[other].contains(mine) && std::ranges::binary_search(lines[other], hit.origin);
        }
      }
    }
  }
  counts_.clear();
  std::vector<std::vector<Hit>> out(said_.size());
  out.swap(said_);
  return out;
}

}  // namespace proctor::rules
