#include "rules/source.h"

#include <fmt/core.h>

#include "text/brief.h"
#include "text/text.h"

namespace proctor::rules {

Diagnostic Source::diagnostic(Span span, std::string message) const {
  constexpr size_t kMostExcerpt = 4096;
  const Position begin = index_.position(span.begin);
  std::string_view line = index_.line(begin.line);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return {name_, begin, index_.position(span.end), std::move(message),
          std::string(line.substr(0, kMostExcerpt))};
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates) {
  const std::string_view near = nearest(name, candidates);
  return near.empty() ? std::string() : fmt::format("; did you mean '{}'?", near);
}

std::string quoted(std::string_view text) {
  constexpr size_t kMost = 60;
  if (text.size() <= kMost) return fmt::format("'{}'", escape_bytes(text));
  return fmt::format("'{}...'", escape_bytes(cut_to(text, kMost)));
}

}  // namespace proctor::rules
