#include "advise/tune_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "conf/document.h"
#include "rules/engine.h"
#include "text/text.h"

namespace proctor::advise {
namespace {

constexpr size_t kWidth = 100;

/// A comment, broken at blanks.
void comment(std::string& out, std::string_view text, std::string_view indent = "# ") {
  std::string line(indent);
  const std::string further = "#" + std::string(indent.size() - 1, ' ');
  bool empty = true;
  for (const std::string_view word : split_blanks(text)) {
    if (!empty && line.size() + 1 + word.size() > kWidth) {
      out += line + '\n';
      line = further;
      empty = true;
    }
    if (!empty) line += ' ';
    line += word;
    empty = false;
  }
  out += line + '\n';
}

std::string needs_text(const TunedLine& line, const TuneFileInfo& info) {
  if (line.needs.empty()) return "what decides is not known";
  std::string out;
  for (const std::string& need : line.needs) {
    const std::string option = info.option_of ? info.option_of(need) : std::string();
    out += out.empty() ? "needs " : ", ";
    out += option.empty() ? need : fmt::format("{} ({})", need, option);
  }
  if (!line.why.empty()) out += fmt::format(": {}", line.why);
  return out;
}

void settings(std::string& out, const Tuning& tuning) {
  std::string_view group;
  const Setting* setting = nullptr;
  for (const TunedLine& line : tuning.lines) {
    if (line.fate != Fate::kWritten) continue;
    if (line.setting->group != group) {
      group = line.setting->group;
      fmt::format_to(std::back_inserter(out), "\n## {}\n", group);
    }
    if (line.setting != setting) comment(out, line.setting->reason);
    setting = line.setting;
    fmt::format_to(std::back_inserter(out), "{} = {}\n", line.key, line.value);
  }
}

void omitted(std::string& out, const Profile& profile, const Tuning& tuning,
             const TuneFileInfo& info) {
  std::string lines;
  for (const TunedLine& line : tuning.lines) {
    if (line.fate == Fate::kWritten) continue;
    const std::string value = line.value.empty() ? "" : " = " + line.value;
    comment(lines, fmt::format("{}{}: {}", line.key, value, omission(line, info)));
  }
  if (!lines.empty()) out += "\n## Not written\n" + lines;
  lines.clear();
  for (const Avoided& avoided : profile.avoided) {
    comment(lines, fmt::format("{}: {}", avoided.key, avoided.why));
  }
  if (!lines.empty()) out += "\n## Left alone\n" + lines;
}

}  // namespace

std::string tune_file_name(std::string_view profile) {
  // 99-protect-links.conf and 99-sysctl.conf of Debian sort before it.
  return fmt::format("99-zz-proctor-{}.conf", profile);
}

std::string omission(const TunedLine& line, const TuneFileInfo& info) {
  switch (line.fate) {
    case Fate::kWritten:
      return {};
    case Fate::kDefault:
      return "the kernel's default already";
    case Fate::kCondition:
      return line.setting->when ? fmt::format("only where {}", line.setting->when->source)
                                : std::string("its condition does not hold");
    case Fate::kLacking:
      return fmt::format("the kernel has no such key ({})", line.why);
    case Fate::kRefused:
      return fmt::format("the kernel would refuse it ({})", line.why);
    case Fate::kUnknown:
      break;
  }
  return needs_text(line, info);
}

bool asserts_defaults(const rules::RuleSet& rules, const TuneRequest& request,
                      const std::string& text) {
  const conf::Document document = conf::Document::parse("", text);
  load::Configuration configuration;
  configuration.files.emplace_back().document = &document;
  const rules::Report report = rules::judge(rules, configuration, request.target, {});
  return std::ranges::any_of(report.findings, [](const rules::Finding& finding) {
    return finding.rule == "value/default";
  });
}

std::string tune_file(const Profile& profile, const Tuning& tuning, const TuneFileInfo& info) {
  std::string out;
  comment(out, fmt::format("{}: {}, {}", info.name, profile.title, info.machine));
  fmt::format_to(std::back_inserter(out), "# {}\n", info.command);
  if (info.asserts) {
    out += "# proctor: ignore value/default -- defaults that matter here are written out\n";
  }
  settings(out, tuning);
  if (info.omitted) omitted(out, profile, tuning, info);
  if (info.advice && !tuning.advice.empty()) {
    out += "\n## Beside this file\n";
    for (const std::string& advice : tuning.advice) comment(out, advice, "# * ");
  }
  if (info.undo_file.empty()) {
    fmt::format_to(std::back_inserter(out),
                   "\n# before: {}\n# load:   sysctl -p {}\n# undo:   sysctl -p UNDO.conf\n",
                   info.undo_command, info.path);
  } else {
    fmt::format_to(std::back_inserter(out), "\n# load: sysctl -p {}\n# undo: sysctl -p {}\n",
                   info.path, info.undo_file);
  }
  return out;
}

}  // namespace proctor::advise
