// The examples of a rule: its tests, and what `explain` shows.
#include <fmt/core.h>

#include <algorithm>

#include "host/facts.h"
#include "load/loader.h"
#include "rules/compile.h"
#include "rules/detect.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::rules {
namespace {

using Expect = Example::Expect;

std::string text_of(const YamlNode& map, std::string_view field) {
  const YamlNode* node = scalar_of(map, field);
  return node == nullptr ? std::string() : node->text;
}

std::optional<Expect> find_expect(std::string_view text) {
  if (text == "fires") return Expect::kFires;
  if (text == "silent") return Expect::kSilent;
  if (text == "undecided") return Expect::kUndecided;
  return std::nullopt;
}

class ExampleCompiler {
 public:
  ExampleCompiler(ExpressionContext& context, const YamlNode& node)
      : context_(context), node_(node) {}

  Example run() {
    example_.name = text_of(node_, "name");
    example_.conf = text_of(node_, "conf");
    example_.at = context_.report.source().position(node_.begin);
    example_.expect = find_expect(text_of(node_, "expect")).value_or(Expect::kUndecided);
    if (const YamlNode* fixed = scalar_of(node_, "fixed")) example_.fixed = fixed->text;
    example_.latin1 = !text_of(node_, "encoding").empty();
    times();
    line();
    files(node_.get("files"));
    if (const YamlNode* given = node_.get("given"); given != nullptr && given->is_map()) {
      compile_given(*given);
    }
    return std::move(example_);
  }

 private:
  void line() {
    const YamlNode* node = scalar_of(node_, "line");
    if (node == nullptr) return;
    const Result<int64_t> number = parse_int(node->text);
    if (!number.ok()) return;
    const auto ends = std::ranges::count(example_.conf, '\n') * int64_t{example_.times};
    const int64_t lines = ends + (example_.conf.empty() || example_.conf.ends_with('\n') ? 0 : 1);
    if (*number < 1 || *number > lines) {
      context_.report(*node, fmt::format("expected a line of `conf`, which has {}", lines));
    } else if (find_expect(text_of(node_, "expect")).value_or(Expect::kFires) != Expect::kFires) {
      context_.report(*node, "only an example that fires has a line");
    } else {
      example_.line = static_cast<uint32_t>(*number);
    }
  }

  void times() {
    constexpr int64_t kMost = 100000;
    const YamlNode* node = scalar_of(node_, "times");
    const Result<int64_t> number = parse_int(node == nullptr ? std::string("1") : node->text);
    if (!number.ok()) return;
    if (*number >= 1 && *number <= kMost) {
      example_.times = static_cast<uint32_t>(*number);
    } else {
      context_.report(*node, "expected a number from 1 to 100000");
    }
  }

  void files(const YamlNode* map) {
    if (map == nullptr || !map->is_map()) return;
    for (size_t i = 0; i + 1 < map->items.size(); i += 2) {
      const YamlNode& path = map->items[i];
      const YamlNode& text = map->items[i + 1];
      if (!path.is_scalar() || !text.is_scalar()) continue;
      if (!path.text.starts_with('/')) {
        context_.report(path, "expected the path of a file, such as /usr/lib/sysctl.d/50-x.conf");
      }
      example_.files.emplace_back(path.text, text.text);
    }
  }

  void compile_given(const YamlNode& given) {
    example_.kernel = text_of(given, "kernel");
    example_.memory = text_of(given, "memory");
    example_.cpus = text_of(given, "cpus");
    if (const YamlNode* node = scalar_of(given, "loader")) {
      example_.loader = node->text;
      const Result<const load::Loader*> loader = load::find_loader(node->text);
      if (!loader.ok()) context_.report(*node, loader.error());
    }
    example_.roles = names_of(context_, PendingName::Kind::kRole, given, "roles");
    const std::string audit = text_of(given, "audit");
    example_.audited = !audit.empty();
    example_.edited = audit == "edited";
    facts(given.get("facts"));
    running(given.get("running"));
  }

  void facts(const YamlNode* map) {
    if (map == nullptr || !map->is_map()) return;
    for (size_t i = 0; i + 1 < map->items.size(); i += 2) {
      const YamlNode& name = map->items[i];
      const YamlNode& value = map->items[i + 1];
      if (!name.is_scalar() || !value.is_scalar()) continue;
      const host::FactInfo* fact = host::find_fact(name.text);
      if (fact == nullptr) {
        context_.report(name, host::unknown_fact(name.text));
        continue;
      }
      const Result<host::FactValue> parsed = host::parse_fact_value(*fact, value.text);
      if (!parsed.ok()) context_.report(value, parsed.error());
      example_.facts.emplace_back(name.text, value.text);
    }
  }

  void running(const YamlNode* map) {
    if (map == nullptr || !map->is_map()) return;
    for (size_t i = 0; i + 1 < map->items.size(); i += 2) {
      const YamlNode& name = map->items[i];
      const YamlNode& value = map->items[i + 1];
      if (!name.is_scalar() || !value.is_scalar()) continue;
      if (!kernel::find_path(kernel::dotted_to_path(name.text))) {
        report_unknown_key(context_, name);
      }
      example_.running.emplace_back(name.text, value.text);
    }
  }

  ExpressionContext& context_;
  const YamlNode& node_;
  Example example_;
};

}  // namespace

void compile_examples(RuleContext& context) {
  const YamlNode* list = context.node.get("examples");
  if (list == nullptr || !list->is_list()) return;
  std::vector<Example>& examples = context.draft.examples;
  for (const YamlNode& node : list->items) {
    if (node.is_map()) examples.push_back(ExampleCompiler(context.expressions, node).run());
  }
  const bool all_sound = std::ranges::all_of(list->items, [](const YamlNode& node) {
    const YamlNode* expect = scalar_of(node, "expect");
    return expect != nullptr && find_expect(expect->text);
  });
  if (!all_sound || list->items.empty()) return;
  const DetectorInfo* detector = find_detector(context.draft.rule.detect);
  const bool outside = detector != nullptr && detector->outside;
  const auto has = [&](Expect expect) {
    if (expect == Expect::kFires && outside) return true;
    return std::ranges::find(examples, expect, &Example::expect) != examples.end();
  };
  if (!has(Expect::kFires) || !has(Expect::kSilent)) {
    context.expressions.report(
        *list, fmt::format("expected an example that fires and one that is silent; {} missing",
                           has(Expect::kFires)    ? "the silent one is"
                           : has(Expect::kSilent) ? "the one that fires is"
                                                  : "both are"));
  }
}

}  // namespace proctor::rules
