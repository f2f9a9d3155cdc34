// How the kernel reads a number from the bytes of a write (kernel/sysctl.c proc_get_long), and how
// the converters between what is written and what is stored round it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace proctor::kernel {

/// What differs between versions in the parser itself.
struct NumberTraits {
  bool detects_overflow = true;  ///< Since 5.2 (absent 5.0): before, digits wrap modulo 2^64.
  bool checks_int = true;        ///< Since 4.1 (absent 4.0): before, an int keeps the low 32 bits.
  bool ulong_range_is_error = true;     ///< Since 5.2: before, out of range was skipped in silence.
  bool ulong_negative_is_error = true;  ///< Since 5.16: before, skipped in silence.
  bool checks_jiffies = true;           ///< Since 6.19: clock ticks are checked against INT_MAX.
};

enum class NumberFault : uint8_t {
  kNone,
  kNothing,    ///< Nothing, or white space alone.
  kNotNumber,  ///< No digit where one must be.
  kTrailer,    ///< A digit string with something else than a separator behind it.
  kOverflow,   ///< Above 2^64 - 1.
  kTooLong,    ///< 21 characters or more.
};

struct Number {
  uint64_t magnitude = 0;
  bool negative = false;
  bool octal = false;      ///< Written with a leading zero and more digits.
  uint8_t terminator = 0;  ///< The byte behind the digits; 0 at the end.
  NumberFault fault = NumberFault::kNone;
};

inline constexpr std::string_view kNumberSeparators = " \t\n";

/// isspace() of the kernel: Latin-1, with the no-break space.
bool is_kernel_space(char c);
/// Removes leading white space.
void skip_kernel_spaces(std::string_view& rest);

/// Takes a number from the front of `rest`. Anything but one of `separators` behind it is a fault.
/// `rest` is advanced only without a fault.
Number take_number(std::string_view& rest, std::string_view separators, const NumberTraits& traits);

/// include/linux/jiffies.h for one HZ; USER_HZ is 100.
struct Jiffies {
  uint32_t hz;

  uint64_t from_msecs(uint32_t msecs) const;  ///< Rounded up; 2^62 - 2 for "negative" values.
  uint64_t to_msecs(uint64_t jiffies) const;  ///< As a 32-bit number.
  uint64_t from_clock_ticks(uint64_t ticks) const;
  uint64_t to_clock_ticks(uint64_t jiffies) const;
};

}  // namespace proctor::kernel
