#include "cli/profile_page.h"

#include <fmt/core.h>

#include <iterator>
#include <vector>

#include "cli/page.h"
#include "report/escape.h"
#include "text/units.h"

namespace proctor::cli {
namespace {

using advise::Parameter;
using advise::ParameterKind;
using advise::Profile;
using advise::Setting;

std::string_view type_name(ParameterKind kind) {
  switch (kind) {
    case ParameterKind::kBool:
      return "true or false";
    case ParameterKind::kInt:
      return "number";
    case ParameterKind::kText:
      return "text";
    case ParameterKind::kNumbers:
      return "numbers with commas";
    case ParameterKind::kTexts:
      return "texts with commas";
  }
  return {};
}

std::string element_text(const expr::Value& value) {
  const std::string* text = value.as_string();
  return text != nullptr ? *text : expr::to_text(value);
}

std::string range_text(const Parameter& parameter) {
  const auto number = [](int64_t value) { return format_count(value); };
  if (parameter.min && parameter.max) {
    return fmt::format("{} to {}", number(*parameter.min), number(*parameter.max));
  }
  if (parameter.min) return fmt::format("{} or more", number(*parameter.min));
  if (parameter.max) return fmt::format("{} or less", number(*parameter.max));
  return parameter.one_of.empty() ? std::string(type_name(parameter.kind))
                                  : joined(parameter.one_of);
}

std::string parameter_text(const Parameter& parameter) {
  const std::string value = default_text(parameter);
  return fmt::format("{}: {} ({}{}{}; default {})", parameter.name, parameter.description,
                     range_text(parameter), parameter.unit.empty() ? "" : " ", parameter.unit,
                     value.empty() ? "empty" : value);
}

std::string setting_text(const Setting& setting) {
  std::string out = fmt::format("{} = {}", joined(setting.keys), setting.value.source);
  if (setting.when) out += fmt::format(", where {}", setting.when->source);
  return out;
}

void settings(Page& page, const Profile& profile) {
  std::string_view group;
  for (const Setting& setting : profile.settings) {
    page.row(setting.group == group ? "" : setting.group, setting_text(setting));
    group = setting.group;
    page.row("", fmt::format("  {}", setting.reason));
    std::string evidence;
    for (const std::string& each : setting.evidence) {
      evidence += (evidence.empty() ? "" : "; ") + each;
    }
    page.row("", fmt::format("  [{}]", evidence));
  }
}

/// Members of a JSON object, one a line.
class JsonObject {
 public:
  explicit JsonObject(std::string_view indent) : indent_(indent) {}

  void raw(std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(out_), "{}\n{}  \"{}\": {}", out_.empty() ? "" : ",", indent_,
                   name, value);
  }
  void text(std::string_view name, std::string_view value) {
    raw(name, value.empty() ? "null" : report::json_string(value));
  }
  void texts(std::string_view name, const std::vector<std::string>& values) {
    std::string list;
    for (const std::string& value : values) append_part(list, report::json_string(value));
    raw(name, "[" + list + "]");
  }
  template <typename List, typename Render>
  void list(std::string_view name, const List& values, Render render) {
    const std::string inner = std::string(indent_) + "    ";
    std::string out;
    for (const auto& value : values) {
      out += out.empty() ? "[" : ",";
      out += "\n" + inner + render(value, inner);
    }
    raw(name, out.empty() ? "[]" : fmt::format("{}\n{}  ]", out, indent_));
  }
  std::string close() const { return fmt::format("{{{}\n{}}}", out_, indent_); }

 private:
  std::string_view indent_;
  std::string out_;
};

std::string source_of(const std::optional<advise::Formula>& formula) {
  return formula ? formula->source : std::string();
}

std::string parameter_json(const Parameter& parameter, std::string_view indent) {
  const auto bound = [](const std::optional<int64_t>& value) {
    return value ? std::to_string(*value) : std::string("null");
  };
  JsonObject object(indent);
  object.text("name", parameter.name);
  object.text("description", parameter.description);
  object.text("unit", parameter.unit);
  object.raw("default", report::json_string(default_text(parameter)));
  object.raw("min", bound(parameter.min));
  object.raw("max", bound(parameter.max));
  object.texts("one_of", parameter.one_of);
  return object.close();
}

std::string setting_json(const Setting& setting, std::string_view indent) {
  JsonObject object(indent);
  object.texts("keys", setting.keys);
  object.text("group", setting.group);
  object.text("value", setting.value.source);
  object.text("when", source_of(setting.when));
  object.text("reason", setting.reason);
  object.texts("evidence", setting.evidence);
  object.text("module", setting.module);
  object.text("profile", setting.profile);
  return object.close();
}

}  // namespace

std::string default_text(const Parameter& parameter) {
  if (parameter.formula) return parameter.formula->source;
  const expr::List* list = parameter.value.as_list();
  if (list == nullptr) return element_text(parameter.value);
  std::string out;
  for (const expr::Value& element : *list) {
    out += (out.empty() ? "" : ",") + element_text(element);
  }
  return out;
}

std::string profile_page(const Profile& profile, unsigned width) {
  Page page(width);
  page.head(profile.name, profile.title);
  page.row("What", profile.description);
  page.row("Extends", joined(profile.bases));
  for (const advise::Requirement& requirement : profile.requirements) {
    page.row("Needs", fmt::format("{}: {}", requirement.condition.source, requirement.message));
  }
  std::vector<std::string> texts;
  for (const Parameter& parameter : profile.parameters) texts.push_back(parameter_text(parameter));
  page.rows("--set", texts);
  settings(page, profile);
  texts.clear();
  for (const advise::Avoided& avoided : profile.avoided) {
    texts.push_back(fmt::format("{}: {}", avoided.key, avoided.why));
  }
  page.rows("Left alone", texts);
  for (const advise::Companion& companion : profile.companions) {
    page.row("Beside it", fmt::format("{}: {}", companion.path, companion.reason));
  }
  texts.clear();
  for (const advise::Advice& advice : profile.advice) texts.push_back(advice.text);
  page.rows("Advice", texts);
  return page.take();
}

std::string profile_json(const Profile& profile, std::string_view indent) {
  JsonObject object(indent);
  object.text("id", profile.name);
  object.text("title", profile.title);
  object.text("description", profile.description);
  object.texts("extends", profile.bases);
  object.list("parameters", profile.parameters, parameter_json);
  object.list("settings", profile.settings, setting_json);
  object.list("companions", profile.companions,
              [](const advise::Companion& companion, std::string_view inner) {
                JsonObject made(inner);
                made.text("path", companion.path);
                made.text("when", source_of(companion.when));
                made.text("reason", companion.reason);
                return made.close();
              });
  object.list("advice", profile.advice, [](const advise::Advice& advice, std::string_view inner) {
    JsonObject made(inner);
    made.text("text", advice.text);
    made.text("when", source_of(advice.when));
    return made.close();
  });
  object.list("avoid", profile.avoided, [](const advise::Avoided& avoided, std::string_view inner) {
    JsonObject made(inner);
    made.text("key", avoided.key);
    made.text("why", avoided.why);
    return made.close();
  });
  return object.close();
}

}  // namespace proctor::cli
