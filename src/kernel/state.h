// A predicted /proc/sys: for each path what reading it would give, as far as that is known.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernel/catalog.h"
#include "kernel/version.h"

namespace proctor::kernel {

/// What a prediction may depend on; what is not given is unknown, never assumed.
struct Machine {
  Version version;                 ///< REQUIRED: one version (a series or a release).
  std::optional<uint64_t> memory;  ///< Bytes of MemTotal.
  std::optional<uint32_t> cpus;
  std::optional<uint32_t> page_size;
  std::optional<uint32_t> hz;                          ///< CONFIG_HZ.
  std::optional<std::string> thp;                      ///< "always", "madvise", "never".
  std::optional<std::string> arch;                     ///< "x86_64", ...
  std::optional<std::vector<std::string>> modules;     ///< Loaded or built in.
  std::optional<std::vector<std::string>> interfaces;  ///< Without all and default.
  /// Modules that count as loaded while `modules` is unknown.
  std::vector<std::string> assumed_modules;
  std::optional<bool> initial_netns;  ///< False in a container with a network namespace.
};

/// What reading a path gives.
struct Cell {
  enum class Status : uint8_t { kKnown, kUnknown, kAbsent };
  Status status = Status::kUnknown;
  std::string text;  ///< kKnown: as read, without the final newline; vectors with tabs. kUnknown:
                     ///< empty, or a vector of which some slots are known, "?" for the others.
  std::vector<std::string> needs;  ///< kUnknown: facts that would decide ("host.memory"), sorted;
                                   ///< may be empty if no fact can.
  bool approximate = false;  ///< kKnown: computed from MemTotal where the kernel counts free pages;
                             ///< a few percent off. Fit for thresholds, not for equality.
  static Cell known(std::string text);
  static Cell about(std::string text);  ///< Known, but approximate.
  static Cell unknown(std::vector<std::string> needs);
  static Cell absent();
  friend bool operator==(const Cell&, const Cell&) = default;
};

/// The kernel's initial value of a path after boot on `machine`, before any configuration:
/// constants and formulas where they are known, else unknown with the facts it needs.
Cell initial_value(std::string_view path, const Machine& machine);

/// One row of rules/catalog/defaults.tsv: what a path reads after boot on kernels in a range.
struct InitialRow {
  std::string_view path;   ///< Dotted; '*' as in the catalog, or all, default, lo in its place.
  Version from;            ///< Major 0: open.
  Version to;              ///< Major 65535: open. A series holds all its releases.
  std::string_view value;  ///< Text with formulas in braces; \t and \n for themselves.
  std::string_view evidence;
};

/// The rows that hold for a path, oldest first. Between them nobody knows.
std::span<const InitialRow> initial_rows(std::string_view path);

class Predictions;

/// A state: explicit cells over initial values that are computed when asked. A copy shares what
/// freeze() laid down and what was computed since, so that many scenarios over one dump cost
/// little; copies must therefore stay in one thread.
class State {
 public:
  explicit State(Machine machine)
      : machine_(std::make_shared<const Machine>(std::move(machine))),
        initial_(std::make_shared<Cells>()) {}

  const Machine& machine() const { return *machine_; }
  /// An explicit cell, else the initial value; valid until the state goes away or the path is set.
  const Cell& read(const std::string& path) const;
  void set(const std::string& path, Cell cell);
  bool is_explicit(const std::string& path) const;
  /// Whether the path was set since freeze().
  bool is_set(const std::string& path) const { return cells_.contains(path); }
  /// A dump is complete: paths that it lacks are absent rather than initial.
  void set_complete(bool complete);
  bool complete() const { return complete_; }
  /// Explicit cells in order of path.
  std::map<std::string, Cell> cells() const;
  /// Whether `other` has the same explicit cells.
  bool same_cells(const State& other) const;
  /// Paths whose explicit cells `other` may hold otherwise, sorted; those that the two share since
  /// freeze() are not looked at.
  std::vector<std::string> paths_apart(const State& other) const;
  /// Makes the explicit cells the base that later copies share.
  void freeze();
  /// Paths without an explicit cell that read() was asked for, of this state or of one that shares
  /// its values, sorted: what predictions depended on beyond what they were given.
  std::vector<std::string> asked() const;
  /// What writes to the frozen state came to; nullptr: it was never frozen.
  Predictions* predictions() const { return predictions_.get(); }
  /// Initial values that the copies keep, for whoever holds a state for long.
  size_t kept_values() const { return initial_->size(); }
  /// Interface names under net/ipv4/conf (without all and default): from the machine's facts and
  /// the explicit cells, sorted; nullopt if nobody named them.
  std::optional<std::vector<std::string>> interfaces() const;

 private:
  using Cells = std::map<std::string, Cell>;

  const Cell* explicit_cell(const std::string& path) const;

  std::shared_ptr<const Machine> machine_;
  bool complete_ = false;
  std::shared_ptr<const Cells> base_;  ///< May be null.
  Cells cells_;                        ///< Over the base.
  std::shared_ptr<Cells> initial_;     ///< Initial values that were asked for.
  std::shared_ptr<Predictions> predictions_;
};

}  // namespace proctor::kernel
