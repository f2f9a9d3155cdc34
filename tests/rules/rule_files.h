// Files of the source tree for tests of the rule loader.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace proctor::rules {

/// Below the source tree, which the environment names.
std::string source_path(std::string_view path);
/// The *.yaml of a folder of the source tree, by name; paths below the tree.
std::vector<std::string> yaml_files(std::string_view folder);
/// REQUIRES: a readable file.
std::string read_source(std::string_view path);

}  // namespace proctor::rules
