// What a sysctl key does, in a sentence or two.
#pragma once

#include <string_view>

namespace proctor::cli {

/// `key` is a pattern of the catalog; empty: nothing is written about it yet.
std::string_view key_text(std::string_view key);

}  // namespace proctor::cli
