#include <algorithm>
#include <map>
#include <tuple>

#include "rules/detection.h"
#include "rules/place.h"
#include "rules/values.h"
#include "text/text.h"

namespace proctor::rules {
namespace {

using load::Assignment;
using load::Origin;
using load::Status;

/// What one group of loaders makes of one line.
struct Meaning {
  std::string effect;  ///< Compared: the paths that end up set, or why none does.
  std::string ending;  ///< Compared where all loaders' are known: the values in the end.
  std::string reason;  ///< For people.
  std::string path;
  std::string value;
  bool open = false;   ///< It depends on what nobody knows.
  bool vague = false;  ///< So do the values.
};

class DifferenceDetector {
 public:
  DifferenceDetector(const View& view, Sink& sink)
      : view_(view), sink_(sink), groups_(view.scenarios.groups.size()) {}

  void run() {
    std::map<Origin, std::vector<Meaning>> lines;
    for (size_t group = 0; group < groups_; ++group) {
      for (const Assignment& assignment : view_.run(group).result().assignments) {
        auto& meanings = lines[assignment.origin];
        meanings.resize(groups_);
        add(view_.run(group), assignment, meanings[group]);
      }
    }
    for (auto& [origin, meanings] : lines) compare(origin, meanings);
  }

 private:
  /// A line may be several assignments to one loader and one to another.
  static void add(const Run& run, const Assignment& assignment, Meaning& meaning) {
    if (meaning.path.empty()) meaning.path = assignment.path;
    if (meaning.value.empty()) meaning.value = assignment.value;
    if (meaning.reason.empty()) meaning.reason = assignment.reason;
    if (assignment.status == Status::kUnknown) {
      meaning.open = true;
    } else if (holds(run, assignment)) {
      meaning.effect += "sets " + assignment.path + ";";
    } else if (assignment.status == Status::kOverridden && run.effective_write(assignment.path)) {
      meaning.effect += "overridden;";
    } else if (!run.is_live(assignment)) {
      meaning.effect += "nothing;";
    } else {
      std::vector<std::string> paths;
      for (const uint32_t write : assignment.writes) {
        paths.push_back(run.result().writes[write].path);
      }
      if (paths.empty()) paths.push_back(assignment.path);
      sort_unique(paths);  // A loader may need several writes for one value.
      for (const std::string& path : paths) {
        meaning.effect += "sets " + path + ";";
        const kernel::Cell& cell = run.state().read(path);
        meaning.vague |= cell.status != kernel::Cell::Status::kKnown || cell.approximate;
        meaning.ending += fold_blanks(cell.text) + ";";
      }
    }
  }

  /// Whether the value stands in the end, whatever the line did for it: of two equal lines it is no
  /// matter which one a loader keeps.
  static bool holds(const Run& run, const Assignment& assignment) {
    const kernel::Cell& cell = run.state().read(assignment.path);
    return cell.status == kernel::Cell::Status::kKnown &&
           fold_blanks(cell.text) == fold_blanks(assignment.value);
  }

  void compare(const Origin& origin, std::vector<Meaning>& meanings) {
    if (std::ranges::any_of(meanings, &Meaning::open)) return;
    if (std::ranges::none_of(meanings, &Meaning::vague)) {
      for (Meaning& meaning : meanings) meaning.effect += meaning.ending;
    }
    std::map<std::string_view, size_t> loaders;  // Effect -> number of loaders.
    for (size_t group = 0; group < groups_; ++group) {
      loaders[meanings[group].effect] += view_.scenarios.groups[group].loaders.size();
    }
    if (loaders.size() < 2) return;
    const auto most =
        std::ranges::max_element(loaders, {}, [](const auto& one) { return one.second; });
    std::vector<const load::Loader*> affected;
    std::vector<const load::Loader*> others;
    const Meaning* odd = nullptr;
    for (size_t group = 0; group < groups_; ++group) {
      const bool usual = meanings[group].effect == most->first;
      const auto& mine = view_.scenarios.groups[group].loaders;
      auto& side = usual ? others : affected;
      side.insert(side.end(), mine.begin(), mine.end());
      if (!usual && (odd == nullptr || odd->reason.empty())) odd = &meanings[group];
    }
    if (odd->reason == load::kEndedBefore) return;  // detect_load() has more to say of it.
    std::ranges::sort(affected);
    std::ranges::sort(others);
    say(origin, *odd, loaders_text(affected), loaders_text(others));
  }

  void say(const Origin& origin, const Meaning& odd, std::string affected, std::string others) {
    const std::string effect = odd.reason.empty() ? "the line has another effect" : odd.reason;
    Hit hit;
    hit.topic = affected + ": " + effect;  // Many lines may say the same.
    hit.origin = origin;
    hit.span = span_of_line(view_.configuration, origin);
    hit.paths = {odd.path};
    hit.variables = {kernel::path_to_dotted(odd.path), odd.value, std::move(affected),
                     std::move(others), effect};
    sink_.emit_everywhere("loader-difference", hit);
  }

  const View& view_;
  Sink& sink_;
  size_t groups_;
};

}  // namespace

void detect_differences(const View& view, Sink& sink) {
  const bool one = view.scenarios.groups.size() < 2;
  if (!one && sink.wants("loader-difference")) DifferenceDetector(view, sink).run();
}

}  // namespace proctor::rules
