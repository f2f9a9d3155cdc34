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

/// Whose value it is, and from where it can be reached.
enum class Scope : uint8_t {
  kGlobal,            ///< One value for the machine.
  kNetns,             ///< Each network namespace has its own.
  kInitNetns,         ///< Not there outside the initial network namespace.
  kInitNetnsWrites,   ///< Read-only outside the initial network namespace.
  kInitNetnsDefault,  ///< Not there outside the initial one (the "default" row of neigh).
  kIpcns,
  kUserns,
  kUtsns,
  kPidns,
  kPidnsSince614,  ///< Global before 6.14.
  kUnknown,
};

/// One row of the catalog. All text is static storage; empty means not known / none.
struct Key {
  std::string_view name;  ///< Dotted pattern, "net.ipv4.conf.*.rp_filter"; '*' is one part.
  ValueType type;
  uint8_t slots;             ///< Number of values of a vector (0: not a vector; 255: as many
                             ///< as the machine has zones or the like).
  std::string_view unit;     ///< "seconds", "bytes", "pages", "milliseconds", ...
  std::string_view minimum;  ///< Newest known bound as text, "" if none.
  std::string_view maximum;
  bool read_only;  ///< In the newest kernel known.
  bool write_only;
  bool per_netns;
  Scope scope;
  bool vendor_only;                ///< Never in mainline (Debian's, Ubuntu's patches).
  std::string_view first_seen;     ///< Version text, "<=2.6.18" in the oldest tree.
  std::string_view last_seen;      ///< Last release known to have it; empty: still there.
  std::string_view removed_in;     ///< First release known not to have it.
  std::string_view absent_before;  ///< Newest release known NOT to have it before first_seen.
  std::string_view module;         ///< Loadable module that brings it; empty: none is needed.
  std::string_view config;         ///< Build options that bring it, as the kernel names them.
  std::string_view default_text;   ///< Value or formula in words.
  std::string_view replaced_by;
  std::string_view source_file;
  std::string_view notes;
  std::string_view combines;  ///< How conf.all and the interface combine: "max", "or", "and",
                              ///< "iface", "min", ...; kernel/combine.h computes it.
  uint16_t first_change;      ///< Where its rows begin in the history of handlers and bounds,
  uint16_t changes;           ///< how many the main line has, and how many
  uint16_t branches;          ///< stable branches follow them. Use kernel::changes().
};

/// A bound as a ctl_table gives it.
struct Bound {
  enum class Kind : uint8_t {
    kNone,
    kNumber,
    kSymbol,  ///< Depends on the machine, on another key, or is not known as a number.
  };
  Kind kind;
  int64_t value;
  std::string_view symbol;  ///< The kernel's name for it ("netdev_budget_usecs_min").
};

/// One row of a key's history: what the kernel's ctl_table says from a release on. Bounds that the
/// handler ignores are left out; bounds that a handler applies on its own are not here.
struct Change {
  Version from;    ///< First inspected release that shows this row.
  Version before;  ///< Newest inspected release that shows the row before it; major 0: none. The
                   ///< change came somewhere in (before, from].
  bool branch;     ///< Holds only in the stable series of `from`: a backport.
  std::string_view handler;  ///< "proc_dointvec_minmax", ...
  Bound minimum;
  Bound maximum;
  uint32_t maxlen;  ///< Bytes; 0: the size of the variable, see Key::type and slots.
  uint16_t mode;    ///< Permission bits.
};

/// What of a key's history holds for a version.
struct InForce {
  const Change* row = nullptr;    ///< Null: no row is known (a key filled in at run time, or none).
  const Change* other = nullptr;  ///< Set where the release of a change is uncertain: either row
                                  ///< may be in force.
  bool certain() const { return row != nullptr && other == nullptr; }
};

/// A key as somebody names it: the catalog's row and what stood for '*'.
struct KeyRef {
  const Key* key = nullptr;
  std::vector<std::string> wildcards;  ///< Interface names and the like, in order.
};

/// Sorted by name; static.
std::span<const Key> keys();
/// The place of one of keys().
size_t index_of(const Key& key);
/// A /proc/sys path ("net/ipv4/conf/eth0.100/rp_filter"), wildcards matched.
std::optional<KeyRef> find_path(std::string_view path);
/// The row with exactly this pattern or dotted name without wildcards bound.
const Key* find_pattern(std::string_view dotted);
/// Whether a key exists on a kernel. A series is asked as its whole: unknown if its releases
/// differ.
Existence existence(const Key& key, const Version& version);
/// Main-line rows, oldest first.
std::span<const Change> changes(const Key& key);
/// Rows of single stable series.
std::span<const Change> branch_changes(const Key& key);
/// The row that a kernel of `version` has.
InForce change_at(const Key& key, const Version& version);
/// The other path that a kernel of `version` always reads the same value from, in the initial
/// namespaces; empty: none.
std::string_view alias(std::string_view path, const Version& version);
/// The other paths under which the kernel keeps the same variable ("net/ipv4/ip_forward" and
/// "net/ipv4/conf/all/forwarding"); the same unit is not implied (retrans_time and
/// retrans_time_ms).
std::vector<std::string> same_variable(std::string_view path);
/// The catalog name that a misspelled one was most likely meant to be, with its own interface for
/// '*' ("net.ipv4.conf.eth0.rp_filte" -> "net.ipv4.conf.eth0.rp_filter"), or empty. A wrong or
/// missing folder is forgiven before a wrong name; keys that are gone come last.
std::string suggest_key(std::string_view dotted);
/// Versions v in (from, to] at which something about `key` changes (arrival, removal, handler,
/// bounds, initial value, how conf.all combines), ascending. See also behaviour_changes().
std::vector<Version> change_points(const Key& key, const VersionRange& range);
/// Long-term kernels still maintained and the newest release, ascending: what "no --kernel" means.
std::span<const Version> maintained_kernels();

/// "net/ipv4/conf/eth0.100/x" <-> "net.ipv4.conf.eth0/100.x".
std::string path_to_dotted(std::string_view path);
std::string dotted_to_path(std::string_view dotted);

}  // namespace proctor::kernel
