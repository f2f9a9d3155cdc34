// Templates to text.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "expr/scope.h"
#include "rules/rule.h"

namespace proctor::rules {

/// What a hole reads as: integers with thousands separators and the unit ("4 s", "196,608"),
/// kSize "32 MiB", kPlain and strings as they are, lists with blanks between. An unknown is
/// "an unknown value".
std::string render_value(const expr::Value& value, std::string_view unit, HoleFormat format);

/// The text, and the first error that a hole met (then the text names it in its place). Long values
/// are shortened.
struct Rendered {
  std::string text;
  std::string error;  ///< Empty: none.
};
Rendered render(const Template& text, const expr::Activation& activation);

/// A finding of a rule whose hits come from outside of the engine, without a place. `variables` are
/// those of the rule's detector, in the order in which detect.h declares them. REQUIRES: the texts
/// of the rule read nothing else.
Finding finding_of(const Rule& rule, std::span<const std::string> variables);

}  // namespace proctor::rules
