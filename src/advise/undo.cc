#include "advise/undo.h"

#include <algorithm>
#include <set>

#include "kernel/catalog.h"
#include "kernel/predict.h"
#include "text/brief.h"

namespace proctor::advise {
namespace {

using kernel::Cell;
using kernel::State;
using kernel::WriteResult;

bool is_known(const Cell& cell) { return cell.status == Cell::Status::kKnown; }

bool same(const Cell& a, const Cell& b) {
  return a.status == b.status && fold_blanks(a.text) == fold_blanks(b.text);
}

bool takes(State& state, const std::string& path, std::string_view text, std::string* reason) {
  const kernel::Outcome outcome = kernel::write(state, path, std::string(text) + "\n");
  const bool taken =
      outcome.result != WriteResult::kRejected && outcome.result != WriteResult::kMissing;
  if (!taken && reason != nullptr) *reason = outcome.reason;
  return taken;
}

/// A way back, tried on the model.
class Way {
 public:
  Way(const State& before, const State& after) : before_(before), at_(after) {}

  /// Writes the old values; what the kernel refuses is left out.
  void write(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
      if (takes(at_, path, old_text(path), nullptr)) made_.push_back(path);
    }
  }

  std::string old_text(const std::string& path) const {
    return fold_blanks(before_.read(path).text);
  }

  /// Paths of `paths` that do not have their old value.
  std::vector<std::string> left(const std::set<std::string>& paths) const {
    std::vector<std::string> open;
    for (const std::string& path : paths) {
      if (!same(before_.read(path), at_.read(path))) open.push_back(path);
    }
    return open;
  }

  std::string refusal(const std::string& path) const {
    State copy = at_;
    std::string reason;
    return takes(copy, path, old_text(path), &reason) ? "the kernel gives it another value"
                                                      : reason;
  }

  const std::vector<std::string>& made() const { return made_; }

 private:
  const State& before_;
  State at_;
  std::vector<std::string> made_;
};

/// A path written twice counts where it stands last, unless that changes the outcome; the way is
/// short anyway.
std::vector<std::string> without_repeats(const std::vector<std::string>& paths) {
  std::vector<std::string> kept;
  std::set<std::string> seen;
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
    if (seen.insert(*path).second) kept.push_back(*path);
  }
  std::ranges::reverse(kept);
  return kept;
}

Way try_way(const State& before, const State& after, const std::vector<std::string>& first,
            const std::set<std::string>& changed) {
  Way way(before, after);
  way.write(first);
  // Side effects of the way itself, and keys that are restored through others.
  way.write(way.left(changed));
  Way shorter(before, after);
  shorter.write(without_repeats(way.made()));
  return shorter.left(changed).size() <= way.left(changed).size() ? shorter : way;
}

}  // namespace

std::vector<UndoLine> undo_lines(const State& now,
                                 const std::vector<std::pair<std::string, std::string>>& lines) {
  State after = now;
  std::vector<std::string> paths;
  std::vector<UndoLine> unknown;
  for (const auto& [key, value] : lines) {
    const std::string path = kernel::dotted_to_path(key);
    if (!is_known(now.read(path))) {
      unknown.push_back({key, {}, "it is not there now, or cannot be read"});
      continue;
    }
    takes(after, path, value, nullptr);
    paths.push_back(path);
  }
  std::set<std::string> changed;
  for (const auto& [path, cell] : after.cells()) {
    if (is_known(now.read(path)) && !same(now.read(path), cell)) changed.insert(path);
  }
  std::erase_if(paths, [&](const std::string& path) { return !changed.contains(path); });
  const Way forward = try_way(now, after, paths, changed);
  const Way backward = try_way(now, after, {paths.rbegin(), paths.rend()}, changed);
  const bool back = backward.left(changed).size() <= forward.left(changed).size();
  const Way& way = back ? backward : forward;
  std::vector<UndoLine> undo;
  for (const std::string& path : way.made()) {
    undo.push_back({kernel::path_to_dotted(path), way.old_text(path), {}});
  }
  for (const std::string& path : way.left(changed)) {
    undo.push_back({kernel::path_to_dotted(path), way.old_text(path), way.refusal(path)});
  }
  undo.insert(undo.end(), unknown.begin(), unknown.end());
  return undo;
}

}  // namespace proctor::advise
