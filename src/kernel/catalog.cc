#include "kernel/catalog.h"

#include <algorithm>
#include <array>
#include <utility>

#include "kernel/catalog_tables.h"

namespace proctor::kernel {
namespace {

/// Takes the part before the next '/' off `rest`.
std::string_view take_part(std::string_view& rest) {
  const size_t slash = rest.find('/');
  const std::string_view part = rest.substr(0, slash);
  rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  return part;
}

const tables::Node* find_child(const tables::Node& node, std::string_view part) {
  const uint64_t prefix = tables::prefix_of(part);
  const auto children = tables::nodes().subspan(node.first_child, node.children);
  const auto child = std::lower_bound(
      children.begin(), children.end(), part,
      [prefix](const tables::Node& candidate, std::string_view name) {
        return candidate.prefix != prefix ? candidate.prefix < prefix : candidate.label < name;
      });
  return child != children.end() && child->label == part ? &*child : nullptr;
}

/// Matches the rest of a path below `node`. A literal part goes before '*', as
/// dev/parport/default does before dev/parport/*. The depth is the trie's, not the input's.
int match(const tables::Node& node, std::string_view rest, bool at_end, KeyRef& ref) {
  if (at_end) return node.key;
  std::string_view below = rest;
  const std::string_view part = take_part(below);
  if (part.empty()) return -1;
  const bool last = part.size() == rest.size();
  if (const tables::Node* child = find_child(node, part)) {
    const int key = match(*child, below, last, ref);
    if (key >= 0) return key;
  }
  if (node.wildcard == 0) return -1;
  const int key = match(tables::nodes()[node.wildcard], below, last, ref);
  if (key >= 0) ref.wildcards.emplace_back(part);
  return key;
}

struct SameVariable {
  std::string_view one;
  std::string_view other;
  Version since;  ///< Before, the two were variables of their own; or one of them did not exist.
};

constexpr SameVariable kSameVariable[] = {
    {"fs/fanotify/max_user_groups", "user/max_fanotify_groups", {}},
    {"fs/fanotify/max_user_marks", "user/max_fanotify_marks", {}},
    {"fs/inotify/max_user_instances", "user/max_inotify_instances", {}},
    {"fs/inotify/max_user_watches", "user/max_inotify_watches", {}},
    {"fs/xfs/speculative_cow_prealloc_lifetime",
     "fs/xfs/speculative_prealloc_lifetime",
     {5, 14, 0, false}},
    {"net/ipv4/conf/all/forwarding", "net/ipv4/ip_forward", {}},
    {"net/netfilter/nf_conntrack_max", "net/nf_conntrack_max", {}},
};

/// Pairs that differ in their last part only, and hold one variable in two units.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kSameNeighVariable = {{
    {"base_reachable_time", "base_reachable_time_ms"},
    {"retrans_time", "retrans_time_ms"},
}};

constexpr std::string_view kGcInterval = "net/ipv4/route/gc_min_interval";
constexpr std::string_view kGcIntervalMs = "net/ipv4/route/gc_min_interval_ms";

std::string swap_separators(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c == '.') {
      c = '/';
    } else if (c == '/') {
      c = '.';
    }
  }
  return result;
}

std::optional<KeyRef> match_path(std::string_view path) {
  KeyRef ref;
  const int key = match(tables::nodes().front(), path, false, ref);
  if (key < 0) return std::nullopt;
  ref.key = &keys()[static_cast<size_t>(key)];
  std::reverse(ref.wildcards.begin(), ref.wildcards.end());
  return ref;
}

/// What was looked up last under each hash: every loader on every kernel asks for the same few
/// paths, some two thousand times for a file of 50 lines.
struct Remembered {
  static constexpr size_t kSlots = 512;
  static constexpr size_t kLongest = 128;

  struct Slot {
    std::string path;
    std::optional<KeyRef> found;
  };
  std::vector<Slot> slots = std::vector<Slot>(kSlots);

  const std::optional<KeyRef>& find(std::string_view path) {
    Slot& slot = slots[std::hash<std::string_view>()(path) % kSlots];
    if (slot.path != path) {
      slot.found = match_path(path);
      slot.path = path;
    }
    return slot.found;
  }
};

}  // namespace

std::optional<KeyRef> find_path(std::string_view path) {
  if (path.empty() || path.size() > Remembered::kLongest) return match_path(path);
  thread_local Remembered remembered;
  return remembered.find(path);
}

const Key* find_pattern(std::string_view dotted) {
  const auto all = keys();
  const auto found =
      std::lower_bound(all.begin(), all.end(), dotted,
                       [](const Key& key, std::string_view name) { return key.name < name; });
  return found != all.end() && found->name == dotted ? &*found : nullptr;
}

std::string_view alias(std::string_view path, const Version& version) {
  for (const SameVariable& pair : kSameVariable) {
    if (version < pair.since) continue;
    if (path == pair.one) return pair.other;
    if (path == pair.other) return pair.one;
  }
  return {};
}

std::vector<std::string> same_variable(std::string_view path) {
  for (const SameVariable& pair : kSameVariable) {
    if (path == pair.one) return {std::string(pair.other)};
    if (path == pair.other) return {std::string(pair.one)};
  }
  if (path == kGcInterval) return {std::string(kGcIntervalMs)};
  if (path == kGcIntervalMs) return {std::string(kGcInterval)};
  if (!path.starts_with("net/ipv4/neigh/") && !path.starts_with("net/ipv6/neigh/")) return {};
  const size_t slash = path.rfind('/');
  const std::string folder(path.substr(0, slash + 1));
  const std::string_view last = path.substr(slash + 1);
  for (const auto& [one, other] : kSameNeighVariable) {
    if (last == one) return {folder + std::string(other)};
    if (last == other) return {folder + std::string(one)};
  }
  return {};
}

std::string path_to_dotted(std::string_view path) { return swap_separators(path); }

std::string dotted_to_path(std::string_view dotted) {
  const size_t separator = dotted.find_first_of("./");
  if (separator != std::string_view::npos && dotted[separator] == '/') return std::string(dotted);
  return swap_separators(dotted);
}

}  // namespace proctor::kernel
