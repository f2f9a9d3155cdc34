// Files that were written for another system than Linux.
#pragma once

#include <cstdint>
#include <set>
#include <string_view>

#include "rules/scenario.h"

namespace proctor::rules {

/// Whether a path below /proc/sys is named as FreeBSD, OpenBSD, NetBSD or macOS name theirs, and as
/// no Linux does. "kern/" is not among them: it may be "kernel/" misspelled.
bool is_of_other_system(std::string_view path);

/// Files, by number, that set several such keys ("kern/" among them) and more of these than of
/// Linux.
std::set<uint32_t> files_of_other_systems(const Run& run);

}  // namespace proctor::rules
