// Standard input, whole.
#pragma once

#include <string>

#include "text/result.h"

namespace proctor::cli {

/// Reads to the end; refuses 4 GiB and above, as read_file() does.
Result<std::string> read_standard_input();

/// A file that an option names; unlike read_file() it may be a pipe, as <(command) gives it.
Result<std::string> read_option_file(const std::string& path);

}  // namespace proctor::cli
