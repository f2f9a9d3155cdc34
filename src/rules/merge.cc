#include "rules/merge.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace proctor::rules {
namespace {

enum class Verdict : uint8_t { kSilent, kFires, kUndecided, kNotAsked };

/// What one rule says on one subject, by segment and group.
class Grid {
 public:
  Grid(size_t segments, size_t groups) : groups_(groups), hits_(segments * groups) {}

  void put(size_t segment, size_t group, const Hit* hit) {
    const Hit*& cell = hits_[(segment * groups_) + group];
    if (cell == nullptr || (!cell->fires && hit->fires)) cell = hit;
  }

  Merged read(const MergeInput& input) {
    judge(input);
    Merged out;
    pick(out);
    const bool fires = any(Verdict::kFires);
    const bool silent = any(Verdict::kSilent);
    out.holds = fires && !silent && !any(Verdict::kUndecided);
    if (out.holds) return out;
    std::set<std::string> needs;
    for (size_t i = 0; i < hits_.size(); ++i) {
      if (verdicts_[i] == Verdict::kUndecided) {
        needs.insert(hits_[i]->needs.begin(), hits_[i]->needs.end());
      }
    }
    if (fires && (silent || needs.contains("host.kernel"))) split(input, needs, out);
    out.needs.assign(needs.begin(), needs.end());
    return out;
  }

 private:
  size_t segments() const { return hits_.size() / groups_; }
  Verdict at(size_t segment, size_t group) const { return verdicts_[(segment * groups_) + group]; }
  bool any(Verdict verdict) const {
    return std::ranges::find(verdicts_, verdict) != verdicts_.end();
  }

  void judge(const MergeInput& input) {
    verdicts_.clear();
    for (const Hit* hit : hits_) {
      verdicts_.push_back(hit == nullptr ? Verdict::kSilent
                          : hit->fires   ? Verdict::kFires
                                         : Verdict::kUndecided);
    }
    const uint32_t rule =
        (*std::ranges::find_if(hits_, [](const Hit* hit) { return hit != nullptr; }))->rule;
    const bool detector = input.is_detector(rule);
    for (size_t segment = 0; segment < segments(); ++segment) {
      const auto begin = verdicts_.begin() + static_cast<std::ptrdiff_t>(segment * groups_);
      const auto end = begin + static_cast<std::ptrdiff_t>(groups_);
      const bool spoken = std::any_of(begin, end, [](Verdict v) { return v != Verdict::kSilent; });
      for (size_t group = 0; group < groups_; ++group) {
        Verdict& verdict = begin[static_cast<std::ptrdiff_t>(group)];
        if (verdict == Verdict::kFires || (detector && verdict == Verdict::kUndecided)) continue;
        if (detector ? spoken : groups_ > 1 && input.not_asked(rule, segment, group)) {
          verdict = Verdict::kNotAsked;
        }
      }
    }
  }

  /// The newest kernel that fires, else the newest that is undecided.
  void pick(Merged& out) const {
    for (const Verdict wanted : {Verdict::kFires, Verdict::kUndecided}) {
      for (size_t segment = segments(); segment-- > 0;) {
        for (size_t group = 0; group < groups_; ++group) {
          if (at(segment, group) != wanted) continue;
          out.hit = hits_[(segment * groups_) + group];
          out.segment = segment;
          out.group = group;
          return;
        }
      }
    }
  }

  /// Whether both outcomes stand among the cells that `in` picks.
  template <typename In>
  bool mixed(In in) const {
    bool fires = false;
    bool silent = false;
    for (size_t i = 0; i < verdicts_.size(); ++i) {
      fires = fires || (in(i) && verdicts_[i] == Verdict::kFires);
      silent = silent || (in(i) && verdicts_[i] == Verdict::kSilent);
    }
    return fires && silent;
  }

  /// Says for which kernels and loaders it holds.
  void split(const MergeInput& input, std::set<std::string>& needs, Merged& out) const {
    std::vector<bool> kernels(segments(), true);
    std::vector<bool> loaders(groups_, true);
    for (size_t i = 0; i < verdicts_.size(); ++i) {
      if (verdicts_[i] == Verdict::kSilent || verdicts_[i] == Verdict::kUndecided) {
        kernels[i / groups_] = false;
        loaders[i % groups_] = false;
      }
    }
    bool by_kernel = needs.contains("host.kernel");
    for (size_t group = 0; group < groups_; ++group) {
      by_kernel = by_kernel || mixed([&](size_t i) { return i % groups_ == group; });
    }
    bool by_loader = false;
    for (size_t segment = 0; segment < segments(); ++segment) {
      by_loader = by_loader || mixed([&](size_t i) { return i / groups_ == segment; });
    }
    if (by_kernel) {
      needs.insert("host.kernel");
      out.holds_for = segments_text(input.scenarios.segments, kernels);
    }
    if (!by_loader) return;
    needs.insert("loader");
    std::vector<const load::Loader*> names;
    for (size_t group = 0; group < groups_; ++group) {
      const auto& mine = input.scenarios.groups[group].loaders;
      if (loaders[group]) names.insert(names.end(), mine.begin(), mine.end());
    }
    std::ranges::sort(names);
    if (!out.holds_for.empty() && !names.empty()) out.holds_for += "; ";
    out.holds_for += loaders_text(names);
  }

  size_t groups_;
  std::vector<const Hit*> hits_;
  std::vector<Verdict> verdicts_;
};

}  // namespace

std::vector<Merged> merge(const MergeInput& input) {
  const size_t segments = input.scenarios.segments.size();
  const size_t groups = input.scenarios.groups.size();
  std::map<std::pair<uint32_t, std::string_view>, Grid> grids;
  for (size_t segment = 0; segment < segments; ++segment) {
    for (size_t group = 0; group < groups; ++group) {
      for (const Hit& hit : input.hits[segment][group]) {
        const std::pair<uint32_t, std::string_view> name{hit.rule, hit.subject};
        grids.try_emplace(name, segments, groups).first->second.put(segment, group, &hit);
      }
    }
  }
  std::vector<Merged> out;
  out.reserve(grids.size());
  for (auto& [name, grid] : grids) {
    Merged merged = grid.read(input);
    // Undecided for loaders only that do not make the lines it is about.
    if (merged.hit != nullptr) out.push_back(std::move(merged));
  }
  return out;
}

}  // namespace proctor::rules
