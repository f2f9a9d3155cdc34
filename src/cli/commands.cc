// The table of commands.
#include "cli/commands.h"

#include <algorithm>
#include <array>

namespace proctor::cli {
namespace {

using Id = OptionId;

template <size_t... N>
constexpr auto concat(const std::array<Id, N>&... parts) {
  std::array<Id, (N + ...)> all{};
  auto at = all.begin();
  ((at = std::ranges::copy(parts, at).out), ...);
  return all;
}

template <typename... T>
constexpr std::array<Id, sizeof...(T)> ids(T... each) {
  return {each...};
}

constexpr auto kFacts = ids(Id::kHost, Id::kRunning, Id::kSnapshot, Id::kKernel, Id::kMemory,
                            Id::kCpus, Id::kRole, Id::kFact, Id::kLoader);
constexpr auto kSelection = ids(Id::kRules, Id::kSelect, Id::kIgnore);
constexpr auto kSettings = ids(Id::kSeverity, Id::kConfig, Id::kNoConfig, Id::kTarget, Id::kExclude,
                               Id::kPathIgnore, Id::kShowSettings);

constexpr auto kCheck = concat(kFacts, kSelection, kSettings,
                               ids(Id::kBaseline, Id::kWriteBaseline, Id::kNoBaseline, Id::kWatch),
                               ids(Id::kFailOn, Id::kFormat, Id::kOutput, Id::kColor, Id::kQuiet,
                                   Id::kStatistics, Id::kStdinFilename));
constexpr auto kAudit = concat(
    kFacts, kSelection,
    ids(Id::kRoot, Id::kFailOn, Id::kFormat, Id::kOutput, Id::kColor, Id::kQuiet, Id::kStatistics));
constexpr auto kFix = concat(kFacts, kSelection, kSettings,
                             ids(Id::kDiff, Id::kWrite, Id::kOut, Id::kUnsafe, Id::kStdinFilename));
constexpr auto kShow =
    concat(kFacts, ids(Id::kRoot, Id::kDiffLoaders, Id::kFormat, Id::kStdinFilename));
constexpr auto kExplain =
    ids(Id::kSnapshot, Id::kKernel, Id::kMemory, Id::kCpus, Id::kFact, Id::kRules);
constexpr auto kRulesList = concat(kSelection, ids(Id::kFormat));
constexpr auto kRulesShow = ids(Id::kRules, Id::kFormat);
constexpr auto kRulesTest = ids(Id::kRules);
constexpr auto kKeysList = ids(Id::kKernel, Id::kFormat);
constexpr auto kKeysShow =
    ids(Id::kSnapshot, Id::kKernel, Id::kMemory, Id::kCpus, Id::kFact, Id::kFormat);
constexpr auto kFormatOnly = ids(Id::kFormat);
constexpr auto kEval = concat(kFacts, ids(Id::kRules, Id::kFormat, Id::kBindings, Id::kContainer));
constexpr auto kDiagnose =
    ids(Id::kHost, Id::kRunning, Id::kSnapshot, Id::kKernel, Id::kMemory, Id::kCpus, Id::kRole,
        Id::kFact, Id::kFormat, Id::kColor, Id::kInterval, Id::kWatch, Id::kWhatIf, Id::kSvg);
constexpr auto kSnapshot = ids(Id::kAnonymize, Id::kSchema, Id::kOut);
constexpr auto kTune = concat(kFacts, ids(Id::kRules, Id::kSet, Id::kMinimal, Id::kShowOmitted,
                                          Id::kCompanions, Id::kCompare, Id::kUndo, Id::kOut));

constexpr std::string_view kCheckDetails =
    "A PATH is a file, a drop-in folder (sysctl.d, any NAME.d, or a folder of nothing but *.conf\n"
    "files), a file system root (it has etc/sysctl.conf, or sysctl.d below etc, run, lib, usr/lib "
    "or\n"
    "usr/local/lib), or any other folder, in which sysctl.conf, *.sysctl.conf and *.conf below a\n"
    "sysctl.d are found. '-' is standard input. Without PATH: the files of the targets in\n"
    "proctor.toml, else the current folder. --format text, concise, json, jsonl, sarif, github,\n"
    "gitlab, junit, checkstyle, tap or markdown.";
constexpr std::string_view kFixDetails =
    "Without --diff, --write and -o the corrected file goes to standard output. Only fixes that\n"
    "leave the kernel in the same state are made, unless --unsafe is given.";
constexpr std::string_view kShowDetails =
    "Prints every assignment in the order in which the loader applies it, what it writes, what\n"
    "overrides it, and what the kernel answers. Without --loader: the newest systemd-sysctl.\n"
    "Without PATH and --root: this machine, its kernel command line and systemd's credential\n"
    "included. --format text or json.";
constexpr std::string_view kAuditDetails =
    "This machine, unless --snapshot or --running gives the values of another; then --root gives "
    "its\n"
    "files, if any. Every rule is asked about the running values, which are reported as lines of\n"
    "/proc/sys. Files are judged as `check --host` does. Where a running value is not what the "
    "files\n"
    "make of it, the finding (drift/...) tells the likely cause. Nothing is written. Without\n"
    "--loader: the newest systemd-sysctl. --format as for `check`.";
constexpr std::string_view kExplainDetails =
    "NAME is a key (net.ipv4.tcp_fin_timeout, or an abbreviation that fits one key only, as\n"
    "fin_timeout), a rule (tcp/fin-timeout-too-low, or a part that fits one rule only), a tag of\n"
    "rules such as a policy (kspp, cis, stig), or a profile (exit-relay).";
constexpr std::string_view kRulesListDetails =
    "`rules` with options alone means the same. --select TAG lists a policy: kspp, cis, stig, "
    "anssi,\n"
    "dev-sec, lynis, or policy for all. --format text, json or markdown (the whole reference).";
constexpr std::string_view kKeysListDetails =
    "PATTERN is a glob over key names (net.ipv4.tcp_*) or a part of them. With --kernel, only "
    "keys\n"
    "that such a kernel may have. --format text or json.";
constexpr std::string_view kEvalDetails =
    "EXPR may read sysctls (net.ipv4.tcp_rmem[2]), facts (host.memory) and the names in "
    "--bindings.\n"
    "'-' reads it from standard input. --format text or json.";

constexpr std::string_view kTuneDetails =
    "PROFILE is one of `proctor profiles list`, or a file (a path with '/' or ending in .toml).\n"
    "The file is for the facts given; a line that needs another fact is left out, and standard\n"
    "error says which option decides. The role of the same name is implied.";

constexpr std::string_view kDiagnoseDetails =
    "Reads counters and tables of this machine, or of --snapshot FILE, and names the limits that\n"
    "are near: what shows it, what moves them, and what does not. With two --snapshot FILE (the\n"
    "earlier first) or --interval it also shows which counters moved. With --what-if nothing is\n"
    "read: facts come from options, and `--what-if help` lists the loads. --format text or json.";
constexpr std::string_view kSnapshotDetails =
    "Writes facts, values of /proc/sys, counters and tables of this machine as one JSON document.\n"
    "Other commands take it with --snapshot FILE. What may not be read is named with the reason.";

constexpr uint8_t kAny = 255;
constexpr std::array kCommands = {
    CommandInfo{"check", "[PATH...]", 0, kAny, "Judge configuration files", kCheckDetails, kCheck,
                run_check},
    CommandInfo{"fix", "PATH...", 1, kAny, "Correct configuration files", kFixDetails, kFix,
                run_fix},
    CommandInfo{"show", "[PATH...]", 0, kAny, "Show what loading the files really does",
                kShowDetails, kShow, run_show},
    CommandInfo{"audit", "", 0, 0, "Judge the running system: values, files, and where they differ",
                kAuditDetails, kAudit, run_audit},
    CommandInfo{"tune", "PROFILE", 1, 1, "Write a sysctl.d file for a kind of machine",
                kTuneDetails, kTune, run_tune},
    CommandInfo{"diagnose", "", 0, 0, "Name the limit that is being hit, and what moves it",
                kDiagnoseDetails, kDiagnose, run_diagnose},
    CommandInfo{"snapshot", "", 0, 0, "Write what this machine is and does as one document",
                kSnapshotDetails, kSnapshot, run_snapshot},
    CommandInfo{"explain", "NAME", 1, 1, "Explain a sysctl key, a rule, a tag or a profile",
                kExplainDetails, kExplain, run_explain},
    CommandInfo{"rules list", "", 0, 0, "List the rules", kRulesListDetails, kRulesList,
                run_rules_list},
    CommandInfo{"rules show", "NAME", 1, 1, "Show a rule with its examples",
                "--format text, json or markdown.", kRulesShow, run_rules_show},
    CommandInfo{"rules test", "[FILE...]", 0, kAny, "Run the examples of rules",
                "FILE is a rule file or a folder of them; without one, all rules are tested.",
                kRulesTest, run_rules_test},
    CommandInfo{
        "rules schema", "", 0, 0, "Print the JSON Schema of rule files", "", {}, run_rules_schema},
    CommandInfo{"keys list", "[PATTERN]", 0, 1, "List the sysctl keys that are known",
                kKeysListDetails, kKeysList, run_keys_list},
    CommandInfo{"keys show", "NAME", 1, 1, "Show what is known of a sysctl key",
                "NAME may be an abbreviation that fits one key only. --format text or json.",
                kKeysShow, run_keys_show},
    CommandInfo{"profiles list", "", 0, 0, "List the profiles", "--format text or json.",
                kFormatOnly, run_profiles_list},
    CommandInfo{"profiles show", "PROFILE", 1, 1, "Show a profile with its parameters and formulas",
                "PROFILE may be a file. --format text or json.", kFormatOnly, run_profiles_show},
    CommandInfo{"eval", "EXPR", 1, 1, "Evaluate a CEL expression", kEvalDetails, kEval, run_eval},
};

}  // namespace

std::span<const CommandInfo> command_table() { return kCommands; }

}  // namespace proctor::cli
