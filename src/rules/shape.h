// What a rule file may hold: one table that the reader checks files against and that the JSON
// Schema is made from.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "rules/source.h"
#include "rules/yaml.h"

namespace proctor::rules {

/// The form of one value.
enum class ValueKind : uint8_t {
  kText,
  kTemplate,    ///< Text with {expression} holes.
  kExpression,  ///< CEL.
  kKey,         ///< A sysctl's dotted name.
  kTrue,        ///< Only `true` means something.
  kBool,
  kCount,    ///< A whole number from 0.
  kVersion,  ///< "6.1" or a range "4.19..6.12".
  kSize,     ///< Bytes, with a unit.
  kRuleId,
  kRuleFilter,  ///< A rule's id, a prefix ending in '/', or '*'.
  kName,        ///< lower-case-with-hyphens.
  kIdentifier,  ///< A name that expressions can use.
  kChoice,      ///< One of Field::choices.
  kObject,      ///< A mapping as Field::shapes says; with several, the first field tells which.
};

enum class Many : uint8_t {
  kOne,
  kList,
  kOneOrList,
  kNamed,  ///< A mapping from free names to values.
};

struct Shape;

struct Field {
  std::string_view name;
  ValueKind kind = ValueKind::kText;
  Many many = Many::kOne;
  bool required = false;
  std::string_view help;  ///< A sentence for the schema.
  std::span<const std::string_view> choices = {};
  std::span<const Shape* const> shapes = {};
};

/// Fields of which a mapping has exactly one group, whole.
struct Alternative {
  std::span<const std::string_view> fields;
};

struct Shape {
  std::string_view name;  ///< In messages: "a rule", "an example".
  std::string_view help;
  std::span<const Field> fields;
  std::span<const Alternative> alternatives = {};
};

/// The whole file.
const Shape& file_shape();
const Field* find_field(const Shape& shape, std::string_view name);

/// What a value of this kind looks like, for messages.
std::string_view form_of(ValueKind kind);
/// Whether a scalar of this kind may be written so, apart from what only the rest of the program
/// knows (whether a key exists, whether an expression is sound). Empty: yes; else what was
/// expected.
std::string_view expected_form(ValueKind kind, std::string_view text);

/// Reports everything in `node` that the shape does not allow: kinds of nodes, unknown, duplicate
/// and missing fields, forms of scalars. Later stages may meet any of it and step over it in
/// silence.
void check_shape(const YamlNode& node, const Shape& shape, Reporter& report);
/// The same without looking into mappings inside.
void check_fields(const YamlNode& node, const Shape& shape, Reporter& report);

}  // namespace proctor::rules
