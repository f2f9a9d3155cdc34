#include "rules/finding.h"

#include <array>

namespace proctor::rules {
namespace {

constexpr std::array<std::string_view, 3> kSeverities = {"info", "warning", "error"};
constexpr std::array<std::string_view, 10> kCategories = {
    "syntax",   "rejected", "unknown",  "removed",   "ineffective",
    "conflict", "harmful",  "insecure", "redundant", "fragile",
};

}  // namespace

std::string_view to_string(Severity severity) {
  return kSeverities[static_cast<uint8_t>(severity)];
}

std::string_view to_string(Category category) {
  return kCategories[static_cast<uint8_t>(category)];
}

}  // namespace proctor::rules
