#include "rules/resolve.h"

#include <algorithm>
#include <map>
#include <string>

namespace proctor::rules {
namespace {

class Resolver {
 public:
  Resolver(const RuleSet& rules, std::vector<Hit>& hits)
      : rules_(rules), hits_(hits), dropped_(hits.size()) {
    for (size_t i = 0; i < hits.size(); ++i) {
      by_line_[hits[i].origin].push_back(i);
      for (const std::string& path : hits[i].paths) by_path_[path].push_back(i);
    }
  }

  void run() {
    for (size_t i = 0; i < hits_.size(); ++i) {
      if (hits_[i].fires) supersede(i);
    }
    for (const auto& [origin, indices] : by_line_) silence(indices);
    size_t kept = 0;
    for (size_t i = 0; i < hits_.size(); ++i) {
      if (dropped_[i]) continue;
      if (kept != i) hits_[kept] = std::move(hits_[i]);
      ++kept;
    }
    hits_.resize(kept);
  }

 private:
  bool names(const Hit& by, const Hit& other) const {
    const auto& ids = rules_.rule(by.rule).supersedes;
    return std::ranges::find(ids, rules_.id(other.rule)) != ids.end();
  }

  void supersede(size_t by) {
    if (rules_.rule(hits_[by].rule).supersedes.empty()) return;
    drop_among(by, by_line_[hits_[by].origin]);
    for (const Beside& beside : hits_[by].beside) {
      const auto found = by_line_.find(beside.origin);
      if (found != by_line_.end()) drop_among(by, found->second);
    }
    for (const std::string& path : hits_[by].paths) drop_among(by, by_path_[path]);
  }

  void drop_among(size_t by, const std::vector<size_t>& indices) {
    for (const size_t other : indices) {
      if (other == by || hits_[other].rule == hits_[by].rule) continue;
      if (!names(hits_[by], hits_[other])) continue;
      // Of two that supersede each other the first stays.
      if (names(hits_[other], hits_[by]) && hits_[other].rule < hits_[by].rule) continue;
      dropped_[other] = true;
      hits_[by].kills = hits_[by].kills || (hits_[other].kills && hits_[other].fires);
      if (hits_[other].fires) add_also(hits_[by], rules_.id(hits_[other].rule));
    }
  }

  static void add_also(Hit& hit, std::string_view id) {
    const auto at = std::ranges::lower_bound(hit.also, id);
    if (at == hit.also.end() || *at != id) hit.also.emplace(at, id);
  }

  /// Where one hit says that the line has no effect, nothing else speaks of its value.
  void silence(const std::vector<size_t>& indices) {
    const auto killer = std::ranges::find_if(indices, [&](size_t i) {
      return !dropped_[i] && hits_[i].kills && hits_[i].fires && !hits_[i].partial;
    });
    if (killer == indices.end()) return;
    for (const size_t i : indices) {
      if (i == *killer || hits_[i].stays) continue;
      if (!rules_.id(hits_[i].rule).starts_with("syntax/")) dropped_[i] = true;
    }
  }

  const RuleSet& rules_;
  std::vector<Hit>& hits_;
  std::vector<bool> dropped_;
  std::map<load::Origin, std::vector<size_t>> by_line_;
  std::map<std::string_view, std::vector<size_t>> by_path_;
};

}  // namespace

void resolve(const RuleSet& rules, std::vector<Hit>& hits) { Resolver(rules, hits).run(); }

}  // namespace proctor::rules
