// rules list, rules show.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "cli/commands.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "cli/rule_page.h"
#include "cli/settings.h"
#include "rules/selection.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

/// Indices by id, as --select and --ignore leave them.
std::vector<size_t> listed(const rules::RuleSet& rules, const rules::Selection& selection) {
  const auto names = [](const std::vector<std::string>& list, const rules::Rule& rule) {
    return std::ranges::any_of(
        list, [&](const std::string& name) { return rules::names_rule(name, rule); });
  };
  std::vector<size_t> indices;
  for (size_t i = 0; i < rules.size(); ++i) {
    const rules::Rule& rule = rules.rule(i);
    const bool selected = selection.select.empty() || names(selection.select, rule);
    if (selected && !names(selection.ignore, rule)) indices.push_back(i);
  }
  std::ranges::sort(indices, {}, [&](size_t index) { return rules.id(index); });
  return indices;
}

std::string text_row(const rules::RuleSet& rules, size_t index) {
  const rules::Rule& rule = rules.rule(index);
  const std::string_view off = rule.off_by_default || rules.disabled(index) ? " (off)" : "";
  return fmt::format("{:<44}  {:<8}{}  {}\n", rule.id, rules::to_string(rule.severity), off,
                     rule.title);
}

std::string markdown_reference(const rules::RuleSet& rules, const std::vector<size_t>& indices) {
  std::string out = fmt::format("# Rules\n\n{} rules.\n\n", indices.size());
  std::string_view family;
  for (const size_t index : indices) {
    const std::string_view id = rules.id(index);
    const std::string_view own = id.substr(0, id.find('/'));
    if (own != family) fmt::format_to(std::back_inserter(out), "## {}\n\n", own);
    family = own;
    out += rule_markdown(rules, index);
  }
  return out;
}

}  // namespace

int run_rules_list(const Invocation& invocation) {
  const Result<ListFormat> format =
      list_format(invocation, {ListFormat::kText, ListFormat::kJson, ListFormat::kMarkdown});
  if (!format) return misuse(format.error());
  const Result<Settings> settings = read_settings(invocation);
  if (!settings) return misuse(settings.error());
  const LoadedRules loaded = load_rules(*settings);
  if (const std::string wrong = check_names(loaded.rules, *settings); !wrong.empty()) {
    return misuse(wrong);
  }
  const std::vector<size_t> indices = listed(loaded.rules, settings->selection);
  const int status = loaded.sound ? kClean : kTrouble;
  if (*format == ListFormat::kMarkdown) {
    return print(markdown_reference(loaded.rules, indices), status);
  }
  JsonArray array;
  std::string rows;
  for (const size_t index : indices) {
    if (*format == ListFormat::kJson) {
      array.add(rule_json(loaded.rules, index, "  "));
    } else {
      rows += text_row(loaded.rules, index);
    }
  }
  return print(*format == ListFormat::kJson ? array.close() : rows, status);
}

int run_rules_show(const Invocation& invocation) {
  const Result<ListFormat> format =
      list_format(invocation, {ListFormat::kText, ListFormat::kJson, ListFormat::kMarkdown});
  if (!format) return misuse(format.error());
  const Result<Settings> settings = read_settings(invocation);
  if (!settings) return misuse(settings.error());
  const LoadedRules loaded = load_rules(*settings);
  const Result<size_t> index = find_rule(loaded.rules, invocation.operands[0]);
  if (!index) return misuse(index.error());
  const int status = loaded.sound ? kClean : kTrouble;
  switch (*format) {
    case ListFormat::kJson:
      return print(rule_json(loaded.rules, *index, "") + "\n", status);
    case ListFormat::kMarkdown:
      return print(rule_markdown(loaded.rules, *index), status);
    case ListFormat::kText:
      break;
  }
  return print(rule_page(loaded.rules, *index, terminal("never").width), status);
}

}  // namespace proctor::cli
