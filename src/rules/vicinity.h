// Proofs that look only at the lines that an edit's own line has to do with.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "load/settled.h"
#include "rules/finding.h"
#include "rules/scenario.h"

namespace proctor::rules {

/// Which lines of a run meet in a key.
class Vicinity {
 public:
  /// Both must outlive this.
  Vicinity(const Run& run, const load::Configuration& configuration);

  /// Whether the edits leave the state of the run as it is, for the loaders that made it from
  /// `start`; nullopt: that takes a look at all lines.
  std::optional<bool> keeps_state(const std::vector<FileEdit>& edits, const Group& group,
                                  const Start& start) const;

 private:
  /// What a proof looks at, and what it leaves out.
  struct Scene {
    load::LineSet dropped;
    std::set<std::string_view> near;  ///< Paths of the lines that are left.
    std::set<std::string_view> far;   ///< Paths of the others.
    bool far_all = false;             ///< One of those rests on every interface,
    bool far_one = false;             ///< one of those is a key of an interface.
  };

  const std::vector<uint32_t>& users(std::string_view path) const;
  std::vector<bool> component(const std::vector<FileEdit>& edits) const;
  std::optional<Scene> scene(const std::vector<FileEdit>& edits) const;
  bool meets(const load::LoadResult& after, const Scene& scene) const;

  const Run& run_;
  const load::Configuration& configuration_;
  bool closed_ = true;  ///< No pattern, nothing left out, no line that another may be joined to.
  std::unordered_map<std::string_view, std::vector<uint32_t>> users_;  ///< Assignments by path.
  std::vector<bool> plain_;                                            ///< By assignment.
  std::vector<uint32_t> of_interfaces_;  ///< Assignments that have to do with an interface's key.
};

}  // namespace proctor::rules
