// What a finding says, wherever its line stands and whatever is said of it today.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/part.h"

namespace proctor::report {

/// Line numbers, messages and severities do not count: they change without the file.
struct Cause {
  std::string rule;
  /// The source line as `printable`, with single blanks and " = "; a long one is cut and ends in a
  /// hash. Empty: the finding is about the file as a whole.
  std::string line;
  std::vector<std::string> keys;  ///< Sorted; only where `line` is empty.
  friend auto operator<=>(const Cause&, const Cause&) = default;
};
Cause cause_of(const Part& part, const Entry& entry);

/// Whether a baseline may hold findings of the rule: not what is wrong with a comment to the
/// program, nor with a baseline.
bool can_be_known(std::string_view rule);

/// A cause in a file, as a baseline calls it.
using CauseInFile = std::pair<std::string, Cause>;

/// Counts causes over the parts of a run.
class Tally {
 public:
  struct Occurrence {
    CauseInFile cause;
    /// Which one of several with this cause, from 1. What targets differ in (one has another
    /// severity) is one occurrence: it is counted for each target apart, and the highest counts.
    uint32_t ordinal = 1;
  };

  /// One for each entry of the part. `files` are the names of the part's files; an entry of a file
  /// without a name, and one that no baseline may hold, has ordinal 0 and is not counted.
  std::vector<Occurrence> add(const Part& part, std::span<const std::string> files);

  /// The most of one part: a file that is judged twice (in its folder, and by its name) holds what
  /// it holds once.
  uint32_t found(const CauseInFile& cause) const;
  const std::map<CauseInFile, uint32_t>& all() const { return found_; }
  bool is_judged(const std::string& file) const { return judged_.contains(file); }
  /// Whether the rule could not be decided in the file, so that nothing follows from silence.
  bool is_open(const std::string& file, const std::string& rule) const {
    return open_.contains({file, rule});
  }

 private:
  std::map<CauseInFile, uint32_t> found_;
  std::set<std::string> judged_;
  std::set<std::pair<std::string, std::string>> open_;  ///< File and rule.
};

}  // namespace proctor::report
