#include "text/span.h"

#include <algorithm>
#include <cstring>

#include "text/text.h"

namespace proctor {

LineIndex::LineIndex(std::string_view text) : text_(text), starts_{0} {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    const void* lf = std::memchr(at, '\n', static_cast<size_t>(end - at));
    if (lf == nullptr) break;
    at = static_cast<const char*>(lf) + 1;
    starts_.push_back(static_cast<uint32_t>(at - text.data()));
  }
}

Position LineIndex::position(uint32_t offset) const {
  offset = std::min(offset, static_cast<uint32_t>(text_.size()));
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const uint32_t start = *(after - 1);
  return {static_cast<uint32_t>(after - starts_.begin()),
          column_count(text_.substr(start, offset - start)) + 1};
}

uint32_t LineIndex::offset(Position position) const {
  if (position.line == 0) return 0;
  if (position.line > starts_.size()) return static_cast<uint32_t>(text_.size());
  const uint32_t start = starts_[position.line - 1];
  const std::string_view bytes = line(position.line);
  uint32_t at = 0;
  for (uint32_t column = 1; column < position.column && at < bytes.size(); ++column) {
    at += static_cast<uint32_t>(std::max<size_t>(1, utf8_length(bytes.substr(at))));
  }
  return start + at;
}

std::string_view LineIndex::line(uint32_t number) const {
  if (number == 0 || number > starts_.size()) return {};
  const uint32_t start = starts_[number - 1];
  const size_t end = number < starts_.size() ? starts_[number] - 1U : text_.size();
  return text_.substr(start, end - start);
}

uint32_t column_count(std::string_view bytes) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::ranges::all_of(bytes, is_ascii)) return static_cast<uint32_t>(bytes.size());
  uint32_t columns = 0;
  for (size_t at = 0; at < bytes.size(); ++columns) {
    at += std::max<size_t>(1, utf8_length(bytes.substr(at)));
  }
  return columns;
}

}  // namespace proctor
