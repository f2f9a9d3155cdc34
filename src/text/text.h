// Small helpers on text that several folders need.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace proctor {

std::string_view trim(std::string_view text, std::string_view blanks = " \t\r\n");
std::vector<std::string_view> split(std::string_view text, char separator);
/// Parts between runs of blanks; no empty parts.
std::vector<std::string_view> split_blanks(std::string_view text);
bool glob_match(std::string_view pattern, std::string_view text);

/// Sorts, and keeps one of equal elements. (std::ranges::unique does not compile with clang 14 and
/// libstdc++ 12.)
template <typename T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// Length of the valid UTF-8 sequence at the start of `bytes`, or 0.
size_t utf8_length(std::string_view bytes);
/// Bytes outside printable UTF-8 as \xNN (or \n, \t, \r, \\).
std::string escape_bytes(std::string_view bytes);

/// Damerau-Levenshtein distance (adjacent transpositions count one), capped at `limit` + 1.
unsigned edit_distance(std::string_view a, std::string_view b, unsigned limit);
/// The nearest of `candidates` within a distance that grows with the length of `name`
/// (1 for up to 4 characters, 2 up to 12, else 3), ties by order; empty: none.
std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace proctor
