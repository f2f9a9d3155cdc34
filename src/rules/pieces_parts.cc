// Which settings of a file are judged together.
#include <algorithm>
#include <numeric>

#include "rules/pieces.h"

namespace proctor::rules {
namespace {

/// Sets of settings that grow together.
class Groups {
 public:
  explicit Groups(size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), uint32_t{0});
  }

  uint32_t find(uint32_t one) {
    while (parent_[one] != one) one = parent_[one] = parent_[parent_[one]];
    return one;
  }
  /// The first stays the root, so that sets are in the order of their first members.
  void join(uint32_t a, uint32_t b) {
    a = find(a);
    b = find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }
  std::vector<std::vector<uint32_t>> parts() {
    std::vector<std::vector<uint32_t>> parts;
    std::vector<uint32_t> place(parent_.size());
    for (uint32_t i = 0; i < parent_.size(); ++i) {
      const uint32_t root = find(i);
      if (root == i) {
        place[i] = static_cast<uint32_t>(parts.size());
        parts.emplace_back();
      }
      parts[place[root]].push_back(i);
    }
    return parts;
  }

 private:
  std::vector<uint32_t> parent_;
};

/// Which settings make a module count as loaded, and which rest on that.
class Modules {
 public:
  explicit Modules(const Joints& joints) : joints_(joints) {}

  /// `setting`, a line about `own`, has to do with `key`.
  void add(uint32_t setting, const kernel::Key& own, const kernel::Key& key) {
    const uint32_t mine = joints_.module_of(own);
    if (mine != Joints::kNoModule) loading_.try_emplace(mine, setting);
    const auto rest = [&](uint32_t module) {
      if (module != Joints::kNoModule && module != mine) resting_.emplace_back(module, setting);
    };
    rest(joints_.module_of(key));
    for (const uint32_t module : joints_.rests_on(key)) rest(module);
  }
  /// One line that loads it is enough for all that rest on it.
  void join(Groups& groups) const {
    for (const auto& [module, setting] : resting_) {
      const auto loads = loading_.find(module);
      if (loads != loading_.end()) groups.join(loads->second, setting);
    }
  }

 private:
  const Joints& joints_;
  std::unordered_map<uint32_t, uint32_t> loading_;
  std::vector<std::pair<uint32_t, uint32_t>> resting_;
};

}  // namespace

std::vector<Pieces::Part> Pieces::parts(const std::vector<Setting>& settings,
                                        const Joints& joints) {
  Groups groups(settings.size());
  ++round_;
  const auto join = [&](uint32_t setting, uint32_t number) {
    if (number >= first_.size()) first_.resize(size_t{2} * number + 1);
    First& first = first_[number];
    if (first.round == round_) return groups.join(first.setting, setting);
    first = {round_, setting};
  };
  Modules modules(joints);
  bool speaks_of_all = false;
  for (uint32_t i = 0; i < settings.size(); ++i) {
    const kernel::Key& own = *settings[i].line.key;
    const auto join_all = [&](const kernel::Key& key) {
      for (const uint32_t joint : joints.of(key)) join(i, joint);
      modules.add(i, own, key);
    };
    join_all(own);
    const auto touched = touched_.find(index_of(own));
    if (touched == touched_.end()) continue;
    for (const uint32_t path : touched->second) {
      join(i, joints.count() + path);
      speaks_of_all = speaks_of_all || path == PieceTable::kEveryInterface;
      // A rule may ask what this line changes by the way.
      if (const kernel::Key* key = memory_.paths().key_of(path)) join_all(*key);
    }
  }
  for (uint32_t i = 0; speaks_of_all && i < settings.size(); ++i) {
    if (settings[i].line.of_interface) join(i, joints.count() + PieceTable::kEveryInterface);
  }
  modules.join(groups);
  return groups.parts();
}

}  // namespace proctor::rules
