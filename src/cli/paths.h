// Paths as settings files name them: relative to the file's folder, with globs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace proctor::cli {

/// The path from '/' on, without "." and ".." (taken by name: symbolic links are not followed).
std::string absolute_path(std::string_view path);

/// `path` as seen from `folder`, both absolute_path()s; "." is the folder itself, "../" leads out
/// of it.
std::string relative_path(std::string_view path, std::string_view folder);

/// Folder and name with one '/' between them; "." is not shown.
std::string join_path(std::string_view folder, std::string_view name);

/// Whether `pattern` names `path` or a folder that it is in, both relative to the same folder. A
/// part of the pattern may hold '*' and '?'; a part "**" stands for any number of parts.
bool path_matches(std::string_view pattern, std::string_view path);

bool is_path_pattern(std::string_view text);

/// The paths below `folder` that `pattern` names, by name; what lies in one of them is left out.
/// Symbolic links to folders, .git, .hg and .svn are not entered for a "**".
std::vector<std::string> expand_path(std::string_view pattern, std::string_view folder);

}  // namespace proctor::cli
