// Judged pieces of files, and who heard what of them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rules/audience.h"
#include "rules/piece_store.h"

namespace proctor::rules {

/// What became of a line in the scenarios.
struct Fate {
  std::vector<uint32_t> footprint;  ///< Numbers of the paths that it names, changes or rests on.
  bool written = false;             ///< Always.
  bool tried = false;               ///< In some scenario it is written.
  bool retried = false;             ///< In some scenario the kernel refuses it with EINVAL.
  uint32_t ends = 0;                ///< On which kernels that ends a loader, a bit for each,
  uint32_t goes_on = 0;             ///< and on which it ends none.
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
  std::vector<std::pair<uint32_t, uint32_t>> hits;  ///< As in PieceFacts.
  bool has_marks = false;                           ///< A text names a line.
  bool names_kernel = false;                        ///< A text says which kernel it was judged for.
};
using PiecePtr = std::shared_ptr<const Piece>;

/// What targets that hear the same of a piece are told.
struct Circle {
  uint32_t speaker;
  PiecePtr piece;  ///< In the words for the speaker; nullptr: the report does not tell enough.
  /// In the words for others.
  std::vector<std::pair<uint32_t, PiecePtr>> others;
};

/// The kernels that a target is judged for, in the order of the bits of Fate: its own, or those
/// that are maintained. REQUIRES: it names no range.
std::vector<kernel::Version> kernels_of(const Target& target);

/// All that is said of a piece. Once all targets have heard it, several threads may use it: then
/// only `others` grows, under `mutex`.
struct Circles {
  static constexpr uint32_t kNone = 0xffffffff;

  /// What all targets hear, if that is the same and tells enough: most pieces are asked for this
  /// alone, and at once.
  const Piece* sole = nullptr;
  load::Elsewhere elsewhere;
  bool at_boot;      ///< As in load::Configuration.
  std::string name;  ///< By which it is remembered; empty: it is of one file.
  std::string text;
  std::mutex mutex;
  std::vector<Circle> all;
  std::vector<uint32_t> of_target;  ///< By target, which circle; kNone: it did not listen.

  /// REQUIRES: the target listened. nullptr: the report does not tell enough.
  const Piece* piece(uint32_t target) const {
    return sole != nullptr ? sole : all[of_target[target]].piece.get();
  }
};

/// How one thread comes by what is said of pieces: from the others, or by judging them. `store`
/// must outlive it.
class PieceMemory {
 public:
  explicit PieceMemory(PieceStore& store) : store_(store) { renew(); }

  /// Before a file. True: all is forgotten, numbers of paths too.
  bool renew();
  /// A piece of one file.
  static CirclesPtr fresh(const Audience& audience, bool at_boot, std::string text,
                          const load::Elsewhere& elsewhere);
  /// One that is remembered by its text. `audience` must outlive this.
  CirclesPtr remembered(const Audience& audience, bool at_boot, std::string text,
                        const load::Elsewhere& elsewhere);
  /// Judges it, unless it was: a piece that is remembered for all targets. `audience`
  /// is the one it was made for, or hears the same.
  void hear(Audience& audience, const CirclesPtr& piece, const TargetSet& targets, Starts& starts);
  /// With the kernel that is to be named for these of its targets.
  const Piece& told(Audience& audience, Circles& circles, const TargetSet& targets, Starts& starts);

  /// Numbers of Fate::footprint.
  const PieceTable& paths() const { return *table_; }

 private:
  PiecePtr piece(const Circles& circles, const conf::Document& document, const Target& target,
                 Audience::Heard heard);
  std::optional<std::vector<Fate>> fates(const Scenarios& scenarios, const Target& target,
                                         size_t lines);
  bool add_fates(const load::LoadResult& result, uint32_t stops, std::vector<Fate>& fates);
  bool add_footprint(const load::LoadResult& result, const load::Assignment& line, Fate& fate);

  uint32_t hearers(const Audience& audience, bool at_boot);

  PieceStore& store_;
  std::shared_ptr<PieceTable> table_;
  std::map<std::pair<const Audience*, bool>, uint32_t> hearers_;  ///< Numbers in the table.
};

}  // namespace proctor::rules
