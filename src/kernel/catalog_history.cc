// What of the catalog holds for a version: existence, the history row in force, the versions at
// which something changes.
#include <algorithm>
#include <array>

#include "kernel/catalog.h"
#include "kernel/catalog_tables.h"
#include "kernel/state.h"
#include "text/text.h"

namespace proctor::kernel {

size_t index_of(const Key& key) { return static_cast<size_t>(&key - keys().data()); }

namespace {

const tables::Life& life_of(const Key& key) { return tables::lives()[index_of(key)]; }

bool given(const Version& version) { return version.major != 0; }

std::span<const tables::Observation> observations_of(const tables::Life& life) {
  return tables::observations().subspan(life.first_observation, life.observations);
}

/// What the observations in the series of a release tell about it: those around it agree, or it
/// lies on the side where the state persists (before a change, or after it).
Existence between(std::span<const tables::Observation> seen, const Version& version, bool arrives) {
  const tables::Observation* below = nullptr;
  const tables::Observation* above = nullptr;
  for (const tables::Observation& one : seen) {
    if (one.release.series() != version.series()) continue;
    if (one.release <= version && (below == nullptr || below->release < one.release)) below = &one;
    if (one.release >= version && (above == nullptr || one.release < above->release)) above = &one;
  }
  const bool settled_below = below != nullptr && below->present == arrives;
  const bool settled_above = above != nullptr && above->present != arrives;
  const bool agree = below != nullptr && above != nullptr && below->present == above->present;
  if (!settled_below && !settled_above && !agree) return Existence::kUnknown;
  const bool present = settled_above ? above->present : below->present;
  return present ? Existence::kPresent : Existence::kAbsent;
}

/// What changes in stable releases say, if there were any: of a series before the key's first, an
/// arrival; of a later one, a removal.
std::optional<Existence> backported(const tables::Life& life, const Version& version) {
  const auto seen = observations_of(life);
  const Version series = version.series();
  Version oldest{65535, 0, 0, false};
  bool same_series = false;
  for (const tables::Observation& one : seen) {
    oldest = std::min(oldest, one.release.series());
    same_series = same_series || one.release.series() == series;
  }
  const bool arrives = series < life.first.series();
  if (!same_series) {
    if (arrives && series > oldest) return Existence::kUnknown;
    return std::nullopt;
  }
  if (version.is_series()) return Existence::kUnknown;
  return between(seen, version, arrives);
}

/// By release alone, without a look at modules and build options.
Existence by_release(const tables::Life& life, const Version& version) {
  const Version series = version.series();
  if (given(life.last)) {
    if (series >= life.removed_in.series()) return Existence::kAbsent;
    if (series > life.last.series()) return Existence::kUnknown;
  }
  if (const auto stable = backported(life, version)) return *stable;
  if (series >= life.first.series()) return Existence::kPresent;
  if (given(life.absent_before) && series <= life.absent_before.series()) {
    return Existence::kAbsent;
  }
  return Existence::kUnknown;
}

bool commonly_built(const tables::Life& life, const Version& version) {
  if (!life.built) return false;
  const Version series = version.series();
  if (given(life.built_from) && series < life.built_from) return false;
  return !given(life.built_to) || series <= life.built_to;
}

/// Whether a kernel of `version` has a change that came in (before, from].
enum class Arrived : uint8_t { kYes, kNo, kMaybe };

Arrived arrived(const Change& change, const Version& version) {
  const Version series = version.series();
  const Version from = change.from.series();
  if (series > from) return Arrived::kYes;
  if (series < from) return series <= change.before.series() ? Arrived::kNo : Arrived::kMaybe;
  if (change.from.patch == 0 || change.from.major == 2) return Arrived::kYes;
  if (!version.is_series() && version >= change.from) return Arrived::kYes;
  const bool backed = given(change.before) && change.before.series() == from;
  if (backed && !version.is_series() && version <= change.before) return Arrived::kNo;
  return Arrived::kMaybe;
}

/// Patch level of a branch row that no inspected release has yet, though later ones may.
constexpr uint16_t kNotSeen = 65534;
/// Major version of a range's open end.
constexpr uint16_t kOpenEnd = 65535;

void add_within(std::vector<Version>& points, const Version& version, const VersionRange& range) {
  if (version.patch >= kNotSeen) return;
  if (given(version) && version > range.from && range.contains(version)) points.push_back(version);
}

/// The series after `version`, as far as releases are known to have been numbered.
Version next_series(const Version& version) {
  if (version.major == 2) {
    if (version.patch >= 39) return {3, 0, 0, false};
    return {2, 6, static_cast<uint16_t>(version.patch + 1), true};
  }
  constexpr std::array<std::pair<uint16_t, uint16_t>, 4> kLast = {
      {{3, 19}, {4, 20}, {5, 19}, {6, 19}}};
  for (const auto& [major, minor] : kLast) {
    if (version.major == major && version.minor >= minor) {
      return {static_cast<uint16_t>(major + 1), 0, 0, false};
    }
  }
  return {version.major, static_cast<uint16_t>(version.minor + 1), 0, false};
}

/// The release after `version`; a series or none stays as it is.
Version after(Version version) {
  if (version.has_patch && version.major >= 3) ++version.patch;
  return version;
}

constexpr std::array<Version, 7> kMaintained = {{{5, 10, 0, false},
                                                 {5, 15, 0, false},
                                                 {6, 1, 0, false},
                                                 {6, 6, 0, false},
                                                 {6, 12, 0, false},
                                                 {6, 18, 0, false},
                                                 {7, 2, 0, false}}};

}  // namespace

Existence existence(const Key& key, const Version& version) {
  if (key.vendor_only) return Existence::kUnknown;
  const tables::Life& life = life_of(key);
  const Existence released = by_release(life, version);
  if (released != Existence::kPresent) return released;
  if (!commonly_built(life, version)) return Existence::kUnknown;
  return key.module.empty() ? Existence::kPresent : Existence::kNeedsModule;
}

std::span<const Change> changes(const Key& key) {
  return tables::changes().subspan(key.first_change, key.changes);
}

std::span<const Change> branch_changes(const Key& key) {
  return tables::changes().subspan(size_t{key.first_change} + key.changes, key.branches);
}

InForce change_at(const Key& key, const Version& version) {
  InForce result;
  for (const Change& change : changes(key)) {
    if (result.row == nullptr) {
      result.row = &change;
      continue;
    }
    const Arrived state = arrived(change, version);
    if (state == Arrived::kNo) break;
    if (state == Arrived::kMaybe) {
      result.other = &change;
      break;
    }
    result.row = &change;
  }
  for (const Change& change : branch_changes(key)) {
    if (version.series() != change.from.series()) continue;
    const Arrived state = arrived(change, version);
    if (state == Arrived::kYes) return {&change, nullptr};
    if (state == Arrived::kMaybe) result.other = &change;
  }
  return result;
}

namespace {

void add_life(std::vector<Version>& points, const tables::Life& life, const VersionRange& range) {
  if (given(life.absent_before)) {
    add_within(points, next_series(life.absent_before.series()), range);
  }
  add_within(points, life.first.series(), range);
  if (given(life.last)) {
    add_within(points, next_series(life.last.series()), range);
    add_within(points, life.removed_in.series(), range);
  }
  add_within(points, life.built_from, range);
  if (given(life.built_to)) add_within(points, next_series(life.built_to), range);
  for (const tables::Observation& one : observations_of(life)) {
    add_within(points, one.release.series(), range);
    add_within(points, one.release, range);
    add_within(points, after(one.release), range);
    add_within(points, next_series(one.release.series()), range);
  }
}

void add_changes(std::vector<Version>& points, const Key& key, const VersionRange& range) {
  for (const Change& change : changes(key)) {
    if (given(change.before)) add_within(points, next_series(change.before.series()), range);
    add_within(points, change.from.series(), range);
    add_within(points, change.from, range);
    if (change.from.patch != 0) add_within(points, next_series(change.from.series()), range);
  }
  for (const Change& change : branch_changes(key)) {
    add_within(points, change.from.series(), range);
    add_within(points, after(change.before), range);
    add_within(points, change.from, range);
    add_within(points, next_series(change.from.series()), range);
  }
}

/// Versions at which another rule combines conf.all with an interface's value (kernel/combine.cc).
void add_combination(std::vector<Version>& points, const Key& key, const VersionRange& range) {
  if (key.combines == "or-max-6.0") add_within(points, {6, 0, 0, false}, range);
  if (key.combines == "iface-or-5.11") add_within(points, {5, 11, 0, false}, range);
}

/// Initial values of the key itself, and of conf.all, conf.default and lo.
void add_initial_values(std::vector<Version>& points, const Key& key, const VersionRange& range) {
  const std::string path = dotted_to_path(key.name);
  const size_t star = path.find('*');
  for (const std::string_view name : {"*", "all", "default", "lo"}) {
    std::string one = path;
    if (star != path.npos) one.replace(star, 1, name);
    for (const InitialRow& row : initial_rows(one)) {
      add_within(points, row.from, range);
      if (!row.from.is_series()) add_within(points, row.from.series(), range);
      if (row.to.major == kOpenEnd) continue;
      add_within(points, row.to.is_series() ? next_series(row.to) : after(row.to), range);
      add_within(points, next_series(row.to.series()), range);
    }
    if (star == path.npos) return;
  }
}

}  // namespace

std::vector<Version> change_points(const Key& key, const VersionRange& range) {
  std::vector<Version> points;
  add_life(points, life_of(key), range);
  add_changes(points, key, range);
  add_combination(points, key, range);
  add_initial_values(points, key, range);
  sort_unique(points);
  return points;
}

std::span<const Version> maintained_kernels() { return kMaintained; }

}  // namespace proctor::kernel
