// Sizes and durations as people write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "text/result.h"

namespace proctor {

/// "8GiB", "512MiB", "4096", "1TiB", "2k" -> bytes. K, M, G, T and KiB... are powers of 1024, "kB",
/// "MB", "GB", "TB" powers of 1000. An error says what was expected; overflow is an error.
Result<uint64_t> parse_size(std::string_view text);

/// "5s", "250ms", "2m", "1h", "5" (seconds) -> milliseconds.
Result<uint64_t> parse_duration(std::string_view text);

/// "10Gbit/s", "2500M", "25Gbps", "100000" -> bits per second. Units are powers of 1000, as links
/// are sold; fractions are not accepted.
Result<uint64_t> parse_bit_rate(std::string_view text);

/// The shortest exact spelling, else two significant decimals: 8589934592 -> "8 GiB".
std::string format_size(uint64_t bytes);

/// Decimal with thousands separators: 131072 -> "131,072".
std::string format_count(int64_t value);

/// A whole number in decimal, with an optional '-'; the entire text must match.
Result<int64_t> parse_int(std::string_view text);

}  // namespace proctor
