#include "cli/snapshot_file.h"

#include <fmt/core.h>

#include "cli/input.h"

namespace proctor::cli {

Result<std::shared_ptr<const host::Snapshot>> read_snapshot(const std::string& path) {
  const Result<std::string> text = read_option_file(path);
  if (!text) return Error{fmt::format("{} {}", path, text.error())};
  constexpr size_t kMostBytes = size_t{64} << 20U;
  if (text->size() > kMostBytes) return Error{fmt::format("{} is above 64 MiB", path)};
  Result<host::Snapshot> read = host::snapshot_from_json(*text);
  if (!read) return Error{fmt::format("{} {}", path, read.error())};
  return std::make_shared<const host::Snapshot>(std::move(read).value());
}

void add_facts(const host::Snapshot& snapshot, host::Facts& facts) {
  for (const auto& [name, value] : snapshot.facts.all()) facts.set(name, value);
  for (const auto& [name, why] : snapshot.facts.all_unreadable()) facts.set_unreadable(name, why);
}

}  // namespace proctor::cli
