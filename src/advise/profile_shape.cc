// The table of fields.
#include "advise/profile_shape.h"

#include <array>

namespace proctor::advise {
namespace {

using rules::Field;
using rules::Shape;
using enum rules::ValueKind;
using enum rules::Many;

constexpr std::array kParameterFields = {
    Field{"name", kIdentifier, kOne, true, "How --set and formulas call it."},
    Field{"description", kText, kOne, true, "What it means."},
    Field{"unit", kText, kOne, false, "Of the number; bytes and bit/s may be given as 64MiB."},
    // Not `required`, which would refuse an empty list.
    Field{"default", kText, kOneOrList, false,
          "A number, a boolean, a list, a text; with `min` or `max` a text is CEL."},
    Field{"min", kText, kOne, false, "The least number."},
    Field{"max", kText, kOne, false, "The greatest number."},
    Field{"one_of", kText, kList, false, "The texts that it may be."},
};
constexpr Shape kParameter{"a parameter", "What --set may give.", kParameterFields};
constexpr std::array<const Shape*, 1> kParameterShapes = {&kParameter};

constexpr std::array kLetFields = {
    Field{"name", kIdentifier, kOne, true, "How formulas call it."},
    Field{"value", kExpression, kOne, true, "What it stands for."},
};
constexpr Shape kLet{"a let", "A name for part of a formula.", kLetFields};
constexpr std::array<const Shape*, 1> kLetShapes = {&kLet};

constexpr std::array kSetFields = {
    Field{"key", kKey, kOne, false, "The sysctl."},
    Field{"keys", kKey, kList, false, "Sysctls that get the same value."},
    Field{"group", kText, kOne, true, "The heading above it."},
    Field{"value", kExpression, kOne, true, "An integer, a string, a list of integers."},
    Field{"when", kExpression, kOne, false, "It is set where this holds."},
    Field{"reason", kText, kOne, true, "The comment above the line."},
    Field{"evidence", kText, kList, true, "Where the reason comes from."},
    Field{"module", kText, kOne, false, "The kernel module that brings the keys."},
    Field{"assert", kTrue, kOne, false, "Written although it is the kernel's default."},
};
constexpr Shape kSet{"a setting", "A value for a sysctl.", kSetFields};
constexpr std::array<const Shape*, 1> kSetShapes = {&kSet};

constexpr std::array kCompanionFields = {
    Field{"path", kText, kOne, true, "Where the file belongs."},
    Field{"content", kText, kOne, true, "Its lines, with {expression} where a value goes."},
    Field{"when", kExpression, kOne, false, "It is needed where this holds."},
    Field{"reason", kText, kOne, true, "Why it is needed."},
};
constexpr Shape kCompanion{"a companion", "Another file that the settings need.", kCompanionFields};
constexpr std::array<const Shape*, 1> kCompanionShapes = {&kCompanion};

constexpr std::array kAdviceFields = {
    Field{"text", kText, kOne, true, "What no file can carry."},
    Field{"when", kExpression, kOne, false, "It is given where this holds."},
};
constexpr Shape kAdvice{"an advice", "What no file can carry.", kAdviceFields};
constexpr std::array<const Shape*, 1> kAdviceShapes = {&kAdvice};

constexpr std::array kAvoidFields = {
    Field{"key", kKey, kOne, false, "The sysctl that is left alone."},
    Field{"keys", kKey, kList, false, "Sysctls that are left alone for one reason."},
    Field{"why", kText, kOne, true, "Why."},
};
constexpr Shape kAvoid{"an avoided key", "What other lists set for such machines.", kAvoidFields};
constexpr std::array<const Shape*, 1> kAvoidShapes = {&kAvoid};

constexpr std::array kRequireFields = {
    Field{"condition", kExpression, kOne, true, "Without it the profile is refused."},
    Field{"message", kText, kOne, true, "Why it is refused."},
};
constexpr Shape kRequire{"a requirement", "What the machine must be.", kRequireFields};
constexpr std::array<const Shape*, 1> kRequireShapes = {&kRequire};

constexpr std::array kFileFields = {
    Field{"title", kText, kOne, true, "A few words."},
    Field{"description", kText, kOne, true, "What the machine does."},
    Field{"extends", kText, kOne, false, "The profile that this one adds to."},
    Field{"parameter", kObject, kList, false, "What --set may give.", {}, kParameterShapes},
    Field{"let", kObject, kList, false, "Names for parts of formulas.", {}, kLetShapes},
    Field{"set", kObject, kList, false, "The settings.", {}, kSetShapes},
    Field{"companion", kObject, kList, false, "Other files.", {}, kCompanionShapes},
    Field{"advice", kObject, kList, false, "What no file can carry.", {}, kAdviceShapes},
    Field{"avoid", kObject, kList, false, "Keys that are left alone.", {}, kAvoidShapes},
    Field{"require", kObject, kList, false, "What the machine must be.", {}, kRequireShapes},
};
constexpr Shape kFile{"a profile", "Settings for a kind of machine.", kFileFields};

}  // namespace

const rules::Shape& profile_shape() { return kFile; }

}  // namespace proctor::advise
