#include "cli/output_paths.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "cli/paths.h"

namespace proctor::cli {
namespace {

bool is_in_folder(const std::string& path, const std::string& folder) {
  return path.ends_with(".conf") && path.substr(0, path.rfind('/')) == folder;
}

/// Whether the file, from '/' on, is read for the source.
bool is_read(const std::string& path, const Source& source) {
  if (source.path.empty()) return false;
  const std::string place = absolute_path(source.path);
  switch (source.kind) {
    case Source::Kind::kFile:
      return path == place;
    case Source::Kind::kFolder:
      return is_in_folder(path, place);
    case Source::Kind::kRoot:
      return std::ranges::any_of(root_places(), [&](const char* each) {
        const std::string whole = absolute_path(join_path(place, each));
        return path == whole || is_in_folder(path, whole);
      });
    case Source::Kind::kStandardInput:
      break;
  }
  return false;
}

}  // namespace

std::string wrong_outputs(const Settings& settings, const Workspace& space) {
  std::set<std::string> seen;
  for (const OutputRequest& request : settings.outputs) {
    if (request.path.empty()) continue;
    const std::string path = absolute_path(request.path);
    // Devices take any number of reports: /dev/stdout, /dev/null.
    if (!seen.insert(path).second && !path.starts_with("/dev/")) {
      return fmt::format("--output: two reports cannot go to {}", request.path);
    }
    const bool judged = std::ranges::any_of(
        space.discovery.sources, [&](const Source& source) { return is_read(path, source); });
    if (judged) return fmt::format("--output: {} is a file that is judged", request.path);
  }
  return {};
}

}  // namespace proctor::cli
