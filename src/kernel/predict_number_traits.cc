#include "kernel/predict_number_traits.h"

#include <optional>

namespace proctor::kernel {
namespace {

/// A change that is absent in `before` and there in `from` (both inspected): true, false, or not
/// known in between.
std::optional<bool> since(const Version& version, const Version& before, const Version& from) {
  if (version >= from) return true;
  if (version <= before || version.in_series(before)) return false;
  return std::nullopt;
}

/// Out of range became an error for unsigned longs in (5.0, 5.2], and in stable 4.14 and 4.19.
std::optional<bool> ulong_range_is_error(const Version& version) {
  constexpr Version kSeries414{4, 14, 0, false};
  constexpr Version kSeries419{4, 19, 0, false};
  if (version.in_series(kSeries414) && (!version.has_patch || version.patch < 177)) {
    return std::nullopt;
  }
  if (version.in_series(kSeries414)) return true;
  if (version.in_series(kSeries419)) {
    return version.has_patch && version.patch >= 78 ? std::optional(true) : std::nullopt;
  }
  return since(version, Version{5, 0, 1, true}, Version{5, 2, 0, false});
}

void set(std::vector<NumberTraits>& all, bool NumberTraits::*member, std::optional<bool> value) {
  const size_t count = all.size();
  for (size_t i = 0; i < count; ++i) {
    all[i].*member = value.value_or(true);
    if (value) continue;
    all.push_back(all[i]);
    all.back().*member = false;
  }
}

}  // namespace

std::vector<NumberTraits> number_traits(const Version& version) {
  std::vector<NumberTraits> all(1);
  set(all, &NumberTraits::checks_jiffies, version >= Version{6, 19, 0, false});
  if (version >= Version{5, 17, 0, false}) return all;
  set(all, &NumberTraits::ulong_negative_is_error,
      since(version, Version{5, 15, 41, true}, Version{5, 17, 0, false}));
  set(all, &NumberTraits::detects_overflow,
      since(version, Version{5, 0, 1, true}, Version{5, 2, 0, false}));
  set(all, &NumberTraits::ulong_range_is_error, ulong_range_is_error(version));
  set(all, &NumberTraits::checks_int, version >= Version{4, 1, 0, false});
  return all;
}

}  // namespace proctor::kernel
