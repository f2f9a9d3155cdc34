// The table of fields.
#include "advise/capacity_shape.h"

#include <array>

namespace proctor::advise {
namespace {

using rules::Field;
using rules::Shape;
using enum rules::ValueKind;
using enum rules::Many;

constexpr std::array<std::string_view, 7> kEachChoices = {
    "none", "source", "destination", "listener", "process", "cgroup", "user"};
constexpr std::array<std::string_view, 3> kKinds = {"program", "sysctl", "system"};

constexpr std::array kLoadFields = {
    Field{"name", kIdentifier, kOne, true, "How --what-if calls it."},
    Field{"title", kText, kOne, true, "What it counts."},
    Field{"min", kCount, kOne, true, "The least."},
    Field{"max", kCount, kOne, true, "The greatest."},
    Field{"default", kCount, kOne, true, "Where it is not given."},
    Field{"scales", kBool, kOne, false, "It grows with the load."},
};
constexpr Shape kLoad{"a load", "A number of --what-if.", kLoadFields};
constexpr std::array<const Shape*, 1> kLoadShapes = {&kLoad};

constexpr std::array kReadingFields = {
    Field{"name", kIdentifier, kOne, true, "How expressions call it."},
    Field{"metric", kText, kOne, true, "The counter or gauge as snapshots name it."},
    Field{"moved", kBool, kOne, false, "What it grew by, not what it is."},
};
constexpr Shape kReading{"a reading", "A name for a metric.", kReadingFields};
constexpr std::array<const Shape*, 1> kReadingShapes = {&kReading};

constexpr std::array kLetFields = {
    Field{"name", kIdentifier, kOne, true, "How expressions call it."},
    Field{"value", kExpression, kOne, true, "What it stands for."},
};
constexpr Shape kLet{"a let", "A name for part of an expression.", kLetFields};
constexpr std::array<const Shape*, 1> kLetShapes = {&kLet};

constexpr std::array kRemarkFields = {
    Field{"text", kTemplate, kOne, true, "A sentence."},
    Field{"when", kExpression, kOne, false, "It is said where this holds."},
};
constexpr Shape kRemark{"a piece of evidence", "What shows it.", kRemarkFields};
constexpr std::array<const Shape*, 1> kRemarkShapes = {&kRemark};

constexpr std::array kCureFields = {
    Field{"what", kTemplate, kOne, true, "What to change, and what it gives."},
    Field{"kind", kChoice, kOne, true, "Where the change is made.", kKinds},
    Field{"key", kKey, kOne, false, "The sysctl."},
    Field{"value", kExpression, kOne, false, "The value for it."},
    Field{"cost", kTemplate, kOne, false, "What it costs."},
    Field{"when", kExpression, kOne, false, "It helps where this holds."},
};
constexpr Shape kCure{"a cure", "What moves the limit.", kCureFields};
constexpr std::array<const Shape*, 1> kCureShapes = {&kCure};

constexpr std::array kNoCureFields = {
    Field{"what", kText, kOne, true, "What people turn."},
    Field{"why", kTemplate, kOne, true, "Why it does not help."},
    Field{"when", kExpression, kOne, false, "It is said where this holds."},
};
constexpr Shape kNoCure{"what is no cure", "What people turn in vain.", kNoCureFields};
constexpr std::array<const Shape*, 1> kNoCureShapes = {&kNoCure};

constexpr std::array kPredictFields = {
    Field{"used", kExpression, kOne, true, "What the load would use."},
    Field{"limit", kExpression, kOne, true, "What there is."},
    Field{"when", kExpression, kOne, false, "It is asked where this holds."},
    Field{"formula", kText, kOne, true, "The formula, for people."},
};
constexpr Shape kPredict{"a prediction", "Use and limit under a load.", kPredictFields};
constexpr std::array<const Shape*, 1> kPredictShapes = {&kPredict};

constexpr std::array kResourceFields = {
    Field{"id", kName, kOne, true, "How reports call it."},
    Field{"title", kText, kOne, true, "A few words."},
    Field{"each", kChoice, kOne, false, "Asked once for each of these.", kEachChoices},
    Field{"scope", kTemplate, kOne, true, "Whose it is."},
    Field{"unit", kText, kOne, true, "What is counted."},
    Field{"when", kExpression, kOne, false, "It is asked where this holds."},
    Field{"used", kExpression, kOne, false, "How much is used."},
    Field{"limit", kExpression, kOne, false, "How much there is."},
    Field{"high", kCount, kOne, false, "Percent from which on it counts as high."},
    Field{"critical", kCount, kOne, false, "Percent from which on it counts as critical."},
    Field{"evidence", kObject, kList, false, "What shows it.", {}, kRemarkShapes},
    Field{"cures", kObject, kList, false, "What moves the limit.", {}, kCureShapes},
    Field{"no-cures", kObject, kList, false, "What does not.", {}, kNoCureShapes},
    Field{"predict", kObject, kOne, false, "Use and limit under a load.", {}, kPredictShapes},
};
constexpr Shape kResource{"a resource", "What is limited.", kResourceFields};
constexpr std::array<const Shape*, 1> kResourceShapes = {&kResource};

constexpr std::array kCounterFields = {
    Field{"name", kText, kOne, true, "As snapshots name it."},
    Field{"resource", kName, kOne, true, "What it tells of."},
    Field{"means", kText, kOne, true, "What moved when it moves."},
    Field{"hit", kBool, kOne, false, "It moves when the limit is met."},
};
constexpr Shape kCounter{"a counter", "A counter of the kernel.", kCounterFields};
constexpr std::array<const Shape*, 1> kCounterShapes = {&kCounter};

constexpr std::array kFileFields = {
    Field{"loads", kObject, kList, true, "Numbers of --what-if.", {}, kLoadShapes},
    Field{"readings", kObject, kList, true, "Names for metrics.", {}, kReadingShapes},
    Field{"let", kObject, kList, true, "Names for parts of expressions.", {}, kLetShapes},
    Field{"resources", kObject, kList, true, "What is limited.", {}, kResourceShapes},
    Field{"counters", kObject, kList, true, "Counters of the kernel.", {}, kCounterShapes},
};
constexpr Shape kFile{"the capacity model", "Resources, their use and their limits.", kFileFields};

}  // namespace

const rules::Shape& capacity_shape() { return kFile; }

}  // namespace proctor::advise
