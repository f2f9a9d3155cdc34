#include "load/parse.h"

#include <algorithm>

namespace proctor::load {

namespace {

/// What isspace() takes in the C locale.
constexpr std::string_view kSpace = " \t\n\v\f\r";
/// systemd's WHITESPACE.
constexpr std::string_view kSystemdSpace = " \t\n\r";

std::string_view until_nul(std::string_view text) { return text.substr(0, text.find('\0')); }

bool is_one_of(char c, std::string_view set) {
  for (const char one : set) {
    if (one == c) return true;
  }
  return false;
}

std::string_view skip(std::string_view text, std::string_view blanks) {
  while (!text.empty() && is_one_of(text.front(), blanks)) text.remove_prefix(1);
  return text;
}

std::string_view strip(std::string_view text, std::string_view blanks) {
  text = skip(text, blanks);
  while (!text.empty() && is_one_of(text.back(), blanks)) text.remove_suffix(1);
  return text;
}

/// procps strips the end of a text but never its first byte.
std::string_view strip_end(std::string_view text, std::string_view blanks) {
  while (text.size() > 1 && is_one_of(text.back(), blanks)) text.remove_suffix(1);
  return text;
}

ParsedLine bad(int status) {
  ParsedLine line;
  line.result = LineResult::kBad;
  line.status = status;
  return line;
}

}  // namespace

ParsedLine LineParser::parse(std::string_view line) {
  switch (traits_.grammar) {
    case Grammar::kTokens:
      return parse_tokens(line);
    case Grammar::kSettings:
      return parse_setting(line);
    case Grammar::kAssignments:
      return parse_assignment(line);
    case Grammar::kTwoTokens:
      return parse_two_tokens(line);
  }
  return {};
}

/// Works on buffer_ as the program does on its own: positions are offsets into it, a NUL ends a
/// string, and bytes behind the line's NUL are those of longer lines before.
ParsedLine LineParser::parse_tokens(std::string_view line) {
  constexpr std::string_view kEndBlanks = " \t\n\r";
  if (!traits_.bare_key_writes) buffer_.clear();
  if (buffer_.size() < line.size() + 2) buffer_.resize(line.size() + 2);
  std::copy(line.begin(), line.end(), buffer_.begin());
  buffer_[line.size()] = '\0';
  if (traits_.lines == LineStyle::kWhole && line.size() < 2) return {};

  size_t end = until_nul(buffer_).size();
  while (end > 1 && is_one_of(buffer_[end - 1], kEndBlanks)) buffer_[--end] = '\0';
  size_t at = 0;
  while (at < end && is_one_of(buffer_[at], " \t")) ++at;
  if (end - at < 2 || is_one_of(buffer_[at], traits_.comments)) return {};

  // strtok(t, "="), then strtok(NULL, "\n\r").
  size_t name = at;
  while (name < end && buffer_[name] == '=') ++name;
  if (name == end) return bad(traits_.bad_line_status);
  const size_t equals = std::min(buffer_.find('=', name), end);
  std::string key(strip_end(std::string_view(buffer_).substr(name, equals - name), kEndBlanks));
  size_t rest = equals;
  if (equals < end) {
    buffer_[equals] = '\0';
    ++rest;
  }
  const bool reuses = traits_.bare_key_writes;
  if (reuses) {
    std::copy(key.begin(), key.end(), buffer_.begin());
    buffer_[key.size()] = '=';
  }
  const bool bare = equals == end;
  const bool leftover = bare && reuses && rest == key.size();
  std::string_view value = until_nul(std::string_view(buffer_).substr(rest));
  value = skip(value, "\n\r");
  value = value.substr(0, value.find_first_of("\n\r"));
  if (value.empty() || (bare && !leftover)) return bad(traits_.bad_line_status);
  value = skip(value, " \t");
  if (!reuses) return finish_tokens(key, value);
  const std::string moved = move_value(key.size() + 1, value);
  ParsedLine parsed = finish_tokens(key, moved);
  parsed.leftover = leftover;
  return parsed;
}

/// The program moves the value up to the key, in the buffer, and ends it where strlen() says that
/// the value ends by then: behind a bare key the move has written over its NUL, and what an earlier
/// line left there belongs to it.
std::string LineParser::move_value(size_t to, std::string_view value) {
  const auto from = static_cast<size_t>(value.data() - buffer_.data());
  const std::string copy(value);
  buffer_[from + copy.size()] = '\0';  // strtok() ends its token.
  if (buffer_.size() < to + copy.size() + 2) buffer_.resize(to + copy.size() + 2);
  std::copy(copy.begin(), copy.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(to));
  const size_t end = to + until_nul(std::string_view(buffer_).substr(from)).size();
  if (buffer_.size() < end + 2) buffer_.resize(end + 2);
  buffer_[end] = '\0';
  return std::string(until_nul(std::string_view(buffer_).substr(to)));
}

ParsedLine LineParser::finish_tokens(std::string_view name, std::string_view value) {
  if (value.empty() && traits_.empty_value_status != 0) return bad(traits_.empty_value_status);
  ParsedLine parsed;
  parsed.result = LineResult::kSetting;
  parsed.key = name;
  parsed.value = value;
  if (traits_.dash && name.starts_with('-')) {
    parsed.ignore_failure = true;
    parsed.key.erase(0, 1);
  }
  return parsed;
}

ParsedLine LineParser::parse_setting(std::string_view line) const {
  if (line.size() < 2) return {};
  std::string_view text = skip(until_nul(line), kSpace);
  if (text.size() < 2 || is_one_of(text.front(), traits_.comments)) return {};
  ParsedLine parsed;
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    if (text.front() != '-') return bad(traits_.bad_line_status);
    parsed.result = LineResult::kExclusion;
    parsed.key = strip_end(text.substr(1), kSpace);
  } else {
    parsed.result = LineResult::kSetting;
    std::string_view key = text.substr(0, equals);
    if (key.starts_with('-')) {
      parsed.ignore_failure = true;
      key.remove_prefix(1);
    }
    parsed.key = strip_end(key, kSpace);
    parsed.value = strip_end(skip(text.substr(equals + 1), kSpace), kSpace);
  }
  // The path is made from the key after one more dash, if there is one.
  if (parsed.key.starts_with('-')) parsed.key.erase(0, 1);
  return parsed;
}

ParsedLine LineParser::parse_assignment(std::string_view line) const {
  std::string_view text = strip(line, kSystemdSpace);
  if (text.empty() || is_one_of(text.front(), traits_.comments)) return {};
  const size_t equals = text.find('=');
  ParsedLine parsed;
  parsed.result = equals == std::string_view::npos ? LineResult::kExclusion : LineResult::kSetting;
  if (text.front() == '-') {
    parsed.ignore_failure = parsed.result == LineResult::kSetting;
    text.remove_prefix(1);
  } else if (parsed.result == LineResult::kExclusion) {
    return bad(traits_.bad_line_status);
  }
  const size_t split = text.find('=');
  parsed.key = strip(text.substr(0, split), kSystemdSpace);
  if (split != std::string_view::npos) {
    parsed.value = strip(text.substr(split + 1), kSystemdSpace);
  }
  return parsed;
}

ParsedLine LineParser::parse_two_tokens(std::string_view line) const {
  const std::string_view text = until_nul(line);
  const std::string_view start = skip(text, kSpace);
  if (start.empty() || is_one_of(start.front(), traits_.comments)) return {};
  // The second token is not looked for at the line's end or before a '#'.
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals + 1 == text.size() || text[equals + 1] == '#') {
    return bad(traits_.bad_line_status);
  }
  ParsedLine parsed;
  parsed.result = LineResult::kSetting;
  parsed.key = strip(text.substr(0, equals), kSpace);
  parsed.value = strip(text.substr(equals + 1), kSpace);
  // "=value" is a malformed setting.
  if (parsed.key.empty()) return bad(traits_.bad_line_status);
  return parsed;
}

}  // namespace proctor::load
