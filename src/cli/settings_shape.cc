// The table of fields of proctor.toml.
#include <array>

#include "cli/settings_file.h"

namespace proctor::cli {
namespace {

using enum rules::ValueKind;
using enum rules::Many;
using rules::Field;
using rules::Shape;

constexpr std::array<std::string_view, 3> kSeverities = {"error", "warning", "info"};
constexpr std::array<std::string_view, 4> kLevels = {"error", "warning", "info", "never"};

constexpr std::array kTargetFields = {
    Field{"name", kText, kOne, true, "What reports call it."},
    Field{"files", kText, kOneOrList, false,
          "Files, drop-in folders and file system roots that are meant for it; default: all."},
    Field{"kernel", kVersion, kOneOrList, false, "As --kernel; of a list, each."},
    Field{"memory", kSize, kOneOrList, false, "As --memory; of a list, each."},
    Field{"cpus", kCount, kOneOrList, false, "As --cpus; of a list, each."},
    Field{"loader", kText, kOneOrList, false, "As --loader; of a list, each."},
    Field{"roles", kName, kOneOrList, false, "As --role; all of a list."},
    Field{"facts", kText, kNamed, false, "As --fact NAME=VALUE."},
    Field{"snapshot", kText, kOne, false, "As --snapshot: facts and values of a machine."},
    Field{"running", kText, kOne, false, "As --running: a file with running values."},
};
constexpr Shape kTarget{"a target", "A machine, or a kind of machine.", kTargetFields};
constexpr std::array<const Shape*, 1> kTargetShapes = {&kTarget};

constexpr std::array kPathIgnoreFields = {
    Field{"paths", kText, kOneOrList, true, "Files and folders, as patterns."},
    Field{"rules", kText, kOneOrList, true, "Rule ids, prefixes and tags."},
    Field{"reason", kText, kOne, false, "Why; for who reads the file."},
};
constexpr Shape kPathIgnore{"a per-path ignore", "Rules that say nothing of some files.",
                            kPathIgnoreFields};
constexpr std::array<const Shape*, 1> kPathIgnoreShapes = {&kPathIgnore};

constexpr std::array kFields = {
    Field{"rules", kText, kOneOrList, false, "Rule files and folders, as --rules."},
    Field{"select", kText, kOneOrList, false, "As --select."},
    Field{"ignore", kText, kOneOrList, false, "As --ignore."},
    Field{"severity", kChoice, kNamed, false, "Rule ids, prefixes or tags, and their severity.",
          kSeverities},
    Field{"fail-on", kChoice, kOne, false, "As --fail-on.", kLevels},
    Field{"exclude", kText, kOneOrList, false, "Paths that are not searched, as patterns."},
    Field{"baseline", kText, kOne, false, "As --baseline."},
    Field{"per-path-ignore",
          kObject,
          kList,
          false,
          "Rules that say nothing of some files.",
          {},
          kPathIgnoreShapes},
    Field{"target", kObject, kList, false, "What the files are judged for.", {}, kTargetShapes},
};
constexpr Shape kFile{"proctor.toml", "Settings of a repository.", kFields};

}  // namespace

const rules::Shape& settings_shape() { return kFile; }

}  // namespace proctor::cli
