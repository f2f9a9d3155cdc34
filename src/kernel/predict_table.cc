#include <algorithm>

#include "kernel/predict_handlers.h"

namespace proctor::kernel {
namespace {

Handler look_up(HandlerTable table, std::string_view name) {
  const auto* at = std::lower_bound(
      table.begin, table.end, name,
      [](const HandlerEntry& entry, std::string_view wanted) { return entry.name < wanted; });
  return at != table.end && at->name == name ? at->handler : nullptr;
}

}  // namespace

Handler find_handler(std::string_view name) {
  for (const HandlerTable table :
       {generic_handlers(), string_handlers(), text_handlers(), name_handlers(), net_handlers(),
        devconf_handlers(), neigh_handlers(), kernel_handlers(), sched_handlers(), vm_handlers(),
        protocol_handlers()}) {
    if (const Handler handler = look_up(table, name)) return handler;
  }
  return nullptr;
}

Handler find_handler_of_key(std::string_view pattern) {
  for (const HandlerTable table : {name_key_handlers(), neigh_key_handlers()}) {
    if (const Handler handler = look_up(table, pattern)) return handler;
  }
  return nullptr;
}

}  // namespace proctor::kernel
