// The recorded dumps and writes of ../shared/kernel.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/state.h"

namespace proctor::kernel {

/// The path of a recorded file; empty if the shared folder is not there.
std::string recorded_file(std::string_view name);

/// Calls `row` with the tab separated fields of each line of a gzipped table, the heading left out.
/// False if the file cannot be read.
bool for_each_row(const std::string& path,
                  const std::function<void(const std::vector<std::string_view>&)>& row);

/// "\n", "\t", "\r", "\\" and "\xNN" as bytes.
std::string unescape(std::string_view text);

/// /proc/sys after boot of each kernel, by series ("6.1").
std::map<std::string, State> recorded_states();

}  // namespace proctor::kernel
