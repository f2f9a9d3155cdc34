// Checks a file against the table of fields.
#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "rules/shape.h"
#include "text/text.h"

namespace proctor::rules {
namespace {

std::string join(std::span<const std::string_view> words, std::string_view last) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? last : ", ";
    out += words[i];
  }
  return out;
}

std::string join_quoted(std::span<const std::string_view> words, std::string_view last) {
  std::vector<std::string> quoted_words;
  for (const std::string_view word : words) quoted_words.push_back(fmt::format("'{}'", word));
  return join(std::vector<std::string_view>(quoted_words.begin(), quoted_words.end()), last);
}

/// One value of the field.
std::string expected_one(const Field& field) {
  if (field.kind == ValueKind::kObject) return std::string(field.shapes[0]->name);
  if (field.kind != ValueKind::kChoice) return std::string(form_of(field.kind));
  return (field.choices.size() > 1 ? "one of " : "") + join(field.choices, ", ");
}

std::string expected_of(const Field& field, bool whole) {
  std::string one = expected_one(field);
  if (!whole) return one;
  switch (field.many) {
    case Many::kList:
      return fmt::format("a list, each item {}", one);
    case Many::kOneOrList:
      return fmt::format("{}, or a list of such", one);
    case Many::kNamed:
      return fmt::format("a mapping of names, each to {}", one);
    case Many::kOne:
      break;
  }
  return one;
}

std::string_view kind_name(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "empty";
    case YamlNode::Kind::kScalar:
      return "text";
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a mapping";
  }
  return {};
}

class Checker {
 public:
  Checker(Reporter& report, bool deep) : report_(report), deep_(deep) {}

  void object(const YamlNode& node, const Shape& shape) {
    if (!node.is_map()) {
      report_(node,
              fmt::format("expected {}, a mapping, but this is {}", shape.name, kind_name(node)));
      return;
    }
    const std::vector<bool> sound = sound_names(node);
    for (size_t i = 0; i + 1 < node.items.size(); i += 2) {
      if (sound[i / 2]) entry(node.items[i], node.items[i + 1], shape);
    }
    // Whoever merges believes to have the rest.
    if (node.get("<<") != nullptr) return;
    missing(node, shape);
    alternatives(node, shape);
  }

 private:
  void entry(const YamlNode& key, const YamlNode& content, const Shape& shape) {
    const Field* field = find_field(shape, key.text);
    if (field == nullptr) {
      const std::vector<std::string_view> names = names_of_fields(shape);
      std::string hint = did_you_mean(key.text, names);
      constexpr size_t kMostListed = 8;
      if (hint.empty() && names.size() <= kMostListed) {
        hint = fmt::format("; it has {}", join_quoted(names, " and "));
      }
      report_(key, fmt::format("{} has no field {}{}", shape.name, quoted(key.text), hint));
      return;
    }
    if (content.kind == YamlNode::Kind::kNull) {
      // Nothing has no place of its own.
      report_(key,
              fmt::format("'{}' is empty; expected {}", field->name, expected_of(*field, true)));
      return;
    }
    value(content, *field);
  }

  static std::vector<std::string_view> names_of_fields(const Shape& shape) {
    std::vector<std::string_view> names;
    for (const Field& known : shape.fields) names.push_back(known.name);
    return names;
  }

  /// Whether the field is there under a misspelled name, which is told already.
  static bool is_misspelled(const YamlNode& node, const Shape& shape, std::string_view name) {
    for (size_t i = 0; i + 1 < node.items.size(); i += 2) {
      const YamlNode& key = node.items[i];
      if (key.is_scalar() && find_field(shape, key.text) == nullptr &&
          nearest(key.text, names_of_fields(shape)) == name) {
        return true;
      }
    }
    return false;
  }

  /// For each entry whether its name is a text that no earlier entry has.
  std::vector<bool> sound_names(const YamlNode& map) {
    std::vector<bool> sound(map.items.size() / 2, false);
    std::unordered_map<std::string_view, const YamlNode*> seen;
    for (size_t i = 0; i + 1 < map.items.size(); i += 2) {
      const YamlNode& key = map.items[i];
      if (!key.is_scalar()) {
        report_(key, fmt::format("expected a name here, but this is {}", kind_name(key)));
      } else if (key.text == "<<" && key.plain) {
        report_(key, "merge keys are not resolved; write the fields out");
      } else if (const auto [first, fresh] = seen.emplace(key.text, &key); !fresh) {
        report_(key, fmt::format("{} stands here twice, first on line {}", quoted(key.text),
                                 report_.source().position(first->second->begin).line));
      } else {
        sound[i / 2] = true;
      }
    }
    return sound;
  }

  void value(const YamlNode& node, const Field& field) {
    switch (field.many) {
      case Many::kOne:
        one(node, field);
        return;
      case Many::kOneOrList:
        if (!node.is_list()) {
          one(node, field);
          return;
        }
        break;
      case Many::kList:
        if (!node.is_list()) {
          wrong_kind(node, field);
          return;
        }
        break;
      case Many::kNamed:
        named(node, field);
        return;
    }
    if (field.required && node.items.empty()) {
      report_(node, fmt::format("'{}' is an empty list; it needs at least one item", field.name));
    }
    for (const YamlNode& item : node.items) one(item, field);
  }

  void named(const YamlNode& node, const Field& field) {
    if (!node.is_map()) {
      wrong_kind(node, field);
      return;
    }
    const std::vector<bool> sound = sound_names(node);
    for (size_t i = 0; i + 1 < node.items.size(); i += 2) {
      if (!sound[i / 2]) continue;
      if (node.items[i + 1].kind == YamlNode::Kind::kNull) {
        report_(node.items[i], fmt::format("{} is empty; expected {}", quoted(node.items[i].text),
                                           expected_of(field, false)));
      } else {
        one(node.items[i + 1], field);
      }
    }
  }

  void one(const YamlNode& node, const Field& field) {
    if (field.kind == ValueKind::kObject) {
      if (deep_) variant(node, field);
      return;
    }
    if (!node.is_scalar()) {
      wrong_kind(node, field);
      return;
    }
    const bool sound = field.kind == ValueKind::kChoice
                           ? std::ranges::find(field.choices, node.text) != field.choices.end()
                           : expected_form(field.kind, node.text).empty();
    if (!sound) {
      report_(node,
              fmt::format("{} is no value of '{}'; expected {}{}", quoted(node.text), field.name,
                          expected_of(field, false), did_you_mean(node.text, field.choices)));
    }
  }

  void variant(const YamlNode& node, const Field& field) {
    if (field.shapes.size() == 1) {
      object(node, *field.shapes[0]);
      return;
    }
    std::vector<std::string_view> names;
    for (const Shape* shape : field.shapes) {
      names.push_back(shape->fields[0].name);
      if (node.get(shape->fields[0].name) == nullptr) continue;
      object(node, *shape);
      return;
    }
    report_(node, fmt::format("expected {}, a mapping with one of {}", field.shapes[0]->name,
                              join_quoted(names, " or ")));
  }

  void wrong_kind(const YamlNode& node, const Field& field) {
    const bool list_not_meant = field.many == Many::kOneOrList && node.is_list();
    report_(node, fmt::format("'{}' is {} here; expected {}", field.name, kind_name(node),
                              expected_of(field, !list_not_meant)));
  }

  void missing(const YamlNode& node, const Shape& shape) {
    std::vector<std::string_view> names;
    for (const Field& field : shape.fields) {
      if (field.required && node.get(field.name) == nullptr &&
          !is_misspelled(node, shape, field.name)) {
        names.push_back(field.name);
      }
    }
    if (names.empty()) return;
    report_(node, fmt::format("{} needs {}", title(node, shape), join_quoted(names, " and ")));
  }

  void alternatives(const YamlNode& node, const Shape& shape) {
    if (shape.alternatives.empty()) return;
    const YamlNode* chosen = nullptr;
    for (const Alternative& alternative : shape.alternatives) {
      const YamlNode* present = nullptr;
      std::vector<std::string_view> absent;
      for (const std::string_view name : alternative.fields) {
        const YamlNode* field = node.get(name);
        if (field != nullptr && present == nullptr) present = field;
        if (field == nullptr && is_misspelled(node, shape, name)) return;
        if (field == nullptr) absent.push_back(name);
      }
      if (present == nullptr) continue;
      if (chosen != nullptr) {
        report_(*present, fmt::format("'{}' beside another condition; {} has {}",
                                      alternative.fields[0], shape.name, choices_of(shape)));
        return;
      }
      if (!absent.empty()) {
        report_(
            *present,
            fmt::format("'{}' goes with '{}', which is missing",
                        alternative.fields[absent[0] == alternative.fields[0] ? 1 : 0], absent[0]));
      }
      chosen = present;
    }
    if (chosen == nullptr) {
      report_(node, fmt::format("{} needs a condition: {}", title(node, shape), choices_of(shape)));
    }
  }

  static std::string choices_of(const Shape& shape) {
    std::string out;
    for (const Alternative& alternative : shape.alternatives) {
      if (!out.empty()) out += ", or ";
      out += '\'' + join(alternative.fields, "' with '") + '\'';
    }
    return out;
  }

  static std::string title(const YamlNode& node, const Shape& shape) {
    const YamlNode* id = node.get("id");
    if (id == nullptr || !id->is_scalar()) return std::string(shape.name);
    return fmt::format("rule {}", quoted(id->text));
  }

  Reporter& report_;
  bool deep_;
};

}  // namespace

void check_shape(const YamlNode& node, const Shape& shape, Reporter& report) {
  Checker(report, true).object(node, shape);
}

void check_fields(const YamlNode& node, const Shape& shape, Reporter& report) {
  Checker(report, false).object(node, shape);
}

}  // namespace proctor::rules
