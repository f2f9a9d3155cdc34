// Loader models: what procps, systemd-sysctl and busybox really do with configuration files.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conf/document.h"
#include "kernel/predict.h"
#include "kernel/state.h"
#include "text/result.h"

namespace proctor::load {

enum class Program : uint8_t { kProcps, kSystemd, kBusybox };

/// Every difference between loaders and their versions, one field each; the table of them
/// (load/traits.cc) is the only place where versions are told apart.
struct Traits;

class ProcTree;

struct Loader {
  std::string_view name;  ///< "systemd-252"
  Program program;
  const Traits* traits;
};

std::span<const Loader> loaders();  ///< All modelled, by program, then oldest first.
/// The loops around busybox that distributions run at boot: "alpine-boot", "openwrt-boot". They are
/// loaders by name, but no program of their own.
std::span<const Loader> boot_loops();
/// "systemd-252", or "systemd" for its newest; an error lists or suggests names.
Result<const Loader*> find_loader(std::string_view name);

/// Where a source of settings comes from.
enum class SourceKind : uint8_t {
  kFile,
  kCommandLine,  ///< The kernel's own: sysctl.KEY=VALUE entries, applied before any loader runs.
  kCredential,   ///< systemd's sysctl.extra: its errors do not count.
  kUnread,       ///< Present, but the loader whose order this is does not read it.
};

/// One file of a configuration, in the order that the configuration gives its files.
struct SourceFile {
  const conf::Document* document = nullptr;  ///< Null: it could not be read, see open_error.
  std::string
      path;  ///< In the file system root it belongs to ("/etc/sysctl.d/10-a.conf"), or the name.
  bool masked = false;  ///< Hidden by a file of the same name in a stronger folder.
  std::string masked_by;
  SourceKind kind = SourceKind::kFile;
  bool edited = false;          ///< Changed after the machine started.
  bool status_ignored = false;  ///< What comes of it does not count in the exit status (loops).
  int open_error = 0;           ///< errno of open() or read() without a document; EISDIR: a folder.
};

/// What lines do that are not among those of a configuration, where a file is looked at in pieces.
struct Elsewhere {
  static constexpr uint32_t kAll = 0xffffffff;

  /// Where a loader ends that ends at a refused value.
  struct End {
    uint32_t read = kAll;  ///< As many of these lines stand before a value that is refused.
    bool lost = false;     ///< Settings stand behind the first of these whose value is refused.
    friend auto operator<=>(const End&, const End&) = default;
  };
  End end;
  /// Kernels from which on it is another, ascending.
  std::vector<std::pair<kernel::Version, End>> later;
  bool written = false;  ///< Before these lines some values are written.

  const End& end_at(const kernel::Version& version) const {
    const End* found = &end;
    for (const auto& [from, other] : later) {
      if (from <= version) found = &other;
    }
    return *found;
  }
  /// Whether on every kernel all of these lines are read.
  bool reads_all() const {
    return end.read == kAll &&
           std::ranges::all_of(later, [](const auto& one) { return one.second.read == kAll; });
  }
  friend bool operator==(const Elsewhere&, const Elsewhere&) = default;
};

/// What is loaded together. How the files were found and ordered is files.h's business.
struct Configuration {
  std::vector<SourceFile> files;
  /// Loaded as at boot: procps then says nothing of unknown keys, systemd nothing of files that
  /// vanished. False: the files are named on the loader's command line.
  bool at_boot = false;
  /// Template markers are filled in before a loader sees the file; false: they are text.
  bool templates = true;
  Elsewhere elsewhere;
};

enum class Status : uint8_t {
  kApplied,     ///< Written, accepted, and nothing later changed it.
  kOverridden,  ///< Something later sets or changes the same key (see `by`).
  kIgnored,     ///< The loader makes no write (grammar, exclusion, equal value, glob, mask, ...).
  kFailed,      ///< Open or write failed, or the line is an error for the loader.
  kUnknown,     ///< Depends on an unknown (template marker, presence of a key, ...).
};

/// A line of a file.
struct Origin {
  uint32_t file = 0;  ///< Index into Configuration::files.
  uint32_t line = 0;  ///< Index into Document::lines().
  friend auto operator<=>(const Origin&, const Origin&) = default;
};

/// One write(2) that the loader makes.
struct Write {
  std::string path;   ///< Below /proc/sys; with a leading slash a file elsewhere, which busybox
                      ///< creates or truncates.
  std::string bytes;  ///< As sent.
  Origin origin;
  uint32_t assignment = 0;  ///< Index into LoadResult::assignments.
  kernel::Outcome outcome;
  uint32_t order = 0;   ///< Position among all writes.
  uint64_t offset = 0;  ///< In the open file: above 0 for what an earlier write left.
};

/// Problem kinds of one line under one loader: the vocabulary of the load/ and syntax/ findings.
struct Note {
  std::string_view kind;  ///< Static: "inline-comment", "missing-equals", "glob-literal", ...
  std::string text;       ///< What this loader makes of it, a full sentence.
  Origin origin;
  Span span;  ///< In the file's document.
};

/// Assignment::reason of the lines behind a value that the kernel refused, where the loader ends.
inline constexpr std::string_view kEndedBefore = "busybox ended at a value that the kernel refused";

struct Assignment {
  Origin origin;
  Span span;         ///< In the file's document: the line, or the entry of a command line.
  std::string path;  ///< As the loader resolves the key (a glob keeps its '*').
  std::string value;
  Status status = Status::kUnknown;
  std::optional<Origin> by;
  std::string reason;
  std::vector<uint32_t> writes;  ///< Indices into LoadResult::writes.
  bool glob = false;             ///< Stands for all keys that match.
  bool open_ended = false;       ///< A glob that may match more than `writes` shows: interfaces or
                                 ///< modules are not known.
  /// It only holds if the kernel takes this earlier line: a refusal there would end the file.
  std::optional<Origin> unless_refused;
};

struct LoadResult {
  LoadResult(const Loader& by, kernel::State start) : loader(&by), final_state(std::move(start)) {}

  const Loader* loader;
  int exit_status = 0;
  bool exit_known = true;  ///< False: something unknown decides; exit_status is the best guess.
  std::vector<Assignment> assignments;  ///< In the order of application.
  std::vector<Write> writes;            ///< In order.
  std::vector<Note> notes;
  /// Beyond kMostAssignments or kMostWrites nothing was modelled: the first line left out. What the
  /// result says of keys that later lines may set is not to be relied on.
  std::optional<Origin> given_up;
  uint32_t dropped_notes = 0;  ///< Notes beyond the first kMostNotes of their kind.
  kernel::State final_state;   ///< The state after everything.
};

/// Notes of one kind that a result keeps: a file of a million bad lines has no use for a million.
inline constexpr uint32_t kMostNotes = 1000;
/// No configuration that anybody wrote comes near; a file of a hundred megabytes would fill the
/// memory.
inline constexpr uint32_t kMostAssignments = 500000;
inline constexpr uint32_t kMostWrites = 1000000;

/// Runs `loader` over the configuration against a predicted /proc/sys.
LoadResult run(const Loader& loader, const Configuration& configuration,
               const kernel::State& start);
/// The same with a tree that shows `start`: whoever runs several loaders need not look twice.
LoadResult run(const Loader& loader, const Configuration& configuration, const kernel::State& start,
               const ProcTree& tree);

}  // namespace proctor::load
