// Which configurations the paths of a command line amount to. Nothing is read but folders.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "text/diagnostic.h"

namespace proctor::cli {

/// One configuration: files that are loaded together.
struct Source {
  enum class Kind : uint8_t {
    kFile,           ///< A loose file.
    kFolder,         ///< A drop-in folder: its *.conf.
    kRoot,           ///< A file system root: what a loader reads at boot.
    kStandardInput,  ///< `path` is what to call it.
  } kind = Kind::kFile;
  std::string path;  ///< As the user names it, without a '/' at the end.
  friend auto operator<=>(const Source&, const Source&) = default;
};

struct Discovery {
  /// In the order of file names; none twice.
  std::vector<Source> sources;
  /// Where each unit begins in `sources`: a unit is a configuration with those whose files may sort
  /// between its own (a folder, and the folders below it).
  std::vector<uint32_t> units;
  std::vector<Diagnostic> problems;  ///< Folders that cannot be read, or hold nothing.

  std::span<const Source> unit(size_t index) const;
  /// Makes `units` for the sources that there are. REQUIRES: they are in order.
  void set_units();
};

/// What a loader reads at boot, below a root: "etc/sysctl.conf", "etc/sysctl.d", ...
std::span<const char* const> root_places();

/// A path that is a folder is
/// - a file system root, if it has a place that a loader reads at boot: etc/sysctl.conf, or
///   sysctl.d below etc, run, usr/local/lib, usr/lib or lib;
/// - else a drop-in folder, if its name ends in ".d", or if it holds *.conf files, none of them
///   sysctl.conf or *.sysctl.conf, and no folder;
/// - else a place to look below for sysctl.conf, *.sysctl.conf, and *.conf below a sysctl.d (each
///   folder there is a drop-in folder). Symbolic links to folders, .git, .hg and .svn are not
///   entered.
/// Any other path is a loose file; "-" is standard input. A folder in which nothing is found is a
/// problem: a misspelled path must not pass as a clean one.
Discovery discover(const std::vector<std::string>& paths, const std::string& stdin_name);

}  // namespace proctor::cli
