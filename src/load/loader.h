// Loader models: what procps, systemd-sysctl and busybox really do with configuration files.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
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

struct Loader {
  std::string_view name;  ///< "systemd-252"
  Program program;
  const Traits* traits;
};

std::span<const Loader> loaders();  ///< All modelled, by program, then oldest first.
/// "systemd-252", or "systemd" for its newest; an error lists or suggests names.
Result<const Loader*> find_loader(std::string_view name);

/// One file of a configuration, in the order that the configuration gives its files.
struct SourceFile {
  const conf::Document* document = nullptr;
  std::string
      path;  ///< In the file system root it belongs to ("/etc/sysctl.d/10-a.conf"), or the name.
  bool masked = false;  ///< Hidden by a file of the same name in a stronger folder.
  std::string masked_by;
};

/// What is loaded together. How the files were found and ordered is files.h's business.
struct Configuration {
  std::vector<SourceFile> files;
};

enum class Status : uint8_t {
  kApplied,     ///< Written, accepted, and nothing later changed it.
  kOverridden,  ///< Something later sets the same key (see `by`).
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
  std::string path;   ///< Below /proc/sys.
  std::string bytes;  ///< As sent.
  Origin origin;
  kernel::Outcome outcome;
  uint32_t order = 0;  ///< Position among all writes.
};

/// Problem kinds of one line under one loader: the vocabulary of the load/ and syntax/ findings.
struct Note {
  std::string_view kind;  ///< Static: "inline-comment", "missing-equals", "glob-literal", ...
  std::string text;       ///< What this loader makes of it, a full sentence.
  Origin origin;
  Span span;  ///< In the file's document.
};

struct Assignment {
  Origin origin;
  std::string path;  ///< As the loader resolves the key (a glob keeps its '*').
  std::string value;
  Status status = Status::kUnknown;
  std::optional<Origin> by;
  std::string reason;
  std::vector<uint32_t> writes;  ///< Indices into LoadResult::writes.
};

struct LoadResult {
  const Loader* loader = nullptr;
  int exit_status = 0;
  std::vector<Assignment> assignments;  ///< In the order of application.
  std::vector<Write> writes;            ///< In order.
  std::vector<Note> notes;
  kernel::State final_state;  ///< The state after everything.
};

/// Runs `loader` over the configuration against a predicted /proc/sys.
LoadResult run(const Loader& loader, const Configuration& configuration, kernel::State start);

}  // namespace proctor::load
