// From a scalar's decoded text back to the file.
//
// The YAML library gives a scalar's start and its text, nothing between. In every style the text is
// the source with some bytes left out (indentation, folded line ends, quotes) or replaced (escapes,
// a line end by a blank), and bytes that are not blank always stand for themselves or come from one
// escape. So both are walked together: blanks of the text take the blanks of the source that they
// meet, and before every other byte the walk skips whatever blanks the source has left.
#include <algorithm>

#include "rules/yaml.h"

namespace proctor::rules {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Walk {
 public:
  Walk(std::string_view source, size_t at) : source_(source), at_(at) {}

  size_t at() const { return at_; }
  bool done() const { return at_ >= source_.size(); }
  char peek(size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  void advance(size_t bytes) { at_ = std::min(at_ + bytes, source_.size()); }
  void skip_blanks() {
    while (!done() && is_blank(source_[at_])) ++at_;
  }
  /// Past a blank of the kind that the text has; a folded line end serves all that it became.
  void take_blank(char c) {
    if (peek() == c) {
      advance(1);
    } else if (c == '\n' && peek() == '\r') {
      advance(2);
    }
  }

 private:
  std::string_view source_;
  size_t at_;
};

/// Source bytes of the escape at a backslash.
size_t escape_length(char kind) {
  switch (kind) {
    case 'x':
      return 4;
    case 'u':
      return 6;
    case 'U':
      return 10;
    default:
      return 2;
  }
}

/// What the escape at a backslash became.
struct Escape {
  size_t length = 2;  ///< In the source.
  size_t yield = 1;   ///< Bytes of text; 0 for an escaped line end.
  bool blank = false;
};

Escape escape_at(const Walk& walk) {
  const char kind = walk.peek(1);
  if (kind == '\n' || kind == '\r') return {2, 0, true};
  if (kind == 'L' || kind == 'P') return {2, 3, false};  // U+2028, U+2029
  const size_t length = escape_length(kind);
  if (length == 2) return {2, 1, is_blank(kind) || kind == 't' || kind == 'n' || kind == 'r'};
  uint32_t code = 0;
  for (size_t i = 2; i < length; ++i) {
    const char c = walk.peek(i);
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : 0;
    code = code * 16 + static_cast<uint32_t>(digit);
  }
  const size_t yield = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  return {length, yield, code < 0x80 && is_blank(static_cast<char>(code))};
}

}  // namespace

ScalarMap::ScalarMap(std::string_view source, uint32_t begin, std::string_view text) {
  begin = std::min(begin, static_cast<uint32_t>(source.size()));
  whole_ = {begin, begin};
  map_styled(source, text);
}

ScalarMap::ScalarMap(std::string_view source, const YamlNode& scalar) {
  const uint32_t begin = std::min(scalar.begin, static_cast<uint32_t>(source.size()));
  whole_ = {begin, begin};
  if (scalar.verbatim) {
    map_verbatim(source, scalar.text);
  } else {
    map_styled(source, scalar.text);
  }
}

void ScalarMap::map_styled(std::string_view source, std::string_view text) {
  const size_t last = text.find_last_not_of(" \t\n\r");
  text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
  places_.reserve(text.size());
  const uint32_t begin = whole_.begin;
  switch (begin < source.size() ? source[begin] : '\0') {
    case '|':
    case '>':
      map_block(source, text);
      break;
    case '\'':
      map_flow(source, text, '\'');
      break;
    case '"':
      map_double_quoted(source, text);
      break;
    default:
      map_flow(source, text, '\0');
      break;
  }
}

void ScalarMap::add(size_t from, size_t to) {
  places_.push_back({static_cast<uint32_t>(from), static_cast<uint32_t>(to)});
}

void ScalarMap::map_verbatim(std::string_view source, std::string_view text) {
  const size_t end = std::min(whole_.begin + text.size(), source.size());
  for (size_t at = whole_.begin; at < end; ++at) add(at, at + 1);
  whole_.end = static_cast<uint32_t>(end);
}

void ScalarMap::map_block(std::string_view source, std::string_view text) {
  Walk walk(source, std::min(source.find('\n', whole_.begin), source.size()));
  walk.advance(1);
  // Indentation is not content: it is skipped before blanks of the text are matched.
  const size_t first = source.find_first_not_of(" \r\n", walk.at());
  const size_t line = first == std::string_view::npos ? walk.at() : source.rfind('\n', first) + 1;
  const size_t indent = first == std::string_view::npos ? 0 : first - line;
  const auto skip_indent = [&] {
    for (size_t i = 0; i < indent && walk.peek() == ' '; ++i) walk.advance(1);
  };
  skip_indent();
  for (const char c : text) {
    const bool line_end = walk.peek() == '\n' || walk.peek() == '\r';
    if (!is_blank(c)) walk.skip_blanks();
    const size_t from = walk.at();
    if (is_blank(c)) {
      walk.take_blank(c);
    } else {
      walk.advance(1);
    }
    add(from, walk.at());
    if (line_end && c == '\n') skip_indent();
  }
  whole_ = text.empty() ? Span{whole_.begin, whole_.begin + 1}
                        : Span{places_.front().begin, static_cast<uint32_t>(walk.at())};
}

void ScalarMap::map_flow(std::string_view source, std::string_view text, char quote) {
  Walk walk(source, whole_.begin + (quote == '\0' ? size_t{0} : size_t{1}));
  for (const char c : text) {
    if (!is_blank(c)) walk.skip_blanks();
    const size_t from = walk.at();
    if (is_blank(c)) {
      walk.take_blank(c);
    } else {
      walk.advance(c == '\'' && quote == '\'' ? 2 : 1);
    }
    add(from, walk.at());
  }
  if (quote != '\0') {
    walk.skip_blanks();
    walk.advance(1);
  }
  whole_.end = static_cast<uint32_t>(walk.at());
}

void ScalarMap::map_double_quoted(std::string_view source, std::string_view text) {
  Walk walk(source, whole_.begin + size_t{1});
  while (places_.size() < text.size()) {
    const char c = text[places_.size()];
    const size_t from = walk.at();
    // A blank of the text that comes from an escape is not at a blank of the source.
    if (is_blank(c) && walk.peek() != '\\') {
      walk.take_blank(c);
      add(from, walk.at());
      continue;
    }
    if (!is_blank(c)) walk.skip_blanks();
    const size_t here = walk.at();
    if (walk.peek() != '\\') {
      walk.advance(1);
      add(here, walk.at());
      continue;
    }
    const Escape escape = escape_at(walk);
    walk.advance(escape.length);
    const size_t end = walk.at();
    if (escape.yield == 0) walk.skip_blanks();
    // A blank that an earlier blank of the source already stood for.
    if (escape.blank && !is_blank(c)) continue;
    for (size_t i = 0; i < escape.yield && places_.size() < text.size(); ++i) add(here, end);
  }
  // Escaped blanks may follow the last byte that is none.
  while (!walk.done() && walk.peek() != '"') walk.advance(walk.peek() == '\\' ? 2 : 1);
  walk.advance(1);
  whole_.end = static_cast<uint32_t>(walk.at());
}

Span ScalarMap::span(Span in_text) const {
  const uint32_t end_of_text = places_.empty() ? whole_.begin : places_.back().end;
  const auto size = static_cast<uint32_t>(places_.size());
  const uint32_t begin = in_text.begin < size ? places_[in_text.begin].begin : end_of_text;
  // The end is the end of the last byte: what follows may stand on another line.
  const uint32_t last = std::min(in_text.end, size);
  if (in_text.empty() || last == 0) return {begin, begin};
  return {begin, std::max(begin, places_[last - 1].end)};
}

}  // namespace proctor::rules
