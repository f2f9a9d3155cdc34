// show: what really happens when a loader meets a configuration.
#include <fmt/core.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/discover.h"
#include "cli/host_values.h"
#include "cli/judging.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "cli/show_model.h"
#include "cli/target.h"
#include "text/file.h"

namespace proctor::cli {
namespace {

/// Nothing named: the machine itself, with its values.
bool is_this_machine(const Invocation& invocation) {
  return invocation.operands.empty() && !invocation.has(OptionId::kRoot);
}

Result<Settings> settings_of(Invocation invocation) {
  // First, so that what the user gives overrides what is read.
  if (is_this_machine(invocation) && !invocation.has(OptionId::kHost)) {
    invocation.options.insert(invocation.options.begin(), {OptionId::kHost, ""});
  }
  return read_settings(invocation);
}

std::vector<Source> sources_of(const Invocation& invocation, const Settings& settings,
                               bool& trouble) {
  if (is_this_machine(invocation)) return {{Source::Kind::kRoot, "/"}};
  if (invocation.has(OptionId::kRoot)) {
    return {{Source::Kind::kRoot, std::string(invocation.value(OptionId::kRoot))}};
  }
  Discovery discovery = discover(invocation.operands, settings.stdin_name);
  for (const Diagnostic& problem : discovery.problems) complain(problem);
  trouble = trouble || !discovery.problems.empty();
  return std::move(discovery.sources);
}

/// What the kernel did before any loader ran, and what systemd is handed beside its files.
void add_machine_sources(LoadedSource& loaded) {
  if (Result<std::string> line = read_file("/proc/cmdline")) {
    load::add_command_line(loaded.files, std::move(line).value());
  }
}

class Show {
 public:
  Show(const Invocation& invocation, const Settings& settings, ListFormat format)
      : settings_(settings),
        machine_(is_this_machine(invocation)),
        differences_(invocation.has(OptionId::kDiffLoaders)),
        format_(format),
        target_(make_target(settings)),
        versions_(versions_of(settings.facts)) {
    const auto kernel = settings.facts.kernel();
    if (kernel) kernel_ = kernel->to_string();
  }

  bool has_kernels() const { return !versions_.empty(); }

  /// An exit status.
  int show(const Source& source) {
    if (differences_) return show_differences(source);
    const Loaded loaded = load(source, *settings_.loader);
    if (loaded.empty) return loaded.trouble ? kTrouble : kClean;
    const std::string text =
        format_ == ListFormat::kJson
            ? show_json(loaded.shown, loaded.source.files, kernel_)
            : show_text(loaded.shown, loaded.source.files, kernel_name(), terminal("never").width);
    return print(text, loaded.trouble ? kTrouble : kClean);
  }

 private:
  struct Loaded {
    LoadedSource source;
    Shown shown;
    bool empty = false;
    bool trouble = false;
  };

  std::string kernel_name() const { return kernel_.empty() ? assumed_kernels() : kernel_; }

  /// What has no place in the output: names that are no files.
  static void tell_odd(const load::FileSet& files) {
    for (const auto& [path, why] : files.odd) complain(fmt::format("{}: {}", path, why));
  }

  Loaded load(const Source& source, const load::Loader& loader) {
    Loaded loaded;
    loaded.source = load_source(source, &loader);
    if (machine_) add_machine_sources(loaded.source);
    loaded.trouble = !loaded.source.errors.empty();
    if (!complained_) {
      for (const Diagnostic& error : loaded.source.errors) complain(error);
      if (format_ == ListFormat::kJson || differences_) tell_odd(loaded.source.files);
    }
    complained_ = true;
    const load::Configuration& configuration = loaded.source.files.configuration;
    loaded.empty = configuration.files.empty() && loaded.trouble;
    if (loaded.empty) return loaded;
    rules::Target target = target_;
    if (settings_.host_values) add_host_values(no_rules_, configuration, target);
    loaded.shown = show_configuration(loader, configuration, target, versions_);
    return loaded;
  }

  /// Each loader reads the files that it would read: they differ by loader, too.
  int show_differences(const Source& source) {
    std::vector<Loaded> all;
    bool trouble = false;
    for (const load::Loader& loader : load::loaders()) {
      all.push_back(load(source, loader));
      trouble = trouble || all.back().trouble;
    }
    std::vector<LoaderView> views;
    for (const Loaded& one : all) {
      if (!one.empty) views.push_back({&one.shown, &one.source.files});
    }
    const std::string text = format_ == ListFormat::kJson ? differences_json(views, kernel_)
                                                          : differences_text(views, kernel_name());
    return print(text, trouble ? kTrouble : kClean);
  }

  const Settings& settings_;
  bool machine_;
  bool differences_;
  ListFormat format_;
  rules::Target target_;
  std::vector<kernel::Version> versions_;
  std::string kernel_;
  rules::RuleSet no_rules_;
  bool complained_ = false;
};

}  // namespace

int run_show(const Invocation& invocation) {
  const Result<ListFormat> format = list_format(invocation, {ListFormat::kText, ListFormat::kJson});
  if (!format) return misuse(format.error());
  Result<Settings> read = settings_of(invocation);
  if (!read) return misuse(read.error());
  Settings settings = std::move(read).value();
  if (invocation.has(OptionId::kDiffLoaders) && settings.loader != nullptr) {
    return misuse("--diff-loaders compares every loader; it does not go with --loader");
  }
  if (settings.loader == nullptr) settings.loader = *load::find_loader("systemd");
  bool trouble = false;
  const std::vector<Source> sources = sources_of(invocation, settings, trouble);
  if (sources.size() > 1 && *format == ListFormat::kJson) {
    return misuse(
        fmt::format("{} configurations are no single document; name one of them", sources.size()));
  }
  Show show(invocation, settings, *format);
  if (!show.has_kernels()) return misuse("--kernel: no kernel lies in that range");
  for (const Source& source : sources) {
    if (show.show(source) != kClean) trouble = true;
  }
  return trouble ? kTrouble : kClean;
}

}  // namespace proctor::cli
