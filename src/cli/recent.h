// What was judged a moment ago: repositories hold the same file for many hosts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "rules/audience.h"

namespace proctor::cli {

/// Reports of single files by their bytes, the last few of them. For several threads.
class Recent {
 public:
  /// What a report depends on beside the bytes.
  struct Asker {
    const void* project;
    bool at_boot;
    std::vector<uint32_t> targets;
    friend bool operator==(const Asker&, const Asker&) = default;
  };
  using Reports = std::shared_ptr<const std::vector<rules::Told>>;

  /// nullptr: not judged, or not lately.
  Reports find(std::string_view bytes, const Asker& asker) const;
  void add(std::string_view bytes, Asker asker, Reports reports);

 private:
  static constexpr size_t kMost = 64;
  /// A report on a longer file may be as long as a book.
  static constexpr size_t kLongest = 16384;

  struct Known {
    size_t hash;
    std::string bytes;
    Asker asker;
    Reports reports;
  };

  mutable std::mutex mutex_;
  std::deque<Known> known_;  ///< The oldest first.
};

}  // namespace proctor::cli
