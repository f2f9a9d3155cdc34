// What is known of every sysctl key, by kernel version.
//
// Facts come from rules/catalog/*.tsv, which tools/ rebuilds and checks against kernel source trees
// and dumps of /proc/sys; the build compiles them into constexpr tables.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/version.h"

namespace proctor::kernel {

/// How the kernel parses and stores a key (kernel/sysctl.c handlers and the special ones).
enum class ValueType : uint8_t {
  kInt,
  kUint,
  kU8,
  kBool,
  kLong,
  kUlong,
  kIntVector,
  kUintVector,
  kLongVector,
  kUlongVector,
  kString,      ///< proc_dostring and its kin.
  kPortBitmap,  ///< "N,A-B" lists.
  kMask,        ///< Hex words: CPU masks.
  kOther,       ///< A handler of its own; see Handler in predict.
};

enum class Existence : uint8_t {
  kAbsent,
  kPresent,
  kNeedsModule,  ///< Present once `Key::module` is loaded (or built in).
  kUnknown,      ///< Inside a bracket of uncertain arrival or removal, or depends on the build.
};

/// One row of the catalog. All text is static storage; empty means not known / none.
struct Key {
  std::string_view name;  ///< Dotted pattern, "net.ipv4.conf.*.rp_filter"; '*' is one part.
  ValueType type;
  uint8_t slots;             ///< Number of values of a vector (0: not a vector).
  std::string_view unit;     ///< "seconds", "bytes", "pages", "milliseconds", ...
  std::string_view minimum;  ///< Newest known bound as text, "" if none.
  std::string_view maximum;
  bool read_only;  ///< In the newest kernel known.
  bool write_only;
  bool per_netns;
  std::string_view first_seen;     ///< Version text, "<=2.6.18" in the oldest tree.
  std::string_view last_seen;      ///< Last release known to have it; empty: still there.
  std::string_view removed_in;     ///< First release known not to have it.
  std::string_view absent_before;  ///< Newest release known NOT to have it before first_seen.
  bool vendor_only;                ///< Never in mainline (Debian's, Ubuntu's patches).
  std::string_view module;         ///< Module or CONFIG_ that brings it.
  std::string_view default_text;   ///< Value or formula in words.
  std::string_view replaced_by;
  std::string_view source_file;
  std::string_view notes;
  std::string_view combines;  ///< How conf.all and the interface combine: "max", "or", "and",
                              ///< "iface", "min", ...
  uint16_t first_change;  ///< Index and number of its rows in the history of handlers and bounds.
  uint16_t changes;
};

/// A key as somebody names it: the catalog's row and what stood for '*'.
struct KeyRef {
  const Key* key = nullptr;
  std::vector<std::string> wildcards;  ///< Interface names and the like, in order.
};

/// Sorted by name; static.
std::span<const Key> keys();
/// A /proc/sys path ("net/ipv4/conf/eth0.100/rp_filter"), wildcards matched.
std::optional<KeyRef> find_path(std::string_view path);
/// The row with exactly this pattern or dotted name without wildcards bound.
const Key* find_pattern(std::string_view dotted);
/// Whether a key exists on a kernel. A series is asked as its whole: unknown if its releases
/// differ.
Existence existence(const Key& key, const Version& version);
/// The nearest catalog name for a misspelled dotted name, or empty. `version` prefers keys that
/// exist.
std::string suggest_key(std::string_view dotted);
/// Versions v in (from, to] at which something about `key` changes (arrival, removal, handler,
/// bounds, initial value), ascending.
std::vector<Version> change_points(const Key& key, const VersionRange& range);
/// Long-term kernels still maintained and the newest release, ascending: what "no --kernel" means.
std::span<const Version> maintained_kernels();

/// "net/ipv4/conf/eth0.100/x" <-> "net.ipv4.conf.eth0/100.x".
std::string path_to_dotted(std::string_view path);
std::string dotted_to_path(std::string_view dotted);

}  // namespace proctor::kernel
