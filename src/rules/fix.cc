// The steps of a rule's fix.
#include <fmt/core.h>

#include "rules/compile.h"

namespace proctor::rules {
namespace {

/// The new value of a key, with the type that the key holds.
std::optional<expr::Program> fix_value(RuleContext& context, const YamlNode* node,
                                       const Name& name) {
  if (node == nullptr) return std::nullopt;
  const kernel::Key& key = key_of(name);
  if (is_word_literal(key, node->text)) {
    return compile_made(context.expressions, *node, cel_string(node->text), context.all);
  }
  std::optional<expr::Program> program =
      compile_expression(context.expressions, *node, Wanted::kAny, context.all);
  if (program && !expr::assignable(program->type(), type_of(key))) {
    context.expressions.report(
        *node, fmt::format("{} holds {} and this is {}", key.name, type_of(key).to_string(),
                           program->type().to_string()));
    return std::nullopt;
  }
  return program;
}

class FixCompiler {
 public:
  FixCompiler(RuleContext& context, const YamlNode& node) : context_(context), node_(node) {}

  std::optional<FixStep> run() {
    FixStep step;
    const YamlNode* safe = scalar_of(node_, "safe");
    step.safe = safe != nullptr && safe->text == "true";
    if (node_.get("set") != nullptr) {
      step.kind = FixStep::Kind::kSet;
      value(step, key(step.key, "set"), "to");
    } else if (node_.get("remove") != nullptr) {
      step.kind = FixStep::Kind::kRemove;
      key(step.key, "remove");
    } else if (node_.get("rename") != nullptr) {
      step.kind = FixStep::Kind::kRename;
      key(step.key, "rename");
      key(step.new_key, "to");
    } else if (node_.get("insert-after") != nullptr) {
      step.kind = FixStep::Kind::kInsertAfter;
      key(step.key, "insert-after");
      value(step, key(step.new_key, "key"), "value");
    } else if (node_.get("detector") != nullptr) {
      step.kind = FixStep::Kind::kDetector;
      detector();
    } else {
      return std::nullopt;
    }
    return step;
  }

 private:
  std::optional<Name> key(std::string& dotted, std::string_view field) {
    const YamlNode* node = scalar_of(node_, field);
    if (node == nullptr) return std::nullopt;
    const std::optional<Name> name =
        compile_key(context_.expressions, *node, context_.draft.rule.for_each_interface);
    if (name) dotted = bound_pattern(*name);
    return name;
  }

  void value(FixStep& step, const std::optional<Name>& name, std::string_view field) {
    if (name) step.value = fix_value(context_, scalar_of(node_, field), *name);
  }

  void detector() {
    if (context_.node.get("detect") != nullptr) return;
    context_.expressions.report(*node_.get("detector"),
                                "the rule has no detector that could offer edits");
  }

  RuleContext& context_;
  const YamlNode& node_;
};

}  // namespace

void compile_fixes(RuleContext& context) {
  const YamlNode* fix = context.node.get("fix");
  if (fix == nullptr) return;
  const auto add = [&](const YamlNode& node) {
    if (!node.is_map()) return;
    std::optional<FixStep> step = FixCompiler(context, node).run();
    if (step) context.draft.rule.fix.push_back(std::move(*step));
  };
  if (!fix->is_list()) {
    add(*fix);
    return;
  }
  for (const YamlNode& node : fix->items) add(node);
}

}  // namespace proctor::rules
