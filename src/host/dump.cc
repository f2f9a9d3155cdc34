#include <fmt/core.h>

#include <algorithm>

#include "host/procsys.h"
#include "kernel/catalog.h"
#include "text/text.h"

namespace proctor::host {
namespace {

/// Longer paths are none of the kernel's; the bound keeps the search below it small.
constexpr size_t kMostParts = 12;

bool is_plausible(std::string_view path) {
  if (path.empty() || path.starts_with('/')) return false;
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return std::ranges::none_of(path, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7F;
  });
}

/// The path of a dotted key. sysctl prints the dot of "eth0.100" as a slash, other programs leave
/// it, and then the key has a part too many: the catalog knows which parts belong together.
std::string path_of(std::string_view key) {
  std::string path = kernel::dotted_to_path(key);
  if (path.find('.') != std::string::npos || kernel::find_path(path)) return path;
  const std::vector<std::string_view> parts = split(path, '/');
  if (parts.size() > kMostParts) return path;
  for (size_t first = 1; first + 1 < parts.size(); ++first) {
    for (size_t last = first + 1; last + 1 < parts.size(); ++last) {
      std::string joined(parts[0]);
      for (size_t i = 1; i < parts.size(); ++i) {
        joined += i > first && i <= last ? '.' : '/';
        joined += parts[i];
      }
      if (kernel::find_path(joined)) return joined;
    }
  }
  return path;
}

bool is_remark(std::string_view line) {
  // procps and busybox both begin what they have to say about a key with their name.
  return line.starts_with("sysctl: ");
}

}  // namespace

Dump parse_sysctl_dump(std::string_view text) {
  Dump dump;
  size_t number = 0;
  const auto complain = [&](std::string_view what) {
    ++dump.problem_count;
    if (dump.problems.size() < kMaxDumpProblems) {
      dump.problems.push_back(fmt::format("line {}: {}", number, what));
    }
  };
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trim(line).empty()) continue;
    if (is_remark(line)) {
      ++dump.skipped;
      continue;
    }
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) {
      complain("expected 'key = value'");
      continue;
    }
    const std::string path = path_of(trim(line.substr(0, equals)));
    if (!is_plausible(path)) {
      complain(fmt::format("'{}' is no key", escape_bytes(trim(line.substr(0, equals)))));
      continue;
    }
    std::string_view value = line.substr(equals + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    const auto [at, is_new] = dump.values.try_emplace(path, value);
    if (!is_new) at->second.append("\n").append(value);
  }
  return dump;
}

}  // namespace proctor::host
