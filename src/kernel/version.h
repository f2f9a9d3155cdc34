// Kernel versions and ranges of them.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "text/result.h"

namespace proctor::kernel {

/// "6.1" (a series: the patch level is not known) or "6.1.176". Old "2.6.39" is major 2, minor 6,
/// patch 39 and is a series of its own; 2.6.39.4 keeps only 2.6.39.
struct Version {
  uint16_t major = 0;
  uint16_t minor = 0;
  uint16_t patch = 0;
  bool has_patch = false;

  /// Order by (major, minor, patch), an unknown patch level first.
  friend std::strong_ordering operator<=>(const Version& a, const Version& b) {
    return a.code() <=> b.code();
  }
  friend bool operator==(const Version& a, const Version& b) { return a.code() == b.code(); }
  /// One number that sorts like the version.
  uint64_t code() const {
    return (uint64_t{major} << 33) | (uint64_t{minor} << 17) | (uint64_t{patch} << 1) |
           (has_patch ? 1U : 0U);
  }
  /// The patch level is not known: any release of the series may be meant.
  bool is_series() const { return !has_patch; }
  /// "6.1" of "6.1.176"; an old 2.6.x is its own series.
  Version series() const { return major >= 3 ? Version{major, minor, 0, false} : *this; }
  /// True for every release of the series `series` ("6.1" holds 6.1.176; "2.6.39" itself).
  bool in_series(const Version& series) const;
  std::string to_string() const;
};

/// Accepts "6.1", "6.1.176", "2.6.39.4", "6.1.0-50-amd64", "v6.12-rc3" (the suffix is dropped).
Result<Version> parse_version(std::string_view text);

/// Both ends inclusive, "4.19..6.12"; an open end ("..6.0", "5.4..") is nullopt-like: major 0 or
/// major 65535.
struct VersionRange {
  Version from;
  Version to{65535, 0, 0, false};
  /// A series as upper end holds all its patch levels.
  bool contains(const Version& v) const;
  bool is_single() const { return from == to; }
  std::string to_string() const;
  friend bool operator==(const VersionRange&, const VersionRange&) = default;
};

/// A single version is the range from it to itself.
Result<VersionRange> parse_version_range(std::string_view text);

}  // namespace proctor::kernel
