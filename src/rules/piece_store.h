// What threads know of pieces of files, together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "kernel/catalog.h"
#include "rules/engine.h"

namespace proctor::rules {

struct Circles;
using CirclesPtr = std::shared_ptr<Circles>;

/// Pieces by name; some are forgotten if there are too many.
class KnownPieces {
 public:
  /// nullptr: it is not known.
  CirclesPtr find(const std::string& name) const;
  /// `lines` is how many it has. Another one of this name stays.
  void add(const std::string& name, size_t lines, const CirclesPtr& circles);

 private:
  /// Lines of pieces of a kind. A report takes one or two kilobytes a line. Where no kernel is
  /// given, a line is known for ten ways in which busybox ends above it; the same lines come
  /// together seldom.
  static constexpr size_t kMostSingle = 12000;
  static constexpr size_t kMostSeveral = 20000;

  struct Kind {
    std::unordered_map<std::string, CirclesPtr> circles;
    size_t lines = 0;
  };
  Kind single_;   ///< Of one line.
  Kind several_;  ///< Of more.
};

/// Pieces that all targets of an audience have heard, and numbers of paths. For several threads at
/// once: who hears what of a piece changes no more once it is here.
class PieceTable {
 public:
  PieceTable();

  /// Audiences that agree in these are told the same. The last is load::Configuration::at_boot.
  using Hearers = std::tuple<const RuleSet*, std::vector<const Target*>, const Selection*, bool>;
  /// Their number.
  uint32_t number_of(const Hearers& hearers);

  CirclesPtr find(uint32_t hearers, const std::string& name) const;
  void add(uint32_t hearers, const std::string& name, size_t lines, const CirclesPtr& circles);

  /// The number of kernel::kEveryInterface.
  static constexpr uint32_t kEveryInterface = 0;
  /// nullopt: there are too many.
  std::optional<uint32_t> path_number(std::string_view path);
  /// REQUIRES: a number that path_number() gave. nullptr: the path is none of the catalog's.
  const kernel::Key* key_of(uint32_t path) const { return path_keys_[path]; }
  /// Whether it is time for another table: some keys have any names in them.
  bool is_full() const;

 private:
  static constexpr size_t kManyPaths = 20000;
  static constexpr size_t kMostPaths = 2 * kManyPaths;

  mutable std::mutex mutex_;
  std::map<Hearers, uint32_t> hearers_;              ///< Their numbers.
  std::vector<KnownPieces> known_;                   ///< By number.
  std::unordered_map<std::string, uint32_t> paths_;  ///< Their numbers.
  /// By number. It never moves: it is read while numbers are given.
  std::vector<const kernel::Key*> path_keys_;
};

/// The table that is in use.
class PieceStore {
 public:
  std::shared_ptr<PieceTable> table();

 private:
  std::mutex mutex_;
  std::shared_ptr<PieceTable> table_;
};

}  // namespace proctor::rules
