// A profile for one machine: which lines, with which values, and why not the others.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "advise/profile.h"
#include "rules/engine.h"
#include "rules/scenario.h"

namespace proctor::advise {

/// What becomes of a key of the profile.
enum class Fate : uint8_t {
  kWritten,
  kDefault,    ///< The value is the kernel's own already.
  kCondition,  ///< Its `when` does not hold.
  kLacking,    ///< No kernel in question has the key.
  kRefused,    ///< The kernel would not take the value.
  kUnknown,    ///< Facts that nobody gave decide.
};

struct TunedLine {
  const Setting* setting = nullptr;  ///< Of the profile.
  std::string key;                   ///< Dotted.
  Fate fate = Fate::kUnknown;
  std::string value;               ///< As a file spells it; empty where it is not known.
  std::vector<std::string> needs;  ///< kUnknown: what decides ("host.memory"), sorted.
  std::string why;                 ///< kLacking, kRefused, kUnknown: one phrase; may be empty.
};

struct CompanionFile {
  std::string path;
  std::string content;
  std::string reason;
};

/// What somebody asks of a profile. `target` holds the roles that the profile implies.
struct TuneRequest {
  const Profile* profile = nullptr;
  rules::Target target;
  std::vector<std::string> roles;            ///< Implied ones included, sorted.
  std::map<std::string, expr::Value> given;  ///< Parameters, by name.
  bool minimal = false;                      ///< Leave out asserted defaults as well.
};

struct Tuning {
  std::vector<TunedLine> lines;  ///< Groups together, in the order in which they are to be written.
  std::vector<CompanionFile> companions;
  std::vector<std::string> advice;
  std::vector<std::string> unmet;    ///< Requirements that the machine does not meet.
  std::vector<std::string> defects;  ///< Formulas that failed.
  /// What `when` of companions, advice and requirements would need, sorted.
  std::vector<std::string> needs;
  std::vector<rules::Segment> segments;
};

/// Evaluates the profile on every kernel in question. A line is written if its value is the same on
/// all of them; where the kernels differ it is unknown, and host.kernel decides. Pure.
Tuning tune(const TuneRequest& request);

}  // namespace proctor::advise
