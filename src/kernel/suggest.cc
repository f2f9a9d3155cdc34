// The catalog name that a misspelled one was meant to be.
#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <string>

#include "kernel/catalog.h"
#include "text/text.h"

namespace proctor::kernel {
namespace {

constexpr size_t kMaxParts = 8;

/// The last parts of a dotted name; more than the longest key has are of no use.
struct Parts {
  std::array<std::string_view, kMaxParts> part;  ///< part[0] is the last.
  size_t count = 0;
  size_t dropped = 0;  ///< Parts in front that did not fit.
};

Parts split_parts(std::string_view dotted) {
  Parts parts;
  while (true) {
    const size_t dot = dotted.rfind('.');
    const std::string_view last = dot == std::string_view::npos ? dotted : dotted.substr(dot + 1);
    if (parts.count == kMaxParts) {
      ++parts.dropped;
      return parts;
    }
    parts.part[parts.count++] = last;
    if (dot == std::string_view::npos) return parts;
    dotted = dotted.substr(0, dot);
  }
}

unsigned allowed_distance(std::string_view name) {
  if (name.size() <= 2) return 0;
  if (name.size() <= 4) return 1;
  return name.size() <= 12 ? 2 : 3;
}

/// Which characters a name has, as bits.
uint64_t letters(std::string_view name) {
  uint64_t bits = 0;
  for (const char c : name) bits |= uint64_t{1} << (static_cast<unsigned char>(c) & 63U);
  return bits;
}

/// The written name, and what of it every comparison needs.
struct Written {
  Parts parts;
  std::string_view last;
  unsigned limit;
  uint64_t letters;
};

size_t difference(size_t a, size_t b) { return a > b ? a - b : b - a; }

/// How far a candidate's folders are from the written ones. A wrong folder is a common mistake and
/// costs less than a wrong name; so does one too few or too many in front.
unsigned folder_cost(const Parts& written, const Parts& candidate) {
  unsigned cost = 0;
  const size_t common = std::min(written.count, candidate.count);
  for (size_t i = 1; i < common; ++i) {
    if (candidate.part[i] == "*" || candidate.part[i] == written.part[i]) continue;
    cost += std::min(edit_distance(written.part[i], candidate.part[i], 1), 2U);
  }
  return cost + static_cast<unsigned>(difference(written.count, candidate.count) + written.dropped);
}

/// Whether two names may be within the limit: an edit changes one length and at most one letter of
/// each, so most pairs need no comparison.
bool may_resemble(const Written& written, std::string_view last, uint64_t bits) {
  if (difference(last.size(), written.last.size()) > written.limit) return false;
  const auto limit = static_cast<int>(written.limit);
  return std::popcount(bits & ~written.letters) <= limit &&
         std::popcount(written.letters & ~bits) <= limit;
}

/// A key by what is compared first.
struct Candidate {
  const Key* key;
  std::string_view last;
  uint64_t letters;
};

const std::vector<Candidate>& candidates() {
  static const std::vector<Candidate> kAll = [] {
    std::vector<Candidate> all;
    for (const Key& key : keys()) {
      const std::string_view last = key.name.substr(key.name.rfind('.') + 1);
      if (last != "*") all.push_back({&key, last, letters(last)});
    }
    return all;
  }();
  return kAll;
}

bool has_part(const Parts& parts, std::string_view name) {
  return std::any_of(parts.part.begin(), parts.part.begin() + parts.count,
                     [&](std::string_view part) { return edit_distance(part, name, 1) <= 1; });
}

/// Whether the first part of one name stands in the other.
bool same_tree(const Parts& written, const Parts& candidate) {
  return has_part(written, candidate.part[candidate.count - 1]) ||
         has_part(candidate, written.part[written.count - 1]);
}

/// Many keys are called "enabled": in another part of the tree only a long name, or one that is
/// right to the letter, says what was meant.
bool is_telling(const Written& written, unsigned distance) {
  return written.last.size() >= (distance == 0 ? 9 : 12);
}

/// Nothing if the last part is too far; else a cost, less is nearer.
std::optional<unsigned> cost_of(const Written& written, const Candidate& candidate) {
  const auto& [key_at, last, bits] = candidate;
  if (!may_resemble(written, last, bits)) return std::nullopt;
  const Key& key = *key_at;
  const unsigned distance = edit_distance(written.last, last, written.limit);
  if (distance > written.limit) return std::nullopt;
  constexpr unsigned kGone = 5;
  const Parts parts = split_parts(key.name);
  if (!is_telling(written, distance) && !same_tree(written.parts, parts)) return std::nullopt;
  const unsigned gone = key.last_seen.empty() && !key.vendor_only ? 0 : kGone;
  return distance * 3 + folder_cost(written.parts, parts) + gone;
}

/// The candidate with what the written name says for '*'; conf has all, the others default.
std::string fill_wildcards(const Key& key, const Parts& written) {
  const Parts pattern = split_parts(key.name);
  std::string name;
  for (size_t i = pattern.count; i-- > 0;) {
    std::string_view part = pattern.part[i];
    if (part == "*") {
      const bool aligned = i < written.count && written.count == pattern.count;
      part = aligned ? written.part[i]
                     : (key.name.find(".conf.") != key.name.npos ? "all" : "default");
    }
    if (!name.empty()) name += '.';
    name += part;
  }
  return name;
}

}  // namespace

std::string suggest_key(std::string_view dotted) {
  const std::string name = path_to_dotted(dotted_to_path(dotted));
  Written written{split_parts(name), {}, 0, 0};
  written.last = written.parts.part[0];
  if (written.last.empty()) return {};
  written.limit = allowed_distance(written.last);
  written.letters = letters(written.last);
  const Key* best = nullptr;
  unsigned best_cost = 0;
  for (const Candidate& candidate : candidates()) {
    const std::optional<unsigned> cost = cost_of(written, candidate);
    if (!cost || (best != nullptr && *cost >= best_cost)) continue;
    best = candidate.key;
    best_cost = *cost;
  }
  return best == nullptr ? std::string() : fill_wildcards(*best, written.parts);
}

}  // namespace proctor::kernel
