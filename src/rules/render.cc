#include "rules/render.h"

#include <cstdint>

#include "rules/activation.h"
#include "rules/values.h"
#include "text/brief.h"
#include "text/units.h"

namespace proctor::rules {
namespace {

using expr::Value;

/// "seconds" is long beside a number; where no short form is usual the unit stays as it is.
std::string_view short_unit(std::string_view unit) {
  if (unit == "seconds") return "s";
  if (unit == "milliseconds" || unit == "ms (stored in jiffies)") return "ms";
  if (unit == "microseconds") return "us";
  if (unit == "nanoseconds") return "ns";
  if (unit == "percent") return "%";
  if (unit == "kilobytes" || unit == "kB") return "KiB";
  if (unit == "objects" || unit == "ids/tasks") return {};  // The key's name says of what.
  return unit;
}

std::string with_unit(std::string number, std::string_view unit) {
  const std::string_view text = short_unit(unit);
  if (text.empty()) return number;
  number += ' ';
  number += text;
  return number;
}

std::string natural(const Value& value, std::string_view unit) {
  if (const int64_t* small = value.get_if<int64_t>()) return with_unit(format_count(*small), unit);
  if (const uint64_t* large = value.get_if<uint64_t>()) {
    return with_unit(std::to_string(*large), unit);
  }
  if (const expr::List* list = value.as_list()) {
    std::string out;
    for (const Value& element : *list) {
      if (!out.empty()) out += ' ';
      out += render_value(element, {}, HoleFormat::kPlain);
    }
    return out;
  }
  return render_value(value, {}, HoleFormat::kPlain);
}

std::string joined(const Value& value) {
  const expr::List* list = value.as_list();
  if (list == nullptr) return render_value(value, {}, HoleFormat::kNatural);
  std::string out;
  for (const Value& element : *list) {
    if (!out.empty()) out += ", ";
    out += render_value(element, {}, HoleFormat::kNatural);
  }
  return out;
}

}  // namespace

std::string render_value(const Value& value, std::string_view unit, HoleFormat format) {
  if (value.is_unknown()) return "an unknown value";
  switch (format) {
    case HoleFormat::kNatural:
      return natural(value, unit);
    case HoleFormat::kSize:
      if (const int64_t* bytes = value.get_if<int64_t>(); bytes != nullptr && *bytes >= 0) {
        return format_size(static_cast<uint64_t>(*bytes));
      }
      if (const uint64_t* bytes = value.get_if<uint64_t>()) return format_size(*bytes);
      return natural(value, {});
    case HoleFormat::kList:
      return joined(value);
    case HoleFormat::kPlain:
      break;
  }
  if (const std::string* text = value.as_string()) return *text;
  if (value.get_if<bool>() == nullptr) {
    if (const auto plain = spelling_of(value)) return *plain;
  }
  return expr::to_text(value);
}

Rendered render(const Template& text, const expr::Activation& activation) {
  Rendered out;
  for (size_t i = 0; i < text.literals.size(); ++i) {
    out.text += text.literals[i];
    if (i >= text.holes.size()) continue;
    const Hole& hole = text.holes[i];
    const Value value = hole.program.run(activation);
    if (value.is_error() && out.error.empty()) out.error = value.as_error()->message;
    out.text += shortened(render_value(value, hole.unit, hole.format));
  }
  return out;
}

Finding finding_of(const Rule& rule, std::span<const std::string> variables) {
  const Surroundings nowhere;
  const Interface none;
  const Activation activation(nowhere, rule.let, none, variables);
  Finding finding;
  finding.rule = rule.id;
  finding.severity = rule.severity;
  finding.category = rule.category;
  finding.message = render(rule.message, activation).text;
  finding.label = render(rule.label, activation).text;
  finding.why = render(rule.why, activation).text;
  finding.evidence = rule.evidence;
  return finding;
}

}  // namespace proctor::rules
