// Colour on terminals. Whatever is painted reads the same without.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace proctor::report {

enum class Paint : uint8_t { kBold, kDim, kRed, kGreen, kYellow, kCyan };

/// `text` in colour, or as it is if `color` is false.
std::string painted(bool color, Paint paint, std::string_view text);

/// What text/diagnostic.h's excerpt() drew: the gutter dim, the carets and their label in `paint`.
std::string painted_excerpt(std::string_view excerpt, Paint paint);

}  // namespace proctor::report
