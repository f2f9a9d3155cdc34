// The two forms of `show`.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "cli/show_model.h"
#include "kernel/predict.h"
#include "report/escape.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

using kernel::WriteResult;
using load::Status;

std::string_view name_of(const load::FileSet& files, const load::Origin& origin) {
  const load::SourceFile& file = files.configuration.files[origin.file];
  return file.document != nullptr ? file.document->name() : file.path;
}

std::string place_json(const load::FileSet& files, const load::Origin& origin) {
  return fmt::format(R"("file": {}, "line": {})", report::json_string(name_of(files, origin)),
                     origin.line + 1);
}

std::string or_null(const std::optional<std::string>& text) {
  return text ? report::json_string(*text) : "null";
}

std::string write_json(const ShownAssignment::Write& write) {
  const std::string error = write.error && *write.error != 0
                                ? report::json_string(kernel::errno_name(*write.error))
                                : "null";
  return fmt::format(R"({{"path": {}, "value": {}, "errno": {}}})", report::json_string(write.path),
                     report::json_string(write.value), error);
}

std::string assignment_json(const ShownAssignment& shown, const load::FileSet& files) {
  std::string writes;
  for (const ShownAssignment::Write& write : shown.writes) {
    writes += (writes.empty() ? "" : ", ") + write_json(write);
  }
  const std::string by = shown.by ? "{" + place_json(files, *shown.by) + "}" : "null";
  const std::string error =
      shown.error != 0 ? report::json_string(kernel::errno_name(shown.error)) : "null";
  return fmt::format(
      R"({{{}, "key": {}, "value": {}, "status": "{}", "by": {}, "reason": {}, "writes": [{}], )"
      R"("kernel": {{"result": "{}", "errno": {}, "reads_back": {}}}}})",
      place_json(files, shown.origin), report::json_string(shown.key),
      report::json_string(shown.value), status_name(shown.status), by,
      report::json_string(shown.reason), writes, result_name(shown.result), error,
      or_null(shown.reads_back));
}

/// "all, default": what of the paths differs.
std::string parts_text(const ShownAssignment& shown) {
  std::string out;
  const std::vector<std::string_view> pattern = split(shown.key, '.');
  const size_t star = static_cast<size_t>(std::ranges::find_if(pattern,
                                                               [](std::string_view part) {
                                                                 return part.find_first_of("*?[") !=
                                                                        std::string_view::npos;
                                                               }) -
                                          pattern.begin());
  for (const ShownAssignment::Write& write : shown.writes) {
    const std::vector<std::string_view> parts = split(write.path, '/');
    out += out.empty() ? "" : ", ";
    out += star < parts.size() && parts.size() == pattern.size() ? parts[star]
                                                                 : std::string_view(write.path);
  }
  return out;
}

/// The reason, without what the words before it say already.
std::string reason_text(const ShownAssignment& shown) {
  std::string_view reason = shown.reason;
  const std::string answer = fmt::format("the kernel answers {}", kernel::errno_name(shown.error));
  if (reason.starts_with(answer)) reason.remove_prefix(answer.size());
  if (reason.starts_with(": ")) reason.remove_prefix(2);
  return reason.empty() ? "" : fmt::format(" ({})", reason);
}

/// The kernel puts tabs between the numbers of a vector, which say nothing to people.
std::string read_text(std::string text) {
  std::ranges::replace(text, '\t', ' ');
  return text;
}

std::string answer_text(const ShownAssignment& shown) {
  const std::string reason = reason_text(shown);
  switch (shown.result) {
    case WriteResult::kRejected:
      return fmt::format("rejected: {}{}", kernel::errno_name(shown.error), reason);
    case WriteResult::kMissing:
      return shown.reason.empty() ? "there is no such key" : shown.reason;
    case WriteResult::kAltered:
      return (shown.reads_back ? "reads back " + read_text(*shown.reads_back) : "altered") + reason;
    case WriteResult::kAccepted:
    case WriteResult::kUnknown:
      break;
  }
  return shown.reason;
}

std::string note_of(const ShownAssignment& shown, const load::FileSet& files) {
  switch (shown.status) {
    case Status::kOverridden: {
      if (!shown.by) return "overridden" + (shown.reason.empty() ? "" : ": " + shown.reason);
      const bool same = shown.by->file == shown.origin.file;
      return fmt::format("overridden by {}{}",
                         same ? "line " : std::string(name_of(files, *shown.by)) + ":",
                         shown.by->line + 1);
    }
    case Status::kIgnored:
      return "ignored: " + shown.reason;
    case Status::kFailed: {
      const bool refused =
          shown.result == WriteResult::kRejected || shown.result == WriteResult::kMissing;
      return refused ? answer_text(shown) : "failed: " + shown.reason;
    }
    case Status::kUnknown:
      return "unknown: " + shown.reason;
    case Status::kApplied:
      break;
  }
  if (shown.writes.size() > 1) {
    const std::string count = report::counted(shown.writes.size(), "write");
    // Of one key, whose kernel takes the value piece by piece.
    const bool pieces = std::ranges::all_of(shown.writes, [&](const ShownAssignment::Write& write) {
      return write.path == shown.writes.front().path;
    });
    return pieces ? count + reason_text(shown) : fmt::format("{}: {}", count, parts_text(shown));
  }
  return shown.result == WriteResult::kAltered ? answer_text(shown) : "";
}

std::string row(const ShownAssignment& shown, const load::FileSet& files, size_t widest) {
  const std::string text = report::printable(shown.key + " = " + shown.value);
  const std::string note = report::printable(note_of(shown, files));
  // Some characters take two columns, which only the formatter knows.
  const bool ascii = std::ranges::all_of(text, [](unsigned char c) { return c < 0x80; });
  std::string out = fmt::format("{:>4}  ", shown.origin.line + 1);
  out += ascii ? text : fmt::format("{:<{}}", text, widest);
  if (ascii && text.size() < widest) out.append(widest - text.size(), ' ');
  out += "  ";
  out += note;
  out.erase(out.find_last_not_of(' ') + 1);
  out += '\n';
  return out;
}

/// A file nobody opens, and why, in the columns of the assignments.
std::string file_note(std::string_view path, std::string_view why) {
  constexpr size_t kColumn = 42;
  return fmt::format("{:<{}}  {}\n", report::printable(path), kColumn, report::printable(why));
}

}  // namespace

std::string show_json(const Shown& shown, const load::FileSet& files, std::string_view kernel) {
  std::string out = fmt::format(
      "{{\n  \"version\": 1,\n  \"loader\": {},\n  \"kernel\": {},\n  \"exit_status\": {},\n"
      "  \"assignments\": [",
      report::json_string(shown.loader->name),
      kernel.empty() ? "null" : report::json_string(kernel),
      shown.exit_status ? fmt::format("{}", *shown.exit_status) : "null");
  std::string_view separator = "\n    ";
  for (const ShownAssignment& assignment : shown.assignments) {
    out += separator;
    out += assignment_json(assignment, files);
    separator = ",\n    ";
  }
  out += shown.assignments.empty() ? "],\n" : "\n  ],\n";
  out += "  \"effective\": {";
  separator = "\n    ";
  for (const auto& [key, value] : shown.effective) {
    fmt::format_to(std::back_inserter(out), "{}{}: {}", separator, report::json_string(key),
                   or_null(value));
    separator = ",\n    ";
  }
  return out + (shown.effective.empty() ? "}\n}\n" : "\n  }\n}\n");
}

std::string show_text(const Shown& shown, const load::FileSet& files, std::string_view kernel,
                      unsigned width) {
  size_t widest = 0;
  for (const ShownAssignment& one : shown.assignments) {
    widest = std::max(widest, one.key.size() + one.value.size() + 3);
  }
  widest = std::min<size_t>(widest, std::max(width / 2, 30U));
  std::string out;
  out.reserve(shown.assignments.size() * 2 * widest);
  std::string_view last;
  for (const ShownAssignment& one : shown.assignments) {
    const std::string_view name = name_of(files, one.origin);
    if (name != last) out += report::printable(name) + "\n";
    last = name;
    out += row(one, files, widest);
  }
  for (const load::SourceFile& file : files.configuration.files) {
    if (file.masked) out += file_note(file.document->name(), "masked by " + file.masked_by);
  }
  for (const load::FileSet::Unreadable& file : files.odd) out += file_note(file.path, file.why);
  for (const std::string& path : files.never_read) {
    out += file_note(path, fmt::format("never read by {}", shown.loader->name));
  }
  if (out.empty()) out = "There is no file that the loader reads.\n";
  out +=
      fmt::format("{} on Linux {}{}.\n", shown.loader->name, kernel,
                  !shown.exit_status        ? "; its exit status depends on what is not known"
                  : *shown.exit_status == 0 ? ""
                                            : fmt::format(", exit status {}", *shown.exit_status));
  return out;
}

}  // namespace proctor::cli
