// What a rule says, as text, JSON and markdown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/ruleset.h"
#include "text/result.h"

namespace proctor::cli {

/// A template as its rule file writes it: "tcp_fin_timeout = {net.ipv4.tcp_fin_timeout}".
std::string template_text(const rules::Template& text);

/// Rules whose id holds `name`.
std::vector<size_t> fitting_rules(const rules::RuleSet& rules, std::string_view name);

/// The rule that `name` means: its id, or a part of it that fits one rule only. An error suggests.
Result<size_t> find_rule(const rules::RuleSet& rules, std::string_view name);

std::string rule_page(const rules::RuleSet& rules, size_t index, unsigned width);

/// The rules that carry `tag`; empty if none does.
std::string tag_page(const rules::RuleSet& rules, std::string_view tag, unsigned width);

/// One JSON object; `indent` stands before its lines.
std::string rule_json(const rules::RuleSet& rules, size_t index, std::string_view indent);

/// A section with the rule's id as its heading.
std::string rule_markdown(const rules::RuleSet& rules, size_t index);

}  // namespace proctor::cli
