// Identities of findings that survive a move of their line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/part.h"

namespace proctor::report {

/// One for each entry of the part: what it says (file, rule, keys, the text of the line), and
/// which one of several that say the same. Line numbers do not count.
struct Fingerprint {
  uint64_t hash = 0;
  uint32_t ordinal = 1;
  std::string hex() const;  ///< 16 digits.
};
std::vector<Fingerprint> fingerprints(const Part& part);

/// FNV-1a.
uint64_t hash_of(std::string_view text);

}  // namespace proctor::report
