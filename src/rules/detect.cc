#include "rules/detect.h"

#include <algorithm>
#include <array>

namespace proctor::rules {
namespace {

template <size_t N>
using Names = std::array<std::string_view, N>;

// `loaders` names the loaders that a statement is true for, `effect` says what they do with the
// line. `kernels` is the kernel or the range that the target names: "Linux 6.1".
constexpr Names<2> kSyntax{"loaders", "effect"};
constexpr Names<4> kSyntaxKey{"loaders", "effect", "key", "value"};
constexpr Names<5> kFound{"loaders", "effect", "key", "value", "found"};
constexpr Names<2> kKey{"key", "kernels"};
constexpr Names<3> kForeign{"key", "kernels", "count"};
constexpr Names<3> kSuggestion{"key", "kernels", "suggestion"};
constexpr Names<5> kRemoved{"key", "kernels", "removed", "replacement", "notes"};
constexpr Names<3> kArrives{"key", "kernels", "arrives"};
constexpr Names<4> kLeaves{"key", "kernels", "removed", "replacement"};
constexpr Names<3> kBuild{"key", "kernels", "build"};
constexpr Names<3> kReplaced{"key", "kernels", "replacement"};
constexpr Names<3> kModule{"key", "kernels", "module"};
constexpr Names<3> kInterface{"key", "kernels", "interface"};
constexpr Names<5> kRefused{"key", "kernels", "value", "errno", "reason"};
constexpr Names<5> kAltered{"key", "kernels", "value", "reads_back", "reason"};
// `loaders` is empty where the kernel itself cuts.
constexpr Names<5> kCut{"key", "kernels", "value", "reads_back", "loaders"};
constexpr Names<5> kArity{"key", "kernels", "value", "given", "slots"};
constexpr Names<4> kNumber{"key", "kernels", "value", "number"};
constexpr Names<3> kValue{"key", "kernels", "value"};
constexpr Names<4> kOther{"key", "value", "other", "where"};
constexpr Names<5> kDifference{"key", "value", "loaders", "others", "effect"};
constexpr Names<2> kRest{"key", "where"};
constexpr Names<2> kFile{"file", "by"};
constexpr Names<2> kSuppressionText{"found", "reason"};
constexpr Names<1> kSuppressionRules{"rules"};
constexpr Names<2> kSuppressionUnknown{"rules", "suggestion"};
constexpr Names<2> kSuppressionUnused{"rules", "scope"};
constexpr Names<4> kBaseline{"rule", "line", "file", "change"};
constexpr Names<3> kDrift{"key", "value", "running"};
constexpr Names<4> kDriftBy{"key", "value", "running", "by"};
constexpr Names<5> kOrder{"key", "kernels", "value", "reads_back", "culprit"};

constexpr auto kDetectors = std::to_array<DetectorInfo>({
    {"absolute-path", kSyntaxKey},
    {"alias-pair", kOther},
    {"altered", kAltered},
    {"arity", kArity},
    {"backslash", kSyntaxKey},
    {"backslash-comment", kSyntax},
    {"baseline-stale", kBaseline, true},
    {"binary", kSyntax},
    {"blank-in-key", kSyntaxKey},
    {"bom", kSyntax},
    {"conflicting-duplicate", kOther},
    {"cut", kCut},
    {"dash", kSyntaxKey},
    {"default-value", kValue},
    {"deprecated", kReplaced},
    {"dotted-interface", kFound},
    {"drift-changed", kDrift},
    {"drift-default", kDrift},
    {"drift-edited", kDriftBy},
    {"drift-forwarding", kDriftBy},
    {"drift-interface", kDriftBy},
    {"drift-module", kDriftBy},
    {"drift-open", kDrift},
    {"drift-other-line", kDriftBy},
    {"drift-tool", kDriftBy},
    {"duplicate", kOther},
    {"empty-value", kSyntaxKey},
    {"exclusion", kSyntaxKey},
    {"glob", kSyntaxKey},
    {"inline-comment-dropped", kFound},
    {"inline-comment-kept", kFound},
    {"inline-comment-refused", kFound},
    {"later-interface", kInterface},
    {"loader-difference", kDifference},
    {"lone-cr", kSyntax},
    {"long-line", kSyntax},
    {"masked", kFile},
    {"missing-equals", kFound},
    {"misspelled", kSuggestion},
    {"module-first", kModule},
    {"module-missing", kModule},
    {"never-read", kFile},
    {"not-namespaced", kKey},
    {"not-utf8", kFound},
    {"not-yet", kArrives},
    {"nul", kSyntax},
    {"octal", kNumber},
    {"odd-blank", kFound},
    {"one-way", kRefused},
    {"only-older", kLeaves},
    {"order-refused", kOrder},
    {"order-undone", kOrder},
    {"other-system", kForeign},
    {"overridden", kOther},
    {"quotes", kFound},
    {"rare-build", kBuild},
    {"read-only", kKey},
    {"rejected", kRefused},
    {"removed", kRemoved},
    {"renamed", kRemoved},
    {"rest-lost", kRest},
    {"semicolon-comment", kSyntax},
    {"sorts-before-vendor", kOther},
    {"suppression-malformed", kSuppressionText},
    {"suppression-no-reason", kSuppressionRules},
    {"suppression-unknown", kSuppressionUnknown},
    {"suppression-unused", kSuppressionUnused},
    {"trailing-blanks", kSyntaxKey},
    {"unit", kNumber},
    {"unknown", kKey},
    {"vendor-carried", kKey},
    {"vendor-only", kKey},
    {"write-only", kSyntaxKey},
});
static_assert(std::ranges::is_sorted(kDetectors, {}, &DetectorInfo::name));

}  // namespace

std::span<const DetectorInfo> detectors() { return kDetectors; }

const DetectorInfo* find_detector(std::string_view name) {
  const auto* const found = std::ranges::lower_bound(kDetectors, name, {}, &DetectorInfo::name);
  return found != kDetectors.end() && found->name == name ? found : nullptr;
}

}  // namespace proctor::rules
