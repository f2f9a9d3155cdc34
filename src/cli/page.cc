#include "cli/page.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "report/escape.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

constexpr unsigned kLabelWidth = 14;

}  // namespace

Page::Page(unsigned width) : width_(std::max(width, 50U)) {}

void Page::head(std::string_view name, std::string_view summary) {
  fmt::format_to(std::back_inserter(out_), "{}\n  {}\n\n", name,
                 report::wrap(summary, width_ - 2, "  "));
}

void Page::row(std::string_view label, std::string_view text) {
  if (text.empty()) return;
  if (label.size() >= kLabelWidth) {
    fmt::format_to(std::back_inserter(out_), "{}\n", label);
    label = "";
  }
  fmt::format_to(std::back_inserter(out_), "{:<{}}{}\n", label, kLabelWidth,
                 report::wrap(text, width_ - kLabelWidth, std::string(kLabelWidth, ' ')));
}

void Page::rows(std::string_view label, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    row(label, text);
    label = "";
  }
}

void Page::verbatim(std::string_view label, std::string_view lines) {
  while (lines.ends_with('\n')) lines.remove_suffix(1);
  for (const std::string_view line : split(lines, '\n')) {
    fmt::format_to(std::back_inserter(out_), "{:<{}}{}\n", label, kLabelWidth,
                   report::printable(line));
    label = "";
  }
}

void append_part(std::string& list, std::string_view text) {
  if (text.empty()) return;
  if (!list.empty()) list += ", ";
  list += text;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) append_part(list, text);
  return list;
}

}  // namespace proctor::cli
