// What detectors share: what they see, and where their hits go.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "rules/hit.h"
#include "rules/line_mark.h"
#include "rules/scenario.h"

namespace proctor::rules {

/// One segment of kernels, as all groups of loaders meet it.
struct View {
  const load::Configuration& configuration;
  const Target& target;
  const std::vector<std::string>& roles;
  const Scenarios& scenarios;
  size_t segment = 0;
  LineNames lines = LineNames::kNumber;

  const Run& run(size_t group) const { return *scenarios.groups[group].runs[segment]; }
  const kernel::Version& version() const { return scenarios.segments[segment].version; }
  const conf::Document& document(const load::Origin& origin) const {
    return *configuration.files[origin.file].document;
  }
  conf::Line line(const load::Origin& origin) const {
    return document(origin).lines()[origin.line];
  }
  /// "FILE:LINE", or what `lines` says if `from` is in the same file.
  std::string where(const load::Origin& origin, const load::Origin& from) const;
};

/// The rules that listen to each detector, and the hits so far. A file that is all wrong yields no
/// more than kMaxPerFile hits of a rule and topic: the last of them counts the rest and offers
/// their changes.
class Sink {
 public:
  static constexpr size_t kMaxPerFile = 50;

  /// `groups` is the number of groups of loaders.
  explicit Sink(size_t groups) : said_(groups) {}

  /// REQUIRES: detectors come in the order of their names.
  void listen(std::string_view detector, uint32_t rule) { listeners_.emplace_back(detector, rule); }
  bool wants(std::string_view detector) const { return !listeners(detector).empty(); }
  /// In one group of loaders. The hit's subject is made from its origin and first path.
  void emit(std::string_view detector, size_t group, const Hit& hit);
  /// In every group: a statement about all loaders.
  void emit_everywhere(std::string_view detector, const Hit& hit);

  /// How many hits each rule has, in the group, file and topic with the most: raises what `most`
  /// holds.
  void count(std::map<uint32_t, uint32_t>& most) const;

  /// Marks hits that do not hold in every group that reads their line as an assignment, and hands
  /// over what was emitted, by group.
  std::vector<std::vector<Hit>> take(const View& view);

 private:
  static constexpr size_t kMaxChanges = 100000;

  using Listener = std::pair<std::string_view, uint32_t>;  ///< Detector and rule.

  static void fold(Hit& last, const Hit& hit);
  std::span<const Listener> listeners(std::string_view detector) const;

  std::vector<Listener> listeners_;  ///< By detector.
  /// By group, rule, file and topic: how many hits, and which of said_ was the last.
  std::map<std::tuple<size_t, uint32_t, uint32_t, std::string>, std::pair<size_t, size_t>> counts_;
  std::vector<std::vector<Hit>> said_;
};

/// A key that is unknown, gone, not yet there, read-only, of a module, an interface or a namespace.
void detect_keys(const View& view, Sink& sink);
/// What the kernel makes of values, as far as the value is to blame.
void detect_values(const View& view, Sink& sink);
/// The detector of lines that a loader does not come to.
inline constexpr std::string_view kRestLost = "rest-lost";
/// Lines that undo each other, across files and loaders.
void detect_load(const View& view, Sink& sink);
/// Lines that mean one thing to some loaders and another to the rest.
void detect_differences(const View& view, Sink& sink);
/// Running values that are not what the files would make of them, by the likely cause. Only for a
/// target that is audited.
void detect_drift(const View& view, Sink& sink);
/// Files that are no text, of `original`: the view's configuration lacks them.
void detect_binary(const View& view, const load::Configuration& original, Sink& sink);
/// What single loaders make of odd bytes and odd lines.
void detect_syntax(const View& view, Sink& sink);

}  // namespace proctor::rules
