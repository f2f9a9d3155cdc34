// Keys that hold sets of CPUs. The kernel counts those that could ever be there, which are as many
// as host.cpus or more; where that matters and the key's own text does not tell, the answer is
// open.
#pragma once

#include "kernel/predict_call.h"

namespace proctor::kernel {

/// A mask of hex words. `keeps_fault`: what was parsed before a fault is stored all the same.
void write_cpu_mask(const Call& call, Answer& answer, bool keeps_fault);

/// A list like "0-3,8" or "0-7:1/2".
void write_cpu_list(const Call& call, Answer& answer);

}  // namespace proctor::kernel
