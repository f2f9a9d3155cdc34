// The catalog against the recorded /proc/sys of four kernels.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "kernel/catalog.h"
#include "kernel/presence.h"
#include "kernel/state.h"
#include "procsys_dump.h"
#include "text/text.h"

using namespace proctor;
using namespace proctor::kernel;
using proctor::kernel::testing::Dump;
using proctor::kernel::testing::load_dumps;

namespace {

/// The paths that a key has on a dump's machine: its wildcards filled with what is there.
std::vector<std::string> paths_of(const Key& key) {
  const std::string path = dotted_to_path(key.name);
  const size_t star = path.find('*');
  if (star == std::string::npos) return {path};
  std::vector<std::string> names;
  if (path.starts_with("net/ipv4/") || path.starts_with("net/ipv6/")) {
    names = {"all", "default", "lo", "br0"};
  } else if (path.starts_with("net/netfilter/nf_log/")) {
    for (int family = 0; family < 14; ++family) names.push_back(std::to_string(family));
  }
  std::vector<std::string> paths;
  for (const std::string& name : names) {
    paths.push_back(path.substr(0, star) + name + path.substr(star + 1));
  }
  return paths;
}

/// Whether every number of `text` is within `percent` of the same place in `expected`.
bool close(const std::string& text, const std::string& expected, double percent) {
  const auto a = split_blanks(text);
  const auto b = split_blanks(expected);
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    const double one = std::stod(std::string(a[i]));
    const double other = std::stod(std::string(b[i]));
    if (std::abs(one - other) > other * percent / 100) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("every path of the dumps is in the catalog, and exists there") {
  const std::vector<Dump> dumps = load_dumps();
  if (dumps.empty()) {
    MESSAGE("skipped: no recorded dumps");
    return;
  }
  CHECK(dumps.size() == 4);
  for (const Dump& dump : dumps) {
    std::vector<std::string> paths = dump.unreadable;
    for (const auto& [path, value] : dump.value) paths.push_back(path);
    for (const std::string& path : paths) {
      CAPTURE(dump.series);
      CAPTURE(path);
      const auto found = find_path(path);
      REQUIRE(found.has_value());
      const Presence there = presence(path, dump.machine);
      // A distribution's own keys are never certain.
      const auto expected =
          found->key->vendor_only ? Presence::Answer::kUnknown : Presence::Answer::kYes;
      CHECK(there.answer == expected);
    }
  }
}

TEST_CASE("nothing else is said to exist on them") {
  for (const Dump& dump : load_dumps()) {
    const std::set<std::string> unreadable(dump.unreadable.begin(), dump.unreadable.end());
    for (const Key& key : keys()) {
      for (const std::string& path : paths_of(key)) {
        if (dump.value.contains(path) || unreadable.contains(path)) continue;
        CAPTURE(dump.series);
        CAPTURE(path);
        CHECK(presence(path, dump.machine).answer != Presence::Answer::kYes);
      }
    }
  }
}

TEST_CASE("initial values are those of the dumps") {
  size_t known = 0;
  size_t all = 0;
  for (const Dump& dump : load_dumps()) {
    for (const auto& entry : dump.value) {
      const auto& path = entry.first;
      const auto& value = entry.second;
      CAPTURE(dump.series);
      CAPTURE(path);
      CAPTURE(value);
      ++all;
      const Cell cell = initial_value(path, dump.machine);
      CHECK(cell.status != Cell::Status::kAbsent);
      if (cell.status != Cell::Status::kKnown) {
        CHECK(cell.needs.empty());
        continue;
      }
      ++known;
      // Where the kernel counts free pages the memory is only known to a few percent.
      if (cell.approximate) {
        CAPTURE(cell.text);
        CHECK(close(cell.text, value, 3.0));
      } else {
        CHECK(cell.text == value);
      }
    }
  }
  if (all != 0) {
    MESSAGE("initial values known: ", known, " of ", all);
    CHECK(known * 10 > all * 8);
  }
}
