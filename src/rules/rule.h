// The rule model: what a rule file says, compiled.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expr/program.h"
#include "kernel/version.h"
#include "rules/finding.h"
#include "text/diagnostic.h"

namespace proctor::rules {

/// Text with {expression} holes.
struct Template {
  std::vector<std::string> literals;  ///< One more than programs.
  std::vector<expr::Program> programs;
  std::vector<std::string> units;  ///< Unit of each hole, from the catalog; empty: none.
};

struct FixStep {
  enum class Kind : uint8_t { kSet, kRemove, kRename, kInsertAfter } kind = Kind::kRemove;
  bool safe = false;
  std::string key;      ///< Dotted; of kSet, kRemove, kRename (old name), kInsertAfter (anchor).
  std::string new_key;  ///< kRename, kInsertAfter.
  std::optional<expr::Program> value;  ///< kSet, kInsertAfter.
};

struct Example {
  std::string name;
  std::string conf;
  std::string given_kernel;  ///< Empty: not given.
  std::string given_memory;
  std::vector<std::string> given_roles;
  std::vector<std::pair<std::string, std::string>> given_facts;  ///< As --fact NAME=VALUE.
  std::vector<std::pair<std::string, std::string>> given_running;
  enum class Expect : uint8_t { kFires, kSilent, kUndecided } expect = Expect::kFires;
  uint32_t line = 0;
  std::optional<std::string> fixed;
  Position at;  ///< Where it stands in its rule file.
};

struct Rule {
  std::string id, title, why;
  Severity severity = Severity::kWarning;
  Category category = Category::kIneffective;
  std::optional<kernel::VersionRange> kernel;
  std::vector<std::string> roles;  ///< Asked only for one of these.
  std::vector<std::string> tags;
  std::vector<std::string> evidence;
  std::vector<std::string> supersedes;
  std::string since;
  std::string anchor;                ///< Dotted key; empty: the last line that the rule reads.
  std::vector<std::string> related;  ///< Dotted keys.
  bool for_each_interface = false;
  bool off_by_default = false;  ///< A policy: needs --select or its role.
  std::vector<std::pair<std::string, expr::Program>> let;
  expr::Program when;
  std::optional<expr::Program> unless;
  Template message;
  std::vector<FixStep> fix;
  std::vector<std::string> reads;  ///< Key patterns of every expression: what indexes it.
  std::vector<Example> examples;
  std::string file;  ///< The rule file's name, for reports.
  Position at;
};

}  // namespace proctor::rules
