// What a refused value means to other lines.
#include <algorithm>

#include "rules/pieces.h"

namespace proctor::rules {

/// nullopt: only a look at the whole file can tell.
std::optional<Pieces::Bounds> Pieces::bounds_of(const Work& work, const Hearing& hearing) {
  std::vector<const Fate*> fates(work.settings.size());
  for (size_t i = 0; i < hearing.parts.size(); ++i) {
    const Piece& piece = *hearing.circle(i).piece();
    for (size_t j = 0; j < hearing.parts[i].size(); ++j) {
      const uint32_t index = hearing.parts[i][j];
      fates[index] = &piece.fates[j];
    }
  }
  Bounds bounds{head_of(work, hearing, fates), fates.size()};
  // It holds all of them, or too few are written.
  if (bounds.head == fates.size() && !fates.empty()) return std::nullopt;
  const auto end = std::ranges::find_if(fates, &Fate::ends);
  if (end == fates.end() || end + 1 == fates.end()) return bounds;
  if ((*end)->goes_on) return std::nullopt;
  bounds.end = static_cast<size_t>(end - fates.begin());
  return bounds;
}

/// procps 3.3.15 sends the rest of the first value that it writes behind the second if that is
/// refused and shorter (Traits::retry_keeps_old). An edit may make others the first, or longer.
size_t Pieces::head_of(const Work& work, const Hearing& hearing,
                       const std::vector<const Fate*>& fates) {
  if (std::ranges::none_of(fates, &Fate::retried)) return 0;
  size_t edits = 0;
  size_t longest = 0;
  for (size_t i = 0; i < hearing.parts.size(); ++i) {
    for (const Finding& finding : hearing.circle(i).piece()->report.findings) {
      for (const Fix& fix : finding.fixes) {
        edits = std::max(edits, fix.edits.size());
        for (const FileEdit& edit : fix.edits) longest = std::max(longest, edit.edit.text.size());
      }
    }
  }
  size_t first = 2 + edits;
  size_t head = 0;
  bool meet = false;
  for (; head < fates.size() && first > 0; ++head) {
    const Line& line = work.settings[head].line;
    meet = meet || (fates[head]->retried && line.value_least < longest);
    longest = std::max<size_t>(longest, line.value_most);
    first -= fates[head]->written ? 1 : 0;
  }
  return meet ? head : 0;
}

/// The pieces that lie behind the end are judged again, and those around it together; so are those
/// of the head. False: their reports do not tell enough.
bool Pieces::part_at(const Bounds& bounds, Work& work, Hearing& hearing) {
  Part head;
  Part around;
  Hearing out{std::move(hearing.targets), {}, {}};
  for (size_t i = 0; i < hearing.parts.size(); ++i) {
    Part& part = hearing.parts[i];
    // The first line behind carries the finding on all that are lost.
    const bool across = part.front() <= bounds.end + 1 && part.back() >= bounds.end;
    if (across || part.front() < bounds.head) {
      Part& together = across ? around : head;
      together.insert(together.end(), part.begin(), part.end());
      continue;
    }
    const bool behind = part.front() > bounds.end;
    out.circles.push_back(behind ? circles(work, part, true, out.targets)
                                 : std::move(hearing.circles[i]));
    if (out.circles.back() == nullptr) return false;
    out.parts.push_back(std::move(part));
  }
  std::ranges::sort(around);
  if (!around.empty() && around.front() < bounds.head) {
    around.insert(around.end(), head.begin(), head.end());
    head.clear();
  }
  const bool whole_head = !around.empty() && around.front() < bounds.head;
  hearing = std::move(out);
  return add_together(work, hearing, std::move(head), bounds, true) &&
         add_together(work, hearing, std::move(around), bounds, whole_head);
}

bool Pieces::add_together(Work& work, Hearing& hearing, Part part, const Bounds& bounds,
                          bool head) {
  if (part.empty()) return true;
  std::ranges::sort(part);
  const size_t count = work.settings.size();
  const auto behind = [&](size_t settings) { return bounds.end == count ? 0 : settings; };
  const auto here = part.end() - std::ranges::upper_bound(part, bounds.end);
  const bool reaches = part.back() >= bounds.end;
  const size_t lost = reaches ? behind(count - bounds.end - 1 - static_cast<size_t>(here)) : 0;
  const load::Elsewhere elsewhere{false, !head, static_cast<uint32_t>(lost)};
  CirclesPtr circles =
      PieceMemory::fresh(work.audience, work.at_boot, text_of(work, part), elsewhere);
  hearing.circles.push_back(hear(work, std::move(circles), hearing.targets));
  hearing.parts.push_back(std::move(part));
  return hearing.circles.back() != nullptr;
}

}  // namespace proctor::rules
