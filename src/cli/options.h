// The options and commands of the program: one table, from which parsing, help and completions
// come.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/result.h"

namespace proctor::cli {

/// What a program exits with.
enum Exit : int {
  kClean = 0,
  kFindings = 1,  ///< Findings at or above --fail-on; for `fix --diff` a difference.
  kTrouble = 2,   ///< Usage, a wrong settings or rule file, an unreadable file.
};

enum class OptionId : uint8_t {
  kHelp,
  kVersion,
  kHost,
  kRunning,
  kSnapshot,
  kKernel,
  kMemory,
  kCpus,
  kRole,
  kFact,
  kLoader,
  kRules,
  kSelect,
  kIgnore,
  kSeverity,
  kConfig,
  kNoConfig,
  kTarget,
  kExclude,
  kPathIgnore,
  kBaseline,
  kWriteBaseline,
  kNoBaseline,
  kShowSettings,
  kFailOn,
  kFormat,
  kOutput,
  kColor,
  kQuiet,
  kStatistics,
  kStdinFilename,
  kDiff,
  kWrite,
  kOut,
  kUnsafe,
  kRoot,
  kDiffLoaders,
  kBindings,
  kContainer,
  kSet,
  kMinimal,
  kShowOmitted,
  kCompanions,
  kCompare,
  kUndo,
  kAnonymize,
  kSchema,
  kInterval,
  kWatch,
  kWhatIf,
  kSvg,
};

enum class OptionGroup : uint8_t { kCommand, kFacts, kRules, kSettings, kOutput };

struct OptionInfo {
  OptionId id;
  OptionGroup group;
  std::string_view name;     ///< "--memory".
  std::string_view letter;   ///< "-o", or empty.
  std::string_view value;    ///< "SIZE"; empty: a flag.
  std::string_view choices;  ///< "auto|always|never" for a closed set.
  bool repeatable;           ///< Else the last one counts.
  std::string_view help;
};

/// Every option, in the order of OptionId.
std::span<const OptionInfo> option_table();
const OptionInfo& option_info(OptionId id);

/// An option as it stood on the command line.
struct OptionUse {
  OptionId id;
  std::string value;
};

struct CommandInfo;

/// A command line, taken apart.
struct Invocation {
  const CommandInfo* command = nullptr;
  std::vector<OptionUse> options;  ///< In the order of the command line.
  std::vector<std::string> operands;

  bool has(OptionId id) const;
  /// The last value, or `otherwise`.
  std::string_view value(OptionId id, std::string_view otherwise = {}) const;
};

struct CommandInfo {
  std::string_view name;      ///< "check", "rules list".
  std::string_view operands;  ///< "[PATH...]".
  uint8_t min_operands;
  uint8_t max_operands;  ///< 255: any number.
  std::string_view summary;
  std::string_view details;  ///< For its help; may be empty.
  std::span<const OptionId> options;
  int (*run)(const Invocation& invocation);
};

/// Every command, in the order of the help.
std::span<const CommandInfo> command_table();

/// `arguments` without the command's own words. An error is a whole sentence for people.
Result<Invocation> parse_options(const CommandInfo& command,
                                 const std::vector<std::string>& arguments);

/// The command that the first words name, and how many words that were; an error suggests.
struct CommandMatch {
  const CommandInfo* command = nullptr;
  size_t words = 0;
};
Result<CommandMatch> find_command(std::span<const std::string> arguments);

std::string help_text();
std::string help_text(const CommandInfo& command);

/// "; did you mean 'x'?", or empty.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace proctor::cli
