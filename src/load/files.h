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
  Configuration configuration;  ///< In the loader's order; masked files keep their place.
  struct Unreadable {
    std::string path;
    std::string why;
  };
  std::vector<Unreadable> unreadable;
  std::vector<std::string>
      never_read;  ///< Present but not read by this loader ("/etc/sysctl.conf").
};

/// The files below file system root `root` ("/" is this machine) that `loader` reads at boot.
/// Symlinks are resolved inside the root and never followed out of it.
FileSet find_files(const Loader& loader, const std::string& root);

/// A drop-in folder given by itself: its *.conf in the loader's order.
FileSet find_drop_ins(const Loader& loader, const std::string& folder);

}  // namespace proctor::load
