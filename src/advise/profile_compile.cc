// From a file to a profile.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "advise/profile_builder.h"
#include "advise/profile_shape.h"
#include "advise/toml.h"
#include "rules/template.h"
#include "text/text.h"

namespace proctor::advise {
namespace {

using expr::TypeKind;
using rules::quoted;
using rules::scalar_of;
using rules::scalars_of;
using rules::YamlNode;

class Compiler {
 public:
  Compiler(rules::Reporter& report, const YamlNode& root, Profile base)
      : build_(report, std::move(base)), made_(build_.made()), root_(root) {}

  Profile run(std::string name) {
    if (!made_.title.empty()) made_.bases.insert(made_.bases.begin(), made_.name);
    made_.name = std::move(name);
    made_.title = text_of(root_, "title");
    made_.description = text_of(root_, "description");
    compile_parameters(build_, items("parameter"));
    lets();
    settings();
    companions();
    remarks();
    requirements();
    return build_.finish();
  }

 private:
  rules::Reporter& report() { return build_.report(); }

  std::vector<const YamlNode*> items(std::string_view field) const {
    std::vector<const YamlNode*> found;
    const YamlNode* list = root_.get(field);
    if (list == nullptr || !list->is_list()) return found;
    for (const YamlNode& item : list->items) {
      if (item.is_map()) found.push_back(&item);
    }
    return found;
  }

  void lets() {
    for (const YamlNode* node : items("let")) {
      const YamlNode* name = scalar_of(*node, "name");
      if (!build_.usable(name)) continue;
      std::optional<Formula> made = build_.formula(scalar_of(*node, "value"));
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
      if (build_.parameter(name->text) != nullptr) {
        report()(*name, fmt::format("'{}' is a parameter of the profile that this one extends",
                                    name->text));
        continue;
      }
      build_.context().scope.declare_variable(name->text, made->program.type());
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
    made.when = build_.condition(node, "when");
    const YamlNode* value = scalar_of(node, "value");
    if (std::optional<Formula> compiled = build_.formula(value)) made.value = std::move(*compiled);
    one_of_key_and_keys(node);
    for (const std::string_view field : {"key", "keys"}) {
      for (const YamlNode* key : scalars_of(node, field)) {
        if (const std::optional<std::string> name = key_of(*key, value, made)) {
          made.keys.push_back(*name);
        }
      }
    }
    return made;
  }

  void one_of_key_and_keys(const YamlNode& node) {
    if ((node.get("key") == nullptr) == (node.get("keys") == nullptr)) {
      report()(node, "either 'key' or 'keys' is needed");
    }
  }

  /// The dotted name of a key that can be set.
  std::optional<std::string> key_of(const YamlNode& node, const YamlNode* value,
                                    const Setting& setting) {
    const std::optional<rules::Name> name = rules::compile_key(build_.context(), node, false);
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
    build_.uses().patterns.insert(std::string(key.name));
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
      own.push_back({path->text, templates(*content), build_.condition(*node, "when"),
                     text_of(*node, "reason")});
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
      lines.push_back(rules::compile_template(build_.context(), node, {}, build_.uses()));
      for (rules::Hole& hole : lines.back().holes) {
        if (hole.format == rules::HoleFormat::kNatural) hole.format = rules::HoleFormat::kPlain;
      }
    }
    return lines;
  }

  void remarks() {
    std::vector<Advice> own;
    for (const YamlNode* node : items("advice")) {
      own.push_back({text_of(*node, "text"), build_.condition(*node, "when")});
    }
    std::ranges::move(made_.advice, std::back_inserter(own));
    made_.advice = std::move(own);
    std::vector<Avoided> avoided;
    for (const YamlNode* node : items("avoid")) {
      one_of_key_and_keys(*node);
      for (const std::string_view field : {"key", "keys"}) {
        for (const YamlNode* key : scalars_of(*node, field)) {
          if (!rules::find_key(key->text)) rules::report_unknown_key(build_.context(), *key);
          avoided.push_back({key->text, text_of(*node, "why")});
        }
      }
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
      std::optional<Formula> made = build_.condition(*node, "condition");
      if (made) made_.requirements.push_back({std::move(*made), text_of(*node, "message")});
    }
  }

  ProfileBuilder build_;
  Profile& made_;
  const YamlNode& root_;
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
