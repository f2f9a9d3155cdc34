#include "report/paint.h"

#include "text/text.h"

namespace proctor::report {
namespace {

std::string_view code(Paint paint) {
  switch (paint) {
    case Paint::kBold:
      return "\x1B[1m";
    case Paint::kDim:
      return "\x1B[2m";
    case Paint::kRed:
      return "\x1B[1;31m";
    case Paint::kGreen:
      return "\x1B[32m";
    case Paint::kYellow:
      return "\x1B[1;33m";
    case Paint::kCyan:
      return "\x1B[1;36m";
  }
  return {};
}

}  // namespace

std::string painted(bool color, Paint paint, std::string_view text) {
  if (!color || text.empty()) return std::string(text);
  return std::string(code(paint)).append(text).append("\x1B[0m");
}

std::string painted_excerpt(std::string_view excerpt, Paint paint) {
  std::string out;
  size_t number = 0;
  for (const std::string_view line : split(excerpt, '\n')) {
    if (line.empty()) continue;
    const size_t bar = line.find('|');
    const std::string_view rest = line.substr(bar + 1);
    out += painted(true, Paint::kDim, line.substr(0, bar + 1));
    // Lines: an empty gutter, the source, the carets.
    out += number == 2 ? painted(true, paint, rest) : std::string(rest);
    out += '\n';
    ++number;
  }
  return out;
}

}  // namespace proctor::report
