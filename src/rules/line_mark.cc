#include "rules/line_mark.h"

#include <charconv>

namespace proctor::rules {
namespace {

constexpr std::string_view kEnd = "\xef\xb7\x91";

void number_lines(std::string& text, std::span<const uint32_t> numbers) {
  for (size_t at = text.find(kLineMark); at != text.npos; at = text.find(kLineMark, at)) {
    const size_t digits = at + kLineMark.size();
    const size_t end = text.find(kEnd, digits);
    uint32_t line = 0;
    std::from_chars(text.data() + digits, text.data() + end, line);
    text.replace(at, end + kEnd.size() - at, std::to_string(numbers[line] + 1));
  }
}

}  // namespace

std::string name_of_line(uint32_t line, LineNames names) {
  if (names == LineNames::kNumber) return "line " + std::to_string(line + 1);
  return "line " + std::string(kLineMark) + std::to_string(line) + std::string(kEnd);
}

void number_lines(Report& report, std::span<const uint32_t> numbers) {
  for (Finding& finding : report.findings) {
    number_lines(finding.message, numbers);
    number_lines(finding.label, numbers);
    number_lines(finding.why, numbers);
    for (Related& related : finding.related) number_lines(related.message, numbers);
    for (Fix& fix : finding.fixes) {
      number_lines(fix.summary, numbers);
      for (FileEdit& edit : fix.edits) number_lines(edit.edit.text, numbers);
    }
  }
}

}  // namespace proctor::rules
