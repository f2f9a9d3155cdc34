// explain: a key, a rule, a tag of rules, or a profile.
#include <fmt/core.h>

#include <algorithm>

#include "advise/profile.h"
#include "cli/commands.h"
#include "cli/key_page.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "cli/page.h"
#include "cli/rule_page.h"
#include "cli/settings.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

/// The tags that say whose opinion it is.
std::string opinion_of(const rules::Rule& rule) {
  std::string out;
  for (const std::string& tag : rule.tags) append_part(out, tag == "policy" ? "" : tag);
  return out;
}

KeyReaders readers(const rules::RuleSet& rules, const kernel::Key& key) {
  KeyReaders out;
  for (const uint32_t index : rules.reading(key.name)) {
    const rules::Rule& rule = rules.rule(index);
    if (rule.off_by_default) {
      out.policies.push_back(fmt::format("{} ({}): {}", rule.id, opinion_of(rule), rule.title));
    } else {
      out.rules.push_back(rule.id + ": " + rule.title);
    }
    for (const std::string& other : rule.reads) {
      if (other != key.name) out.with.push_back(other);
    }
  }
  sort_unique(out.with);
  return out;
}

bool is_profile(std::string_view name) {
  return std::ranges::find(advise::builtin_profiles(), name, &advise::BuiltinProfile::name) !=
         advise::builtin_profiles().end();
}

}  // namespace

int run_explain(const Invocation& invocation) {
  const Result<Settings> settings = read_settings(invocation);
  if (!settings) return misuse(settings.error());
  const std::string& name = invocation.operands[0];
  if (is_profile(name)) return run_profiles_show(invocation);
  const LoadedRules loaded = load_rules(*settings);
  const int status = loaded.sound ? kClean : kTrouble;
  const unsigned width = terminal("never").width;
  if (const auto rule = loaded.rules.find(name)) {
    return print(rule_page(loaded.rules, *rule, width), status);
  }
  if (const std::string page = tag_page(loaded.rules, name, width); !page.empty()) {
    return print(page, status);
  }
  const Result<const kernel::Key*> key = find_key(name);
  if (key) {
    return print(key_page(**key, settings->facts, readers(loaded.rules, **key), width), status);
  }
  const Result<size_t> rule = find_rule(loaded.rules, name);
  if (rule) return print(rule_page(loaded.rules, *rule, width), status);
  // Only rules have such names; a key's error is the better one for all others.
  const bool like_rule = name.find('/') != std::string::npos && name.find('.') == std::string::npos;
  const bool about_rule =
      like_rule || (!is_part_of_key(name) && !fitting_rules(loaded.rules, name).empty());
  return misuse(about_rule ? rule.error() : key.error());
}

}  // namespace proctor::cli
