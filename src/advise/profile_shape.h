// What a profile may hold.
#pragma once

#include "rules/shape.h"

namespace proctor::advise {

/// The whole file.
const rules::Shape& profile_shape();

}  // namespace proctor::advise
