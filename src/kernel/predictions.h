// What writes to one state came to, so that every loader need not ask again.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kernel/predict.h"

namespace proctor::kernel {

/// A write to a path that nothing had been written to, and that rests on no such path.
struct Prediction {
  Outcome outcome;
  std::vector<std::pair<std::string, Cell>> effects;  ///< In order.
};

class Predictions {
 public:
  /// nullptr: not asked yet. Valid until the next add().
  const Prediction* find(std::string_view path, std::string_view bytes);
  void add(std::string_view path, std::string_view bytes, Prediction prediction);

 private:
  /// Of many files with as many values the last few are worth keeping.
  static constexpr size_t kMost = 10000;
  static constexpr size_t kLongest = 256;

  /// `key_` made of path and bytes.
  void name(std::string_view path, std::string_view bytes);

  std::string key_;
  std::unordered_map<std::string, Prediction> known_;
};

}  // namespace proctor::kernel
