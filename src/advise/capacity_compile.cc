// From a file to a capacity model.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "advise/capacity.h"
#include "advise/capacity_shape.h"
#include "advise/profile_builder.h"
#include "rules/compile.h"
#include "rules/template.h"
#include "text/units.h"

namespace proctor::advise {
namespace {

using expr::Type;
using expr::TypeKind;
using rules::scalar_of;
using rules::YamlNode;
using Kind = CapacityVariable::Kind;

struct EachName {
  std::string_view name;
  Each each;
};
constexpr EachName kEachNames[] = {
    {"none", Each::kNone},         {"source", Each::kSource},   {"destination", Each::kDestination},
    {"listener", Each::kListener}, {"process", Each::kProcess}, {"cgroup", Each::kCgroup},
    {"user", Each::kUser}};

int64_t number_of(const YamlNode& map, std::string_view field, int64_t otherwise) {
  const YamlNode* node = scalar_of(map, field);
  const Result<int64_t> number = node == nullptr ? Error{} : parse_int(node->text);
  return number ? *number : otherwise;
}

bool flag_of(const YamlNode& map, std::string_view field) { return text_of(map, field) == "true"; }

class Compiler {
 public:
  Compiler(rules::Reporter& report, const YamlNode& root)
      : context_{report, pending_, {}}, root_(root) {}

  Capacity run() {
    loads();
    readings();
    declare("sockets", Type::map(TypeKind::kString, TypeKind::kInt), Kind::kSockets, 0);
    declare("elapsed", TypeKind::kDouble, Kind::kElapsed, 0);
    lets();
    // After the lets, which are evaluated once and so may not depend on them.
    for (const EachName& each : kEachNames) {
      if (each.each == Each::kNone) continue;
      declare(std::string(each.name), Type::map(TypeKind::kString, TypeKind::kDyn), Kind::kItem,
              static_cast<uint32_t>(each.each));
    }
    for (const YamlNode* node : items(root_, "resources"))
      made_.resources.push_back(resource(*node));
    counters();
    made_.patterns = std::move(uses_.patterns);
    return std::move(made_);
  }

 private:
  static std::vector<const YamlNode*> items(const YamlNode& map, std::string_view field) {
    std::vector<const YamlNode*> found;
    const YamlNode* list = map.get(field);
    if (list == nullptr || !list->is_list()) return found;
    for (const YamlNode& item : list->items) {
      if (item.is_map()) found.push_back(&item);
    }
    return found;
  }

  void declare(std::string name, Type type, Kind kind, uint32_t index) {
    context_.scope.declare_variable(std::move(name), std::move(type));
    made_.variables.push_back({kind, index});
  }

  void loads() {
    for (const YamlNode* node : items(root_, "loads")) {
      LoadName load{text_of(*node, "name"),         text_of(*node, "title"),
                    number_of(*node, "min", 0),     number_of(*node, "max", 0),
                    number_of(*node, "default", 0), flag_of(*node, "scales")};
      declare(load.name, TypeKind::kInt, Kind::kLoad, static_cast<uint32_t>(made_.loads.size()));
      made_.loads.push_back(std::move(load));
    }
  }

  void readings() {
    for (const YamlNode* node : items(root_, "readings")) {
      ReadingName reading{text_of(*node, "name"), text_of(*node, "metric"),
                          flag_of(*node, "moved")};
      declare(reading.name, TypeKind::kInt, Kind::kReading,
              static_cast<uint32_t>(made_.readings.size()));
      made_.readings.push_back(std::move(reading));
    }
  }

  void lets() {
    for (const YamlNode* node : items(root_, "let")) {
      std::optional<Formula> made = formula(*node, "value");
      const std::string name = text_of(*node, "name");
      if (!made) made.emplace();
      declare(name, made->program.type(), Kind::kLet, static_cast<uint32_t>(made_.lets.size()));
      made_.lets.push_back({name, std::move(*made)});
    }
  }

  std::optional<Formula> formula(const YamlNode& map, std::string_view field,
                                 rules::Wanted wanted = rules::Wanted::kAny) {
    const YamlNode* node = scalar_of(map, field);
    if (node == nullptr) return std::nullopt;
    auto program = rules::compile_expression(context_, *node, wanted, uses_);
    if (!program) return std::nullopt;
    return Formula{std::move(*program), node->text};
  }

  std::optional<Formula> condition(const YamlNode& map) {
    return formula(map, "when", rules::Wanted::kCondition);
  }

  rules::Template text(const YamlNode& map, std::string_view field) {
    const YamlNode* node = scalar_of(map, field);
    if (node == nullptr) return {};
    return rules::compile_template(context_, *node, {}, uses_);
  }

  Resource resource(const YamlNode& node) {
    Resource made;
    made.id = text_of(node, "id");
    made.title = text_of(node, "title");
    made.unit = text_of(node, "unit");
    const std::string each = text_of(node, "each");
    for (const EachName& known : kEachNames) {
      if (known.name == each) made.each = known.each;
    }
    made.scope = text(node, "scope");
    made.when = condition(node);
    made.used = formula(node, "used");
    made.limit = formula(node, "limit");
    if (made.used.has_value() != made.limit.has_value()) {
      context_.report(node, "'used' and 'limit' go together");
    }
    made.high = number_of(node, "high", made.high);
    made.critical = number_of(node, "critical", made.critical);
    for (const YamlNode* item : items(node, "evidence")) {
      made.evidence.push_back({text(*item, "text"), condition(*item)});
    }
    for (const YamlNode* item : items(node, "cures")) made.cures.push_back(cure(*item));
    for (const YamlNode* item : items(node, "no-cures")) {
      made.no_cures.push_back({text_of(*item, "what"), text(*item, "why"), condition(*item)});
    }
    made.predict = prediction(node.get("predict"));
    return made;
  }

  Cure cure(const YamlNode& node) {
    Cure made;
    made.what = text(node, "what");
    made.kind = text_of(node, "kind");
    if (const YamlNode* key = scalar_of(node, "key")) {
      const auto name = rules::compile_key(context_, *key, false);
      if (name) made.key = rules::bound_pattern(*name);
    }
    made.value = formula(node, "value");
    made.cost = text(node, "cost");
    made.when = condition(node);
    return made;
  }

  std::optional<Prediction> prediction(const YamlNode* node) {
    if (node == nullptr || !node->is_map()) return std::nullopt;
    std::optional<Formula> used = formula(*node, "used");
    std::optional<Formula> limit = formula(*node, "limit");
    if (!used || !limit) return std::nullopt;
    return Prediction{std::move(*used), std::move(*limit), condition(*node),
                      text_of(*node, "formula")};
  }

  void counters() {
    for (const YamlNode* node : items(root_, "counters")) {
      CounterName counter{text_of(*node, "name"), text_of(*node, "resource"),
                          text_of(*node, "means"), flag_of(*node, "hit")};
      if (std::ranges::find(made_.resources, counter.resource, &Resource::id) ==
          made_.resources.end()) {
        context_.report(*node, fmt::format("no resource is called '{}'", counter.resource));
      }
      made_.counters.push_back(std::move(counter));
    }
  }

  std::vector<rules::PendingName> pending_;
  rules::ExpressionContext context_;
  rules::Uses uses_;
  const YamlNode& root_;
  Capacity made_;
};

}  // namespace

const LoadName* Capacity::find_load(std::string_view name) const {
  const auto found = std::ranges::find(loads, name, &LoadName::name);
  return found == loads.end() ? nullptr : &*found;
}

Capacity compile_capacity(std::string_view file, std::string_view text,
                          std::vector<Diagnostic>& problems) {
  const rules::Source source{std::string(file), std::string(text)};
  rules::Reporter report(source, problems);
  std::vector<rules::YamlProblem> yaml_problems;
  const YamlNode root = rules::parse_yaml(source.text(), yaml_problems);
  for (const rules::YamlProblem& problem : yaml_problems) report(problem.span, problem.message);
  if (!yaml_problems.empty()) return {};
  rules::check_shape(root, capacity_shape(), report);
  return Compiler(report, root).run();
}

Capacity builtin_capacity(std::vector<Diagnostic>& problems) {
  return compile_capacity("rules/capacity/model.yaml", capacity_text(), problems);
}

}  // namespace proctor::advise
