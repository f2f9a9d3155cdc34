// Judged pieces of files, and who heard what of them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rules/audience.h"

namespace proctor::rules {

/// What became of a line in the scenarios.
struct Fate {
  std::vector<uint32_t> footprint;  ///< Numbers of the paths that it names, changes or rests on.
  bool written = false;             ///< Always.
  bool tried = false;               ///< In some scenario it is written.
  bool retried = false;             ///< In some scenario the kernel refuses it with EINVAL.
  bool ends = false;                ///< Where that ends a loader,
  bool goes_on = false;             ///< and not on some kernel.
};

/// What a fix does to a line.
struct LineEdit {
  uint32_t line;
  uint32_t fix;  ///< Its number in the report.
  uint32_t size;
  bool removes;  ///< It leaves a comment behind.
};

/// Some lines of a file, judged apart from the others.
struct Piece {
  Report report;
  std::vector<uint32_t> begins;  ///< Of its lines, in its own text.
  std::vector<Fate> fates;       ///< By line.
  std::vector<LineEdit> edits;
  std::map<uint32_t, uint32_t> hits;
  bool has_marks = false;     ///< A text names a line.
  bool names_kernel = false;  ///< A text says which kernel it was judged for.
};
using PiecePtr = std::shared_ptr<const Piece>;

/// What targets that hear the same of a piece are told.
struct Circle {
  /// By speaker; the one of all these targets first. Null: the report does not tell enough.
  std::vector<std::pair<uint32_t, PiecePtr>> pieces;

  const Piece* piece() const { return pieces.front().second.get(); }
};

/// All that is said of a piece.
struct Circles {
  static constexpr uint32_t kNone = 0xffffffff;

  Audience* audience;
  std::string text;
  bool at_boot;  ///< As in load::Configuration.
  load::Elsewhere elsewhere;
  std::vector<Circle> all;
  std::vector<uint32_t> of_target;  ///< By target, which circle; kNone: it did not listen yet.

  const Circle& of(uint32_t target) const { return all[of_target[target]]; }
};
using CirclesPtr = std::shared_ptr<Circles>;

/// For one thread.
class PieceMemory {
 public:
  PieceMemory() { forget(); }

  /// A piece of one file, or one that is remembered by its text. `audience` must outlive it.
  static CirclesPtr fresh(Audience& audience, bool at_boot, std::string text,
                          const load::Elsewhere& elsewhere);
  /// What this returns stays as long as epoch() does.
  const CirclesPtr& remembered(Audience& audience, bool at_boot, std::string text,
                               const load::Elsewhere& elsewhere, bool single);
  /// Changes where something is forgotten.
  uint64_t epoch() const { return epoch_; }
  /// Judges it for those that did not listen yet.
  void hear(Circles& circles, const TargetSet& targets, Starts& starts);
  /// With the kernel that is to be named for these of its targets.
  const Piece& told(Circles& circles, const TargetSet& targets, Starts& starts);

  /// The number of kernel::kEveryInterface.
  static constexpr uint32_t kEveryInterface = 0;
  /// Numbers of Fate::footprint are below this.
  size_t path_count() const { return path_keys_.size(); }
  const kernel::Key* key_of(uint32_t path) const { return path_keys_[path]; }
  void forget();

 private:
  /// Lines of pieces of a kind, for one audience. A report takes one or two kilobytes a line; the
  /// same lines come together seldom.
  static constexpr size_t kMostSingle = 4000;
  static constexpr size_t kMostSeveral = 20000;

  struct Known {
    std::unordered_map<std::string, CirclesPtr> circles;
    size_t lines = 0;
  };

  /// Everything that was asked for one audience.
  struct Asked {
    const Audience* audience;
    bool at_boot;
    Known single;   ///< Of one line.
    Known several;  ///< Of more.
  };

  Asked& asked(const Audience& audience, bool at_boot);
  PiecePtr piece(const Circles& circles, const conf::Document& document, const Target& target,
                 Audience::Heard heard);
  std::optional<std::vector<Fate>> fates(const Scenarios& scenarios, size_t lines);
  bool add_fates(const load::LoadResult& result, bool stops, std::vector<Fate>& fates);
  uint32_t path_number(std::string_view path);

  uint64_t epoch_ = 0;
  std::vector<std::unique_ptr<Asked>> asked_;
  std::unordered_map<std::string, uint32_t> paths_;  ///< Their numbers.
  std::vector<const kernel::Key*> path_keys_;        ///< By number; nullptr: none.
};

}  // namespace proctor::rules
