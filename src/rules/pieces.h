// Judging a file in pieces: of fifty settings most have nothing to do with each other, and files of
// one repository repeat each other's lines.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rules/engine.h"
#include "rules/joints.h"
#include "rules/scenario.h"
#include "rules/starts.h"

namespace proctor::rules {

/// What a report on a piece does not tell, but a report on the whole depends on.
struct PieceFacts {
  Scenarios scenarios;
  /// By rule with a detector: how many hits, in the group of loaders with the most.
  std::map<uint32_t, uint32_t> hits;
  bool names_lines = false;  ///< A text gives the number of a line.
};

/// The same as judge() says of the configuration, with the facts. Of one file.
Report judge_piece(const RuleSet& rules, const load::Configuration& configuration,
                   const Target& target, const Selection& selection, Starts& starts,
                   PieceFacts& facts);

/// Judges files and remembers what was said of their pieces. For one thread; whatever it was given
/// must outlive it, unchanged.
class Pieces {
 public:
  /// What judge() says of a configuration that is this file alone; nullopt: only a look at all of
  /// it can tell.
  std::optional<Report> judge(const RuleSet& rules, const load::SourceFile& file,
                              const Target& target, const Selection& selection, Starts& starts);

 private:
  /// Of a kind, for one asker. A report on a line takes a few kilobytes; the same lines seldom come
  /// together again.
  static constexpr size_t kMostSingle = 4000;
  static constexpr size_t kMostSeveral = 500;
  static constexpr size_t kMostLines = 20000;
  static constexpr size_t kLongestLine = 200;
  /// Some keys have any names in them.
  static constexpr size_t kMostPaths = 20000;
  /// More lines are for judge(): in a file of many settings more of them meet.
  static constexpr size_t kLongestFile = 16384;

  /// What a line is, by its text.
  struct Line {
    const kernel::Key* key = nullptr;  ///< nullptr: no setting.
    bool plain = false;                ///< It may be judged apart from lines it does not meet.
  };

  struct Setting {
    Span whole;
    uint32_t number;  ///< Of its line, from 0.
    const kernel::Key* key;
  };
  using Part = std::vector<uint32_t>;  ///< Places in a vector of settings, ascending.

  /// What became of a line in the scenarios.
  struct Fate {
    std::vector<uint32_t> footprint;  ///< Numbers of the paths that it names, changes or rests on.
    bool written = false;             ///< Always.
    bool refused = false;             ///< In some scenario.
    bool ends = false;                ///< Where that ends a loader,
    bool goes_on = false;             ///< and not on some kernel.
  };

  struct Piece {
    Report report;
    std::vector<uint32_t> begins;  ///< Of its lines, in its own text.
    std::vector<Fate> fates;       ///< By line.
    std::map<uint32_t, uint32_t> hits;
    bool names_lines = false;
    bool spread = false;  ///< Its lines have the numbers of the file; others are blank.
  };
  using PiecePtr = std::shared_ptr<const Piece>;

  /// By text.
  using Known = std::unordered_map<std::string, PiecePtr>;

  /// Everything that was asked for one target with one selection.
  struct Asked {
    const RuleSet* rules;
    const Target* target;
    const Selection* selection;
    Known single[2];   ///< Of one line; the second of those that some loaders do not reach.
    Known several[2];  ///< Of more.
  };

  /// A file on its way through judge().
  struct Work {
    Asked& asked;
    const conf::Document& document;
    Starts& starts;
    std::vector<Setting> settings;
    std::vector<Part> parts;
    std::vector<PiecePtr> pieces;  ///< By part.

    const Fate& fate(size_t part, size_t line) const;
  };

  Asked& asked(const RuleSet& rules, const Target& target, const Selection& selection);
  void forget();
  const Joints& joints(const RuleSet& rules);
  static Line read(std::string_view text);
  Line line(std::string_view text);
  std::optional<std::vector<Setting>> settings(const conf::Document& document);
  std::vector<Part> parts(const std::vector<Setting>& settings, const Joints& joints);
  PiecePtr piece(Work& work, const Part& part, bool lost);
  PiecePtr spread(Work& work, const Part& part, const load::Elsewhere& elsewhere);
  PiecePtr judged(Work& work, std::string text, const load::Elsewhere& elsewhere,
                  bool spread = false);
  std::optional<std::vector<Fate>> fates(const Scenarios& scenarios, size_t lines);
  bool add_fates(const load::LoadResult& result, bool stops, std::vector<Fate>& fates);
  uint32_t path_number(std::string_view path);
  bool learn(const Work& work);
  bool refusals(Work& work);
  bool part_at_end(Work& work, uint32_t end);
  static std::optional<Report> compose(const Work& work);

  std::vector<std::unique_ptr<Asked>> asked_;
  std::map<const RuleSet*, std::unique_ptr<Joints>> joints_;
  std::unordered_map<std::string, Line> lines_;
  std::unordered_map<std::string, uint32_t> paths_;  ///< Their numbers.
  std::vector<const kernel::Key*> path_keys_;        ///< By number; nullptr: none.
  /// By place of the key: paths that lines which set it were seen to touch, beside their own.
  std::unordered_map<size_t, std::vector<uint32_t>> touched_;
};

}  // namespace proctor::rules
