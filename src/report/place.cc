#include "report/place.h"

#include <fmt/core.h>

#include "text/text.h"

namespace proctor::report {

Place place_of(const Part& part, uint32_t file, Span span) {
  const conf::Document& document = *part.files[file];
  return {document.name(), document.position(span.begin), document.position(span.end)};
}

std::string target_names(const Run& run, const Entry& entry) {
  std::string out;
  if (entry.for_all) return out;
  for (const uint32_t target : entry.targets) {
    out += (out.empty() ? "" : ", ") + run.targets[target].name;
  }
  return out;
}

std::string message_of(const Run& run, const Entry& entry) {
  const std::string names = target_names(run, entry);
  if (names.empty()) return entry.finding.message;
  return fmt::format("{} (for {})", entry.finding.message, names);
}

bool is_whole_file(const rules::Finding& finding) {
  return finding.span.empty() && finding.span.begin == 0;
}

std::string_view source_line(const Part& part, uint32_t file, Span span) {
  const conf::Document& document = *part.files[file];
  if (document.lines().empty()) return {};
  const Span whole = document.lines().whole(document.line_index(span.begin));
  std::string_view line = document.text(whole);
  for (const char end : {'\n', '\r'}) {
    if (!line.empty() && line.back() == end) line.remove_suffix(1);
  }
  return line;
}

std::string source_text(const Part& part, uint32_t file, Span span) {
  constexpr size_t kMost = 200;
  std::string_view line = trim(source_line(part, file, span));
  return std::string(line.substr(0, kMost)) + (line.size() > kMost ? "..." : "");
}

}  // namespace proctor::report
