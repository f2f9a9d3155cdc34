// A profile against a file that is there already.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "advise/tune_file.h"
#include "advise/tuning.h"
#include "conf/document.h"
#include "rules/engine.h"

namespace proctor::advise {

enum class Change : uint8_t { kKept, kChanged, kAdded, kDropped };

struct ComparedLine {
  Change change = Change::kKept;
  std::string key;
  uint32_t line = 0;                 ///< In the present file, from 1; 0: not there.
  std::string old_value;             ///< In the present file; empty for an added line.
  std::string new_value;             ///< Of the profile; empty for a dropped line.
  std::vector<std::string> reasons;  ///< Sentences; what rules say of the present line at the end.
};

/// Every assignment of `present` and every line of the profile: kept lines in the order of the
/// file, then the others by kind. `report` is what rules say of `present`, judged for the profile's
/// role.
std::vector<ComparedLine> compare(const Profile& profile, const Tuning& tuning,
                                  const conf::Document& present, const rules::Report& report,
                                  const TuneFileInfo& info);

}  // namespace proctor::advise
