// Lines that do the same whichever loader reads them and whatever stands beside them, so that the
// others can be tried without them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "load/loader.h"

namespace proctor::load {

/// Physical lines: by file and line.
using LineSet = std::vector<std::vector<bool>>;

LineSet no_lines(const Configuration& configuration);

/// The settled lines of a configuration, as one run of it shows them: plain settings of keys that
/// no other line sets, changes or rests on, taken by the kernel as a whole.
class Settled {
 public:
  /// `run` is what a loader made of `configuration`, from `start`. Both must outlive this.
  Settled(const Configuration& configuration, const LoadResult& run, const kernel::State& start);

  size_t count() const { return count_; }
  const LineSet& lines() const { return lines_; }
  /// One of them writes what is in force already, which some loaders skip.
  bool any_in_force() const { return any_in_force_; }
  /// Whether a run of the other lines shows that they and the settled ones do not meet.
  bool keep_apart(const LoadResult& rest) const;

 private:
  void choose(const LoadResult& run, const kernel::State& start);
  void add(const LoadResult& run, const Assignment& line);

  const Configuration& configuration_;
  LineSet lines_;
  std::unordered_set<std::string_view> paths_;  ///< What they change or rest on.
  bool speaks_of_all_ = false;                  ///< One of them rests on every interface,
  bool speaks_of_one_ = false;                  ///< one of them is a key of an interface.
  bool any_in_force_ = false;
  size_t count_ = 0;
};

/// A configuration without some of its lines.
class Rest {
 public:
  Rest(const Configuration& configuration, const LineSet& without);

  const Configuration& configuration() const { return rest_; }
  /// Where bytes of a file are in the rest; nullopt: they are not in one line that is left.
  std::optional<Span> map(uint32_t file, Span span) const;

 private:
  struct Kept {
    Span whole;
    uint32_t at;  ///< In the rest.
  };

  std::vector<std::unique_ptr<conf::Document>> documents_;
  std::vector<std::optional<std::vector<Kept>>> kept_;  ///< By file; nothing: it is as it was.
  Configuration rest_;
};

/// Whether the line means the same setting to every loader: no byte or form on which they differ.
bool is_plain(const conf::Document& document, const conf::Line& line);

}  // namespace proctor::load
