// The catalog as a tree of folders.
#pragma once

#include <functional>
#include <string_view>

#include "kernel/catalog.h"

namespace proctor::kernel {

/// A key below a folder.
struct KeyBelow {
  const Key& key;
  std::string_view rest;  ///< The dotted pattern below the folder: "*.rp_filter", "rp_filter".
  std::string_view star;  ///< What in the folder's path stood for the pattern's last '*'; or empty.
};

/// Calls `visit` for the keys below a folder of /proc/sys ("net/ipv4/conf/eth0"; "" is all of it),
/// in order of their names, until it returns false. A key at the path itself is not below it.
void visit_below(std::string_view folder, const std::function<bool(const KeyBelow&)>& visit);

}  // namespace proctor::kernel
