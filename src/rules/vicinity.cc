#include "rules/vicinity.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <unordered_set>
#include <utility>

#include "load/alike.h"
#include "load/footprint.h"
#include "rules/proof.h"

namespace proctor::rules {
namespace {

using load::Assignment;

/// Edits in order, to be asked for lines that they touch.
class Edits {
 public:
  explicit Edits(const std::vector<FileEdit>& edits) {
    for (const FileEdit& edit : edits) spans_[edit.file].push_back(edit.edit.span);
    for (auto& [file, spans] : spans_) {
      std::ranges::sort(spans);
      // Each ends where the last of it and those before it ends.
      for (size_t i = 1; i < spans.size(); ++i) {
        spans[i].end = std::max(spans[i].end, spans[i - 1].end);
      }
    }
  }

  bool meet(uint32_t file, Span line) const {
    const auto found = spans_.find(file);
    if (found == spans_.end()) return false;
    const auto after = std::ranges::upper_bound(found->second, line.end, {}, &Span::begin);
    return after != found->second.begin() && line.begin <= std::prev(after)->end;
  }

 private:
  std::map<uint32_t, std::vector<Span>> spans_;
};

}  // namespace

Vicinity::Vicinity(const Run& run, const load::Configuration& configuration)
    : run_(run), configuration_(configuration), closed_(!run.result().given_up) {
  for (const load::SourceFile& file : configuration.files) {
    const bool joins =
        file.document != nullptr && file.document->bytes().find('\\') != std::string::npos;
    if (joins || file.kind == load::SourceKind::kCommandLine) closed_ = false;
  }
  const std::vector<Assignment>& all = run.result().assignments;
  for (uint32_t i = 0; i < all.size(); ++i) {
    closed_ = closed_ && !load::is_odd_path(all[i]);
    bool of_interface = false;
    load::visit_footprint(run.result(), all[i], [&](std::string_view path) {
      std::vector<uint32_t>& mine = users_[path];
      if (mine.empty() || mine.back() != i) mine.push_back(i);
      of_interface = of_interface || load::is_of_interface(path);
    });
    if (of_interface) of_interfaces_.push_back(i);
    const conf::Document& document = *configuration.files[all[i].origin.file].document;
    plain_.push_back(load::is_plain(document, document.lines()[all[i].origin.line]));
  }
}

const std::vector<uint32_t>& Vicinity::users(std::string_view path) const {
  static const std::vector<uint32_t> kNone;
  const auto found = users_.find(path);
  return found == users_.end() ? kNone : found->second;
}

/// By assignment: whether it is on a line that must be looked at, or meets one that is in this set.
std::vector<bool> Vicinity::component(const std::vector<FileEdit>& edits) const {
  const std::vector<Assignment>& all = run_.result().assignments;
  std::vector<bool> in(all.size());
  std::vector<uint32_t> left;
  const auto add = [&](uint32_t index) {
    if (in[index]) return;
    in[index] = true;
    left.push_back(index);
  };
  const Edits edited(edits);
  for (uint32_t i = 0; i < all.size(); ++i) {
    if (edited.meet(all[i].origin.file, all[i].span) || !plain_[i]) add(i);
  }
  // What procps 3.3.15 does with a refused value depends on the first two that it writes
  // (Traits::retry_keeps_old); an edit may make others the first.
  size_t first = 2 + edits.size();
  for (uint32_t i = 0; i < all.size() && first > 0; ++i) {
    if (all[i].writes.empty()) continue;
    add(i);
    --first;
  }
  std::unordered_set<std::string_view> done;
  while (!left.empty()) {
    const uint32_t index = left.back();
    left.pop_back();
    load::visit_footprint(run_.result(), all[index], [&](std::string_view path) {
      if (!done.insert(path).second) return;
      if (path == kernel::kEveryInterface) {
        std::ranges::for_each(of_interfaces_, add);
        return;
      }
      std::ranges::for_each(users(path), add);
      if (load::is_of_interface(path)) std::ranges::for_each(users(kernel::kEveryInterface), add);
    });
  }
  return in;
}

std::optional<Vicinity::Scene> Vicinity::scene(const std::vector<FileEdit>& edits) const {
  const std::vector<Assignment>& all = run_.result().assignments;
  const std::vector<bool> kept = component(edits);
  Scene out;
  out.dropped = load::no_lines(configuration_);
  size_t dropped = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    std::set<std::string_view>& paths = kept[i] ? out.near : out.far;
    load::visit_footprint(run_.result(), all[i], [&](std::string_view path) {
      paths.insert(path);
      if (kept[i]) return;
      out.far_all = out.far_all || path == kernel::kEveryInterface;
      out.far_one = out.far_one || load::is_of_interface(path);
    });
    if (kept[i]) continue;
    out.dropped[all[i].origin.file][all[i].origin.line] = true;
    ++dropped;
  }
  // With most of the lines left, the whole is the safer thing to run.
  if (dropped < all.size() / 4) return std::nullopt;
  return out;
}

/// Whether what is left now has to do with a line that was left out.
bool Vicinity::meets(const load::LoadResult& after, const Scene& scene) const {
  if (after.given_up) return true;
  return std::ranges::any_of(after.assignments, [&](const Assignment& line) {
    bool meets = load::is_odd_path(line);
    load::visit_footprint(after, line, [&](std::string_view path) {
      if (path != kernel::kEveryInterface) meets = meets || scene.far.contains(path);
      meets = meets || (path == kernel::kEveryInterface && scene.far_one) ||
              (scene.far_all && load::is_of_interface(path));
    });
    return meets;
  });
}

std::optional<bool> Vicinity::keeps_state(const std::vector<FileEdit>& edits, const Group& group,
                                          const Start& start) const {
  const bool stops = load::any_stops(group.loaders);
  if (!closed_ || (stops && load::any_refused(run_.result()))) return std::nullopt;
  const std::optional<Scene> scene = this->scene(edits);
  if (!scene) return std::nullopt;
  const load::Rest rest(configuration_, scene->dropped);
  std::vector<FileEdit> mapped = edits;
  for (FileEdit& edit : mapped) {
    const std::optional<Span> span = rest.map(edit.file, edit.edit.span);
    if (!span) return std::nullopt;
    edit.edit.span = *span;
  }
  const std::optional<Edited> after = edited(rest.configuration(), mapped);
  if (!after) return std::nullopt;
  for (load::Alike& alike :
       load::run_alike(group.loaders, after->configuration, start.state, start.tree)) {
    if (meets(alike.result, *scene) || (stops && load::any_refused(alike.result))) {
      return std::nullopt;
    }
    const Run now(std::move(alike.result));
    std::set<std::string> paths(scene->near.begin(), scene->near.end());
    const std::vector<std::string> set = now.state().paths_apart(start.state);
    paths.insert(set.begin(), set.end());
    paths.erase(std::string(kernel::kEveryInterface));
    const bool same = std::ranges::all_of(
        paths, [&](const std::string& path) { return same_cell(run_, now, path); });
    if (!same) return false;
  }
  return true;
}

}  // namespace proctor::rules
