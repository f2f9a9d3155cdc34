#include "load/session.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "load/glob.h"
#include "load/outcome_notes.h"

namespace proctor::load {

namespace {

std::string_view program_name(Program program) {
  switch (program) {
    case Program::kProcps:
      return "procps";
    case Program::kSystemd:
      return "systemd-sysctl";
    case Program::kBusybox:
      return "busybox";
  }
  return "";
}

}  // namespace

Session::Session(const Configuration& configuration, const ProcTree& tree, LoadResult& result)
    : configuration_(configuration),
      result_(result),
      traits_(*result.loader->traits),
      tree_(tree),
      notes_(result),
      writer_(result, tree_, notes_, configuration),
      parser_(traits_) {}

/// Most lines are assignments, and to move many of those takes longer than all else.
void Session::make_room() {
  constexpr size_t kEnough = 1 << 16;
  size_t lines = 0;
  for (const SourceFile& file : configuration_.files) {
    if (file.document != nullptr) lines += file.document->lines().size();
  }
  result_.assignments.reserve(std::min(lines, kEnough));
}

void Session::run() {
  const kernel::State start = result_.final_state;
  make_room();
  for (uint32_t i = 0; i < configuration_.files.size(); ++i) {
    if (traits_.file_by_file) writer_.restart();
    read_file(i);
  }
  apply_collected();
  result_.exit_status = writer_.status() & 0xFF;
  writer_.finish(start);
  note_outcomes(configuration_, result_, notes_);
  notes_.finish();
}

void Session::read_file(uint32_t index) {
  const SourceFile& file = configuration_.files[index];
  if (result_.given_up) return;
  if (file.kind == SourceKind::kUnread) return;
  if (file.document == nullptr) {
    cannot_open(index);
    return;
  }
  if (file.masked) {
    skip_rest(index, 0, "the file is hidden by " + file.masked_by);
    return;
  }
  if (file.kind == SourceKind::kCommandLine) {
    read_command_line(index);
    return;
  }
  const int before = writer_.status();
  read_lines(index);
  // systemd reads its credential without looking at what came of it.
  if (file.kind == SourceKind::kCredential || file.status_ignored) writer_.set_status(before);
}

void Session::cannot_open(uint32_t index) {
  const SourceFile& file = configuration_.files[index];
  if (file.masked || file.kind != SourceKind::kFile || file.open_error == 0) return;
  if (file.open_error == EISDIR) {
    writer_.add_status(traits_.folder_status);
    return;
  }
  if (file.open_error != ENOENT && file.open_error != ELOOP && file.open_error != ENOTDIR) {
    // Closed to us is not closed to root, as whom a loader runs.
    result_.exit_known = false;
    return;
  }
  const bool passes =
      configuration_.at_boot && ((file.open_error == ENOENT && traits_.vanished_passes) ||
                                 (file.open_error == ELOOP && traits_.loop_passes));
  if (!passes) writer_.add_status(traits_.no_file_status);
}

void Session::read_lines(uint32_t index) {
  const conf::Document& document = *configuration_.files[index].document;
  const conf::Lines lines = document.lines();
  LineReader reader(document.bytes(), traits_);
  LogicalLine line;
  uint32_t number = 0;
  const uint32_t read = configuration_.elsewhere.end_at(result_.final_state.machine().version).read;
  while (!result_.given_up && reader.next(line)) {
    while (number + 1 < lines.size() && lines.whole(number + 1).begin <= line.span.begin) ++number;
    if (traits_.stops_at_refusal && number >= read) {
      skip_rest(index, line.span.begin, std::string(kEndedBefore));
      return;
    }
    const ParsedLine parsed = parser_.parse(line.text);
    if (parsed.status != 0) writer_.add_status(parsed.status);
    const NotedLine here{document, line, parsed, lines[number], {index, number}};
    if (line.span.begin == here.parts.whole.begin) note_line(here, *result_.loader, notes_);
    if (parsed.result == LineResult::kSetting || parsed.result == LineResult::kExclusion) {
      take(here);
    } else {
      skip(here);
    }
    if (writer_.stopped()) {
      skip_rest(index, line.span.end, std::string(kEndedBefore));
      return;
    }
  }
  if (reader.overflow()) {
    writer_.add_status(traits_.bad_line_status);
    const Origin origin{index, static_cast<uint32_t>(document.line_index(line.span.end))};
    notes_.add("long-line", origin, document.lines().whole(origin.line),
               std::string(result_.loader->name) +
                   " gives the rest of the file up at a line of 1 MiB or more; its exit status is "
                   "1.");
    skip_rest(index, line.span.end, "systemd-sysctl gave the file up at a line of 1 MiB or more");
  }
}

uint32_t Session::add_assignment(Origin origin, Span span, std::string path, std::string value) {
  // The one that is over the limit is kept, so that every index has its assignment.
  if (result_.assignments.size() >= kMostAssignments) result_.given_up = origin;
  Assignment assignment;
  assignment.origin = origin;
  assignment.span = span;
  assignment.path = std::move(path);
  assignment.value = std::move(value);
  result_.assignments.push_back(std::move(assignment));
  return static_cast<uint32_t>(result_.assignments.size() - 1);
}

void Session::take(const NotedLine& line) {
  Entry entry;
  entry.origin = line.origin;
  entry.exclusion = line.parsed.result == LineResult::kExclusion;
  entry.setting.path = key_path(line.parsed.key, traits_, tree_);
  entry.setting.ignore_failure = line.parsed.ignore_failure;
  if (!entry.exclusion) {
    const bool glob = is_glob(entry.setting.path);
    entry.setting.assignment =
        add_assignment(line.origin, line.logical.span, entry.setting.path, line.parsed.value);
    result_.assignments.back().glob = traits_.globs && glob;
    if (line.parts.template_marker && configuration_.templates) {
      writer_.decide(entry.setting.assignment, Status::kUnknown, "a template fills it in");
      if (!glob) result_.final_state.set(entry.setting.path, kernel::Cell::unknown({}));
      return;
    }
    if (line.logical.joined) {
      skip_joined(line, "the backslash above joins it to the line before");
    }
  }
  if (traits_.collects_first) {
    collect(std::move(entry));
  } else if (!entry.exclusion) {
    writer_.write(entry.setting, entry.setting.path);
  }
}

/// Lines that look like assignments and of which the loader makes nothing are told of, too.
void Session::skip(const NotedLine& line) {
  if (line.logical.piece) return;
  if (line.parts.kind == conf::LineKind::kAssignment) {
    const std::string name(program_name(result_.loader->program));
    const uint32_t index = add_written(line.document, line.origin, line.parts);
    const bool filled = line.parts.template_marker && configuration_.templates;
    writer_.decide(index, filled ? Status::kUnknown : Status::kIgnored,
                   line.parsed.result == LineResult::kBad ? name + " takes the line for a mistake"
                                                          : name + " does not look at the line");
  }
  if (line.logical.joined) skip_joined(line, "the backslash above joins it to a comment");
}

/// An assignment as it is written, for lines that the loader does not take for one.
uint32_t Session::add_written(const conf::Document& document, Origin origin,
                              const conf::Line& parts) {
  return add_assignment(origin, parts.whole, kernel::dotted_to_path(document.text(parts.key)),
                        std::string(document.text(parts.value)));
}

void Session::skip_joined(const NotedLine& line, const std::string& reason) {
  const size_t last = line.document.line_index(line.logical.span.end - 1);
  for (size_t i = line.origin.line + 1; i <= last && !result_.given_up; ++i)
    skip_line(line.origin.file, i, reason);
}

void Session::skip_rest(uint32_t file, uint32_t from, const std::string& reason) {
  const conf::Document& document = *configuration_.files[file].document;
  const conf::Lines lines = document.lines();
  for (size_t i = document.line_index(from); i < lines.size() && !result_.given_up; ++i) {
    if (lines.whole(i).begin >= from) skip_line(file, i, reason);
  }
}

void Session::skip_line(uint32_t file, size_t line, const std::string& reason) {
  const conf::Document& document = *configuration_.files[file].document;
  const conf::Line parts = document.lines()[line];
  if (parts.kind != conf::LineKind::kAssignment) return;
  const uint32_t index = add_written(document, {file, static_cast<uint32_t>(line)}, parts);
  writer_.decide(index, Status::kIgnored, reason);
}

void Session::collect(Entry entry) {
  if (traits_.one_entry_per_key) {
    collect_once(std::move(entry));
    return;
  }
  named_.insert(entry.setting.path);
  if (entry.exclusion && traits_.glob_exclusions) {
    exclusion_globs_.push_back(entry.setting.path);
  }
  entries_.push_back(std::move(entry));
}

void Session::collect_once(Entry entry) {
  const auto found = by_path_.find(entry.setting.path);
  if (found != by_path_.end()) {
    Entry& before = entries_[found->second];
    const bool equal = before.exclusion == entry.exclusion &&
                       (entry.exclusion || result_.assignments[before.setting.assignment].value ==
                                               result_.assignments[entry.setting.assignment].value);
    if (equal) {
      before.setting.ignore_failure = before.setting.ignore_failure || entry.setting.ignore_failure;
      if (!entry.exclusion) {
        writer_.decide(entry.setting.assignment, Status::kIgnored,
                       "systemd-sysctl keeps the earlier line with the same value in its place");
        result_.assignments[entry.setting.assignment].by = before.origin;
      }
      return;
    }
    before.dropped = true;
    if (before.exclusion != entry.exclusion) note_exclusion(entry);
    if (!before.exclusion) {
      writer_.decide(before.setting.assignment,
                     entry.exclusion ? Status::kIgnored : Status::kOverridden,
                     entry.exclusion ? "a later exclusion takes the key out again"
                                     : "of several lines for one key only the last is written");
      result_.assignments[before.setting.assignment].by = entry.origin;
    }
  }
  by_path_[entry.setting.path] = entries_.size();
  entries_.push_back(std::move(entry));
}

/// An exclusion and a setting of one key: in systemd the later of the two lines counts.
void Session::note_exclusion(const Entry& entry) {
  const SourceFile& file = configuration_.files[entry.origin.file];
  const Span where = file.document->lines()[entry.origin.line].text;
  const std::string name(result_.loader->name);
  if (entry.exclusion) {
    notes_.add("exclusion-unsets", entry.origin, where,
               name +
                   " keeps the later line of a key: this exclusion takes an earlier setting out "
                   "again, without a message.");
  } else {
    notes_.add(
        "exclusion-undone", entry.origin, where,
        name + " keeps the later line of a key: this setting replaces an earlier exclusion.");
  }
}

bool Session::is_named(const std::string& path) const {
  if (traits_.one_entry_per_key) return by_path_.contains(path);
  if (named_.contains(path)) return true;
  for (const std::string& pattern : exclusion_globs_) {
    if (match_pattern(pattern, path, false)) return true;
  }
  return false;
}

/// procps writes a setting whether its key is excluded or not: exclusions are for patterns.
void Session::note_idle_exclusions() {
  std::unordered_set<std::string_view> set;
  for (const Entry& entry : entries_) {
    if (!entry.exclusion) set.insert(entry.setting.path);
  }
  for (const Entry& entry : entries_) {
    if (!entry.exclusion || !set.contains(entry.setting.path)) continue;
    const SourceFile& file = configuration_.files[entry.origin.file];
    notes_.add("exclusion-idle", entry.origin, file.document->lines()[entry.origin.line].text,
               std::string(result_.loader->name) +
                   " excludes keys from patterns only: the setting of this very key is written all "
                   "the same.");
  }
}

void Session::apply_collected() {
  if (!traits_.one_entry_per_key) note_idle_exclusions();
  for (const Entry& entry : entries_) {
    if (entry.exclusion || entry.dropped) continue;
    if (traits_.globs && is_glob(entry.setting.path)) {
      apply_glob(entry);
    } else {
      writer_.write(entry.setting, entry.setting.path);
    }
  }
}

void Session::apply_glob(const Entry& entry) {
  Assignment& assignment = result_.assignments[entry.setting.assignment];
  const GlobResult matches = glob(tree_, entry.setting.path, traits_.braces, traits_.sorted_globs);
  assignment.open_ended = matches.open_ended;
  if (matches.paths.empty()) {
    assignment.reason = matches.open_ended ? "which keys match is not known" : "no key matches";
    return;
  }
  for (const std::string& path : matches.paths) {
    if (is_named(path)) continue;
    writer_.write(entry.setting, path);
  }
  if (assignment.writes.empty() && assignment.reason.empty()) {
    assignment.reason = "every key that matches has a line of its own";
  }
}

void Session::read_command_line(uint32_t index) {
  const conf::Document& document = *configuration_.files[index].document;
  const std::string_view bytes = document.bytes();
  size_t at = 0;
  while (at < bytes.size()) {
    at = bytes.find_first_not_of(" \t\n\r\v\f", at);
    if (at == std::string_view::npos) break;
    // The kernel's next_arg(): blanks inside double quotes do not end an entry.
    size_t end = at;
    bool quoted = false;
    size_t equals = std::string_view::npos;
    for (; end < bytes.size(); ++end) {
      const char c = bytes[end];
      if (!quoted && (c == ' ' || (c >= '\t' && c <= '\r'))) break;
      if (c == '=' && equals == std::string_view::npos) equals = end;
      if (c == '"') quoted = !quoted;
    }
    const Span span{static_cast<uint32_t>(at), static_cast<uint32_t>(end)};
    std::string_view name = bytes.substr(at, std::min(equals, end) - at);
    std::string_view value =
        equals < end ? bytes.substr(equals + 1, end - equals - 1) : std::string_view();
    const auto unquote = [](std::string_view text) {
      if (text.starts_with('"')) text.remove_prefix(1);
      if (text.ends_with('"')) text.remove_suffix(1);
      return text;
    };
    at = end;
    if (name == "--") break;
    if (name.starts_with('"')) name.remove_prefix(1);
    value = unquote(value);
    if (!name.starts_with("sysctl.") && !name.starts_with("sysctl/")) continue;
    apply_parameter(index, span, name.substr(7), value);
  }
}

void Session::apply_parameter(uint32_t index, Span span, std::string_view name,
                              std::string_view value) {
  std::string path(name);
  for (char& c : path) c = c == '.' ? '/' : c;
  const conf::Document& document = *configuration_.files[index].document;
  const Origin origin{index, static_cast<uint32_t>(document.line_index(span.begin))};
  const uint32_t assignment = add_assignment(origin, span, path, std::string(value));
  if (value.empty()) {
    writer_.decide(assignment, Status::kFailed, "the kernel takes no empty value here");
    return;
  }
  if (result_.final_state.machine().version < kernel::Version{5, 8, 0, false}) {
    writer_.decide(assignment, Status::kIgnored, "kernels before 5.8 do not know sysctl.KEY=VALUE");
    return;
  }
  writer_.write_parameter({assignment, std::move(path), false});
}

LoadResult run(const Loader& loader, const Configuration& configuration,
               const kernel::State& start) {
  return run(loader, configuration, start, ProcTree(start));
}

LoadResult run(const Loader& loader, const Configuration& configuration, const kernel::State& start,
               const ProcTree& tree) {
  LoadResult result(loader, start);
  Session session(configuration, tree, result);
  session.run();
  return result;
}

}  // namespace proctor::load
