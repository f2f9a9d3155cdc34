#include "rules/schema.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "rules/shape.h"

namespace proctor::rules {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kWord = "[a-z0-9]+(-[a-z0-9]+)*";

std::string pattern(std::string_view before, std::string_view after) {
  return std::string(before) + std::string(after);
}

/// Plain scalars have the type that their look gives them; the reader takes them all as text.
Json scalar() { return {{"type", {"string", "number", "boolean"}}}; }

Json text(std::string expression) {
  return {{"type", "string"}, {"pattern", std::move(expression)}};
}

class SchemaWriter {
 public:
  Json run() {
    const Shape& file = file_shape();
    Json root = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "proctor rule file"}};
    root.update(object(file));
    root["$defs"] = definitions_;
    return root;
  }

 private:
  Json object(const Shape& shape) {
    Json properties = Json::object();
    Json required = Json::array();
    for (const Field& field : shape.fields) {
      Json property = many(field);
      property["description"] = field.help;
      properties[std::string(field.name)] = std::move(property);
      if (field.required) required.push_back(field.name);
    }
    Json made = {{"description", shape.help},
                 {"type", "object"},
                 {"properties", std::move(properties)},
                 {"additionalProperties", false}};
    if (!required.empty()) made["required"] = std::move(required);
    if (!shape.alternatives.empty()) made["oneOf"] = alternatives(shape);
    return made;
  }

  /// One group of fields whole, and no field of another.
  static Json alternatives(const Shape& shape) {
    Json made = Json::array();
    for (const Alternative& chosen : shape.alternatives) {
      Json others = Json::array();
      for (const Alternative& other : shape.alternatives) {
        if (&other == &chosen) continue;
        for (const std::string_view field : other.fields) {
          others.push_back({{"required", {field}}});
        }
      }
      Json required = Json::array();
      for (const std::string_view field : chosen.fields) required.push_back(field);
      made.push_back({{"required", std::move(required)}, {"not", {{"anyOf", std::move(others)}}}});
    }
    return made;
  }

  Json many(const Field& field) {
    Json item = one(field);
    Json list = {{"type", "array"}, {"items", item}};
    if (field.required) list["minItems"] = 1;
    switch (field.many) {
      case Many::kOne:
        break;
      case Many::kList:
        return list;
      case Many::kOneOrList:
        return {{"anyOf", {std::move(item), std::move(list)}}};
      case Many::kNamed:
        return {{"type", "object"}, {"additionalProperties", std::move(item)}};
    }
    return item;
  }

  Json one(const Field& field) {
    switch (field.kind) {
      case ValueKind::kText:
      case ValueKind::kExpression:
      case ValueKind::kTemplate:
        return scalar();
      case ValueKind::kKey:
        return text("^\\S+$");
      case ValueKind::kTrue:
        return {{"enum", {true, "true"}}};
      case ValueKind::kBool:
        return {{"enum", {true, false, "true", "false"}}};
      case ValueKind::kCount:
        return {{"type", {"integer", "string"}}, {"minimum", 0}, {"pattern", "^[0-9]+$"}};
      case ValueKind::kVersion:
        return {{"type", {"string", "number"}}, {"pattern", "[0-9]"}};
      case ValueKind::kSize:
        return {{"type", {"string", "integer"}}, {"pattern", "^[0-9]"}};
      case ValueKind::kRuleId:
        return text("^" + pattern(kWord, "/") + pattern(kWord, "$"));
      case ValueKind::kRuleFilter:
        return text("^(\\*|" + pattern(kWord, "/(") + pattern(kWord, ")?)$"));
      case ValueKind::kName:
        return text("^" + pattern(kWord, "$"));
      case ValueKind::kIdentifier:
        return text("^[A-Za-z_][A-Za-z0-9_]*$");
      case ValueKind::kChoice:
        return {{"enum", field.choices}};
      case ValueKind::kObject:
        break;
    }
    return reference(field);
  }

  Json reference(const Field& field) {
    Json references = Json::array();
    for (const Shape* shape : field.shapes) {
      const std::string name = definition_name(*shape, field.shapes.size() > 1);
      if (!definitions_.contains(name)) {
        Json made = object(*shape);
        definitions_[name] = std::move(made);
      }
      references.push_back({{"$ref", "#/$defs/" + name}});
    }
    if (references.size() == 1) return references[0];
    return {{"oneOf", std::move(references)}};
  }

  /// "a rule" -> "rule"; one of several forms is told apart by its first field.
  static std::string definition_name(const Shape& shape, bool one_of_several) {
    std::string name(shape.name.substr(shape.name.find(' ') + 1));
    for (char& c : name) c = c == ' ' ? '-' : c;
    if (one_of_several) name += "-" + std::string(shape.fields[0].name);
    return name;
  }

  Json definitions_ = Json::object();
};

}  // namespace

std::string rule_schema() { return SchemaWriter().run().dump(2) + "\n"; }

}  // namespace proctor::rules
