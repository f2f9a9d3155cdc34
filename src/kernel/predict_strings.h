// Keys that hold text: strings, port lists and masks.
#pragma once

#include <optional>
#include <string>

#include "kernel/predict_call.h"

namespace proctor::kernel {

/// What proc_dostring leaves in a buffer of `size` bytes that holds `old`: text up to a newline or
/// NUL, cut to size - 1.
std::string copied_string(const Call& call, std::string_view old, size_t size);

/// As copied_string over what the key reads now; nothing where that matters and is not known.
std::optional<std::string> written_string(const Call& call, size_t size);

/// Stores text; `size` counts the final NUL of the kernel's buffer.
void write_string(const Call& call, Answer& answer, size_t size);

/// A list like "1,3-4" over `bits` bits.
void write_bitmap(const Call& call, Answer& answer, uint64_t bits);

/// A list as write_bitmap stores it, without the numbers in [from, to).
std::string without_bits(std::string_view list, uint64_t from, uint64_t to);

/// A CPU mask of hex words. `keeps_fault`: what was parsed before a fault is stored all the same.
void write_cpu_mask(const Call& call, Answer& answer, bool keeps_fault);

}  // namespace proctor::kernel
