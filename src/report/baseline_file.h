// A baseline as it stands in its file: findings that are known.
//
//   {
//     "kind": "proctor-baseline",
//     "version": 1,
//     "findings": [
//       {"file": "sysctl.d/10-net.conf", "rule": "tcp/...", "line": "net... = 1", "count": 1},
//       {"file": "notes.sysctl.conf", "rule": "load/never-read", "keys": [], "count": 1}
//     ]
//   }
//
// One entry a line, sorted, so that versions of the file merge and compare well.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/cause.h"
#include "text/diagnostic.h"
#include "text/span.h"

namespace proctor::report {

struct Known {
  CauseInFile cause;   ///< The file as seen from the baseline's folder.
  uint32_t count = 1;  ///< How often it is there; at least 1.
  Span span;           ///< Of its line in the file; empty at 0: nobody knows.
};

/// The entries of the baseline `text`, called `name` by the user. No baseline, one of another
/// version, or one that is cut off: what is wrong.
struct BaselineRead {
  std::vector<Known> known;
  std::optional<Diagnostic> problem;
};
BaselineRead read_baseline(std::string_view name, std::string_view text);

/// The file that holds these entries, in any order; equal causes are added up.
std::string baseline_text(const std::vector<Known>& known);

}  // namespace proctor::report
