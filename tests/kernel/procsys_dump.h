// The recorded /proc/sys of four Debian kernels, as tests read it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kernel/state.h"

namespace proctor::kernel::testing {

struct Dump {
  std::string series;                        ///< "6.1".
  Machine machine;                           ///< The machine that it was taken on.
  std::map<std::string, std::string> value;  ///< By path; as read, without the final newline.
  std::vector<std::string> unreadable;       ///< Paths whose read failed.
};

/// The dumps in ../shared, ascending; none where that folder is absent.
std::vector<Dump> load_dumps();

}  // namespace proctor::kernel::testing
