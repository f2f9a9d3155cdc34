// `key` with `want`: conditions on one value, lowered to CEL.
//
// `want: { min: 15 }` on key K becomes the lets `value` (K) and `expected` (15) and the condition
// !(K >= (15)). `expected` is the value nearest to the present one that satisfies everything; with
// only `ne` there is none.
#include <fmt/core.h>

#include <algorithm>

#include "rules/compile.h"
#include "rules/template.h"
#include "text/text.h"

namespace proctor::rules {
namespace {

class Lowering {
 public:
  Lowering(RuleContext& context, const YamlNode& want, const Name& name)
      : context_(context),
        want_(want),
        key_(key_of(name)),
        spelled_(cel_spelling(bound_pattern(name))) {}

  /// False after a mistake.
  bool run() {
    if (type_of(key_).is(expr::TypeKind::kList)) {
      context_.expressions.report(
          *context_.node.get("key"),
          fmt::format("`want` is about one value and {} has several; write a condition with `when`",
                      key_.name));
      return false;
    }
    context_.let_unit = key_.unit;
    let("value", spelled_);
    compile_lets(context_);
    for (size_t i = 0; i + 1 < want_.items.size(); i += 2) {
      constraint(want_.items[i], want_.items[i + 1]);
    }
    if (broken_) return false;
    if (condition_.empty()) {
      context_.expressions.report(want_, "an empty `want`; expected eq, ne, min, max or in");
      return false;
    }
    if (!expected_.empty()) let("expected", expected_);
    std::optional<expr::Program> when =
        compile_made(context_.expressions, want_, "!(" + condition_ + ")", context_.condition);
    if (when) context_.draft.rule.when = std::move(*when);
    return when.has_value();
  }

 private:
  void let(std::string name, const std::string& cel) {
    Uses uses;
    std::optional<expr::Program> program = compile_made(context_.expressions, want_, cel, uses);
    if (!program) return;
    context_.expressions.scope.declare_let(name, program->type());
    context_.draft.rule.let.emplace_back(std::move(name), std::move(*program));
    context_.used_lets.insert(static_cast<uint32_t>(context_.let_uses.size()));
    context_.let_uses.push_back(std::move(uses));
  }

  void constraint(const YamlNode& field, const YamlNode& node) {
    const bool numeric = field.text == "min" || field.text == "max" || field.text == "bits-set" ||
                         field.text == "bits-clear";
    if (numeric && type_of(key_).is(expr::TypeKind::kString)) {
      fail(field, fmt::format("'{}' is for numbers and {} holds text", field.text, key_.name));
      return;
    }
    if (field.text == "in") {
      one_of(node);
      return;
    }
    const std::optional<std::string> cel = value(node);
    if (!cel) return;
    if (field.text == "eq") {
      add(fmt::format("{} == {}", spelled_, *cel));
      expected_ = *cel;
    } else if (field.text == "ne") {
      add(fmt::format("{} != {}", spelled_, *cel));
    } else if (field.text == "min") {
      add(fmt::format("{} >= {}", spelled_, *cel));
      adjust("math.greatest({0}, {1})", *cel);
    } else if (field.text == "max") {
      add(fmt::format("{} <= {}", spelled_, *cel));
      adjust("math.least({0}, {1})", *cel);
    } else if (field.text == "bits-set") {
      add(fmt::format("math.bitAnd({}, {}) == {}", spelled_, *cel, *cel));
      adjust("math.bitOr({0}, {1})", *cel, true);
    } else if (field.text == "bits-clear") {
      add(fmt::format("math.bitAnd({}, {}) == 0", spelled_, *cel));
      adjust("math.bitAnd({0}, math.bitNot({1}))", *cel, true);
    }
  }

  void add(const std::string& condition) {
    if (!condition_.empty()) condition_ += " && ";
    condition_ += condition;
  }

  /// A bound that stands alone is what is expected; more of them adjust the present value in turn.
  void adjust(std::string_view form, const std::string& cel, bool needs_value = false) {
    if (want_.items.size() == 2 && !needs_value) {
      expected_ = cel;
      return;
    }
    const std::string before = expected_.empty() ? spelled_ : expected_;
    expected_ = fmt::format(fmt::runtime(form), before, cel);
  }

  void one_of(const YamlNode& node) {
    std::string list;
    std::string first;
    if (node.is_list()) {
      for (const YamlNode& item : node.items) {
        const std::optional<std::string> cel = value(item);
        if (!cel) continue;
        if (first.empty()) first = *cel;
        list += (list.empty() ? "" : ", ") + *cel;
      }
      list = "[" + list + "]";
    } else if (node.is_scalar()) {
      Uses uses;
      const std::optional<expr::Program> program =
          compile_expression(context_.expressions, node, Wanted::kAny, uses);
      broken_ = broken_ || !program;
      if (!program) return;
      context_.used_lets.insert(uses.lets.begin(), uses.lets.end());
      if (!program->type().is(expr::TypeKind::kList) && !program->type().is_dyn()) {
        fail(node,
             fmt::format("expected a list of values, but this is {}", program->type().to_string()));
        return;
      }
      list = "(" + node.text + ")";
      first = list + "[0]";
    }
    add(fmt::format("{} in {}", spelled_, list));
    expected_ = want_.items.size() == 2
                    ? first
                    : fmt::format("({} in {} ? {} : {})", spelled_, list, spelled_, first);
  }

  /// The value as CEL in parentheses.
  std::optional<std::string> value(const YamlNode& node) {
    if (!node.is_scalar()) {
      broken_ = true;
      return std::nullopt;
    }
    if (is_word_literal(key_, node.text)) return cel_string(node.text);
    Uses uses;
    const std::optional<expr::Program> program =
        compile_expression(context_.expressions, node, Wanted::kAny, uses);
    broken_ = broken_ || !program;
    if (!program) return std::nullopt;
    context_.used_lets.insert(uses.lets.begin(), uses.lets.end());
    if (!expr::comparable(program->type(), type_of(key_))) {
      fail(node, fmt::format("{} is {} and this is {}", key_.name, type_of(key_).to_string(),
                             program->type().to_string()));
      return std::nullopt;
    }
    return "(" + node.text + ")";
  }

  void fail(const YamlNode& node, std::string message) {
    context_.expressions.report(node, std::move(message));
    broken_ = true;
  }

  RuleContext& context_;
  const YamlNode& want_;
  const kernel::Key& key_;
  std::string spelled_;
  std::string condition_;
  std::string expected_;
  bool broken_ = false;
};

/// False after a mistake.
bool lower(RuleContext& context) {
  const YamlNode* key = scalar_of(context.node, "key");
  const YamlNode* want = context.node.get("want");
  if (key == nullptr || want == nullptr || !want->is_map()) return false;
  const std::optional<Name> name =
      compile_key(context.expressions, *key, context.draft.rule.for_each_interface);
  if (!name) return false;
  if (name->binding == Binding::kNone && key_of(*name).name.find('*') != std::string_view::npos &&
      !context.draft.rule.for_each_interface) {
    context.expressions.report(*key, "a sysctl of every interface needs `for-each: interface`");
    return false;
  }
  if (context.draft.rule.anchors.empty()) {
    context.draft.rule.anchors.push_back(bound_pattern(*name));
  }
  return Lowering(context, *want, *name).run();
}

void stand_in(RuleContext& context, std::string name) {
  context.expressions.scope.declare_let(name, expr::Type());
  context.draft.rule.let.emplace_back(std::move(name), expr::Program());
  context.let_uses.emplace_back();
}

}  // namespace

void compile_want(RuleContext& context) {
  if (lower(context)) return;
  // The rule is lost, but its texts and fixes are not wrong for using what is missing now.
  const auto is_missing = [&](std::string_view name) {
    return std::ranges::find(context.expressions.scope.lets(), name,
                             &std::pair<std::string, expr::Type>::first) ==
           context.expressions.scope.lets().end();
  };
  if (is_missing("value")) {
    stand_in(context, "value");
    compile_lets(context);
  }
  if (is_missing("expected")) stand_in(context, "expected");
}

}  // namespace proctor::rules
