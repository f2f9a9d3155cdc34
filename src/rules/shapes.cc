// The table of fields.
#include <algorithm>
#include <array>

#include "rules/shape.h"

namespace proctor::rules {
namespace {

using enum ValueKind;
using enum Many;
using Names = std::string_view;

constexpr std::array<Names, 3> kSeverities = {"error", "warning", "info"};
constexpr std::array<Names, 10> kCategories = {"syntax",      "rejected", "unknown", "removed",
                                               "ineffective", "conflict", "harmful", "insecure",
                                               "redundant",   "fragile"};
constexpr std::array<Names, 3> kExpects = {"fires", "silent", "undecided"};
constexpr std::array<Names, 1> kEncodings = {"latin-1"};
constexpr std::array<Names, 2> kAudits = {"loaded", "edited"};
constexpr std::array<Names, 1> kForEach = {"interface"};

constexpr std::array kRoleFields = {
    Field{"name", kName, kOne, true, "How --role and rules call it."},
    Field{"description", kText, kOne, true, "What a machine of this role does."},
    Field{"implies", kName, kOneOrList, false, "Roles that such a machine has as well."},
};
constexpr Shape kRole{"a role", "What a machine is for.", kRoleFields};

constexpr std::array kGivenFields = {
    Field{"kernel", kVersion, kOne, false, "As --kernel."},
    Field{"memory", kSize, kOne, false, "As --memory."},
    Field{"cpus", kCount, kOne, false, "As --cpus."},
    Field{"loader", kText, kOne, false, "As --loader."},
    Field{"roles", kName, kOneOrList, false, "As --role."},
    Field{"facts", kText, kNamed, false, "As --fact NAME=VALUE."},
    Field{"running", kText, kNamed, false, "Running values: a sysctl's dotted name to its text."},
    Field{"audit", kChoice, kOne, false,
          "The files were `loaded` and `running` came of it, or they were `edited` since.",
          kAudits},
};
constexpr Shape kGiven{"what is given", "Facts and values that the example assumes.", kGivenFields};
constexpr std::array<const Shape*, 1> kGivenShapes = {&kGiven};

constexpr std::array kExampleFields = {
    Field{"name", kText, kOne, true, "What the example shows."},
    Field{"conf", kText, kOne, true, "The configuration file."},
    Field{"times", kCount, kOne, false, "How often `conf` is repeated."},
    Field{"encoding", kChoice, kOne, false, "`latin-1`: characters below U+0100 are bytes.",
          kEncodings},
    Field{"files", kText, kNamed, false,
          "Further files, path to text; `conf` is /etc/sysctl.d/50-example.conf among them."},
    Field{"given",
          kObject,
          kOne,
          false,
          "Facts and values; what is not given is unknown.",
          {},
          kGivenShapes},
    Field{"expect", kChoice, kOne, true, "What the rule does.", kExpects},
    Field{"line", kCount, kOne, false, "The line of the finding."},
    Field{"fixed", kText, kOne, false, "The file after all fixes, unsafe ones included."},
};
constexpr Shape kExample{"an example", "A configuration and what the rule says of it.",
                         kExampleFields};
constexpr std::array<const Shape*, 1> kExampleShapes = {&kExample};

constexpr Names kSafeHelp = "Whether the kernel ends in the same state.";
constexpr std::array kSetFields = {
    Field{"set", kKey, kOne, true, "The sysctl whose value is replaced."},
    Field{"to", kExpression, kOne, true, "The new value: an integer, a string, or a list."},
    Field{"safe", kBool, kOne, true, kSafeHelp},
};
constexpr std::array kRemoveFields = {
    Field{"remove", kKey, kOne, true, "The sysctl whose lines become comments."},
    Field{"safe", kBool, kOne, true, kSafeHelp},
};
constexpr std::array kRenameFields = {
    Field{"rename", kKey, kOne, true, "The old name."},
    Field{"to", kKey, kOne, true, "The new name."},
    Field{"safe", kBool, kOne, true, kSafeHelp},
};
constexpr std::array kInsertFields = {
    Field{"insert-after", kKey, kOne, true, "The sysctl after whose line a new one is put."},
    Field{"key", kKey, kOne, true, "The new line's sysctl."},
    Field{"value", kExpression, kOne, true, "The new line's value."},
    Field{"safe", kBool, kOne, true, kSafeHelp},
};
constexpr std::array kDetectorFields = {
    Field{"detector", kTrue, kOne, true, "The edits that the detector offers."},
    Field{"safe", kBool, kOne, true, kSafeHelp},
};
constexpr Shape kSet{"a fix", "Replaces a value.", kSetFields};
constexpr Shape kRemove{"a fix", "Removes lines.", kRemoveFields};
constexpr Shape kRename{"a fix", "Renames a sysctl.", kRenameFields};
constexpr Shape kInsert{"a fix", "Adds a line.", kInsertFields};
constexpr Shape kDetector{"a fix", "Applies the detector's own edits.", kDetectorFields};
constexpr std::array<const Shape*, 5> kFixShapes = {&kSet, &kRemove, &kRename, &kInsert,
                                                    &kDetector};

constexpr std::array kWantFields = {
    Field{"eq", kExpression, kOne, false, "The value."},
    Field{"ne", kExpression, kOne, false, "Any other value."},
    Field{"min", kExpression, kOne, false, "The least value."},
    Field{"max", kExpression, kOne, false, "The greatest value."},
    Field{"in", kExpression, kOneOrList, false, "One of these; a fix takes the first."},
    Field{"bits-set", kExpression, kOne, false, "Bits that are 1."},
    Field{"bits-clear", kExpression, kOne, false, "Bits that are 0."},
};
constexpr Shape kWant{"what is wanted", "Conditions on the value; all of them hold.", kWantFields};
constexpr std::array<const Shape*, 1> kWantShapes = {&kWant};

constexpr std::array kRuleFields = {
    Field{"id", kRuleId, kOne, true, "family/name of the problem."},
    Field{"title", kText, kOne, true, "One line for lists."},
    Field{"severity", kChoice, kOne, true, "How bad it is.", kSeverities},
    Field{"category", kChoice, kOne, true, "What kind of problem it is.", kCategories},
    Field{"kernel", kVersion, kOne, false, "The kernels it concerns."},
    Field{"roles", kName, kOneOrList, false, "Asked only for one of these roles."},
    Field{"unless", kExpression, kOne, false, "A condition that keeps it silent."},
    Field{"tags", kName, kOneOrList, false,
          "`policy` is off unless selected or its role is given."},
    Field{"let", kExpression, kNamed, false,
          "Named sub-expressions, each may use those before it."},
    Field{"when", kExpression, kOne, false, "The condition under which it fires."},
    Field{"key", kKey, kOne, false, "The sysctl that `want` is about."},
    Field{"want",
          kObject,
          kOne,
          false,
          "Fires where the value of `key` is another.",
          {},
          kWantShapes},
    Field{"detect", kText, kOne, false, "The built-in detector that yields the findings."},
    Field{"for-each", kChoice, kOne, false, "Asked once for every interface, as `iface`.",
          kForEach},
    Field{"anchor", kKey, kOneOrList, false,
          "The first of these that is written carries the finding."},
    Field{"related", kKey, kOneOrList, false,
          "Their lines are shown beside it; of the key that carries it, its other lines."},
    Field{"message", kTemplate, kOne, true, "What is wrong, with the real value."},
    Field{"label", kTemplate, kOne, false, "A few words beside the caret."},
    Field{"why", kTemplate, kOne, true, "Why it matters."},
    Field{"fix", kObject, kOneOrList, false, "What to change.", {}, kFixShapes},
    Field{"supersedes", kRuleId, kOneOrList, false,
          "Rules that are silent on the lines where this one fires."},
    Field{"evidence", kText, kOneOrList, true, "Where it can be checked."},
    Field{"formerly", kRuleId, kOneOrList, false, "Ids that it had."},
    Field{"since", kText, kOne, false, "The version of proctor that has it first."},
    Field{"examples",
          kObject,
          kList,
          true,
          "At least one that fires and one that is silent.",
          {},
          kExampleShapes},
};
constexpr std::array<Names, 1> kByWhen = {"when"};
constexpr std::array<Names, 2> kByWant = {"key", "want"};
constexpr std::array<Names, 1> kByDetector = {"detect"};
constexpr std::array kRuleAlternatives = {Alternative{kByWhen}, Alternative{kByWant},
                                          Alternative{kByDetector}};
constexpr Shape kRule{"a rule", "A problem, how it shows, and what to do.", kRuleFields,
                      kRuleAlternatives};

constexpr std::array kOverrideFields = {
    Field{"rule", kRuleFilter, kOne, true, "The rules that it changes."},
    Field{"severity", kChoice, kOne, false, "Their severity.", kSeverities},
    Field{"disable", kBool, kOne, false, "Switches them off."},
    Field{"roles", kName, kOneOrList, false, "Asks them for these roles only."},
    Field{"unless", kExpression, kOne, false, "One more condition that keeps them silent."},
};
constexpr Shape kOverride{"an override", "A change to rules of other files.", kOverrideFields};

constexpr std::array kRetiredFields = {
    Field{"id", kRuleId, kOne, true, "The id that no rule has any more."},
    Field{"why", kText, kOne, true, "Why the rule is gone."},
};
constexpr Shape kRetired{"a retired rule", "An id that stays known.", kRetiredFields};

constexpr std::array<const Shape*, 1> kRoleShapes = {&kRole};
constexpr std::array<const Shape*, 1> kRuleShapes = {&kRule};
constexpr std::array<const Shape*, 1> kOverrideShapes = {&kOverride};
constexpr std::array<const Shape*, 1> kRetiredShapes = {&kRetired};
constexpr std::array kFileFields = {
    Field{"roles", kObject, kList, false, "Roles that the file declares.", {}, kRoleShapes},
    Field{"rules", kObject, kList, false, "Rules that the file adds.", {}, kRuleShapes},
    Field{"override", kObject, kList, false, "Changes to other rules.", {}, kOverrideShapes},
    Field{"retired", kObject, kList, false, "Rules that are no more.", {}, kRetiredShapes},
};
constexpr Shape kFile{"a rule file", "Rules for proctor.", kFileFields};

}  // namespace

const Shape& file_shape() { return kFile; }

const Field* find_field(const Shape& shape, std::string_view name) {
  const auto found = std::ranges::find(shape.fields, name, &Field::name);
  return found == shape.fields.end() ? nullptr : &*found;
}

}  // namespace proctor::rules
