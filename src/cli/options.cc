#include "cli/options.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "text/text.h"

namespace proctor::cli {
namespace {

using Group = OptionGroup;
using Id = OptionId;

constexpr std::array kOptions = {
    OptionInfo{Id::kHelp, Group::kCommand, "--help", "-h", "", "", false, "Print this help"},
    OptionInfo{Id::kVersion, Group::kCommand, "--version", "", "", "", false,
               "Print the program's version"},
    OptionInfo{Id::kHost, Group::kFacts, "--host", "", "", "", true,
               "Take facts and values of this machine"},
    OptionInfo{Id::kRunning, Group::kFacts, "--running", "", "FILE", "", true,
               "Take running values from a dump (sysctl -a)"},
    OptionInfo{Id::kSnapshot, Group::kFacts, "--snapshot", "", "FILE", "", true,
               "Take facts and values of another machine from its snapshot"},
    OptionInfo{Id::kKernel, Group::kFacts, "--kernel", "", "VERSION", "", true,
               "Kernel: 6.1.176, 6.1, or a range 4.19..6.12"},
    OptionInfo{Id::kMemory, Group::kFacts, "--memory", "", "SIZE", "", true, "Memory, as 8GiB"},
    OptionInfo{Id::kCpus, Group::kFacts, "--cpus", "", "N", "", true, "CPUs that are online"},
    OptionInfo{Id::kRole, Group::kFacts, "--role", "", "NAME", "", true,
               "What the machine is for, as exit-relay (repeatable)"},
    OptionInfo{Id::kFact, Group::kFacts, "--fact", "", "NAME=VALUE", "", true,
               "Any other fact, as thp=always (repeatable)"},
    OptionInfo{Id::kLoader, Group::kFacts, "--loader", "", "NAME", "", false,
               "What loads the files: systemd-252, procps, ... (default: any)"},
    OptionInfo{Id::kRules, Group::kRules, "--rules", "", "PATH", "", true,
               "Add the rule file, or the *.yaml of the folder (repeatable)"},
    OptionInfo{Id::kSelect, Group::kRules, "--select", "", "NAME,...", "", true,
               "Only these rules: ids, prefixes (tcp/), tags, default"},
    OptionInfo{Id::kIgnore, Group::kRules, "--ignore", "", "NAME,...", "", true,
               "Not these rules: ids, prefixes, tags"},
    OptionInfo{Id::kSeverity, Group::kRules, "--severity", "", "NAME=LEVEL", "", true,
               "Severity of rules: an id, prefix or tag, and error, warning or info"},
    OptionInfo{Id::kConfig, Group::kSettings, "--config", "", "FILE", "", false,
               "Settings for all files (default: the closest proctor.toml above each)"},
    OptionInfo{Id::kNoConfig, Group::kSettings, "--no-config", "", "", "", false,
               "Read no proctor.toml"},
    OptionInfo{Id::kTarget, Group::kSettings, "--target", "", "NAME", "", true,
               "Only this target of the settings (repeatable)"},
    OptionInfo{Id::kExclude, Group::kSettings, "--exclude", "", "PATTERN", "", true,
               "Paths that are not searched (repeatable)"},
    OptionInfo{Id::kPathIgnore, Group::kSettings, "--per-path-ignore", "", "PATTERN=NAME,...", "",
               true, "Not these rules in these files (repeatable)"},
    OptionInfo{Id::kBaseline, Group::kSettings, "--baseline", "", "FILE", "", false,
               "Report what is not in this baseline, and what in it is stale"},
    OptionInfo{Id::kWriteBaseline, Group::kSettings, "--write-baseline", "", "FILE", "", false,
               "Write all findings to a baseline instead of reporting them"},
    OptionInfo{Id::kNoBaseline, Group::kSettings, "--no-baseline", "", "", "", false,
               "Use no baseline of the settings"},
    OptionInfo{Id::kShowSettings, Group::kSettings, "--show-settings", "", "", "", false,
               "Print the settings in force and what they come from; judge nothing"},
    OptionInfo{Id::kFailOn, Group::kOutput, "--fail-on", "", "LEVEL", "error|warning|info|never",
               false, "Exit with 1 from this level on (default: warning)"},
    OptionInfo{Id::kFormat, Group::kOutput, "--format", "", "NAME", "", false,
               "Format of standard output (default: text)"},
    OptionInfo{Id::kOutput, Group::kOutput, "--output", "", "[FORMAT=]FILE", "", true,
               "Write a report to a file (repeatable)"},
    OptionInfo{Id::kColor, Group::kOutput, "--color", "", "WHEN", "auto|always|never", false,
               "Colour (default: auto, as NO_COLOR and CLICOLOR_FORCE say)"},
    OptionInfo{Id::kQuiet, Group::kOutput, "--quiet", "-q", "", "", false,
               "Findings only, no summary"},
    OptionInfo{Id::kStatistics, Group::kOutput, "--statistics", "", "", "", false,
               "Count findings by rule"},
    OptionInfo{Id::kStdinFilename, Group::kCommand, "--stdin-filename", "", "NAME", "", false,
               "What to call standard input"},
    OptionInfo{Id::kDiff, Group::kCommand, "--diff", "", "", "", false,
               "Show the change as a diff that patch takes; write nothing"},
    OptionInfo{Id::kWrite, Group::kCommand, "--write", "-w", "", "", false,
               "Edit the files in place"},
    OptionInfo{Id::kOut, Group::kCommand, "--output", "-o", "FILE", "", false,
               "Write the file there (default: standard output)"},
    OptionInfo{Id::kUnsafe, Group::kCommand, "--unsafe", "", "", "", false,
               "Also apply fixes that change the resulting state"},
    OptionInfo{Id::kRoot, Group::kCommand, "--root", "", "DIR", "", false,
               "Take DIR as a file system root and find the folders itself"},
    OptionInfo{Id::kDiffLoaders, Group::kCommand, "--diff-loaders", "", "", "", false,
               "Show where the modelled loaders differ"},
    OptionInfo{Id::kBindings, Group::kCommand, "--bindings", "", "FILE", "", false,
               "JSON object of names to values"},
    OptionInfo{Id::kContainer, Group::kCommand, "--container", "", "NAME", "", false,
               "Resolve names inside this CEL container"},
    OptionInfo{Id::kSet, Group::kCommand, "--set", "", "NAME=VALUE", "", true,
               "A parameter of the profile (repeatable)"},
    OptionInfo{Id::kMinimal, Group::kCommand, "--minimal", "", "", "", false,
               "Only what differs from the kernel's defaults"},
    OptionInfo{Id::kShowOmitted, Group::kCommand, "--show-omitted", "", "", "", false,
               "Also say what is not written and why"},
    OptionInfo{Id::kCompanions, Group::kCommand, "--companions", "", "DIR", "", false,
               "Write the other files that it needs below DIR; -: show them"},
    OptionInfo{Id::kCompare, Group::kCommand, "--compare", "", "FILE", "", false,
               "Show what the profile keeps, changes, adds and drops of FILE"},
    OptionInfo{Id::kUndo, Group::kCommand, "--undo", "", "FILE", "", false,
               "Also write the file that restores the present values"},
    OptionInfo{Id::kAnonymize, Group::kCommand, "--anonymize", "", "", "", false,
               "Leave out addresses and what else names the machine"},
    OptionInfo{Id::kSchema, Group::kCommand, "--schema", "", "", "", false,
               "Print the JSON Schema of snapshots instead"},
    OptionInfo{Id::kInterval, Group::kCommand, "--interval", "", "TIME", "", false,
               "Read twice, so far apart (5s), and show which counters moved"},
    OptionInfo{Id::kWatch, Group::kCommand, "--watch", "", "", "", false,
               "Go on until interrupted: at each change, or interval (2s)"},
    OptionInfo{Id::kWhatIf, Group::kCommand, "--what-if", "", "NAME=N,...", "", true,
               "Say what breaks first under a load, as connections=80000,rate=600"},
    OptionInfo{Id::kSvg, Group::kCommand, "--svg", "", "FILE", "", false,
               "With --what-if: draw load against each limit"},
};

constexpr bool in_order() {
  for (size_t i = 0; i < kOptions.size(); ++i) {
    if (static_cast<size_t>(kOptions[i].id) != i) return false;
  }
  return true;
}
static_assert(in_order());

constexpr std::string_view group_title(OptionGroup group) {
  switch (group) {
    case Group::kCommand:
      return "Options";
    case Group::kFacts:
      return "Facts (a later one overrides an earlier one)";
    case Group::kRules:
      return "Rules";
    case Group::kSettings:
      return "Settings";
    case Group::kOutput:
      return "Output";
  }
  return {};
}

void append_option(std::string& out, const OptionInfo& option) {
  std::string left = option.letter.empty() ? "    " : std::string(option.letter) + ", ";
  left += option.name;
  if (!option.value.empty()) {
    left += fmt::format(" {}", option.choices.empty() ? option.value : option.choices);
  }
  constexpr size_t kColumn = 28;
  fmt::format_to(std::back_inserter(out), "  {:<{}}", left, kColumn);
  if (left.size() > kColumn - 2) {
    fmt::format_to(std::back_inserter(out), "\n{:<{}}", "", kColumn + 2);
  }
  fmt::format_to(std::back_inserter(out), "{}\n", option.help);
}

}  // namespace

std::span<const OptionInfo> option_table() { return kOptions; }

const OptionInfo& option_info(OptionId id) { return kOptions[static_cast<size_t>(id)]; }

bool Invocation::has(OptionId id) const {
  return std::ranges::any_of(options, [&](const OptionUse& use) { return use.id == id; });
}

std::string_view Invocation::value(OptionId id, std::string_view otherwise) const {
  for (auto use = options.rbegin(); use != options.rend(); ++use) {
    if (use->id == id) return use->value;
  }
  return otherwise;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string_view near = nearest(word, candidates);
  return near.empty() ? std::string() : fmt::format("; did you mean '{}'?", near);
}

namespace {

/// A group of commands, and an option that only one of them can mean.
bool wants_list(std::span<const std::string> arguments) {
  return arguments.size() > 1 && arguments[1].starts_with('-') && arguments[1] != "--help" &&
         arguments[1] != "-h";
}

}  // namespace

Result<CommandMatch> find_command(std::span<const std::string> arguments) {
  const std::string_view first = arguments.empty() ? std::string_view() : arguments[0];
  const std::string two =
      arguments.size() > 1 ? fmt::format("{} {}", first, arguments[1]) : std::string(first);
  std::vector<std::string_view> words;
  std::vector<std::string_view> second_words;
  for (const CommandInfo& command : command_table()) {
    const size_t blank = command.name.find(' ');
    if (blank == std::string_view::npos && command.name == first) return CommandMatch{&command, 1};
    if (command.name == two) return CommandMatch{&command, 2};
    const std::string_view word = command.name.substr(0, blank);
    if (words.empty() || words.back() != word) words.push_back(word);
    if (word == first) second_words.push_back(command.name.substr(blank + 1));
  }
  if (second_words.empty()) {
    return Error{
        fmt::format("unknown command '{}'{}", escape_bytes(first), did_you_mean(first, words))};
  }
  if (arguments.size() > 1 && !arguments[1].starts_with('-')) {
    const std::string near = did_you_mean(arguments[1], second_words);
    if (!near.empty()) {
      return Error{
          fmt::format("unknown command '{} {}'{}", first, escape_bytes(arguments[1]), near)};
    }
  }
  if (wants_list(arguments)) {
    // `rules --format markdown` is `rules list --format markdown`.
    const std::string name = fmt::format("{} list", first);
    const auto command = std::ranges::find(command_table(), name, &CommandInfo::name);
    if (command != command_table().end()) return CommandMatch{&*command, 1};
  }
  std::string list;
  for (const std::string_view word : second_words)
    list += (list.empty() ? "" : ", ") + std::string(word);
  return Error{fmt::format("'{}' needs one of: {}", first, list)};
}

std::string help_text() {
  std::string out =
      "proctor judges sysctl configuration: what is wrong, why, and what to write instead.\n\n"
      "Usage: proctor COMMAND [OPTIONS] [ARGUMENTS]\n\nCommands:\n";
  for (const CommandInfo& command : command_table()) {
    fmt::format_to(std::back_inserter(out), "  {:<16}  {}\n", command.name, command.summary);
  }
  out +=
      "\nOptions:\n"
      "  -h, --help        Print this help; `proctor COMMAND --help` prints that of a command\n"
      "      --version     Print the program's version\n"
      "\nExit status: 0 nothing to report, 1 findings, 2 wrong usage or unreadable input.\n";
  return out;
}

std::string help_text(const CommandInfo& command) {
  std::string out =
      fmt::format("{}\n\nUsage: proctor {} [OPTIONS]{}{}\n", command.summary, command.name,
                  command.operands.empty() ? "" : " ", command.operands);
  if (!command.details.empty()) out += fmt::format("\n{}\n", command.details);
  for (const OptionGroup group :
       {Group::kFacts, Group::kRules, Group::kSettings, Group::kOutput, Group::kCommand}) {
    std::string rows;
    for (const OptionId id : command.options) {
      if (option_info(id).group == group) append_option(rows, option_info(id));
    }
    if (group == Group::kCommand) append_option(rows, option_info(Id::kHelp));
    if (!rows.empty()) out += fmt::format("\n{}:\n{}", group_title(group), rows);
  }
  return out;
}

}  // namespace proctor::cli
