// What the capacity model may hold.
#pragma once

#include "rules/shape.h"

namespace proctor::advise {

/// The whole file.
const rules::Shape& capacity_shape();

}  // namespace proctor::advise
