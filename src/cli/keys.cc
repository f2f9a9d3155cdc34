// keys list, keys show.
#include <fmt/core.h>

#include <iterator>

#include "cli/commands.h"
#include "cli/key_page.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

bool fits(std::string_view pattern, std::string_view name) {
  if (pattern.empty() || pattern == name) return true;
  if (pattern.find_first_of("*?") != std::string_view::npos) return glob_match(pattern, name);
  return name.find(pattern) != std::string_view::npos;
}

/// Whether some kernel of the range may have the key.
bool on_kernel(const kernel::Key& key, const host::Facts& facts) {
  const std::optional<kernel::VersionRange> range = facts.kernel();
  if (!range) return true;
  if (kernel::existence(key, range->from) != kernel::Existence::kAbsent) return true;
  for (const kernel::Version& point : kernel::change_points(key, *range)) {
    if (kernel::existence(key, point) != kernel::Existence::kAbsent) return true;
  }
  return false;
}

}  // namespace

int run_keys_list(const Invocation& invocation) {
  const Result<ListFormat> format = list_format(invocation, {ListFormat::kText, ListFormat::kJson});
  if (!format) return misuse(format.error());
  const Result<Settings> settings = read_settings(invocation);
  if (!settings) return misuse(settings.error());
  const std::string_view pattern =
      invocation.operands.empty() ? std::string_view() : invocation.operands[0];
  JsonArray array;
  std::string rows;
  for (const kernel::Key& key : kernel::keys()) {
    if (!fits(pattern, key.name) || !on_kernel(key, settings->facts)) continue;
    if (*format == ListFormat::kJson) {
      array.add(key_json(key, "  "));
    } else {
      fmt::format_to(std::back_inserter(rows), "{:<52}  {}{}{}\n", key.name, type_text(key),
                     key.unit.empty() ? "" : ", ", key.unit);
    }
  }
  return print(*format == ListFormat::kJson ? array.close() : rows);
}

int run_keys_show(const Invocation& invocation) {
  const Result<ListFormat> format = list_format(invocation, {ListFormat::kText, ListFormat::kJson});
  if (!format) return misuse(format.error());
  const Result<Settings> settings = read_settings(invocation);
  if (!settings) return misuse(settings.error());
  const Result<const kernel::Key*> key = find_key(invocation.operands[0]);
  if (!key) return misuse(key.error());
  if (*format == ListFormat::kJson) return print(key_json(**key, "") + "\n");
  return print(key_page(**key, settings->facts, KeyReaders{}, terminal("never").width));
}

}  // namespace proctor::cli
