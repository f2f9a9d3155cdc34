#include "text/units.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "text/text.h"

namespace proctor {
namespace {

struct Unit {
  std::string_view name;
  uint64_t factor;
};

constexpr uint64_t kKi = 1024;
constexpr uint64_t kKilo = 1000;
constexpr std::array kSizeUnits = {
    Unit{"", 1},
    Unit{"B", 1},
    Unit{"k", kKi},
    Unit{"K", kKi},
    Unit{"KiB", kKi},
    Unit{"M", kKi* kKi},
    Unit{"MiB", kKi* kKi},
    Unit{"G", kKi* kKi* kKi},
    Unit{"GiB", kKi* kKi* kKi},
    Unit{"T", kKi* kKi* kKi* kKi},
    Unit{"TiB", kKi* kKi* kKi* kKi},
    Unit{"kB", kKilo},
    Unit{"MB", kKilo* kKilo},
    Unit{"GB", kKilo* kKilo* kKilo},
    Unit{"TB", kKilo* kKilo* kKilo* kKilo},
};
constexpr std::array kDurationUnits = {
    Unit{"", 1000},
    Unit{"ms", 1},
    Unit{"s", 1000},
    Unit{"m", 60000},
    Unit{"min", 60000},
    Unit{"h", 3600000},
    Unit{"d", 24ULL * 3600 * 1000},
};

constexpr std::array kBitRateUnits = {
    Unit{"", 1},
    Unit{"bit/s", 1},
    Unit{"bps", 1},
    Unit{"k", kKilo},
    Unit{"K", kKilo},
    Unit{"kbit/s", kKilo},
    Unit{"kbps", kKilo},
    Unit{"M", kKilo* kKilo},
    Unit{"Mbit/s", kKilo* kKilo},
    Unit{"Mbps", kKilo* kKilo},
    Unit{"G", kKilo* kKilo* kKilo},
    Unit{"Gbit/s", kKilo* kKilo* kKilo},
    Unit{"Gbps", kKilo* kKilo* kKilo},
};

/// Decimal digits then one of `units`; nullopt where the text is something else or overflows.
template <size_t N>
std::optional<uint64_t> scaled(std::string_view text, const std::array<Unit, N>& units) {
  uint64_t number = 0;
  const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc()) return std::nullopt;
  const std::string_view suffix = trim(text.substr(static_cast<size_t>(rest - text.data())));
  for (const Unit& unit : units) {
    if (unit.name != suffix) continue;
    if (number > std::numeric_limits<uint64_t>::max() / unit.factor) return std::nullopt;
    return number * unit.factor;
  }
  return std::nullopt;
}

}  // namespace

Result<uint64_t> parse_size(std::string_view text) {
  if (const auto bytes = scaled(text, kSizeUnits)) return *bytes;
  return Error{
      fmt::format("'{}' is not a size; expected a number with an optional unit such as 8GiB,"
                  " 512MiB or 4096",
                  escape_bytes(text))};
}

Result<uint64_t> parse_duration(std::string_view text) {
  if (const auto ms = scaled(text, kDurationUnits)) return *ms;
  return Error{
      fmt::format("'{}' is not a duration; expected a number with an optional unit such as"
                  " 5s, 250ms or 2m",
                  escape_bytes(text))};
}

Result<uint64_t> parse_bit_rate(std::string_view text) {
  if (const auto rate = scaled(text, kBitRateUnits)) return *rate;
  return Error{
      fmt::format("'{}' is not a bit rate; expected a number with an optional unit such as"
                  " 10Gbit/s, 1000M or 100000000",
                  escape_bytes(text))};
}

std::string format_size(uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kNames = {"B", "KiB", "MiB", "GiB", "TiB"};
  size_t exact = 0;
  uint64_t number = bytes;
  while (number != 0 && exact + 1 < kNames.size() && number % kKi == 0) {
    number /= kKi;
    ++exact;
  }
  if (number < 10 * kKi || exact + 1 == kNames.size()) {
    return fmt::format("{} {}", number, kNames[exact]);
  }
  size_t unit = 0;
  auto rounded = static_cast<double>(bytes);
  while (rounded >= 1024.0 && unit + 1 < kNames.size()) {
    rounded /= 1024.0;
    ++unit;
  }
  return fmt::format("{:.2f} {}", rounded, kNames[unit]);
}

std::string format_count(int64_t value) {
  std::string digits = fmt::format("{}", value);
  const size_t first = value < 0 ? 1 : 0;
  for (size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

Result<int64_t> parse_int(std::string_view text) {
  int64_t value = 0;
  const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status == std::errc() && rest == text.data() + text.size()) return value;
  return Error{fmt::format("'{}' is not a whole number", escape_bytes(text))};
}

}  // namespace proctor
