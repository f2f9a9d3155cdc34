// Snapshots that options and settings name.
#pragma once

#include <memory>
#include <string>

#include "host/snapshot.h"
#include "text/result.h"

namespace proctor::cli {

/// An error starts with the path.
Result<std::shared_ptr<const host::Snapshot>> read_snapshot(const std::string& path);

/// Its facts, those that could not be read with their reasons, over those in `facts`.
void add_facts(const host::Snapshot& snapshot, host::Facts& facts);

}  // namespace proctor::cli
