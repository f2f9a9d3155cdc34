// The settings in force, as proctor.toml would say them.
#pragma once

#include <string>

#include "cli/settings.h"
#include "cli/workspace.h"

namespace proctor::cli {

/// One document for each proctor.toml that a file of the workspace has, and where each setting
/// comes from; then the configurations with their targets.
std::string settings_text(const Workspace& space, const Settings& settings);

}  // namespace proctor::cli
