// Waiting until a file changes.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "text/result.h"

namespace proctor::cli {

/// What a run depends on. Paths from '/' on.
struct Watched {
  std::set<std::string> files;    ///< They need not exist.
  std::set<std::string> folders;  ///< Their *.conf, and folders that come and go.
  std::set<std::string> trees;    ///< Folders, and all folders below them, but .git, .hg, .svn.
  std::set<std::string> rules;    ///< Folders: their *.yaml and *.yml.
  std::set<std::string> outputs;  ///< Files that the run itself writes: they do not count.
};

/// Uses inotify: changes that another machine makes on a network file system are not seen.
class Watcher {
 public:
  Watcher();
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  /// From now on these count, instead of those before. Changes of what was watched before and is
  /// still watched are not lost in between. An empty string, or why it cannot be watched.
  std::string watch(Watched watched);

  /// Waits for a change and until it is quiet after it: the path, or an error.
  Result<std::string> wait();

 private:
  std::set<std::string> folders_to_watch() const;
  std::string add(const std::string& folder);
  /// The first path that counts of the events that are there; empty: none.
  std::string read_events();
  bool counts(const std::string& folder, std::string_view name, uint32_t mask) const;
  bool is_awaited(const std::string& folder) const;
  bool wait_for_events(int milliseconds) const;

  int fd_;
  Watched watched_;
  std::set<std::string> all_trees_;         ///< The trees with what is below them.
  std::map<std::string, int> descriptors_;  ///< By folder.
  std::map<int, std::string> folder_of_;
};

}  // namespace proctor::cli
