// Judging a file in pieces: of fifty settings most have nothing to do with each other, and files of
// one repository repeat each other's lines.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rules/audience.h"
#include "rules/joints.h"
#include "rules/piece_memory.h"

namespace proctor::rules {

/// Judges files and remembers what was said of their pieces. For one thread; whatever it was given
/// must outlive it, unchanged but for the store, which threads share.
class Pieces {
 public:
  explicit Pieces(PieceStore& store) : memory_(store) {}

  struct Answer {
    /// Together what judge() says of a configuration that is this file, not gathered (gather.h).
    std::vector<Told> told;
    TargetSet left;  ///< For these only a look at all of it can tell.
    uint32_t assignments = 0;
  };
  /// REQUIRES: one file, which is loaded.
  Answer judge(Audience& audience, const load::Configuration& configuration, Starts& starts);

 private:
  /// Lines somewhere in a file, every value of which is taken.
  static const load::Elsewhere kAmongOthers;
  /// The same, and where busybox does not come to.
  static const load::Elsewhere kLost;
  static constexpr size_t kMostLines = 20000;
  static constexpr size_t kLongestLine = 200;
  /// More lines are for judge(): in a file of many settings more of them meet.
  static constexpr size_t kLongestFile = 16384;

  /// What a line is, by its text.
  struct Line {
    const kernel::Key* key = nullptr;  ///< nullptr: no setting.
    bool plain = false;                ///< It may be judged apart from lines it does not meet.
    bool of_interface = false;         ///< Of all interfaces, or of the default for new ones.
    uint32_t value_least = 0;          ///< Bytes of its value, without the blanks at its end
    uint32_t value_most = 0;           ///< and with everything behind it.
  };

  /// Lets a text be looked for without a copy of it.
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  /// A line that is remembered, with what was last said of it alone: among others, and behind the
  /// end of a loader.
  struct KnownLine {
    Line line;
    const Audience* audience = nullptr;
    bool at_boot = false;
    std::array<CirclesPtr, 2> circles{};
  };

  struct Setting {
    Span whole;
    uint32_t number;  ///< Of its line, from 0.
    Line line;
    KnownLine* known;  ///< nullptr: it is too long for that.
  };
  using Part = std::vector<uint32_t>;  ///< Places in a vector of settings, ascending.

  /// A file on its way through judge().
  struct Work {
    Audience& audience;
    const conf::Document& document;
    bool at_boot;
    Starts& starts;
    std::vector<Setting> settings;
    std::vector<CirclesPtr> held;  ///< Circles of pieces that no known line holds.
  };
  /// The pieces of a file that some targets hear.
  struct Hearing {
    TargetSet targets;
    std::vector<Part> parts;
    std::vector<Circles*> circles;  ///< By part; Work and known lines own them.

    /// REQUIRES: the targets are in one circle of each piece.
    const Piece& piece(size_t part) const { return *circles[part]->piece(targets.front()); }
  };
  /// What a refused value means to other settings.
  struct Bounds {
    Part head;  ///< At the beginning: one decides what is written for another.
    /// By kernel the one at which busybox ends, the number of all: none. Only one: the same for
    /// every kernel.
    std::vector<size_t> ends;
    friend auto operator<=>(const Bounds&, const Bounds&) = default;
  };
  /// A circle's targets that are told of the piece at this place of the file.
  struct Telling {
    Circles* circles;
    uint32_t circle;
    const Part* part;
    TargetSet targets;
  };

  const Joints& joints(const RuleSet& rules);
  static Line read(std::string_view text);
  KnownLine* known(std::string_view text);
  std::optional<std::vector<Setting>> settings(const conf::Document& document);
  std::vector<Part> parts(const std::vector<Setting>& settings, const Joints& joints);
  std::optional<Hearing> learned(Work& work);
  Bounds likely_bounds(Work& work, const Hearing& hearing);
  Circles* circles(Work& work, const Part& part, const load::Elsewhere& elsewhere,
                   const TargetSet& targets);
  const CirclesPtr* known_circles(const Work& work, const Part& part,
                                  const load::Elsewhere& elsewhere);
  Circles* hear(Work& work, const CirclesPtr& circles, const TargetSet& targets);
  static std::string text_of(const Work& work, const Part& part);
  bool learn(const Work& work, const Hearing& hearing);
  static std::vector<Hearing> divided(Hearing hearing);
  static std::optional<Bounds> bounds_of(const Work& work, const Hearing& hearing);
  struct Value;
  static Value value_of(const Work& work, const Setting& setting);
  static bool may_change(const Work& work, const Hearing& hearing, const Setting& first,
                         const Setting& second);
  static Part head_of(const Work& work, const Hearing& hearing,
                      const std::vector<const Fate*>& fates);
  static load::Elsewhere elsewhere(const Bounds& bounds, size_t settings, const Part& part);
  bool part_at(const Bounds& bounds, Work& work, Hearing& hearing);
  static void tell_lost(const Work& work, const Bounds& bounds, const TargetSet& targets,
                        std::vector<Told>& out);
  static std::optional<Severity> severity_for(const Work& work, const Rule& rule, uint32_t index);
  static std::vector<Told> told_lost(const Work& work, const Bounds& bounds, size_t end,
                                     const Rule& rule, const TargetSet& targets);
  static Finding lost(const Work& work, size_t end, const Rule& rule);
  static bool is_summed_up(const Hearing& hearing);
  static void add(const Hearing& hearing, std::vector<Telling>& tellings);
  static void join(std::vector<Telling>& tellings);
  std::vector<Told> told(Work& work, std::vector<Telling> tellings);
  Report told(Work& work, const Telling& telling);

  PieceMemory memory_;
  std::map<const RuleSet*, std::unique_ptr<Joints>> joints_;
  std::unordered_map<std::string, KnownLine, TextHash, std::equal_to<>> lines_;
  /// The first setting of a joint, or of a path, in a round of parts().
  struct First {
    uint64_t round = 0;
    uint32_t setting = 0;
  };
  uint64_t round_ = 0;
  std::vector<First> first_;  ///< By joint, then by path behind the joints; kept for its memory.
  /// By place of the key: paths that lines which set it were seen to touch, beside their own.
  std::unordered_map<size_t, std::vector<uint32_t>> touched_;
};

}  // namespace proctor::rules
