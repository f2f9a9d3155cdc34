#include "rule_files.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "text/file.h"

namespace proctor::rules {

std::string source_path(std::string_view path) {
  const char* root = std::getenv("PROCTOR_SOURCE_ROOT");
  return std::string(root == nullptr ? "." : root) + "/" + std::string(path);
}

std::vector<std::string> yaml_files(std::string_view folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(source_path(folder))) {
    if (entry.path().extension() != ".yaml") continue;
    files.push_back(std::string(folder) + "/" + entry.path().filename().string());
  }
  std::ranges::sort(files);
  return files;
}

std::string read_source(std::string_view path) {
  Result<std::string> text = read_file(source_path(path));
  REQUIRE_MESSAGE(text.ok(), path);
  return std::move(text).value();
}

}  // namespace proctor::rules
