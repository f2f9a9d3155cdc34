#include "conf/document.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "text/scan.h"

namespace proctor::conf {

namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }

Span trimmed(std::string_view bytes, Span span) {
  while (span.begin < span.end && is_blank(bytes[span.begin])) ++span.begin;
  while (span.end > span.begin && is_blank(bytes[span.end - 1])) --span.end;
  return span;
}

uint32_t find_byte(std::string_view bytes, Span span, char wanted) {
  const size_t at = span.of(bytes).find(wanted);
  return at == std::string_view::npos ? span.end : span.begin + static_cast<uint32_t>(at);
}

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool has_pair(std::string_view text, std::string_view open, std::string_view close) {
  const size_t at = text.find(open);
  return at != std::string_view::npos &&
         text.find(close, at + open.size()) != std::string_view::npos;
}

/// "@NAME@", as autoconf and many installers write it.
bool has_at_name(std::string_view text) {
  for (size_t at = text.find('@'); at != std::string_view::npos;) {
    size_t end = at + 1;
    while (end < text.size() && is_name_byte(text[end])) ++end;
    if (end < text.size() && text[end] == '@' && end > at + 1) return true;
    at = text.find('@', end);
  }
  return false;
}

bool has_template_marker(std::string_view text) {
  // Most lines have none of the bytes that every marker needs.
  if (find_any<'{', '%', '@'>(text) == std::string_view::npos) return false;
  return has_pair(text, "{{", "}}") || has_pair(text, "{%", "%}") || has_pair(text, "<%", "%>") ||
         has_pair(text, "${", "}") || has_at_name(text);
}

}  // namespace

Line cut_line(std::string_view bytes, Span whole) {
  Line line;
  line.whole = whole;
  line.text = whole;
  if (!line.text.empty() && bytes[line.text.end - 1] == '\n') {
    --line.text.end;
    if (!line.text.empty() && bytes[line.text.end - 1] == '\r') --line.text.end;
  }
  if (line.text.empty()) {
    line.key = line.equals = line.value = line.comment = line.text;
    return line;
  }
  line.template_marker = has_template_marker(line.text.of(bytes));
  Span rest = line.text;
  if (rest.begin == 0 && rest.of(bytes).starts_with(kBom)) {
    rest.begin = static_cast<uint32_t>(kBom.size());
  }
  const Span content = trimmed(bytes, rest);
  line.key = line.equals = line.value = line.comment = {content.end, content.end};
  if (content.empty()) return line;
  const char first = bytes[content.begin];
  if (first == '#' || first == ';') {
    line.kind = LineKind::kComment;
    line.comment = {content.begin, line.text.end};
    line.key = line.equals = line.value = {content.begin, content.begin};
    return line;
  }
  line.dash = first == '-';
  const uint32_t key_begin = content.begin + (line.dash ? 1U : 0U);
  const uint32_t equals = find_byte(bytes, {key_begin, content.end}, '=');
  line.key = trimmed(bytes, {key_begin, equals});
  if (equals == content.end) {
    line.kind = LineKind::kBare;
    return line;
  }
  line.kind = LineKind::kAssignment;
  line.equals = {equals, equals + 1};
  line.value = trimmed(bytes, {equals + 1, content.end});
  return line;
}

Line Lines::operator[](size_t index) const {
  return cut_.empty() ? cut_line(bytes_, whole(index)) : cut_[index];
}

Span Lines::whole(size_t index) const {
  const uint32_t end =
      index + 1 < starts_.size() ? starts_[index + 1] : static_cast<uint32_t>(bytes_.size());
  return {starts_[index], end};
}

Document Document::parse(std::string name, std::string bytes) {
  Document document;
  document.name_ = std::move(name);
  document.bytes_ = std::move(bytes);
  const std::string_view all = document.bytes_;
  document.bom_ = all.starts_with(kBom);
  document.starts_.reserve(static_cast<size_t>(std::ranges::count(all, '\n')) + 1);
  for (size_t at = 0; at < all.size();) {
    document.starts_.push_back(static_cast<uint32_t>(at));
    const void* lf = std::memchr(all.data() + at, '\n', all.size() - at);
    if (lf == nullptr) break;
    at = static_cast<size_t>(static_cast<const char*>(lf) - all.data()) + 1;
  }
  constexpr size_t kFewLines = 2000;
  if (document.starts_.size() <= kFewLines) {
    document.cut_.reserve(document.starts_.size());
    for (size_t i = 0; i < document.starts_.size(); ++i) {
      document.cut_.push_back(cut_line(all, document.lines().whole(i)));
    }
  }
  return document;
}

size_t Document::line_index(uint32_t offset) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
  return after == starts_.begin() ? 0 : static_cast<size_t>(after - starts_.begin()) - 1;
}

Position Document::position(uint32_t offset) const {
  offset = std::min(offset, static_cast<uint32_t>(bytes_.size()));
  if (starts_.empty()) return {1, 1};
  if (offset == bytes_.size() && bytes_.back() == '\n') {
    return {static_cast<uint32_t>(starts_.size()) + 1, 1};
  }
  const size_t index = line_index(offset);
  const Span before{starts_[index], offset};
  return {static_cast<uint32_t>(index) + 1, column_count(before.of(bytes_)) + 1};
}

std::string_view Document::line_end() const {
  if (starts_.empty()) return "\n";
  const std::string_view first = lines().whole(0).of(bytes_);
  return first.ends_with("\r\n") ? "\r\n" : "\n";
}

bool apply_edits(std::string& bytes, std::vector<Edit> edits) {
  std::stable_sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) {
    if (a.span.begin != b.span.begin) return a.span.begin < b.span.begin;
    return a.span.empty() && !b.span.empty();
  });
  std::string out;
  out.reserve(bytes.size());
  uint32_t at = 0;
  for (const Edit& edit : edits) {
    if (edit.span.begin < at || edit.span.end < edit.span.begin || edit.span.end > bytes.size()) {
      return false;
    }
    out.append(bytes, at, edit.span.begin - at);
    out += edit.text;
    at = edit.span.end;
  }
  out.append(bytes, at);
  bytes = std::move(out);
  return true;
}

}  // namespace proctor::conf
