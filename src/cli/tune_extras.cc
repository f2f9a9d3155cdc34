#include "cli/tune_extras.h"

#include <fmt/core.h>

#include <array>
#include <filesystem>
#include <iterator>
#include <system_error>

#include "advise/compare.h"
#include "advise/undo.h"
#include "cli/discover.h"
#include "cli/judging.h"
#include "report/escape.h"
#include "rules/scenario.h"
#include "text/file.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

using advise::Change;
using advise::ComparedLine;

std::string_view title_of(Change change) {
  constexpr std::array<std::string_view, 4> kTitles = {"kept", "changed", "added", "dropped"};
  return kTitles[static_cast<size_t>(change)];
}

constexpr unsigned kIndent = 6;

/// The line without its reasons.
std::string assignment_text(const ComparedLine& line) {
  const std::string number = line.line == 0 ? std::string() : std::to_string(line.line);
  std::string values = line.change == Change::kAdded ? line.new_value : line.old_value;
  if (line.change == Change::kChanged) values += " -> " + line.new_value;
  return fmt::format("{:>{}}  {} = {}\n", number, kIndent - 2, report::printable(line.key),
                     report::printable(values));
}

/// Lines of one kind; what has the same reasons as the line before shares them.
std::string section_text(const std::vector<ComparedLine>& lines, Change change, unsigned width) {
  std::string out;
  size_t count = 0;
  const std::string indent(kIndent + 2, ' ');
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].change != change) continue;
    ++count;
    out += assignment_text(lines[i]);
    const bool shared = i + 1 < lines.size() && lines[i + 1].change == change &&
                        lines[i + 1].reasons == lines[i].reasons;
    if (shared) continue;
    for (const std::string& reason : lines[i].reasons) {
      fmt::format_to(std::back_inserter(out), "{}{}\n", indent,
                     report::wrap(reason, width - kIndent - 2, indent));
    }
  }
  return fmt::format("\n{} ({})\n{}", title_of(change), count, out);
}

}  // namespace

std::string companions_text(const advise::Tuning& tuning) {
  std::string out;
  for (const advise::CompanionFile& file : tuning.companions) {
    fmt::format_to(std::back_inserter(out), "\n## {}\n# {}\n", file.path, file.reason);
    std::string_view content = file.content;
    while (content.ends_with('\n')) content.remove_suffix(1);
    for (const std::string_view line : split(content, '\n')) {
      fmt::format_to(std::back_inserter(out), "#   {}\n", line);
    }
  }
  return out;
}

std::string write_companions(const advise::Tuning& tuning, std::string_view folder) {
  namespace fs = std::filesystem;
  for (const advise::CompanionFile& file : tuning.companions) {
    const fs::path path = fs::path(folder) / fs::path(file.path).relative_path();
    std::error_code code;
    fs::create_directories(path.parent_path(), code);
    if (code) return fmt::format("{}: {}", path.parent_path().string(), code.message());
    const std::string text = fmt::format("# {}\n{}", file.reason, file.content);
    const std::string error = write_file(path.string(), text);
    if (!error.empty()) return fmt::format("{}: {}", path.string(), error);
  }
  return {};
}

Result<std::string> undo_text(const advise::TuneRequest& request, const advise::Tuning& tuning,
                              std::string_view name, std::string_view machine) {
  if (request.target.running.empty()) {
    return Error{"--undo needs the present values: --host, --snapshot FILE or --running FILE"};
  }
  std::vector<std::pair<std::string, std::string>> lines;
  for (const advise::TunedLine& line : tuning.lines) {
    if (line.fate == advise::Fate::kWritten) lines.emplace_back(line.key, line.value);
  }
  const kernel::State now = rules::start_state(request.target, tuning.segments.back().version);
  std::string out =
      fmt::format("# {}: the values before the profile {}, {}\n# load: sysctl -p {}\n\n", name,
                  request.profile->name, machine, name);
  for (const advise::UndoLine& line : advise::undo_lines(now, lines)) {
    if (line.why_not.empty()) {
      out += fmt::format("{} = {}\n", line.key, line.value);
    } else {
      out += fmt::format("# {}{}{}: {}\n", line.key, line.value.empty() ? "" : " = ", line.value,
                         line.why_not);
    }
  }
  return out;
}

Result<std::string> comparison_text(const advise::TuneRequest& request,
                                    const advise::Tuning& tuning, const rules::RuleSet& rules,
                                    const std::string& path, const advise::TuneFileInfo& info,
                                    unsigned width) {
  Source source;
  source.kind = path == "-" ? Source::Kind::kStandardInput : Source::Kind::kFile;
  source.path = path == "-" ? "<stdin>" : path;
  const LoadedSource loaded = load_source(source, request.target.loader);
  if (!loaded.errors.empty()) return Error{fmt::format("{}: {}", path, loaded.errors[0].message)};
  const load::Configuration& configuration = loaded.files.configuration;
  const rules::Report report = rules::judge(rules, configuration, request.target, {});
  const std::vector<ComparedLine> lines = advise::compare(
      *request.profile, tuning, *configuration.files.front().document, report, info);
  std::string out =
      fmt::format("{} -> {}, {}\n", report::printable(path), request.profile->name, info.machine);
  for (const Change change : {Change::kKept, Change::kChanged, Change::kAdded, Change::kDropped}) {
    out += section_text(lines, change, width);
  }
  return out;
}

}  // namespace proctor::cli
