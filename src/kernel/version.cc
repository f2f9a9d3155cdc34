#include "kernel/version.h"

#include <charconv>
#include <optional>

#include "text/text.h"

namespace proctor::kernel {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes a number off the front of `text`; nothing if there is none or it is above `limit`.
std::optional<uint16_t> take_number(std::string_view& text, unsigned limit) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value > limit) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return static_cast<uint16_t>(value);
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

Error not_a_version(std::string_view text) {
  return Error{"not a kernel version: '" + escape_bytes(text) +
               "', expected one like 6.1, 6.1.176 or 2.6.32"};
}

/// What may follow the numbers: nothing, "-50-amd64", "-rc3", "+", "_1".
bool is_suffix(std::string_view rest) {
  return rest.empty() || rest.front() == '-' || rest.front() == '+' || rest.front() == '_' ||
         rest.front() == '~';
}

/// Upper end of a range: whether `version` is at most `bound`, whose series holds every release.
bool within_upper(const Version& version, const Version& bound) {
  return bound.is_series() ? version.series() <= bound : version <= bound;
}

}  // namespace

bool Version::in_series(const Version& series) const {
  if (!series.is_series()) return *this == series;
  if (major == 2 && series.major == 2 && series.minor == minor) return true;
  return major == series.major && minor == series.minor;
}

std::string Version::to_string() const {
  std::string text = std::to_string(major);
  text += '.';
  text += std::to_string(minor);
  if (has_patch) {
    text += '.';
    text += std::to_string(patch);
  }
  return text;
}

Result<Version> parse_version(std::string_view text) {
  const std::string_view whole = trim(text);
  std::string_view rest = whole;
  if (!rest.empty() && (rest.front() == 'v' || rest.front() == 'V')) rest.remove_prefix(1);
  constexpr unsigned kLimit = 65534;
  const auto major = take_number(rest, kLimit);
  if (!major || !take(rest, '.')) return not_a_version(whole);
  const auto minor = take_number(rest, kLimit);
  if (!minor) return not_a_version(whole);
  Version version{*major, *minor, 0, false};
  if (rest.size() > 1 && rest[0] == '.' && is_digit(rest[1])) {
    rest.remove_prefix(1);
    const auto patch = take_number(rest, kLimit);
    if (!patch) return not_a_version(whole);
    version.patch = *patch;
    version.has_patch = true;
    if (version.major == 2 && rest.size() > 1 && rest[0] == '.' && is_digit(rest[1])) {
      rest.remove_prefix(1);
      if (!take_number(rest, kLimit)) return not_a_version(whole);
    }
  }
  if (!is_suffix(rest)) return not_a_version(whole);
  // Distributions name a package's ABI "6.1.0-50-amd64" or "5.15.0-91-generic": the zero is no
  // patch level.
  if (version.major >= 3 && version.has_patch && version.patch == 0 && rest.size() > 1 &&
      rest[0] == '-' && is_digit(rest[1])) {
    version.has_patch = false;
  }
  return version;
}

bool VersionRange::contains(const Version& v) const { return v >= from && within_upper(v, to); }

std::string VersionRange::to_string() const {
  if (is_single()) return from.to_string();
  std::string text;
  if (from.major != 0) text = from.to_string();
  text += "..";
  if (to.major != 65535) text += to.to_string();
  return text;
}

Result<VersionRange> parse_version_range(std::string_view text) {
  const std::string_view whole = trim(text);
  const size_t dots = whole.find("..");
  if (dots == std::string_view::npos) {
    const Result<Version> single = parse_version(whole);
    if (!single) return Error{single.error()};
    return VersionRange{*single, *single};
  }
  VersionRange range;
  const std::string_view low = trim(whole.substr(0, dots));
  const std::string_view high = trim(whole.substr(dots + 2));
  if (!low.empty()) {
    const Result<Version> from = parse_version(low);
    if (!from) return Error{from.error()};
    range.from = *from;
  }
  if (!high.empty()) {
    const Result<Version> to = parse_version(high);
    if (!to) return Error{to.error()};
    range.to = *to;
  }
  if (!within_upper(range.from, range.to)) {
    return Error{"the kernel range '" + escape_bytes(whole) + "' ends before it begins"};
  }
  return range;
}

}  // namespace proctor::kernel
