// Keys that hold text: strings and port lists.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kernel/predict_call.h"

namespace proctor::kernel {

/// What proc_dostring leaves in a buffer of `size` bytes that holds `old`: text up to a newline or
/// NUL, cut to size - 1.
std::string copied_string(const Call& call, std::string_view old, size_t size);

/// As copied_string over what the key reads now; nothing where that matters and is not known.
std::optional<std::string> written_string(const Call& call, size_t size);

/// Stores text; `size` counts the final NUL of the kernel's buffer.
void write_string(const Call& call, Answer& answer, size_t size);

/// First and last number of each.
using NumberRanges = std::vector<std::pair<uint64_t, uint64_t>>;

/// "1,3-4": sorted, what touches joined.
std::string show_ranges(NumberRanges ranges);

/// A list like "1,3-4" over `bits` bits.
void write_bitmap(const Call& call, Answer& answer, uint64_t bits);

/// A list as write_bitmap stores it, without the numbers in [from, to).
std::string without_bits(std::string_view list, uint64_t from, uint64_t to);

}  // namespace proctor::kernel
