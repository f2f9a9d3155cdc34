// TOML text as the tree that rule files are read from. The one place that knows the TOML library.
#pragma once

#include <string_view>
#include <vector>

#include "rules/yaml.h"

namespace proctor::advise {

/// Bytes of one profile that are read at most.
inline constexpr size_t kMostTomlBytes = size_t{1} << 20U;

/// Numbers, booleans and dates are plain scalars, strings are not; tables are maps in the order of
/// the file. The library stops at the first mistake, which goes to `problems`; then the tree is not
/// to be used. Any bytes are allowed.
rules::YamlNode parse_toml(std::string_view source, std::vector<rules::YamlProblem>& problems);

}  // namespace proctor::advise
