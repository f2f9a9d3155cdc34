#include "report/format.h"

#include <array>

#include "report/formats.h"

namespace proctor::report {
namespace {

constexpr std::array kFormats = {
    FormatInfo{"text", "for people: source excerpt, reason, fix", false, make_text},
    FormatInfo{"concise", "one line a finding, in the GNU error style", false, make_concise},
    FormatInfo{"json", "one document", false, make_json},
    FormatInfo{"jsonl", "one JSON object a line", false, make_jsonl},
    FormatInfo{"sarif", "SARIF 2.1.0, as code scanning reads it", true, make_sarif},
    FormatInfo{"github", "annotations of a GitHub workflow", false, make_github},
    FormatInfo{"gitlab", "GitLab's code quality report", false, make_gitlab},
    FormatInfo{"junit", "JUnit XML", false, make_junit},
    FormatInfo{"checkstyle", "Checkstyle XML", false, make_checkstyle},
    FormatInfo{"tap", "TAP version 13", false, make_tap},
    FormatInfo{"markdown", "a table for a comment", false, make_markdown},
};

}  // namespace

void Format::begin(Sink& /*sink*/) {}

void Format::add(const Piece& piece, Sink& sink) { sink.write(piece.text); }

void Format::end(const Totals& /*totals*/, Sink& /*sink*/) {}

std::span<const FormatInfo> formats() { return kFormats; }

const FormatInfo* find_format(std::string_view name) {
  for (const FormatInfo& format : kFormats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

}  // namespace proctor::report
