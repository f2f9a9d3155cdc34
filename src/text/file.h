// Reading and writing whole files.
#pragma once

#include <string>
#include <string_view>

#include "text/result.h"

namespace proctor {

/// The bytes of a regular file. Refuses a FIFO, a device, a directory, and above 4 GiB - 1, each
/// with a reason; never blocks on open. Follows symlinks (ELOOP is an error).
Result<std::string> read_file(const std::string& path);

/// Writes to a temporary file beside `path`, then renames it over `path`, keeping mode and owner of
/// a file that was there. The file is whole or untouched. Returns an empty string or the error.
std::string write_file(const std::string& path, std::string_view bytes);

}  // namespace proctor
