// The memory that a run begins with.
#pragma once

namespace proctor::cli {

/// Has the heap begin on huge pages where the system gives them, and keep what it has: a run that
/// lasts milliseconds else spends a good part of them on the first touch of each page, above all
/// inside a virtual machine. Costs at most one huge page of memory. Call before threads start.
void prepare_heap();

}  // namespace proctor::cli
