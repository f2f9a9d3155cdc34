// From a rule's steps, or a detector's offer, to edits of the configuration's files.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rules/activation.h"
#include "rules/finding.h"
#include "rules/hit.h"
#include "rules/rule.h"

namespace proctor::rules {

/// The edits that `rule` offers for `hit`; nullopt: none. Values that cannot be computed, and keys
/// that the configuration does not write, are left out; no edit remains if one step of a removal
/// cannot be done. `message` is the finding's, the reason in the comment that replaces a removed
/// line. The fix is marked safe as the rule claims; whether it is must be proven.
std::optional<Fix> remedy(const Rule& rule, const Hit& hit, const Surroundings& at,
                          const Activation& activation, std::string_view message);

/// "# removed by proctor: LINE: REASON", short and without bytes that a loader could trip over.
std::string removal_comment(std::string_view line, std::string_view reason);

}  // namespace proctor::rules
