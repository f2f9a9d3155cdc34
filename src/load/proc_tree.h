// Which files and folders a predicted /proc/sys has.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernel/state.h"

namespace proctor::load {

/// What a path names.
enum class NodeKind : uint8_t {
  kMissing,
  kFile,
  kFolder,
  kBelowFile,  ///< A part before the last is a file: ENOTDIR.
  kTooLong,    ///< ENAMETOOLONG.
  kOutside,    ///< Leads out of /proc/sys: `path` is absolute.
  kUnknown,    ///< Depends on interfaces or modules that nobody named.
};

struct Node {
  NodeKind kind = NodeKind::kMissing;
  std::string
      path;  ///< Canonical, below /proc/sys without a leading slash; "" is /proc/sys itself.
};

/// Names in a folder.
struct Listing {
  std::vector<std::string> names;  ///< Certain ones, as the kernel lists them: sorted bytewise.
  bool open_ended = false;         ///< There may be more.
};

/// Of a state before anything is written: writes add no files. Keeps what was looked up, so that
/// it must stay in one thread.
class ProcTree {
 public:
  /// `state` must outlive the tree.
  explicit ProcTree(const kernel::State& state);

  /// Resolves a path below /proc/sys as open() does: "//", ".", ".." and a final slash. Only
  /// kOutside and kBelowFile of odd paths are told at once; a plain path is kUnknown until look().
  Node resolve(std::string_view path) const;
  /// What a canonical path names.
  NodeKind look(std::string_view path) const;
  /// A canonical folder's names; empty for anything else.
  const Listing& list(const std::string& folder) const;
  /// An interface that is known has a dot in its name.
  bool has_dotted_interface() const;
  /// Whether the catalog knows a key at the path, whatever stands for its wildcards.
  static bool is_catalogued(std::string_view path);

 private:
  NodeKind look_uncached(std::string_view path) const;
  Listing list_uncached(std::string_view folder) const;
  enum class Presence : uint8_t { kNo, kYes, kPerhaps };
  Presence presence_of(const kernel::Key& key, std::string_view star) const;
  void add_catalogued(std::string_view folder, Listing& listing) const;
  void add_wildcard(std::string_view pattern, Listing& listing) const;

  /// The state's explicit paths, sorted, and whether each is there.
  using Cells = std::vector<std::pair<std::string, bool>>;
  const Cells& cells() const;

  const kernel::State& state_;
  mutable std::optional<Cells> cells_;
  std::vector<std::string> interfaces_;  ///< With lo; certain.
  bool interfaces_open_ = true;
  mutable std::map<std::string, NodeKind, std::less<>> nodes_;
  mutable std::map<std::string, Listing, std::less<>> listings_;
};

/// A path outside /proc/sys in its shortest form, without looking at symlinks.
std::string shorten(std::string_view absolute);

}  // namespace proctor::load
