// The handlers' models, by subsystem. Each is the C function of the same name in the kernel, told
// in terms of what can be read in /proc/sys.
#pragma once

#include <string_view>

#include "kernel/predict_call.h"

namespace proctor::kernel {

/// A kernel function, or a key, and the model of it.
struct HandlerEntry {
  std::string_view name;
  Handler handler;
};

/// Sorted by name.
struct HandlerTable {
  const HandlerEntry* begin;
  const HandlerEntry* end;
};

HandlerTable generic_handlers();
HandlerTable string_handlers();
HandlerTable text_handlers();
HandlerTable name_handlers();
HandlerTable net_handlers();
HandlerTable devconf_handlers();
HandlerTable neigh_handlers();
HandlerTable kernel_handlers();
HandlerTable sched_handlers();
HandlerTable vm_handlers();
HandlerTable protocol_handlers();

/// Keys whose table row says too little (rows filled in at run time, handlers set there), by the
/// catalog's pattern.
HandlerTable name_key_handlers();
HandlerTable neigh_key_handlers();

}  // namespace proctor::kernel
