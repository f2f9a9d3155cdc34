#include "report/place.h"

#include <algorithm>

#include "text/text.h"

namespace proctor::report {

Place place_of(const Part& part, uint32_t file, Span span) {
  const conf::Document& document = *part.files[file];
  return {document.name(), document.position(span.begin), document.position(span.end)};
}

std::string_view source_line(const Part& part, uint32_t file, Span span) {
  const conf::Document& document = *part.files[file];
  const auto after = std::upper_bound(
      document.lines().begin(), document.lines().end(), span.begin,
      [](uint32_t offset, const conf::Line& line) { return offset < line.whole.begin; });
  if (after == document.lines().begin()) return {};
  return document.text((after - 1)->text);
}

std::string source_text(const Part& part, uint32_t file, Span span) {
  constexpr size_t kMost = 200;
  std::string_view line = trim(source_line(part, file, span));
  return std::string(line.substr(0, kMost)) + (line.size() > kMost ? "..." : "");
}

std::string_view level_of(rules::Severity severity) {
  switch (severity) {
    case rules::Severity::kError:
      return "error";
    case rules::Severity::kWarning:
      return "warning";
    case rules::Severity::kInfo:
      break;
  }
  return "info";
}

}  // namespace proctor::report
