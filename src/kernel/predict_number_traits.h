// Which number grammar a kernel has.
#pragma once

#include <vector>

#include "kernel/predict_numbers.h"
#include "kernel/version.h"

namespace proctor::kernel {

/// One set of traits, or every set that releases of an uncertain version may have.
std::vector<NumberTraits> number_traits(const Version& version);

}  // namespace proctor::kernel
