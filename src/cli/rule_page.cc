#include "cli/rule_page.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "cli/options.h"
#include "cli/page.h"
#include "report/escape.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

using rules::Example;
using rules::FixStep;
using rules::Rule;

std::string step_text(const FixStep& step) {
  switch (step.kind) {
    case FixStep::Kind::kSet:
      return fmt::format("set {}", step.key);
    case FixStep::Kind::kRemove:
      return fmt::format("remove {}", step.key);
    case FixStep::Kind::kRename:
      return fmt::format("rename {} to {}", step.key, step.new_key);
    case FixStep::Kind::kInsertAfter:
      return fmt::format("add {} after {}", step.new_key, step.key);
    case FixStep::Kind::kDetector:
      break;
  }
  return "as the line needs it";
}

bool is_safe(const Rule& rule) {
  for (const FixStep& step : rule.fix) {
    if (!step.safe) return false;
  }
  return true;
}

std::string fix_text(const Rule& rule) {
  std::string steps;
  for (const FixStep& step : rule.fix) append_part(steps, step_text(step));
  if (steps.empty()) return {};
  return fmt::format("{}: {}", is_safe(rule) ? "safe" : "unsafe", steps);
}

std::string summary_text(const Rule& rule, bool disabled) {
  std::string out(rules::to_string(rule.severity));
  append_part(out, rules::to_string(rule.category));
  append_part(out, rule.for_each_interface ? "asked for each interface" : "");
  append_part(out, rule.off_by_default ? "off unless selected or its role is given" : "");
  append_part(out, disabled ? "disabled by a rule file" : "");
  return out;
}

std::string given_text(const Example& example) {
  std::string out;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) append_part(out, fmt::format("{} {}", name, value));
  };
  add("kernel", example.kernel);
  add("memory", example.memory);
  add("CPUs", example.cpus);
  add("loader", example.loader);
  add("files", !example.audited ? "" : example.edited ? "edited since" : "loaded");
  for (const std::string& role : example.roles) add("role", role);
  for (const auto& [name, value] : example.facts) add(name, value);
  for (const auto& [name, value] : example.running) add("running " + name + " =", value);
  return out;
}

std::string_view expected_text(Example::Expect expect) {
  switch (expect) {
    case Example::Expect::kFires:
      return "Bad";
    case Example::Expect::kSilent:
      return "Good";
    case Example::Expect::kUndecided:
      break;
  }
  return "Undecided";
}

std::string example_title(const Example& example) {
  const std::string given = given_text(example);
  return fmt::format("{}{}{}", example.name, given.empty() ? "" : "; ", given);
}

std::string list_json(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) {
    append_part(out, report::json_string(text));
  }
  return "[" + out + "]";
}

/// Lines without control bytes.
std::string verbatim_text(std::string_view text) {
  std::string out;
  std::string_view separator;
  for (const std::string_view line : split(text, '\n')) {
    out += separator;
    out += report::printable(line);
    separator = "\n";
  }
  return out;
}

/// Text that markdown would take for markup inside a line.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    constexpr std::string_view kMarkup = "*_`<[]|";
    if (kMarkup.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string template_text(const rules::Template& text) {
  std::string out;
  for (size_t i = 0; i < text.literals.size(); ++i) {
    out += text.literals[i];
    if (i < text.holes.size()) out += "{" + text.holes[i].source + "}";
  }
  return out;
}

std::vector<size_t> fitting_rules(const rules::RuleSet& rules, std::string_view name) {
  std::vector<size_t> fitting;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (!name.empty() && rules.id(i).find(name) != std::string_view::npos) fitting.push_back(i);
  }
  return fitting;
}

Result<size_t> find_rule(const rules::RuleSet& rules, std::string_view name) {
  if (const auto exact = rules.find(name)) return *exact;
  if (const auto old = rules.old_name(name)) {
    return Error{fmt::format("rule '{}' is retired: {}", old->id, old->why)};
  }
  const std::vector<size_t> fitting = fitting_rules(rules, name);
  if (fitting.size() == 1) return fitting.front();
  if (fitting.empty()) {
    std::vector<std::string_view> ids;
    for (size_t i = 0; i < rules.size(); ++i) ids.push_back(rules.id(i));
    return Error{
        fmt::format("no rule is called '{}'{}", escape_bytes(name), did_you_mean(name, ids))};
  }
  constexpr size_t kMostListed = 8;
  std::string list;
  for (size_t i = 0; i < std::min(fitting.size(), kMostListed); ++i) {
    append_part(list, rules.id(fitting[i]));
  }
  if (fitting.size() > kMostListed) {
    list += fmt::format(" and {} more", fitting.size() - kMostListed);
  }
  return Error{fmt::format("'{}' fits {} rules: {}", escape_bytes(name), fitting.size(), list)};
}

std::string rule_page(const rules::RuleSet& rules, size_t index, unsigned width) {
  const Rule& rule = rules.rule(index);
  Page page(width);
  page.head(rule.id, summary_text(rule, rules.disabled(index)));
  page.row("What", rule.title);
  page.row("Says", template_text(rule.message));
  page.row("Why", template_text(rule.why));
  page.row("Fix", fix_text(rule));
  if (rule.kernel) page.row("Kernels", rule.kernel->to_string());
  page.row("Roles", joined(rule.roles));
  page.row("Reads", joined(rule.reads));
  page.row("Replaces", joined(rule.supersedes));
  page.row("Tags", joined(rule.tags));
  page.row("Since", rule.since);
  page.row("Formerly", joined(rule.formerly));
  page.rows("Evidence", rule.evidence);
  for (const Example& example : rules.examples(index)) {
    page.row(expected_text(example.expect), example_title(example));
    page.verbatim("", example.conf);
    if (example.fixed) page.verbatim("  corrected", *example.fixed);
  }
  return page.take();
}

std::string tag_page(const rules::RuleSet& rules, std::string_view tag, unsigned width) {
  std::vector<std::string> rows;
  for (size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = rules.rule(i);
    if (std::ranges::find(rule.tags, tag) == rule.tags.end()) continue;
    rows.push_back(fmt::format("{} ({}): {}", rule.id, joined(rule.reads), rule.title));
  }
  if (rows.empty()) return {};
  std::ranges::sort(rows);
  Page page(width);
  page.head(tag, fmt::format("tag of {} rule{}", rows.size(), rows.size() == 1 ? "" : "s"));
  page.row("Ask with",
           fmt::format("--select {0}, or --select default,{0} to ask the rules that are "
                       "on by default as well",
                       tag));
  page.rows("Rules", rows);
  return page.take();
}

std::string rule_json(const rules::RuleSet& rules, size_t index, std::string_view indent) {
  const Rule& rule = rules.rule(index);
  std::string out = "{";
  std::string_view separator = "";
  const auto raw = [&](std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(out), "{}\n{}  \"{}\": {}", separator, indent, name, value);
    separator = ",";
  };
  const auto text = [&](std::string_view name, std::string_view value) {
    raw(name, value.empty() ? "null" : report::json_string(value));
  };
  text("id", rule.id);
  text("title", rule.title);
  text("severity", rules::to_string(rule.severity));
  text("category", rules::to_string(rule.category));
  text("message", template_text(rule.message));
  text("why", template_text(rule.why));
  text("fix", rule.fix.empty() ? "" : is_safe(rule) ? "safe" : "unsafe");
  text("kernel", rule.kernel ? rule.kernel->to_string() : "");
  raw("roles", list_json(rule.roles));
  raw("reads", list_json(rule.reads));
  raw("supersedes", list_json(rule.supersedes));
  raw("tags", list_json(rule.tags));
  raw("default", rule.off_by_default || rules.disabled(index) ? "false" : "true");
  text("since", rule.since);
  raw("evidence", list_json(rule.evidence));
  return out + fmt::format("\n{}}}", indent);
}

std::string rule_markdown(const rules::RuleSet& rules, size_t index) {
  const Rule& rule = rules.rule(index);
  std::string out = fmt::format("### `{}`\n\n**{}** ({})\n\n", rule.id, escaped(rule.title),
                                summary_text(rule, rules.disabled(index)));
  out += escaped(template_text(rule.why)) + "\n\n";
  const auto item = [&](std::string_view label, std::string_view text) {
    if (!text.empty()) fmt::format_to(std::back_inserter(out), "- {}: {}\n", label, escaped(text));
  };
  item("Message", template_text(rule.message));
  item("Fix", fix_text(rule));
  item("Kernels", rule.kernel ? rule.kernel->to_string() : "");
  item("Roles", joined(rule.roles));
  item("Reads", joined(rule.reads));
  item("Replaces", joined(rule.supersedes));
  item("Tags", joined(rule.tags));
  for (const std::string& evidence : rule.evidence) item("Evidence", evidence);
  for (const Example& example : rules.examples(index)) {
    fmt::format_to(std::back_inserter(out), "\n{}: {}\n\n```\n{}{}```\n",
                   expected_text(example.expect), escaped(example_title(example)),
                   verbatim_text(example.conf), example.conf.ends_with('\n') ? "" : "\n");
  }
  return out + "\n";
}

}  // namespace proctor::cli
