// The rule model: what a rule file says, compiled.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/program.h"
#include "kernel/version.h"
#include "rules/finding.h"
#include "text/span.h"

namespace proctor::rules {

/// How a hole prints its value. kNatural: an integer with thousands separators and the hole's unit.
enum class HoleFormat : uint8_t { kNatural, kSize, kPlain, kList };

struct Hole {
  expr::Program program;
  std::string source;  ///< The expression as the rule file writes it.
  std::string unit;    ///< Of the key or fact that it names, from the catalog; empty: none.
  HoleFormat format = HoleFormat::kNatural;
};

/// Text with {expression} holes.
struct Template {
  std::vector<std::string> literals;  ///< One more than holes; none at all: no text was given.
  std::vector<Hole> holes;
};

/// Keys in a rule are dotted; a part '*' is the interface (of this round, or the line's own).
struct FixStep {
  enum class Kind : uint8_t {
    kSet,
    kRemove,
    kRename,
    kInsertAfter,
    kDetector,  ///< The edits that the rule's detector offers.
  } kind = Kind::kRemove;
  bool safe = false;
  std::string key;      ///< Of kSet, kRemove, kRename (old name), kInsertAfter (anchor).
  std::string new_key;  ///< kRename, kInsertAfter.
  std::optional<expr::Program> value;  ///< kSet, kInsertAfter.
};

struct Example {
  std::string name;
  std::string conf;
  std::string kernel;  ///< A version or a range; this and the next three: empty is not given.
  std::string memory;
  std::string cpus;
  std::string loader;
  std::vector<std::string> roles;
  std::vector<std::pair<std::string, std::string>> facts;    ///< As --fact NAME=VALUE.
  std::vector<std::pair<std::string, std::string>> running;  ///< Dotted key, text.
  /// Further files, path and text; `conf` stands among them as /etc/sysctl.d/50-example.conf.
  std::vector<std::pair<std::string, std::string>> files;
  enum class Expect : uint8_t { kFires, kSilent, kUndecided } expect = Expect::kFires;
  uint32_t line = 0;                 ///< Of the finding; 0: any.
  uint32_t times = 1;                ///< `conf` is repeated so many times.
  bool audited = false;              ///< The files were loaded; `running` is what came of them.
  bool edited = false;               ///< ... but changed after the machine started.
  bool latin1 = false;               ///< Characters of `conf` and `files` below U+0100 are bytes.
  std::optional<std::string> fixed;  ///< The configuration after every fix, unsafe ones included.
  Position at;                       ///< Where it stands in its rule file.
};

struct Rule {
  std::string id, title;
  Severity severity = Severity::kWarning;
  Category category = Category::kIneffective;
  std::optional<kernel::VersionRange> kernel;
  std::vector<std::string> roles;  ///< Asked only for one of these (implied ones count).
  std::vector<std::string> tags;
  std::vector<std::string> evidence;
  std::vector<std::string> formerly;    ///< Ids that it had.
  std::vector<std::string> supersedes;  ///< Ids; they exist.
  std::string since;
  std::vector<std::string> anchors;  ///< The first that is written; none: the last line it reads.
  std::vector<std::string> related;
  bool for_each_interface = false;
  bool off_by_default = false;  ///< Tagged `policy`: needs --select or one of its roles.
  /// The name of the detector that yields the findings; empty: `when` decides.
  std::string detect;
  /// In order; a program may use those before it. A rule with `want` has `value` as the first and,
  /// if the wanted value is a single one, `expected` as the last.
  std::vector<std::pair<std::string, expr::Program>> let;
  expr::Program when;                 ///< Of type bool; not to be run if `detect` is set.
  std::vector<expr::Program> unless;  ///< Any that is true keeps the rule silent.
  Template message, label, why;
  std::vector<FixStep> fix;
  /// Catalog patterns that `when` and `let` read, sorted: touching one of them asks the rule.
  std::vector<std::string> reads;
  /// Patterns of all expressions, sorted: a change of one between kernels may change the text.
  std::vector<std::string> mentions;
  /// Versions that its `kernel` and its expressions name, ascending: where the outcome may change.
  std::vector<kernel::Version> versions;
  std::string file;  ///< The rule file's name, for reports.
  Position at;
};

}  // namespace proctor::rules
