#include "cli/baselines.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>

#include "cli/paths.h"
#include "report/escape.h"
#include "rules/render.h"
#include "rules/selection.h"
#include "text/file.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

std::string folder_of(std::string_view path) {
  const std::string whole = absolute_path(path);
  return whole.substr(0, std::max<size_t>(whole.rfind('/'), 1));
}

/// What a baseline in `folder` calls a file.
std::string name_in(const std::string& folder, std::string_view file) {
  return report::printable(relative_path(absolute_path(file), folder));
}

bool is_there(const std::string& folder, const std::string& file) {
  // The name of a file whose bytes are no text stands escaped.
  return file.find("\\x") != std::string::npos ||
         ::access(absolute_path(join_path(folder, file)).c_str(), F_OK) == 0;
}

/// Ids of earlier versions of the program become those of today.
void rename_rules(const rules::RuleSet& rules, std::vector<report::Known>& known) {
  for (report::Known& each : known) {
    std::string& id = each.cause.second.rule;
    if (const auto rule = rules.find(id)) id = rules.id(*rule);
  }
}

struct ReadFile {
  std::string text;
  std::vector<report::Known> known;
};

/// nullopt: `problem` says what is wrong; without a file: that it cannot be read.
std::optional<ReadFile> read(const std::string& path, Diagnostic& problem) {
  Result<std::string> text = read_file(path);
  if (!text) {
    problem = {"", {}, {}, fmt::format("{} {}", path, text.error()), ""};
    return std::nullopt;
  }
  ReadFile file{std::move(text).value(), {}};
  report::BaselineRead found = report::read_baseline(path, file.text);
  if (found.problem) {
    problem = *std::move(found.problem);
    return std::nullopt;
  }
  file.known = std::move(found.known);
  return file;
}

}  // namespace

/// A baseline in force.
struct Baselines::Reader {
  const Project* project;  ///< The first that it holds for.
  std::string path;
  std::string folder;  ///< Of the baseline, absolute.
  conf::Document document;
  report::Baseline baseline;
};

/// The baseline to be.
struct Baselines::Writer {
  Writer(std::string where, report::BaselineWriter collected, const std::string& path)
      : folder(std::move(where)), baseline(std::move(collected)), file(path) {}

  std::string folder;
  report::BaselineWriter baseline;
  FileWriter file;
};

Baselines::Baselines(const Settings& settings, const Workspace& space,
                     std::vector<Diagnostic>& problems)
    : settings_(settings), space_(space) {
  if (!settings.new_baseline.empty()) {
    prepare(problems);
    return;
  }
  if (settings.no_baseline) return;
  for (const auto& project : space.projects) {
    if (!settings.baseline.empty()) {
      add(*project, settings.baseline, nullptr, problems);
    } else if (project->file.baseline) {
      const Named& named = *project->file.baseline;
      add(*project, join_path(project->file.folder, named.text), &named, problems);
    }
  }
  sort_unique(problems);
}

Baselines::~Baselines() = default;

report::Run::Baseline Baselines::kind() const {
  if (writer_) return report::Run::Baseline::kWritten;
  return readers_.empty() ? report::Run::Baseline::kNone : report::Run::Baseline::kRead;
}

void Baselines::prepare(std::vector<Diagnostic>& problems) {
  const std::string& path = settings_.new_baseline;
  std::vector<report::Known> old;
  Diagnostic problem;
  if (::access(path.c_str(), F_OK) == 0) {
    std::optional<ReadFile> file = read(path, problem);
    if (!file) {
      if (problem.file.empty()) problem.message = "--write-baseline: " + problem.message;
      problems.push_back(std::move(problem));
      return;
    }
    old = std::move(file->known);
    rename_rules(space_.projects.front()->loaded.rules, old);
  }
  std::string folder = folder_of(path);
  const auto there = [folder](const std::string& name) { return is_there(folder, name); };
  writer_ = std::make_unique<Writer>(folder, report::BaselineWriter(std::move(old), there), path);
  if (const std::string& error = writer_->file.error(); !error.empty()) {
    problems.push_back({"", {}, {}, fmt::format("--write-baseline: {} {}", path, error), ""});
  }
}

void Baselines::add(const Project& project, const std::string& path, const Named* named,
                    std::vector<Diagnostic>& problems) {
  for (const auto& reader : readers_) {
    if (reader->path == path) {
      reader_of_[&project] = reader.get();
      return;
    }
  }
  Diagnostic problem;
  std::optional<ReadFile> file = read(path, problem);
  if (!file) {
    if (problem.file.empty()) {
      problem = named == nullptr
                    ? Diagnostic{"", {}, {}, "--baseline: " + problem.message, ""}
                    : project.file.diagnostic(named->span, "the baseline " + problem.message);
    }
    problems.push_back(std::move(problem));
    return;
  }
  rename_rules(project.loaded.rules, file->known);
  std::string folder = folder_of(path);
  const auto there = [&](const std::string& name) { return is_there(folder, name); };
  report::Baseline baseline(std::move(file->known), there);
  readers_.push_back(std::make_unique<Reader>(
      Reader{&project, path, folder, conf::Document::parse(path, std::move(file->text)),
             std::move(baseline)}));
  reader_of_[&project] = readers_.back().get();
}

void Baselines::take_known(JudgedUnit& unit) {
  report::Part& part = unit.part;
  if (writer_) {
    std::vector<std::string> names;
    for (const conf::Document* file : part.files) {
      names.push_back(name_in(writer_->folder, file->name()));
    }
    part.known += static_cast<uint32_t>(writer_->baseline.take_all(part, names));
    return;
  }
  for (const auto& reader : readers_) {
    std::vector<std::string> names(part.files.size());
    bool any = false;
    for (size_t i = 0; i < unit.projects.size(); ++i) {
      const auto of = reader_of_.find(unit.projects[i]);
      if (of == reader_of_.end() || of->second != reader.get()) continue;
      names[i] = name_in(reader->folder, part.files[i]->name());
      any = true;
    }
    if (any) part.known += static_cast<uint32_t>(reader->baseline.take_known(part, names));
  }
}

bool Baselines::is_below_roots(const std::string& path) const {
  return std::ranges::any_of(space_.roots, [&](const std::string& root) {
    return !relative_path(path, root).starts_with("..");
  });
}

/// Silence of a rule that was not asked, for a target that was not asked about, says nothing.
bool Baselines::may_say(const Project& project, const std::string& folder,
                        const report::Known& known, bool gone) const {
  if (gone) return is_below_roots(absolute_path(join_path(folder, known.cause.first)));
  if (!settings_.targets.empty()) return false;
  const rules::RuleSet& rules = project.loaded.rules;
  const auto rule = rules.find(known.cause.second.rule);
  if (!rule) return true;
  if (rules.disabled(*rule)) return false;
  return std::ranges::any_of(space_.targets, [&](const rules::Target& target) {
    const auto roles = rules.expand_roles(target.facts.roles());
    return roles.ok() && rules::speaks(rules.rule(*rule), project.selection, *roles);
  });
}

std::optional<rules::Finding> Baselines::finding_of(const Reader& reader,
                                                    const report::Baseline::Stale& stale) const {
  const Project& project = *reader.project;
  const rules::RuleSet& rules = project.loaded.rules;
  const auto index = rules.find(kStaleRule);
  if (!index || rules.disabled(*index)) return std::nullopt;
  const rules::Rule& rule = rules.rule(*index);
  const bool ignored = std::ranges::any_of(
      project.selection.ignore, [&](const auto& name) { return rules::names_rule(name, rule); });
  const auto& quiet = project.selection.quiet;
  if (ignored || (quiet && quiet(kStaleRule, reader.path))) return std::nullopt;

  const auto& [file, cause] = stale.known->cause;
  std::string change = "is not found any more";
  if (stale.gone) {
    change += ": the file is gone";
  } else if (!rules.find(cause.rule)) {
    change += ": no rule is called so";
  } else if (stale.found > 0) {
    change =
        fmt::format("is found {} only, not {}",
                    stale.found == 1 ? "once" : report::counted(stale.found, "time"), stale.count);
  }
  constexpr size_t kMost = 80;
  std::string line = cause.line;
  if (line.size() > kMost) line = line.substr(0, kMost) + "...";
  const std::vector<std::string> variables = {cause.rule, std::move(line), file, std::move(change)};
  rules::Finding finding = rules::finding_of(rule, variables);
  finding.span = stale.known->span;
  return finding;
}

std::vector<Baselines::Stale> Baselines::stale() const {
  std::vector<Stale> out;
  for (const auto& reader : readers_) {
    const Project& project = *reader->project;
    const auto asked = [&](const report::Known& known, bool gone) {
      return may_say(project, reader->folder, known, gone);
    };
    Stale stale;
    stale.part.judged = false;
    stale.part.files = {&reader->document};
    for (const report::Baseline::Stale& each : reader->baseline.stale(asked)) {
      std::optional<rules::Finding> finding = finding_of(*reader, each);
      if (!finding) continue;
      stale.fails = stale.fails || (project.fail_on && finding->severity >= *project.fail_on);
      report::Entry& entry = stale.part.entries.emplace_back();
      entry.finding = *std::move(finding);
      for (uint32_t target = 0; target < space_.targets.size(); ++target) {
        entry.targets.push_back(target);
      }
    }
    report::sort_part(stale.part);
    if (!stale.part.entries.empty()) out.push_back(std::move(stale));
  }
  std::ranges::sort(out, {}, [](const Stale& each) { return each.part.files.front()->name(); });
  return out;
}

std::string Baselines::write() {
  if (!writer_) return {};
  const Project& project = *space_.projects.front();
  writer_->file.append(writer_->baseline.text([&](const report::Known& known, bool gone) {
    return may_say(project, writer_->folder, known, gone);
  }));
  const std::string error = writer_->file.commit();
  if (error.empty()) return {};
  return fmt::format("--write-baseline: {} {}", settings_.new_baseline, error);
}

}  // namespace proctor::cli
