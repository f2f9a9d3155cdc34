// What stands in a file, as short as a sentence has room for.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace proctor {

/// Runs of blanks as one, none at the ends: two texts that fold alike are one value to a key of
/// numbers.
std::string fold_blanks(std::string_view text);

/// The first `most` bytes, or fewer so that no character is cut apart.
std::string_view cut_to(std::string_view text, size_t most);

/// A text of more than `most` bytes is cut and ends in "...".
std::string shortened(std::string_view text, size_t most = 300);

}  // namespace proctor
