#include "rules/compile.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <queue>

#include "rules/detect.h"
#include "rules/shape.h"
#include "rules/template.h"
#include "text/text.h"

namespace proctor::rules {
namespace {

constexpr unsigned kSeverities = 3;
constexpr unsigned kCategories = 10;

/// Names that stand for something else at the start of every expression.
constexpr std::array<std::string_view, 5> kTakenNames = {"host", "iface", "initial", "proposed",
                                                         "running"};

std::vector<std::string> texts_of(const YamlNode& map, std::string_view field) {
  std::vector<std::string> texts;
  for (const YamlNode* node : scalars_of(map, field)) texts.push_back(node->text);
  return texts;
}

class RuleCompiler {
 public:
  RuleCompiler(Reporter& report, const YamlNode& node, size_t problems_before,
               std::vector<PendingName>& pending)
      : context_{{report, pending, {}}, node, {}, {}, {}, {}, {}, {}},
        node_(node),
        problems_before_(problems_before) {}

  RuleDraft run() {
    header();
    keys(rule().anchors, "anchor");
    keys(rule().related, "related");
    condition();
    unless();
    texts();
    compile_fixes(context_);
    compile_examples(context_);
    // After a mistake what is not compiled would seem to be unused.
    if (report().count() == problems_before_) check_use();
    summarize();
    return std::move(context_.draft);
  }

 private:
  Rule& rule() { return context_.draft.rule; }
  Reporter& report() { return context_.expressions.report; }

  void header() {
    const Source& source = report().source();
    rule().file = source.name();
    rule().at = source.position(node_.begin);
    context_.draft.source = &source;
    const auto text = [&](std::string_view field) {
      const YamlNode* node = scalar_of(node_, field);
      return node == nullptr ? std::string() : node->text;
    };
    rule().id = text("id");
    if (const YamlNode* id = scalar_of(node_, "id")) {
      context_.draft.id_span = span_of(source.text(), *id);
    }
    rule().title = text("title");
    rule().since = text("since");
    rule().severity =
        enumerator<Severity>(text("severity"), kSeverities).value_or(Severity::kWarning);
    rule().category =
        enumerator<Category>(text("category"), kCategories).value_or(Category::kSyntax);
    if (const Result<kernel::VersionRange> range = kernel::parse_version_range(text("kernel"));
        range.ok()) {
      rule().kernel = *range;
      if (range->from.major > 0) context_.all.versions.insert(range->from);
      if (range->to.major < UINT16_MAX) context_.all.versions.insert(range->to);
    }
    rule().roles = names_of(context_.expressions, PendingName::Kind::kRole, node_, "roles");
    rule().tags = texts_of(node_, "tags");
    rule().evidence = texts_of(node_, "evidence");
    rule().formerly = texts_of(node_, "formerly");
    rule().supersedes =
        names_of(context_.expressions, PendingName::Kind::kRule, node_, "supersedes");
    rule().off_by_default = std::ranges::find(rule().tags, "policy") != rule().tags.end();
    rule().for_each_interface = node_.get("for-each") != nullptr;
    if (rule().for_each_interface) context_.expressions.scope.declare_interface();
  }

  void keys(std::vector<std::string>& dotted, std::string_view field) {
    for (const YamlNode* node : scalars_of(node_, field)) {
      const std::optional<Name> name =
          compile_key(context_.expressions, *node, rule().for_each_interface);
      if (name) dotted.push_back(bound_pattern(*name));
    }
  }

  void condition() {
    if (const YamlNode* detect = scalar_of(node_, "detect")) detector(*detect);
    if (node_.get("want") != nullptr) {
      compile_want(context_);
      return;
    }
    compile_lets(context_);
    const YamlNode* when = scalar_of(node_, "when");
    if (when == nullptr) return;
    std::optional<expr::Program> program =
        compile_expression(context_.expressions, *when, Wanted::kCondition, context_.condition);
    if (program) rule().when = std::move(*program);
  }

  void detector(const YamlNode& node) {
    const DetectorInfo* info = find_detector(node.text);
    if (info == nullptr) {
      std::vector<std::string_view> names;
      for (const DetectorInfo& known : detectors()) names.push_back(known.name);
      report()(node,
               fmt::format("no detector {}{}", quoted(node.text), did_you_mean(node.text, names)));
      return;
    }
    rule().detect = node.text;
    for (const std::string_view variable : info->variables) {
      context_.expressions.scope.declare_variable(std::string(variable), expr::TypeKind::kString);
    }
  }

  void unless() {
    const YamlNode* node = scalar_of(node_, "unless");
    if (node == nullptr) return;
    std::optional<expr::Program> program =
        compile_expression(context_.expressions, *node, Wanted::kCondition, context_.all);
    if (program) rule().unless.push_back(std::move(*program));
  }

  void texts() {
    // Which variables an unknown detector would give, nobody knows.
    if (node_.get("detect") != nullptr && rule().detect.empty()) return;
    const auto compile = [&](Template& made, std::string_view field) {
      const YamlNode* node = scalar_of(node_, field);
      if (node == nullptr) return;
      made = compile_template(context_.expressions, *node, context_.let_unit, context_.all);
    };
    compile(rule().message, "message");
    compile(rule().label, "label");
    compile(rule().why, "why");
  }

  /// Lets that `uses` reaches through others.
  std::set<uint32_t> reach(const Uses& uses) const {
    std::set<uint32_t> reached;
    std::vector<uint32_t> open(uses.lets.begin(), uses.lets.end());
    while (!open.empty()) {
      const uint32_t let = open.back();
      open.pop_back();
      if (let >= context_.let_uses.size() || !reached.insert(let).second) continue;
      const std::set<uint32_t>& next = context_.let_uses[let].lets;
      open.insert(open.end(), next.begin(), next.end());
    }
    return reached;
  }

  void check_use() {
    const YamlNode* when = scalar_of(node_, "when");
    if (when != nullptr && asked_patterns().empty()) {
      report()(*when, "the condition reads no sysctl, so no configuration would ask the rule");
    }
    Uses roots = context_.all;
    roots.lets.insert(context_.condition.lets.begin(), context_.condition.lets.end());
    roots.lets.insert(context_.used_lets.begin(), context_.used_lets.end());
    const std::set<uint32_t> used = reach(roots);
    const YamlNode* map = node_.get("let");
    if (map == nullptr || !map->is_map()) return;
    for (uint32_t i = 0; i < rule().let.size(); ++i) {
      if (used.contains(i)) continue;
      for (size_t at = 0; at + 1 < map->items.size(); at += 2) {
        if (map->items[at].text != rule().let[i].first) continue;
        report()(map->items[at], fmt::format("nothing uses '{}'", rule().let[i].first));
        break;
      }
    }
  }

  /// Of the condition and the lets that it uses.
  std::set<std::string> asked_patterns() const {
    std::set<std::string> asked = context_.condition.patterns;
    for (const uint32_t let : reach(context_.condition)) {
      const std::set<std::string>& patterns = context_.let_uses[let].patterns;
      asked.insert(patterns.begin(), patterns.end());
    }
    return asked;
  }

  /// `reads`, `mentions` and `versions`.
  void summarize() {
    const std::set<std::string> asked = asked_patterns();
    Uses all = std::move(context_.all);
    const auto merge = [&](const Uses& uses) {
      all.patterns.insert(uses.patterns.begin(), uses.patterns.end());
      all.patterns.insert(uses.unnamed.begin(), uses.unnamed.end());
      all.versions.insert(uses.versions.begin(), uses.versions.end());
    };
    merge(context_.condition);
    for (const Uses& uses : context_.let_uses) merge(uses);
    rule().reads.assign(asked.begin(), asked.end());
    rule().mentions.assign(all.patterns.begin(), all.patterns.end());
    rule().versions.assign(all.versions.begin(), all.versions.end());
  }

  RuleContext context_;
  const YamlNode& node_;
  size_t problems_before_;
};

RoleDraft compile_role(Reporter& report, const YamlNode& node, std::vector<PendingName>& pending) {
  ExpressionContext context{report, pending, {}};
  RoleDraft draft;
  draft.source = &report.source();
  if (const YamlNode* name = scalar_of(node, "name")) {
    draft.name_span = span_of(report.source().text(), *name);
    draft.role.name = name->text;
  }
  if (const YamlNode* description = scalar_of(node, "description")) {
    draft.role.description = description->text;
  }
  draft.role.implies = names_of(context, PendingName::Kind::kRole, node, "implies");
  return draft;
}

void add_old_names(const Source& source, const YamlNode& node, const OldName& name,
                   std::string_view field, Drafts& drafts) {
  for (const YamlNode* id : scalars_of(node, field)) {
    drafts.old_names.push_back(
        {{id->text, name.now, name.why}, &source, span_of(source.text(), *id)});
  }
}

OverrideDraft compile_override(Reporter& report, const YamlNode& node,
                               std::vector<PendingName>& pending) {
  ExpressionContext context{report, pending, {}};
  OverrideDraft draft;
  draft.source = &report.source();
  if (const YamlNode* filter = scalar_of(node, "rule")) {
    draft.filter = filter->text;
    draft.filter_span = span_of(report.source().text(), *filter);
  }
  if (const YamlNode* severity = scalar_of(node, "severity")) {
    draft.severity = enumerator<Severity>(severity->text, kSeverities);
  }
  if (const YamlNode* disable = scalar_of(node, "disable")) {
    draft.disable = disable->text == "true";
  }
  if (node.get("roles") != nullptr) {
    draft.roles = names_of(context, PendingName::Kind::kRole, node, "roles");
  }
  if (const YamlNode* unless = scalar_of(node, "unless")) {
    Uses uses;
    const std::optional<expr::Program> program =
        compile_expression(context, *unless, Wanted::kCondition, uses);
    if (program) draft.unless = program->pack();
  }
  return draft;
}

/// Checks each item of a list of the file, and calls `compile` for it.
template <typename Compile>
void for_each_item(Reporter& report, const YamlNode& root, std::string_view field,
                   Compile compile) {
  const YamlNode* list = root.get(field);
  if (list == nullptr || !list->is_list()) return;
  const Shape& shape = *find_field(file_shape(), field)->shapes[0];
  for (const YamlNode& item : list->items) {
    const size_t before = report.count();
    check_shape(item, shape, report);
    if (item.is_map()) compile(item, before);
  }
}

}  // namespace

const YamlNode* scalar_of(const YamlNode& map, std::string_view field) {
  const YamlNode* node = map.get(field);
  return node != nullptr && node->is_scalar() ? node : nullptr;
}

std::vector<const YamlNode*> scalars_of(const YamlNode& map, std::string_view field) {
  const YamlNode* node = map.get(field);
  if (node == nullptr) return {};
  if (node->is_scalar()) return {node};
  std::vector<const YamlNode*> scalars;
  if (!node->is_list()) return scalars;
  for (const YamlNode& item : node->items) {
    if (item.is_scalar()) scalars.push_back(&item);
  }
  return scalars;
}

std::vector<std::string> names_of(ExpressionContext& context, PendingName::Kind kind,
                                  const YamlNode& map, std::string_view field) {
  const Source& source = context.report.source();
  const ValueKind form = kind == PendingName::Kind::kRole ? ValueKind::kName : ValueKind::kRuleId;
  std::vector<std::string> names;
  for (const YamlNode* node : scalars_of(map, field)) {
    names.push_back(node->text);
    if (!expected_form(form, node->text).empty()) continue;
    context.pending.push_back({kind, &source, span_of(source.text(), *node), node->text});
  }
  return names;
}

void compile_lets(RuleContext& context) {
  const YamlNode* map = context.node.get("let");
  if (map == nullptr || !map->is_map()) return;
  const bool want = context.node.get("want") != nullptr;
  for (size_t i = 0; i + 1 < map->items.size(); i += 2) {
    const YamlNode& name = map->items[i];
    const YamlNode& value = map->items[i + 1];
    if (!name.is_scalar() || !value.is_scalar()) continue;
    const std::string_view expected = expected_form(ValueKind::kIdentifier, name.text);
    if (!expected.empty()) {
      context.expressions.report(name, fmt::format("{} cannot be used in expressions; expected {}",
                                                   quoted(name.text), expected));
      continue;
    }
    if (std::ranges::find(kTakenNames, name.text) != kTakenNames.end() ||
        (want && (name.text == "value" || name.text == "expected"))) {
      context.expressions.report(name, fmt::format("the name '{}' is taken", name.text));
      continue;
    }
    Uses uses;
    std::optional<expr::Program> program =
        compile_expression(context.expressions, value, Wanted::kAny, uses);
    // Declared even after a mistake, so that its users do not fail as well.
    context.expressions.scope.declare_let(name.text, program ? program->type() : expr::Type());
    context.draft.rule.let.emplace_back(name.text, program ? std::move(*program) : expr::Program());
    context.let_uses.push_back(std::move(uses));
  }
}

void compile_file(const Source& source, Drafts& drafts, std::vector<Diagnostic>& problems) {
  Reporter report(source, problems);
  std::vector<YamlProblem> yaml_problems;
  const YamlNode root = parse_yaml(source.text(), yaml_problems);
  for (const YamlProblem& problem : yaml_problems) report(problem.span, problem.message);
  if (!yaml_problems.empty()) return;
  check_fields(root, file_shape(), report);
  for_each_item(report, root, "roles", [&](const YamlNode& node, size_t before) {
    RoleDraft role = compile_role(report, node, drafts.pending);
    if (report.count() == before) {
      drafts.roles.push_back(std::move(role));
    } else {
      drafts.broken_roles.insert(role.role.name);
    }
  });
  for_each_item(report, root, "rules", [&](const YamlNode& node, size_t before) {
    RuleDraft rule = RuleCompiler(report, node, before, drafts.pending).run();
    if (report.count() == before) {
      add_old_names(source, node, {{}, rule.rule.id, {}}, "formerly", drafts);
      drafts.rules.push_back(std::move(rule));
    } else {
      drafts.broken_rules.insert(rule.rule.id);
    }
  });
  for_each_item(report, root, "retired", [&](const YamlNode& node, size_t before) {
    if (report.count() > before) return;
    add_old_names(source, node, {{}, {}, node.get("why")->text}, "id", drafts);
  });
  for_each_item(report, root, "override", [&](const YamlNode& node, size_t before) {
    OverrideDraft change = compile_override(report, node, drafts.pending);
    if (report.count() == before) drafts.overrides.push_back(std::move(change));
  });
}

}  // namespace proctor::rules
