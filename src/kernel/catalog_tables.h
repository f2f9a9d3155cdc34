// The compiled form of rules/catalog/*.tsv: what tools/gen_catalog.py writes. Private to this
// folder.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "kernel/catalog.h"

namespace proctor::kernel::tables {

/// When a key exists; parallel to keys(). A version with major 0 is none.
struct Life {
  Version absent_before;
  Version first;
  Version last;
  Version removed_in;
  bool built;  ///< Distribution kernels have it, within [built_from, built_to] where given.
  Version built_from;
  Version built_to;
  uint16_t first_observation;
  uint16_t observations;
};

/// Seen or missed in one stable release of a series before Life::first: a backport.
struct Observation {
  Version release;
  bool present;
};

/// A part of the key patterns, in a trie: children are sorted by label and contiguous, the child
/// for '*' stands apart.
struct Node {
  uint64_t prefix;  ///< prefix_of(label): most comparisons end here.
  std::string_view label;
  uint16_t first_child;
  uint16_t children;
  uint16_t wildcard;  ///< 0: none.
  int16_t key;        ///< Index in keys() of the pattern that ends here, or -1.
};

/// The first eight bytes of a label as a number that sorts like them.
constexpr uint64_t prefix_of(std::string_view label) {
  uint64_t prefix = 0;
  for (size_t i = 0; i < 8; ++i) {
    prefix = prefix << 8 | (i < label.size() ? static_cast<unsigned char>(label[i]) : 0U);
  }
  return prefix;
}

std::span<const Change> changes();
std::span<const Life> lives();
std::span<const Observation> observations();
std::span<const Node> nodes();

}  // namespace proctor::kernel::tables
