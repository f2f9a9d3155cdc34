// From a file to a profile.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "advise/profile.h"
#include "advise/profile_shape.h"
#include "advise/toml.h"
#include "rules/compile.h"
#include "rules/expression.h"
#include "rules/template.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::advise {
namespace {

using expr::TypeKind;
using expr::Value;
using rules::quoted;
using rules::scalar_of;
using rules::scalars_of;
using rules::Wanted;
using rules::YamlNode;

/// Names that stand for something else at the start of every expression.
constexpr std::array<std::string_view, 9> kTakenNames = {
    "host", "iface", "initial", "proposed", "running", "KiB", "MiB", "GiB", "TiB"};

expr::Type type_of(const Parameter& parameter) {
  switch (parameter.kind) {
    case ParameterKind::kBool:
      return TypeKind::kBool;
    case ParameterKind::kInt:
      return TypeKind::kInt;
    case ParameterKind::kText:
      return TypeKind::kString;
    case ParameterKind::kNumbers:
      return expr::Type::list(TypeKind::kInt);
    case ParameterKind::kTexts:
      return expr::Type::list(TypeKind::kString);
  }
  return {};
}

std::string text_of(const YamlNode& map, std::string_view field) {
  const YamlNode* node = scalar_of(map, field);
  return node == nullptr ? std::string() : node->text;
}

std::vector<std::string> texts_of(const YamlNode& map, std::string_view field) {
  std::vector<std::string> texts;
  for (const YamlNode* node : scalars_of(map, field)) texts.push_back(node->text);
  return texts;
}

class Compiler {
 public:
  Compiler(rules::Reporter& report, const YamlNode& root, Profile base)
      : context_{report, pending_, {}}, root_(root), made_(std::move(base)) {}

  Profile run(std::string name) {
    if (!made_.title.empty()) made_.bases.insert(made_.bases.begin(), made_.name);
    made_.name = std::move(name);
    made_.title = text_of(root_, "title");
    made_.description = text_of(root_, "description");
    declare_bases();
    parameters();
    lets();
    settings();
    companions();
    remarks();
    requirements();
    made_.patterns.merge(uses_.patterns);
    made_.versions.merge(uses_.versions);
    return std::move(made_);
  }

 private:
  rules::Reporter& report() { return context_.report; }

  std::vector<const YamlNode*> items(std::string_view field) const {
    std::vector<const YamlNode*> found;
    const YamlNode* list = root_.get(field);
    if (list == nullptr || !list->is_list()) return found;
    for (const YamlNode& item : list->items) {
      if (item.is_map()) found.push_back(&item);
    }
    return found;
  }

  void declare_bases() {
    for (const Variable& variable : made_.variables) {
      if (variable.kind == Variable::Kind::kParameter) {
        const Parameter& parameter = made_.parameters[variable.index];
        context_.scope.declare_variable(parameter.name, type_of(parameter));
      } else {
        const Let& let = made_.lets[variable.index];
        context_.scope.declare_variable(let.name, let.formula.program.type());
      }
    }
  }

  std::optional<Formula> formula(const YamlNode* node, Wanted wanted = Wanted::kAny) {
    if (node == nullptr || trim(node->text).empty()) return std::nullopt;
    std::optional<expr::Program> program =
        rules::compile_expression(context_, *node, wanted, uses_);
    if (!program) return std::nullopt;
    return Formula{std::move(*program), node->text};
  }

  std::optional<Formula> condition(const YamlNode& map, std::string_view field) {
    return formula(scalar_of(map, field), Wanted::kCondition);
  }

  /// Whether a name may be declared; where it may not, that is reported.
  bool usable(const YamlNode* name) {
    if (name == nullptr || !rules::expected_form(rules::ValueKind::kIdentifier, name->text).empty())
      return false;
    if (std::ranges::find(kTakenNames, name->text) != kTakenNames.end()) {
      report()(*name, fmt::format("the name '{}' is taken", name->text));
      return false;
    }
    if (!own_names_.emplace(name->text, name).second) {
      report()(*name, fmt::format("the name '{}' stands here twice, first on line {}", name->text,
                                  report().source().position(own_names_[name->text]->begin).line));
      return false;
    }
    return true;
  }

  // Parameters: all are declared before the first default is compiled, so that a default may use
  // the others.

  void parameters() {
    std::vector<std::pair<const YamlNode*, std::string>> computed;
    for (const YamlNode* node : items("parameter")) {
      const YamlNode* name = scalar_of(*node, "name");
      const YamlNode* value = node->get("default");
      if (value == nullptr) report()(*node, "a parameter needs 'default'");
      if (!usable(name) || value == nullptr) continue;
      Parameter parameter;
      parameter.name = name->text;
      parameter.description = text_of(*node, "description");
      parameter.unit = text_of(*node, "unit");
      parameter.one_of = texts_of(*node, "one_of");
      parameter.min = bound(*node, "min");
      parameter.max = bound(*node, "max");
      if (fixed_default(*value, parameter)) computed.emplace_back(value, parameter.name);
      check_parameter(*node, parameter);
      declare(*name, std::move(parameter));
    }
    for (const auto& [node, name] : computed) compute(*node, name);
    for (const auto& [node, name] : computed) check_cycle(*node, name);
  }

  std::optional<int64_t> bound(const YamlNode& node, std::string_view field) {
    const YamlNode* scalar = scalar_of(node, field);
    if (scalar == nullptr) return std::nullopt;
    const Result<int64_t> number = parse_int(scalar->text);
    if (!number) {
      report()(*scalar, fmt::format("{} is no whole number", quoted(scalar->text)));
      return std::nullopt;
    }
    return *number;
  }

  /// Sets kind and default; true: the default is CEL.
  bool fixed_default(const YamlNode& node, Parameter& parameter) {
    if (node.is_list()) {
      list_default(node, parameter);
      return false;
    }
    if (!node.is_scalar()) return false;
    if (!node.plain) {
      const bool numeric = parameter.min || parameter.max;
      parameter.kind = numeric ? ParameterKind::kInt : ParameterKind::kText;
      parameter.value = numeric ? Value() : Value::string(node.text);
      return numeric;
    }
    if (node.text == "true" || node.text == "false") {
      parameter.kind = ParameterKind::kBool;
      parameter.value = Value::of(node.text == "true");
      return false;
    }
    const Result<int64_t> number = parse_int(node.text);
    if (!number) {
      report()(node,
               fmt::format("{} is no whole number, boolean, text or list", quoted(node.text)));
    }
    parameter.value = Value::of(number ? *number : int64_t{0});
    return false;
  }

  void list_default(const YamlNode& node, Parameter& parameter) {
    const bool texts = std::ranges::any_of(
        node.items, [](const YamlNode& item) { return item.is_scalar() && !item.plain; });
    parameter.kind = texts ? ParameterKind::kTexts : ParameterKind::kNumbers;
    expr::List list;
    for (const YamlNode& item : node.items) {
      const Result<int64_t> number =
          item.is_scalar() ? parse_int(item.text) : Result<int64_t>(Error{});
      if (texts) {
        list.push_back(Value::string(item.text));
      } else if (number) {
        list.push_back(Value::of(*number));
      } else {
        report()(item, "expected a whole number");
      }
    }
    parameter.value = Value::list(std::move(list));
  }

  void check_parameter(const YamlNode& node, const Parameter& parameter) {
    const YamlNode& value = *node.get("default");
    const auto* number = parameter.value.get_if<int64_t>();
    if (parameter.kind == ParameterKind::kInt && number != nullptr) {
      if ((parameter.min && *number < *parameter.min) ||
          (parameter.max && *number > *parameter.max)) {
        report()(value, "the default is beyond the bounds");
      }
    }
    const bool bounded = parameter.min || parameter.max;
    if (bounded && parameter.kind != ParameterKind::kInt) {
      report()(value, "only a number has bounds");
    }
    if (parameter.one_of.empty()) return;
    const std::string* text = parameter.value.as_string();
    if (text == nullptr) {
      report()(value, "only a text has 'one_of'");
    } else if (std::ranges::find(parameter.one_of, *text) == parameter.one_of.end()) {
      report()(value, fmt::format("the default {} is not in 'one_of'", quoted(*text)));
    }
  }

  void declare(const YamlNode& name, Parameter parameter) {
    for (const Variable& variable : made_.variables) {
      if (variable.kind == Variable::Kind::kLet) {
        if (made_.lets[variable.index].name != parameter.name) continue;
        report()(name,
                 fmt::format("'{}' is a let of the profile that this one extends", parameter.name));
        return;
      }
      Parameter& old = made_.parameters[variable.index];
      if (old.name != parameter.name) continue;
      if (!(type_of(old) == type_of(parameter))) {
        report()(name, fmt::format("'{}' is {} in the profile that this one extends",
                                   parameter.name, type_of(old).to_string()));
      }
      old = std::move(parameter);
      return;
    }
    context_.scope.declare_variable(parameter.name, type_of(parameter));
    made_.variables.push_back(
        {Variable::Kind::kParameter, static_cast<uint32_t>(made_.parameters.size())});
    made_.parameters.push_back(std::move(parameter));
  }

  Parameter* parameter(std::string_view name) {
    const auto found = std::ranges::find(made_.parameters, name, &Parameter::name);
    return found == made_.parameters.end() ? nullptr : &*found;
  }

  void compute(const YamlNode& node, std::string_view name) {
    Parameter* owner = parameter(name);
    if (owner == nullptr) return;
    std::optional<Formula> made = formula(&node);
    if (!made) return;
    const expr::Type type = made->program.type();
    if (!type.is(TypeKind::kInt) && !type.is_dyn()) {
      report()(node, fmt::format("expected a number (int), but this is {}", type.to_string()));
      return;
    }
    owner->formula = std::move(made);
  }

  void check_cycle(const YamlNode& node, std::string_view name) {
    std::set<std::string_view> reached;
    std::vector<const Parameter*> open = {parameter(name)};
    while (!open.empty()) {
      const Parameter* at = open.back();
      open.pop_back();
      if (at == nullptr || !at->formula) continue;
      for (const expr::Reference& reference : at->formula->program.references()) {
        const rules::Name read = rules::decode_name(reference.id);
        if (read.kind != rules::NameKind::kVariable) continue;
        const Variable& variable = made_.variables[read.index];
        if (variable.kind != Variable::Kind::kParameter) continue;
        const Parameter& next = made_.parameters[variable.index];
        if (next.name == name) {
          report()(node, fmt::format("the default of '{}' depends on itself", name));
          parameter(name)->formula.reset();
          return;
        }
        if (reached.insert(next.name).second) open.push_back(&next);
      }
    }
  }

  void lets() {
    for (const YamlNode* node : items("let")) {
      const YamlNode* name = scalar_of(*node, "name");
      if (!usable(name)) continue;
      std::optional<Formula> made = formula(scalar_of(*node, "value"));
      if (!made) made.emplace();
      const auto old = std::ranges::find(made_.lets, name->text, &Let::name);
      if (old != made_.lets.end()) {
        if (!(old->formula.program.type() == made->program.type())) {
          report()(*name, fmt::format("'{}' is {} in the profile that this one extends", name->text,
                                      old->formula.program.type().to_string()));
        }
        old->formula = std::move(*made);
        continue;
      }
      if (parameter(name->text) != nullptr) {
        report()(*name, fmt::format("'{}' is a parameter of the profile that this one extends",
                                    name->text));
        continue;
      }
      context_.scope.declare_variable(name->text, made->program.type());
      made_.variables.push_back({Variable::Kind::kLet, static_cast<uint32_t>(made_.lets.size())});
      made_.lets.push_back({name->text, std::move(*made)});
    }
  }

  void settings() {
    std::vector<Setting> own;
    std::set<std::string> keys;
    for (const YamlNode* node : items("set")) {
      own.push_back(setting(*node));
      keys.insert(own.back().keys.begin(), own.back().keys.end());
    }
    for (Setting& old : made_.settings) {
      std::erase_if(old.keys, [&](const std::string& key) { return keys.contains(key); });
      if (!old.keys.empty()) own.push_back(std::move(old));
    }
    made_.settings = std::move(own);
  }

  Setting setting(const YamlNode& node) {
    Setting made;
    made.profile = made_.name;
    made.group = text_of(node, "group");
    made.reason = text_of(node, "reason");
    made.evidence = texts_of(node, "evidence");
    made.module = text_of(node, "module");
    made.asserted = text_of(node, "assert") == "true";
    made.when = condition(node, "when");
    const YamlNode* value = scalar_of(node, "value");
    if (std::optional<Formula> compiled = formula(value)) made.value = std::move(*compiled);
    if ((node.get("key") == nullptr) == (node.get("keys") == nullptr)) {
      report()(node, "a setting has either 'key' or 'keys'");
    }
    for (const std::string_view field : {"key", "keys"}) {
      for (const YamlNode* key : scalars_of(node, field)) {
        if (const std::optional<std::string> name = key_of(*key, value, made)) {
          made.keys.push_back(*name);
        }
      }
    }
    return made;
  }

  /// The dotted name of a key that can be set.
  std::optional<std::string> key_of(const YamlNode& node, const YamlNode* value,
                                    const Setting& setting) {
    const std::optional<rules::Name> name = rules::compile_key(context_, node, false);
    if (!name) return std::nullopt;
    const kernel::Key& key = rules::key_of(*name);
    std::string dotted = rules::bound_pattern(*name);
    if (dotted.find('*') != std::string::npos) {
      report()(node, fmt::format("{} stands for several; name one of them, as in {}",
                                 quoted(node.text), "conf.all or conf.default"));
      return std::nullopt;
    }
    if (key.read_only) {
      report()(node, fmt::format("{} can only be read", dotted));
      return std::nullopt;
    }
    if (std::ranges::find(setting.keys, dotted) != setting.keys.end()) {
      report()(node, fmt::format("{} stands here twice", dotted));
      return std::nullopt;
    }
    if (value != nullptr && !setting.value.source.empty()) check_type(key, *value, setting);
    uses_.patterns.insert(std::string(key.name));
    return dotted;
  }

  void check_type(const kernel::Key& key, const YamlNode& value, const Setting& setting) {
    const expr::Type type = setting.value.program.type();
    const expr::Type wanted = rules::type_of(key);
    bool fits = type.is_dyn() || wanted.is_dyn() || type == wanted;
    if (wanted.is_number()) fits = fits || type.is_number() || type.is(TypeKind::kBool);
    if (wanted.is(TypeKind::kString))
      fits = fits || type.is(TypeKind::kInt) || type.is(TypeKind::kList);
    if (wanted.is(TypeKind::kList)) fits = fits || assignable(type, wanted);
    if (fits) return;
    report()(value, fmt::format("{} takes {}, but this is {}", key.name, wanted.to_string(),
                                type.to_string()));
  }

  void companions() {
    std::vector<Companion> own;
    for (const YamlNode* node : items("companion")) {
      const YamlNode* content = scalar_of(*node, "content");
      const YamlNode* path = scalar_of(*node, "path");
      if (content == nullptr || path == nullptr) continue;
      if (!path->text.starts_with('/') || path->text.find("..") != std::string::npos) {
        report()(*path, "expected an absolute path without '..'");
      }
      own.push_back(
          {path->text, templates(*content), condition(*node, "when"), text_of(*node, "reason")});
    }
    for (Companion& old : made_.companions) {
      if (std::ranges::find(own, old.path, &Companion::path) == own.end()) {
        own.push_back(std::move(old));
      }
    }
    made_.companions = std::move(own);
  }

  /// A template's line ends are blanks, so each line of a file is one of its own.
  std::vector<rules::Template> templates(const YamlNode& content) {
    std::vector<rules::Template> lines;
    std::string_view text = content.text;
    while (text.ends_with('\n')) text.remove_suffix(1);
    uint32_t at = 0;
    for (const std::string_view line : split(text, '\n')) {
      YamlNode node = content;
      node.text = line;
      if (content.verbatim) node.begin += at;
      at += static_cast<uint32_t>(line.size()) + 1;
      lines.push_back(rules::compile_template(context_, node, {}, uses_));
      for (rules::Hole& hole : lines.back().holes) {
        if (hole.format == rules::HoleFormat::kNatural) hole.format = rules::HoleFormat::kPlain;
      }
    }
    return lines;
  }

  void remarks() {
    std::vector<Advice> own;
    for (const YamlNode* node : items("advice")) {
      own.push_back({text_of(*node, "text"), condition(*node, "when")});
    }
    std::ranges::move(made_.advice, std::back_inserter(own));
    made_.advice = std::move(own);
    std::vector<Avoided> avoided;
    for (const YamlNode* node : items("avoid")) {
      const YamlNode* key = scalar_of(*node, "key");
      if (key == nullptr) continue;
      if (!rules::find_key(key->text)) rules::report_unknown_key(context_, *key);
      avoided.push_back({key->text, text_of(*node, "why")});
    }
    for (Avoided& old : made_.avoided) {
      if (std::ranges::find(avoided, old.key, &Avoided::key) == avoided.end()) {
        avoided.push_back(std::move(old));
      }
    }
    made_.avoided = std::move(avoided);
  }

  void requirements() {
    for (const YamlNode* node : items("require")) {
      std::optional<Formula> made = condition(*node, "condition");
      if (made) made_.requirements.push_back({std::move(*made), text_of(*node, "message")});
    }
  }

  std::vector<rules::PendingName> pending_;
  rules::ExpressionContext context_;
  const YamlNode& root_;
  Profile made_;
  rules::Uses uses_;
  std::map<std::string, const YamlNode*, std::less<>> own_names_;
};

}  // namespace

const Parameter* Profile::find_parameter(std::string_view parameter) const {
  const auto found = std::ranges::find(parameters, parameter, &Parameter::name);
  return found == parameters.end() ? nullptr : &*found;
}

Profile compile_profile(std::string name, std::string_view file, std::string_view text,
                        Profile base, std::vector<Diagnostic>& problems) {
  const rules::Source source{std::string(file), std::string(text)};
  rules::Reporter report(source, problems);
  std::vector<rules::YamlProblem> toml_problems;
  const YamlNode root = parse_toml(source.text(), toml_problems);
  for (const rules::YamlProblem& problem : toml_problems) report(problem.span, problem.message);
  if (!toml_problems.empty()) return {};
  rules::check_shape(root, profile_shape(), report);
  return Compiler(report, root, std::move(base)).run(std::move(name));
}

std::string base_name(std::string_view text) {
  std::vector<rules::YamlProblem> problems;
  const YamlNode root = parse_toml(text, problems);
  return problems.empty() ? text_of(root, "extends") : std::string();
}

}  // namespace proctor::advise
