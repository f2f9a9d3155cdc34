// Whether a path of /proc/sys exists on a machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/catalog.h"
#include "kernel/state.h"

namespace proctor::kernel {

struct Presence {
  enum class Answer : uint8_t { kYes, kNo, kUnknown };
  Answer answer = Answer::kUnknown;
  std::vector<std::string> needs;  ///< kUnknown: facts that would decide, sorted; may be empty.
  std::string reason;              ///< kNo: one phrase for people ("removed in 4.12").
};

/// From the catalog and the machine's modules, interfaces and namespaces. A path that the catalog
/// does not have is kNo.
Presence presence(std::string_view path, const Machine& machine);

}  // namespace proctor::kernel
