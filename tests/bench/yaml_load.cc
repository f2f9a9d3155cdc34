// What yaml-cpp itself takes to read a file: Load, then every scalar once.
#include <yaml-cpp/yaml.h>

#include <cstdio>

namespace {

size_t scalar_bytes(const YAML::Node& node) {
  if (node.IsScalar()) return node.Scalar().size();
  size_t bytes = 0;
  for (const auto& child : node) {
    bytes +=
        node.IsMap() ? scalar_bytes(child.first) + scalar_bytes(child.second) : scalar_bytes(child);
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  size_t bytes = 0;
  for (int i = 1; i < argc; ++i) bytes += scalar_bytes(YAML::LoadFile(argv[i]));
  std::printf("%zu\n", bytes);
  return 0;
}
