// Which keys an assignment has to do with.
#pragma once

#include <span>
#include <string_view>

#include "load/loader.h"

namespace proctor::load {

/// Whether the assignment may stand for keys that it does not name, or is no sysctl.
bool is_odd_path(const Assignment& line);

/// Whether a path is a key of one interface: what speaks of all interfaces
/// (kernel::kEveryInterface) may depend on which of these are set.
bool is_of_interface(std::string_view path);

/// Whether the kernel refuses a value: where that ends a loader, the lines behind it are lost.
bool any_refused(const LoadResult& run);

/// Whether the kernel takes the same from loaders that end a value with a newline and from those
/// that do not. `start` is the state before anything was written.
bool ignores_newline(const Write& write, const kernel::State& start);

/// Whether one of the loaders ends where the kernel refuses a value.
bool any_stops(std::span<const Loader* const> loaders);

/// Whether a write is refused where a loader that stops at refusals ends.
bool ends_loaders(const Write& write);

/// Calls action(path) for what an assignment names, changes or rests on; a path may come twice.
/// The views live as long as `run`.
template <typename Do>
void visit_footprint(const LoadResult& run, const Assignment& line, Do action) {
  action(std::string_view(line.path));
  for (const uint32_t index : line.writes) {
    const Write& write = run.writes[index];
    if (write.path != line.path) action(std::string_view(write.path));
    for (const std::string& other : write.outcome.others) action(std::string_view(other));
  }
}

}  // namespace proctor::load
