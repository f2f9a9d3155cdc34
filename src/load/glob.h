// glob() and fnmatch() of the C library over a predicted /proc/sys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "load/proc_tree.h"

namespace proctor::load {

/// Whether a loader that knows globs takes the key for one: '*', '?' or '[' in it.
bool is_glob(std::string_view key);

/// fnmatch() in the C locale: '*', '?', "[a-z]", "[!x]", "[[:digit:]]", '\' before a literal byte.
/// With `path_part`, as for one name in a folder, a leading '.' must be written; without it '*'
/// spans slashes too.
bool match_pattern(std::string_view pattern, std::string_view text, bool path_part);

struct GlobResult {
  std::vector<std::string> paths;  ///< As glob() writes them, below /proc/sys.
  bool open_ended = false;         ///< More may match on a machine whose interfaces are known.
};

/// `sorted`: in order of the names, else as the folder lists them (GLOB_NOSORT).
/// `braces`: "{a,b}" names both (GLOB_BRACE).
GlobResult glob(const ProcTree& tree, std::string_view pattern, bool braces, bool sorted);

/// The patterns that "{a,b}" in `pattern` stands for; itself if it has none. At most `limit`.
std::vector<std::string> expand_braces(std::string_view pattern, size_t limit);

}  // namespace proctor::load
