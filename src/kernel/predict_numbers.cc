#include "kernel/predict_numbers.h"

#include <limits>
#include <numeric>

namespace proctor::kernel {
namespace {

constexpr uint32_t kUserHz = 100;
/// The kernel copies at most this many bytes before it parses.
constexpr size_t kBufferLength = 21;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The digit's value, or 255.
unsigned digit_value(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return 255;
}

/// Parses digits at `text[at]` of a copied buffer; advances `at`. False on overflow of 64 bits.
bool parse_digits(std::string_view text, size_t& at, Number& number) {
  unsigned base = 10;
  auto char_at = [&](size_t i) { return i < text.size() ? text[i] : '\0'; };
  if (char_at(at) == '0') {
    const bool hex = (char_at(at + 1) | 0x20) == 'x' && digit_value(char_at(at + 2)) < 16;
    base = hex ? 16 : 8;
    if (hex) at += 2;
    if (!hex) number.octal = digit_value(char_at(at + 1)) < 8;
  }
  bool fits = true;
  uint64_t value = 0;
  for (; digit_value(char_at(at)) < base; ++at) {
    const unsigned digit = digit_value(char_at(at));
    if (value > (std::numeric_limits<uint64_t>::max() - digit) / base) fits = false;
    value = value * base + digit;
  }
  number.magnitude = value;
  return fits;
}

}  // namespace

bool is_kernel_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || static_cast<unsigned char>(c) == 0xA0;
}

void skip_kernel_spaces(std::string_view& rest) {
  while (!rest.empty() && is_kernel_space(rest.front())) rest.remove_prefix(1);
}

Number take_number(std::string_view& rest, std::string_view separators,
                   const NumberTraits& traits) {
  Number number;
  if (rest.empty()) {
    number.fault = NumberFault::kNothing;
    return number;
  }
  const std::string_view copied = rest.substr(0, kBufferLength);
  size_t at = 0;
  if (copied[0] == '-' && rest.size() > 1) {
    number.negative = true;
    at = 1;
  }
  if (at >= copied.size() || !is_digit(copied[at])) {
    number.fault = NumberFault::kNotNumber;
    return number;
  }
  if (!parse_digits(copied, at, number) && traits.detects_overflow) {
    number.fault = NumberFault::kOverflow;
    return number;
  }
  if (at == kBufferLength) {
    number.fault = NumberFault::kTooLong;
    return number;
  }
  if (at < rest.size()) {
    number.terminator = static_cast<uint8_t>(rest[at]);
    if (separators.find(rest[at]) == std::string_view::npos) {
      number.fault = NumberFault::kTrailer;
      return number;
    }
  }
  rest.remove_prefix(at);
  return number;
}

uint64_t Jiffies::from_msecs(uint32_t msecs) const {
  if (msecs > static_cast<uint32_t>(std::numeric_limits<int32_t>::max())) {
    return (static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) >> 1) - 1;
  }
  return (uint64_t{msecs} * hz + 999) / 1000;
}

uint64_t Jiffies::to_msecs(uint64_t jiffies) const {
  const uint64_t divisor = std::gcd(uint64_t{1000}, uint64_t{hz});
  const uint64_t multiplier = 1000 / divisor;
  const uint64_t denominator = hz / divisor;
  return static_cast<uint32_t>((jiffies * multiplier + denominator - 1) / denominator);
}

uint64_t Jiffies::from_clock_ticks(uint64_t ticks) const {
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  if (hz % kUserHz == 0) {
    return ticks >= kMax / (hz / kUserHz) ? kMax : ticks * (hz / kUserHz);
  }
  return ticks >= kMax / hz * kUserHz ? kMax : ticks * hz / kUserHz;
}

uint64_t Jiffies::to_clock_ticks(uint64_t jiffies) const {
  const uint64_t tick_nsec = (uint64_t{1000000000} + hz / 2) / hz;
  constexpr uint64_t kClockTickNsec = 1000000000 / kUserHz;
  if (tick_nsec % kClockTickNsec == 0) {
    return hz < kUserHz ? jiffies * (kUserHz / hz) : jiffies / (hz / kUserHz);
  }
  return jiffies * tick_nsec / kClockTickNsec;
}

}  // namespace proctor::kernel
