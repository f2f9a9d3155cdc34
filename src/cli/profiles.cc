// profiles list, profiles show.
#include <fmt/core.h>

#include "advise/profile.h"
#include "cli/commands.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "cli/profile_page.h"

namespace proctor::cli {

int run_profiles_list(const Invocation& invocation) {
  const Result<ListFormat> format = list_format(invocation, {ListFormat::kText, ListFormat::kJson});
  if (!format) return misuse(format.error());
  JsonArray array;
  std::string rows;
  std::vector<Diagnostic> problems;
  for (const advise::BuiltinProfile& known : advise::builtin_profiles()) {
    const Result<advise::Profile> profile = advise::load_profile(known.name, problems);
    if (!profile) return misuse(profile.error());
    array.add(profile_json(*profile, "  "));
    rows += fmt::format("{:<16}  {}\n", known.name, profile->title);
  }
  for (const Diagnostic& problem : problems) complain(problem);
  return print(*format == ListFormat::kJson ? array.close() : rows,
               problems.empty() ? kClean : kTrouble);
}

int run_profiles_show(const Invocation& invocation) {
  const Result<ListFormat> format = list_format(invocation, {ListFormat::kText, ListFormat::kJson});
  if (!format) return misuse(format.error());
  std::vector<Diagnostic> problems;
  const Result<advise::Profile> profile = advise::load_profile(invocation.operands[0], problems);
  if (!profile) return misuse(profile.error());
  for (const Diagnostic& problem : problems) complain(problem);
  if (!problems.empty()) return kTrouble;
  if (*format == ListFormat::kJson) return print(profile_json(*profile, "") + "\n");
  return print(profile_page(*profile, terminal("never").width));
}

}  // namespace proctor::cli
