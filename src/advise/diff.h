// Unified diffs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace proctor::advise {

/// The change from `before` to `after` as a unified diff that patch(1) takes with -p1: headers
/// "--- a/NAME" and "+++ b/NAME", hunks with `context` lines around them, "\ No newline at end of
/// file" where it is due. Bytes are kept as they are; only LF ends a line. Empty if nothing
/// changes. Time grows with the number of lines and, up to a cap, with the number of changes; past
/// the cap the diff is correct but perhaps not the shortest.
std::string unified_diff(std::string_view name, std::string_view before, std::string_view after,
                         uint32_t context = 3);

}  // namespace proctor::advise
