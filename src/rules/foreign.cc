#include "rules/foreign.h"

#include <algorithm>
#include <array>
#include <map>

namespace proctor::rules {
namespace {

/// From sysctl(3) and sysctl(8) of these systems; Linux has never had anything below them.
constexpr std::array<std::string_view, 14> kTops{
    "ddb/",          "hw/",       "machdep/",   "net/bpf/", "net/inet/",     "net/inet6/",
    "net/isr/",      "net/link/", "net/local/", "net/pf/",  "security/bsd/", "security/jail/",
    "security/mac/", "vfs/",
};

}  // namespace

bool is_of_other_system(std::string_view path) {
  return std::ranges::any_of(kTops, [&](std::string_view top) { return path.starts_with(top); });
}

std::set<uint32_t> files_of_other_systems(const Run& run) {
  constexpr int kSeveral = 3;
  struct Count {
    int foreign = 0;
    int linux_ = 0;
  };
  std::map<uint32_t, Count> counts;
  for (const load::Assignment& assignment : run.result().assignments) {
    Count& count = counts[assignment.origin.file];
    const PathFacts* facts = run.find(assignment.path);
    if (facts != nullptr && facts->key != nullptr) {
      ++count.linux_;
    } else if (is_of_other_system(assignment.path) || assignment.path.starts_with("kern/")) {
      ++count.foreign;
    }
  }
  std::set<uint32_t> out;
  for (const auto& [file, count] : counts) {
    if (count.foreign >= kSeveral && count.foreign > count.linux_) out.insert(file);
  }
  return out;
}

}  // namespace proctor::rules
