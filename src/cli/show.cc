// show: what really happens when a loader meets a configuration.
#include <fmt/core.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/discover.h"
#include "cli/judging.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "cli/show_model.h"
#include "cli/target.h"

namespace proctor::cli {
namespace {

std::vector<Source> sources_of(const Invocation& invocation, const Settings& settings,
                               bool& trouble) {
  if (invocation.has(OptionId::kRoot)) {
    return {{Source::Kind::kRoot, std::string(invocation.value(OptionId::kRoot))}};
  }
  std::vector<std::string> paths = invocation.operands;
  if (paths.empty()) paths.emplace_back(".");
  Discovery discovery = discover(paths, settings.stdin_name);
  for (const Diagnostic& problem : discovery.problems) complain(problem);
  trouble = trouble || !discovery.problems.empty();
  return std::move(discovery.sources);
}

}  // namespace

int run_show(const Invocation& invocation) {
  const Result<ListFormat> format = list_format(invocation, {ListFormat::kText, ListFormat::kJson});
  if (!format) return misuse(format.error());
  Result<Settings> read = read_settings(invocation);
  if (!read) return misuse(read.error());
  Settings settings = std::move(read).value();
  if (settings.loader == nullptr) settings.loader = *load::find_loader("systemd");
  bool trouble = false;
  const std::vector<Source> sources = sources_of(invocation, settings, trouble);
  if (sources.size() > 1 && *format == ListFormat::kJson) {
    return misuse(
        fmt::format("{} configurations are no single document; name one of them", sources.size()));
  }
  const rules::Target target = make_target(settings);
  const std::vector<kernel::Version> versions = versions_of(settings.facts);
  if (versions.empty()) return misuse("--kernel: no kernel lies in that range");
  const auto kernel = settings.facts.kernel();
  const unsigned width = terminal("never").width;
  for (const Source& source : sources) {
    const LoadedSource loaded = load_source(source, settings.loader);
    for (const Diagnostic& error : loaded.errors) complain(error);
    trouble = trouble || !loaded.errors.empty();
    if (loaded.files.configuration.files.empty() && !loaded.errors.empty()) continue;
    const Shown shown =
        show_configuration(*settings.loader, loaded.files.configuration, target, versions);
    const std::string text =
        *format == ListFormat::kJson
            ? show_json(shown, loaded.files, kernel ? kernel->to_string() : "")
            : show_text(shown, loaded.files, kernel ? kernel->to_string() : assumed_kernels(),
                        width);
    if (print(text) != kClean) return kTrouble;
  }
  return trouble ? kTrouble : kClean;
}

}  // namespace proctor::cli
