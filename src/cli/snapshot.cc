// snapshot: this machine as one document.
#include "host/snapshot.h"

#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "cli/version.h"
#include "text/file.h"

namespace proctor::cli {

int run_snapshot(const Invocation& invocation) {
  if (invocation.has(OptionId::kSchema)) return print(host::snapshot_schema());
  host::Snapshot snapshot = host::take_snapshot(*host::live());
  snapshot.program = fmt::format("proctor {}", kVersion);
  if (invocation.has(OptionId::kAnonymize)) host::anonymize(snapshot);
  const std::string text = host::snapshot_to_json(snapshot);
  const std::string path(invocation.value(OptionId::kOut));
  if (path.empty()) return print(text);
  const std::string error = write_file(path, text);
  if (error.empty()) return kClean;
  return misuse(fmt::format("{}: {}", path, error));
}

}  // namespace proctor::cli
