// What a refused value means to other lines.
#include <algorithm>
#include <iterator>
#include <map>

#include "kernel/predict.h"
#include "rules/cuts.h"
#include "rules/detection.h"
#include "rules/gather.h"
#include "rules/pieces.h"
#include "rules/render.h"
#include "rules/selection.h"
#include "text/text.h"

namespace proctor::rules {

namespace {

/// Whether two lists in ascending order have one in common.
bool meet(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b) {
  return std::ranges::any_of(b, [&](uint32_t one) { return std::ranges::binary_search(a, one); });
}

/// Those of the maintained kernels on which busybox ends at a line, as segments_text() names them.
/// `ends`: where it does, by kernel.
std::string kernels_with(const std::vector<size_t>& ends, size_t end) {
  std::vector<Segment> segments;
  std::vector<bool> holds;
  for (const kernel::Version& kernel : kernel::maintained_kernels()) {
    holds.push_back(ends[segments.size()] == end);
    segments.push_back({{kernel, kernel}, kernel});
  }
  return segments_text(segments, holds);
}

}  // namespace

/// nullopt: only a look at the whole file can tell.
std::optional<Pieces::Bounds> Pieces::bounds_of(const Work& work, const Hearing& hearing) {
  std::vector<const Fate*> fates(work.settings.size());
  for (size_t i = 0; i < hearing.parts.size(); ++i) {
    const Piece& piece = hearing.piece(i);
    for (size_t j = 0; j < hearing.parts[i].size(); ++j) {
      const uint32_t index = hearing.parts[i][j];
      fates[index] = &piece.fates[j];
    }
  }
  const Target& target = *work.audience.targets()[hearing.targets.front()];
  const size_t kernels = kernels_of(target).size();
  Bounds bounds{head_of(work, hearing, fates), {}};
  for (size_t kernel = 0; kernel < kernels; ++kernel) {
    const auto has = [&](uint32_t bits) { return (bits >> kernel & 1U) != 0; };
    auto end = std::ranges::find_if(fates, has, &Fate::ends);
    if (end != fates.end() && end + 1 == fates.end()) ++end;
    if (end != fates.end() && has((*end)->goes_on)) return std::nullopt;
    bounds.ends.push_back(static_cast<size_t>(end - fates.begin()));
  }
  const bool alike =
      std::ranges::all_of(bounds.ends, [&](size_t end) { return end == bounds.ends.front(); });
  if (alike) bounds.ends.resize(1);
  return bounds;
}

/// What a plain setting writes, and where.
struct Pieces::Value {
  std::string path;
  std::string bytes;
};
Pieces::Value Pieces::value_of(const Work& work, const Setting& setting) {
  const auto document = conf::Document::parse({}, std::string(work.document.text(setting.whole)));
  const conf::Line line = document.lines()[0];
  return {kernel::dotted_to_path(document.text(line.key)),
          std::string(document.text(line.value)) + "\n"};
}

/// Whether the kernel may say something else to the value of `second`, which it refuses, if the
/// end of that of `first` stands behind it.
bool Pieces::may_change(const Work& work, const Hearing& hearing, const Setting& first,
                        const Setting& second) {
  const auto ends_in_value = [](const Line& line) {
    return line.value_least + 1 == line.value_most;
  };
  if (!ends_in_value(first.line) || !ends_in_value(second.line)) return true;
  const Value before = value_of(work, first);
  const Value value = value_of(work, second);
  if (value.bytes.size() >= before.bytes.size()) return false;
  const std::string both = value.bytes + before.bytes.substr(value.bytes.size());
  std::vector<std::string> modules;
  if (!second.line.key->module.empty()) modules.emplace_back(second.line.key->module);
  return std::ranges::any_of(hearing.targets, [&](uint32_t index) {
    const Target& target = *work.audience.targets()[index];
    return std::ranges::any_of(kernels_of(target), [&](const kernel::Version& kernel) {
      const auto start = work.starts.get(target, kernel, modules);
      kernel::State alone = start->state;
      kernel::State with_more = start->state;
      const kernel::Outcome a = kernel::write(alone, value.path, value.bytes);
      const kernel::Outcome b = kernel::write(with_more, value.path, both);
      if (a.result != b.result || a.reason != b.reason || !same_answer(a, b)) return true;
      return a.result != kernel::WriteResult::kRejected || !a.others.empty() || !b.others.empty();
    });
  });
}

/// procps 3.3.15 sends the rest of the first value that it writes behind the second if that is
/// refused and shorter (Traits::retry_keeps_old). An edit may make others the first, or longer.
/// Nothing, if that is nothing to any of them.
Pieces::Part Pieces::head_of(const Work& work, const Hearing& hearing,
                             const std::vector<const Fate*>& fates) {
  if (std::ranges::none_of(fates, &Fate::retried)) return {};
  struct Edit {
    std::pair<size_t, uint32_t> fix;  // By part.
    uint32_t size;
    bool removes;
  };
  std::vector<std::vector<Edit>> edits(fates.size());
  std::vector<bool> alone(fates.size());
  for (size_t i = 0; i < hearing.parts.size(); ++i) {
    if (hearing.parts[i].size() == 1) alone[hearing.parts[i].front()] = true;
    for (const LineEdit& edit : hearing.piece(i).edits) {
      edits[hearing.parts[i][edit.line]].push_back({{i, edit.fix}, edit.size, edit.removes});
    }
  }
  std::map<std::pair<size_t, uint32_t>, size_t> by_fix;
  size_t first = 2;
  size_t written = 0;
  size_t longest = 0;
  Part head;
  bool meet = false;
  for (uint32_t i = 0; i < fates.size() && written < first; ++i) {
    for (const Edit& edit : edits[i]) {
      first = std::max(first, 2 + ++by_fix[edit.fix]);
      if (!edit.removes) longest = std::max<size_t>(longest, edit.size);
    }
    if (!fates[i]->tried && edits[i].empty()) continue;
    const Setting& setting = work.settings[i];
    if (fates[i]->retried) {
      meet = meet || setting.line.value_least < longest ||
             std::ranges::any_of(head, [&](uint32_t earlier) {
               const Setting& other = work.settings[earlier];
               return other.line.value_most > setting.line.value_least &&
                      (!alone[i] || may_change(work, hearing, other, setting));
             });
    }
    head.push_back(i);
    written += fates[i]->written ? 1 : 0;
  }
  return meet ? head : Part();
}

/// What is to be known of the others where this part is judged.
load::Elsewhere Pieces::elsewhere(const Bounds& bounds, size_t settings, const Part& part) {
  load::Elsewhere out{{}, {}, !meet(part, bounds.head)};
  const auto end_of = [&](size_t end) {
    load::Elsewhere::End found;
    if (end == settings) return found;
    const auto behind = std::ranges::upper_bound(part, end);
    if (behind != part.end()) found.read = static_cast<uint32_t>(behind - part.begin());
    found.lost = behind != part.begin() && *(behind - 1) == end;
    return found;
  };
  out.end = end_of(bounds.ends.front());
  const auto kernels = kernel::maintained_kernels();
  for (size_t kernel = 1; kernel < bounds.ends.size(); ++kernel) {
    const load::Elsewhere::End end = end_of(bounds.ends[kernel]);
    if (end != (out.later.empty() ? out.end : out.later.back().second)) {
      out.later.emplace_back(kernels[kernel], end);
    }
  }
  return out;
}

/// Judges again the pieces to which it means something that others are lost, and those of the head
/// together. False: their reports do not tell enough.
bool Pieces::part_at(const Bounds& bounds, Work& work, Hearing& hearing) {
  const size_t count = work.settings.size();
  Part head;
  Hearing out{hearing.targets, {}, {}};
  for (size_t i = 0; i < hearing.parts.size(); ++i) {
    Part& part = hearing.parts[i];
    if (meet(part, bounds.head)) {
      head.insert(head.end(), part.begin(), part.end());
      continue;
    }
    const load::Elsewhere elsewhere = this->elsewhere(bounds, count, part);
    const bool as_before = elsewhere == hearing.circles[i]->elsewhere;
    out.circles.push_back(as_before ? hearing.circles[i]
                                    : circles(work, part, elsewhere, out.targets));
    if (out.circles.back() == nullptr) return false;
    out.parts.push_back(std::move(part));
  }
  hearing = std::move(out);
  std::ranges::sort(head);
  if (head.empty()) return true;
  const load::Elsewhere elsewhere = this->elsewhere(bounds, count, head);
  work.held.push_back(
      PieceMemory::fresh(work.audience, work.at_boot, text_of(work, head), elsewhere));
  hearing.circles.push_back(hear(work, work.held.back(), hearing.targets));
  hearing.parts.push_back(std::move(head));
  return hearing.circles.back() != nullptr;
}

/// Lines that busybox comes to no more. What is said of them is that of detect_load() on the whole
/// file, over all kernels.
void Pieces::tell_lost(const Work& work, const Bounds& bounds, const TargetSet& targets,
                       std::vector<Told>& out) {
  std::vector<size_t> ends = bounds.ends;
  sort_unique(ends);
  const RuleSet& rules = work.audience.rules();
  for (const uint32_t index : rules.detecting()) {
    const Rule& rule = rules.rule(index);
    if (rule.detect != kRestLost) continue;
    for (const size_t end : ends) {
      if (end == work.settings.size()) continue;
      auto told = told_lost(work, bounds, end, rule, targets);
      std::ranges::move(told, std::back_inserter(out));
    }
  }
}

std::vector<Told> Pieces::told_lost(const Work& work, const Bounds& bounds, size_t end,
                                    const Rule& rule, const TargetSet& targets) {
  std::map<Severity, TargetSet> by_severity;
  for (const uint32_t target : targets) {
    if (const auto severity = severity_for(work, rule, target)) {
      by_severity[*severity].push_back(target);
    }
  }
  const bool always = bounds.ends.size() == 1;
  std::vector<Told> out;
  for (auto& [severity, told] : by_severity) {
    std::ranges::sort(told);
    Report report;
    Finding finding = lost(work, end, rule);
    if (always) {
      finding.severity = severity;
      report.findings.push_back(std::move(finding));
    } else {
      report.undecided.push_back({finding.rule,
                                  finding.file,
                                  finding.span,
                                  {"host.kernel"},
                                  kernels_with(bounds.ends, end),
                                  {}});
    }
    out.push_back({std::move(report), std::move(told)});
  }
  return out;
}

/// nullopt: the rule says nothing to this target.
std::optional<Severity> Pieces::severity_for(const Work& work, const Rule& rule, uint32_t index) {
  const Target& target = *work.audience.targets()[index];
  const auto roles = work.audience.rules().expand_roles(target.facts.roles());
  const std::vector<std::string> none;
  if (!speaks(rule, work.audience.selection(), roles.ok() ? roles.value() : none)) return {};
  const auto kernel = range_of(target);
  if (rule.kernel && !rule.kernel->contains(kernel.to)) return {};
  // Loaders that read on make it true for some only.
  return target.loader != nullptr ? rule.severity : std::min(rule.severity, Severity::kInfo);
}

Finding Pieces::lost(const Work& work, size_t end, const Rule& rule) {
  const Setting& refused = work.settings[end];
  const Setting& first = work.settings[end + 1];
  const conf::Lines lines = work.document.lines();
  const auto setting = [&](const Setting& one) {
    const conf::Line line = lines[one.number];
    return Span{line.key.begin, line.value.end};
  };
  const std::string key = kernel::path_to_dotted(value_of(work, first).path);
  const std::vector<std::string> variables{key, name_of_line(refused.number, LineNames::kNumber)};
  Finding finding = finding_of(rule, variables);
  finding.span = setting(first);
  finding.keys = {key};
  finding.related = {{0, setting(refused), std::string(work.document.text(setting(refused)))}};
  say_more(finding, static_cast<uint32_t>(work.settings.size() - end - 2));
  return finding;
}

}  // namespace proctor::rules
