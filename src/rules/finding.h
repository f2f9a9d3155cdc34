// What the engine says about a configuration.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conf/document.h"
#include "text/span.h"

namespace proctor::rules {

enum class Severity : uint8_t { kInfo, kWarning, kError };
enum class Category : uint8_t {
  kSyntax,
  kRejected,
  kUnknown,
  kRemoved,
  kIneffective,
  kConflict,
  kHarmful,
  kInsecure,
  kRedundant,
  kFragile,
};
std::string_view to_string(Severity severity);
std::string_view to_string(Category category);

/// A replacement in one file of the configuration.
struct FileEdit {
  uint32_t file = 0;  ///< Index into the configuration's files.
  conf::Edit edit;
  friend auto operator<=>(const FileEdit&, const FileEdit&) = default;
};

struct Fix {
  bool safe = false;    ///< The kernel ends in the same state as now, as the models prove.
  std::string summary;  ///< "delete the line", "net.ipv4.tcp_fin_timeout = 30".
  std::vector<FileEdit> edits;
};

struct Related {
  uint32_t file = 0;
  Span span;
  std::string message;
};

struct Finding {
  std::string rule;
  Severity severity = Severity::kInfo;
  Category category = Category::kSyntax;
  std::string message;  ///< One sentence with the real values.
  std::string label;    ///< A few words beside the caret; may be empty.
  std::string why;
  uint32_t file = 0;
  Span span;                      ///< Empty span at 0: the file as a whole.
  std::vector<std::string> keys;  ///< Dotted.
  std::vector<Related> related;
  std::vector<Fix> fixes;                 ///< At most one.
  std::span<const std::string> evidence;  ///< The rule's own, which must outlive this.
  std::vector<std::string> also;          ///< Ids of rules that it superseded on this line.
  /// Findings of one rule with the same topic are gathered into one (gather.h); empty: this one
  /// stands for itself.
  std::string topic;
  uint32_t lines = 1;  ///< Of how many lines a finding with a topic speaks.
};

/// A rule that could not be decided.
struct Undecided {
  std::string rule;
  uint32_t file = 0;
  Span span;
  std::vector<std::string> needs;  ///< "host.memory", "host.kernel", "loader", sorted.
  std::string holds_for;  ///< For kernels or loaders that split: "before 5.4"; may be empty.
  std::string topic;      ///< As in Finding.
  friend auto operator<=>(const Undecided&, const Undecided&) = default;
};

}  // namespace proctor::rules
