// What the expressions of rules were told, beside what the configuration does.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace proctor::rules {

/// The kernel is left out: rules name the versions that they tell apart (Rule::versions).
struct Reads {
  std::set<std::string_view> facts;           ///< Names of host::fact_table().
  std::set<std::string, std::less<>> roles;   ///< By name: whether the machine has them.
  std::set<std::string, std::less<>> values;  ///< Paths below /proc/sys.
};

}  // namespace proctor::rules
