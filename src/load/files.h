// Which files a loader reads and in which order.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "load/loader.h"

namespace proctor::load {

/// Files found below a root or in a folder, with what could not be read. Owns the documents.
struct FileSet {
  std::vector<std::unique_ptr<conf::Document>> documents;
  /// In the loader's order. A masked file stands before the one that hides it; what could not be
  /// opened has no document but its errno, which counts in the exit status.
  Configuration configuration;
  struct Unreadable {
    std::string path;
    std::string why;
  };
  std::vector<Unreadable> unreadable;  ///< Files that proctor cannot read and a loader might.
  /// A dangling symlink, a folder called x.conf, a loop of symlinks: read by nobody, and what the
  /// loader makes of it, as a sentence.
  std::vector<Unreadable> odd;
  /// Present but not read by this loader ("/etc/sysctl.conf"); `configuration` has them at its end.
  std::vector<std::string> never_read;
};

/// The files below file system root `root` ("/" is this machine) that `loader` reads at boot.
/// Symlinks are resolved inside the root and never followed out of it. Documents are called by
/// their path with the root before it, sources by their path in the root.
FileSet find_files(const Loader& loader, const std::string& root);

/// A drop-in folder given by itself: its *.conf in the loader's order, as at boot. busybox, which
/// knows no folders, is taken to be run once for each file.
FileSet find_drop_ins(const Loader& loader, const std::string& folder);

/// The kernel's command line, as /proc/cmdline gives it, before all files.
void add_command_line(FileSet& files, std::string bytes);

}  // namespace proctor::load
