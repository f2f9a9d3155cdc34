// What the scalars in a rule file look like.
#include <algorithm>
#include <string_view>

#include "kernel/version.h"
#include "rules/shape.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::rules {
namespace {

bool is_word(std::string_view text, std::string_view extra) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           extra.find(c) != std::string_view::npos;
  });
}

/// lower-case words joined by single hyphens.
bool is_kebab(std::string_view text) {
  return is_word(text, "-") && text.front() != '-' && text.back() != '-' &&
         text.find("--") == std::string_view::npos;
}

bool is_rule_id(std::string_view text) {
  const size_t slash = text.find('/');
  return slash != std::string_view::npos && is_kebab(text.substr(0, slash)) &&
         is_kebab(text.substr(slash + 1));
}

bool is_identifier(std::string_view text) {
  return is_word(text, "_ABCDEFGHIJKLMNOPQRSTUVWXYZ") && (text.front() < '0' || text.front() > '9');
}

}  // namespace

std::string_view form_of(ValueKind kind) {
  switch (kind) {
    case ValueKind::kText:
      return "text";
    case ValueKind::kTemplate:
      return "text, with {expression} where a value goes";
    case ValueKind::kExpression:
      return "a CEL expression";
    case ValueKind::kKey:
      return "a sysctl's dotted name";
    case ValueKind::kTrue:
      return "true";
    case ValueKind::kBool:
      return "true or false";
    case ValueKind::kCount:
      return "a whole number";
    case ValueKind::kVersion:
      return "a kernel version such as 6.1 or a range such as 4.19..6.12";
    case ValueKind::kSize:
      return "a size such as 8GiB";
    case ValueKind::kRuleId:
      return "a rule id such as tcp/name-of-the-problem, in lower case";
    case ValueKind::kRuleFilter:
      return "a rule id, a prefix such as tcp/, or '*'";
    case ValueKind::kName:
      return "lower-case words joined by hyphens";
    case ValueKind::kIdentifier:
      return "a name of letters, digits and '_'";
    case ValueKind::kChoice:
    case ValueKind::kObject:
      break;
  }
  return "a mapping";
}

std::string_view expected_form(ValueKind kind, std::string_view text) {
  bool sound = true;
  switch (kind) {
    case ValueKind::kTemplate:
    case ValueKind::kExpression:
    case ValueKind::kKey:
      sound = !trim(text).empty();
      break;
    case ValueKind::kTrue:
      sound = text == "true";
      break;
    case ValueKind::kBool:
      sound = text == "true" || text == "false";
      break;
    case ValueKind::kCount:
      sound = is_word(text, "") && parse_int(text).ok();
      break;
    case ValueKind::kVersion:
      sound = kernel::parse_version_range(text).ok();
      break;
    case ValueKind::kSize:
      sound = parse_size(text).ok();
      break;
    case ValueKind::kRuleId:
      sound = is_rule_id(text);
      break;
    case ValueKind::kRuleFilter:
      sound = text == "*" || is_rule_id(text) ||
              (text.ends_with('/') && is_kebab(text.substr(0, text.size() - 1)));
      break;
    case ValueKind::kName:
      sound = is_kebab(text);
      break;
    case ValueKind::kIdentifier:
      sound = is_identifier(text);
      break;
    case ValueKind::kText:
    case ValueKind::kChoice:
    case ValueKind::kObject:
      break;
  }
  return sound ? std::string_view() : form_of(kind);
}

}  // namespace proctor::rules
