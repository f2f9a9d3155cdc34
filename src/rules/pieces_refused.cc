// What a refused value means to other lines.
#include <algorithm>
#include <map>

#include "rules/pieces.h"

namespace proctor::rules {

namespace {

/// Whether two lists in ascending order have one in common.
bool meet(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b) {
  return std::ranges::any_of(b, [&](uint32_t one) { return std::ranges::binary_search(a, one); });
}

}  // namespace

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
  const auto end = std::ranges::find_if(fates, &Fate::ends);
  if (end == fates.end() || end + 1 == fates.end()) return bounds;
  if ((*end)->goes_on) return std::nullopt;
  bounds.end = static_cast<size_t>(end - fates.begin());
  return bounds;
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
  };
  std::vector<std::vector<Edit>> edits(fates.size());
  for (size_t i = 0; i < hearing.parts.size(); ++i) {
    for (const LineEdit& edit : hearing.circle(i).piece()->edits) {
      edits[hearing.parts[i][edit.line]].push_back({{i, edit.fix}, edit.size});
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
      longest = std::max<size_t>(longest, edit.size);
    }
    if (!fates[i]->tried && edits[i].empty()) continue;
    head.push_back(i);
    const Line& line = work.settings[i].line;
    meet = meet || (fates[i]->retried && line.value_least < longest);
    longest = std::max<size_t>(longest, line.value_most);
    written += fates[i]->written ? 1 : 0;
  }
  return meet ? head : Part();
}

/// What is to be known of the others where this part is judged. Of lines that are lost elsewhere it
/// counts whether there are any.
load::Elsewhere Pieces::elsewhere(const Bounds& bounds, size_t settings, const Part& part) {
  load::Elsewhere out{load::Elsewhere::kAll, !meet(part, bounds.head), 0};
  if (bounds.end == settings) return out;
  const auto behind = std::ranges::upper_bound(part, bounds.end);
  if (behind != part.end()) out.read = static_cast<uint32_t>(behind - part.begin());
  const bool ends = behind != part.begin() && *(behind - 1) == bounds.end;
  if (ends) out.lost = 1;
  return out;
}

/// Judges again the pieces to which it means something that others are lost, and those of the head
/// together. False: their reports do not tell enough.
bool Pieces::part_at(const Bounds& bounds, Work& work, Hearing& hearing) {
  const size_t count = work.settings.size();
  Part head;
  Part lost;  // Up to the first line that is lost.
  Hearing out{hearing.targets, {}, {}};
  for (size_t i = 0; i < hearing.parts.size(); ++i) {
    Part& part = hearing.parts[i];
    if (meet(part, bounds.head)) {
      head.insert(head.end(), part.begin(), part.end());
      continue;
    }
    const load::Elsewhere elsewhere = this->elsewhere(bounds, count, part);
    if (std::ranges::binary_search(part, bounds.end)) lost = part;
    const bool as_before = elsewhere == kAmongOthers;
    out.circles.push_back(as_before ? std::move(hearing.circles[i])
                                    : circles(work, part, elsewhere, out.targets));
    if (out.circles.back() == nullptr) return false;
    out.parts.push_back(std::move(part));
  }
  hearing = std::move(out);
  std::ranges::sort(head);
  if (!head.empty()) {
    if (std::ranges::binary_search(head, bounds.end)) lost = head;
    const load::Elsewhere elsewhere = this->elsewhere(bounds, count, head);
    if (!add_fresh(work, hearing, std::move(head), elsewhere, false)) return false;
  }
  if (bounds.end == count) return true;
  lost.erase(std::ranges::upper_bound(lost, bounds.end), lost.end());
  lost.push_back(static_cast<uint32_t>(bounds.end + 1));
  const auto further = static_cast<uint32_t>(count - bounds.end - 2);
  const load::Elsewhere elsewhere{load::Elsewhere::kAll, !meet(lost, bounds.head), further};
  return add_fresh(work, hearing, std::move(lost), elsewhere, true);
}

/// `of_lost`: as in Question.
bool Pieces::add_fresh(Work& work, Hearing& hearing, Part part, const load::Elsewhere& elsewhere,
                       bool of_lost) {
  CirclesPtr circles =
      PieceMemory::fresh(work.audience, work.at_boot, text_of(work, part), elsewhere);
  circles->question.of_lost = of_lost;
  hearing.circles.push_back(hear(work, std::move(circles), hearing.targets));
  hearing.parts.push_back(std::move(part));
  return hearing.circles.back() != nullptr;
}

}  // namespace proctor::rules
