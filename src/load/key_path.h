// How each loader makes a path below /proc/sys of a key.
#pragma once

#include <string>
#include <string_view>

#include "load/proc_tree.h"
#include "load/traits.h"

namespace proctor::load {

/// The path that the loader opens, relative to /proc/sys (busybox: as it stands, so that a leading
/// slash means the root of the file system). Not yet resolved: may hold "//" or "..".
std::string key_path(std::string_view key, const Traits& traits, const ProcTree& tree);

/// Whether a folder outside /proc/sys is one that every Linux system has.
bool is_usual_folder(std::string_view absolute);

/// All '.' become '/' and the other way round.
std::string swap_separators(std::string_view key);

}  // namespace proctor::load
