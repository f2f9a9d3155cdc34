// The kernel's own value of a key, by version.
#pragma once

#include <string>

#include "host/facts.h"
#include "kernel/catalog.h"

namespace proctor::cli {

/// "128 before 5.4; 4,096 since 5.4", for the kernels that `facts` name, else for all that are
/// known; what needs a fact says which. Modules that bring the key are taken to be loaded. Empty:
/// not known.
std::string defaults_text(const kernel::Key& key, const host::Facts& facts);

}  // namespace proctor::cli
