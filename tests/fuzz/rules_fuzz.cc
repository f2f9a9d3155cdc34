// Any bytes are a rule file: it is loaded or its mistakes are told, and what is loaded survives the
// packed table unchanged. A scalar's text is found again in the source.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "rules/pack.h"
#include "rules/ruleset.h"
#include "rules/yaml.h"

using namespace proctor;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Bytes that are not blank stand for themselves, but for escapes.
void check_scalars(std::string_view source, const rules::YamlNode& node) {
  for (const rules::YamlNode& item : node.items) check_scalars(source, item);
  if (!node.is_scalar()) return;
  const rules::ScalarMap map(source, node.begin, node.text);
  require(map.whole().begin <= map.whole().end && map.whole().end <= source.size());
  uint32_t last = 0;
  for (uint32_t i = 0; i < node.text.size(); ++i) {
    const Span span = map.span({i, i + 1});
    require(span.begin >= last && span.begin <= span.end && span.end <= source.size());
    last = span.begin;
    if (is_blank(node.text[i]) || span.empty()) continue;
    require(source[span.begin] == node.text[i] || source[span.begin] == '\\');
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<rules::YamlProblem> yaml_problems;
  const rules::YamlNode root = rules::parse_yaml(text, yaml_problems);
  if (yaml_problems.empty()) check_scalars(text, root);

  std::vector<Diagnostic> problems;
  rules::RuleSet set;
  set.add_yaml("fuzz.yaml", text, problems);
  set.link(problems);
  for (const Diagnostic& problem : problems) require(!problem.to_text().empty());
  const std::string blob = set.pack();
  const rules::RuleSet packed = rules::RuleSet::packed(blob);
  for (size_t i = 0; i < packed.size(); ++i) {
    const std::optional<size_t> original = set.find(packed.id(i));
    require(original.has_value());
    require(rules::pack_rule(packed.rule(i)) == rules::pack_rule(set.rule(*original)));
    require(rules::pack_examples(packed.examples(i)) ==
            rules::pack_examples(set.examples(*original)));
  }
  return 0;
}
