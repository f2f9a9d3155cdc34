// Comments that silence rules: "# proctor: ignore RULE, ... -- reason".
//
// The comment silences the rules for the next line that is no comment. In the head of a file, which
// is what stands before its first setting and apart from it by an empty line, it silences them for
// the file. "ignore-start RULE, ... -- reason" silences them up to "ignore-end" (of all, or
// "ignore-end RULE, ..."). A comment without a reason, or with an unknown rule, silences nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "load/loader.h"
#include "rules/detection.h"
#include "rules/hit.h"
#include "rules/ruleset.h"

namespace proctor::rules {

/// A rule by id, earlier id, prefix or tag, as one comment names it.
struct SilencedRule {
  std::string name;
  bool used = false;
};

/// One comment.
struct Suppression {
  load::Origin origin;
  Span span;  ///< From '#' on, without blanks at its end.
  Span name_list;
  std::vector<SilencedRule> rules;
  bool whole_file = false;
  uint32_t first = 0;  ///< Lines [first, last) that it holds for, from 0.
  uint32_t last = 0;
  bool is_range = false;
  std::optional<uint32_t> end_line;  ///< Of the ignore-end that ends this range and no other.
};

class Suppressions {
 public:
  /// `rules` must outlive it; files without a document have no comments.
  Suppressions(const load::Configuration& configuration, const RuleSet& rules);

  bool empty() const { return all_.empty() && wrong_.empty(); }
  /// What is wrong with comments by themselves: the detectors "suppression-...".
  void detect(Sink& sink) const;
  /// Whether a comment silences the hit; that comment is in use from then on.
  bool silences(const Hit& hit);
  /// Of each comment the rules that nothing was silenced of, among those that `is_judged` by index.
  /// A hit for the detector "suppression-unused" each.
  std::vector<Hit> unused(const std::function<bool(size_t rule)>& is_judged) const;

 private:
  struct Wrong {
    std::string detector;
    Hit hit;
  };
  class Reader;

  Hit hit_of(const Suppression& suppression) const;
  bool is_judged(std::string_view name, const std::function<bool(size_t rule)>& is_judged) const;

  const load::Configuration& configuration_;
  const RuleSet& rules_;
  std::vector<Suppression> all_;  ///< Ordered by file and line.
  std::vector<Wrong> wrong_;
};

}  // namespace proctor::rules
