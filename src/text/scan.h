// Searching for one of a few bytes. The library's find_first_of() calls memchr() for every byte.
#pragma once

#include <cstddef>
#include <string_view>

namespace proctor {

/// Position of the first of the bytes `Wanted` in `text`, or npos.
template <char... Wanted>
constexpr size_t find_any(std::string_view text, size_t from = 0) {
  for (size_t i = from; i < text.size(); ++i) {
    const char c = text[i];
    if (((c == Wanted) || ...)) return i;
  }
  return std::string_view::npos;
}

/// Whether a byte outside ASCII is in `text`.
constexpr bool has_high_byte(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return (all & 0x80U) != 0;
}

}  // namespace proctor
