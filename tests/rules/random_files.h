// Files as people might write them, at random: settings of all keys, lines that meet, odd ones.
#pragma once

#include <random>
#include <string>
#include <vector>

namespace proctor::rules {

class RandomFiles {
 public:
  explicit RandomFiles(uint32_t seed);

  std::string next();

 private:
  /// Settings of the keys of the catalog.
  struct Settings {
    std::vector<std::string> first;   ///< What the kernel sets by itself.
    std::vector<std::string> others;  ///< What only some of them take.
  };

  static Settings settings();
  size_t pick(size_t below);
  const std::string& any(const std::vector<std::string>& lines);

  std::mt19937 dice_;
  Settings settings_;
};

}  // namespace proctor::rules
