#include "report/place.h"

#include "text/text.h"

namespace proctor::report {

Place place_of(const Part& part, uint32_t file, Span span) {
  const conf::Document& document = *part.files[file];
  return {document.name(), document.position(span.begin), document.position(span.end)};
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
