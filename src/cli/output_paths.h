// Where reports may go.
#pragma once

#include <string>

#include "cli/settings.h"
#include "cli/workspace.h"

namespace proctor::cli {

/// Empty, or why the reports cannot go to the files that --output names: two of them to one file,
/// or one over a file that is judged.
std::string wrong_outputs(const Settings& settings, const Workspace& space);

}  // namespace proctor::cli
