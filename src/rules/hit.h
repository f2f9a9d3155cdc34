// What a rule or a detector says in one scenario, before scenarios are merged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "load/loader.h"
#include "rules/activation.h"
#include "text/span.h"

namespace proctor::rules {

/// Origin::line of a statement about a file as a whole.
inline constexpr uint32_t kWholeFile = 0xffffffff;

/// A change that a detector offers. A removed line becomes a comment that holds the message, which
/// is not known before the scenarios are merged.
struct Change {
  enum class Kind : uint8_t { kReplace, kRemoveLine } kind = Kind::kRemoveLine;
  load::Origin origin;  ///< Its line; kReplace: only the file counts.
  Span span;            ///< kReplace.
  std::string text;     ///< kReplace.
};

/// A line that is shown beside the finding.
struct Beside {
  load::Origin origin;
  Span span;
  std::string message;
};

struct Hit {
  uint32_t rule = 0;    ///< Index into the rule set.
  std::string subject;  ///< Tells hits of one rule apart: the same in every scenario.
  bool fires = true;    ///< False: undecided.
  std::vector<std::string> needs;

  load::Origin origin;
  Span span;
  std::vector<std::string> paths;  ///< That of the line first.
  std::vector<Beside> beside;

  Interface interface;                 ///< Of an expression rule.
  std::vector<std::string> variables;  ///< Of a detector.
  std::vector<Change> changes;         ///< Of a detector.
  std::string change_summary;
  std::string topic;  ///< As in Finding.

  std::vector<std::string> also;  ///< Ids of rules that it superseded, sorted.
  uint32_t more = 0;  ///< Further lines of the file with the same, which have no hit of their own.

  bool kills = false;    ///< The line has no effect; rules on its value have nothing to say.
  bool stays = false;    ///< Whatever is said of the line, this is worth saying.
  bool partial = false;  ///< True for some of the loaders in question only: at most info.
};

}  // namespace proctor::rules
