#include "report/escape.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "text/span.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::report {
namespace {

bool is_control(unsigned char byte) { return byte < 0x20 || byte == 0x7F; }

/// C1 controls (U+0080 to U+009F) act on terminals as escape sequences do.
bool is_c1(std::string_view sequence) {
  return sequence.size() == 2 && static_cast<unsigned char>(sequence[0]) == 0xC2 &&
         static_cast<unsigned char>(sequence[1]) < 0xA0;
}

/// How much of the beginning is ASCII that needs no escape in any form; most texts are nothing
/// else.
size_t plain_length(std::string_view text) {
  static constexpr auto kPlain = [] {
    std::array<bool, 256> plain{};
    for (unsigned char c = 0x20; c < 0x7F; ++c) plain[c] = true;
    for (const char c : std::string_view("\"'\\&<>")) plain[static_cast<unsigned char>(c)] = false;
    return plain;
  }();
  const auto plain = [](char c) { return kPlain[static_cast<unsigned char>(c)]; };
  return static_cast<size_t>(std::ranges::find_if_not(text, plain) - text.begin());
}

/// Moves the plain beginning of `text` to `out`.
void move_plain(std::string& out, std::string_view& text) {
  const size_t length = plain_length(text);
  out.append(text, 0, length);
  text.remove_prefix(length);
}

void append_hex(std::string& out, std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
}

/// How many of the words are one: what stands between back-quotes is, as a command line is not
/// broken.
size_t unbreakable(std::span<const std::string_view> words) {
  // A lone back-quote must not swallow the rest.
  constexpr size_t kMostCommand = 60;
  bool open = false;
  size_t size = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    size += words[i].size() + (i > 0 ? 1 : 0);
    open ^= std::ranges::count(words[i], '`') % 2 != 0;
    if (!open || size >= kMostCommand) return i + 1;
  }
  return words.size();
}

/// Whether the text is ASCII words with a blank between them, each of which may end a line.
bool is_prose(std::string_view text) {
  char before = ' ';
  for (const char c : text) {
    if (c < ' ' || c >= 0x7F || c == '`' || (c == ' ' && before == ' ')) return false;
    before = c;
  }
  return before != ' ';
}

std::string wrap_prose(std::string_view text, size_t width, std::string_view indent) {
  std::string out;
  while (text.size() > width) {
    size_t blank = text.rfind(' ', width);
    if (blank == text.npos) blank = text.find(' ', width);
    if (blank == text.npos) break;
    out.append(text, 0, blank).append("\n").append(indent);
    text.remove_prefix(blank + 1);
  }
  return out.append(text);
}

}  // namespace

std::string printable(std::string_view text) {
  const auto is_shown = [](char c) { return c >= ' ' && c < 0x7F; };
  if (std::ranges::all_of(text, is_shown)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (move_plain(out, text); !text.empty(); move_plain(out, text)) {
    const size_t length = utf8_length(text);
    const std::string_view sequence = text.substr(0, std::max<size_t>(1, length));
    if (length == 0 || is_control(static_cast<unsigned char>(text[0])) || is_c1(sequence)) {
      append_hex(out, sequence);
    } else {
      out += sequence;
    }
    text.remove_prefix(sequence.size());
  }
  return out;
}

void append_json(std::string& out, std::string_view text) {
  out += '"';
  for (move_plain(out, text); !text.empty(); move_plain(out, text)) {
    const size_t length = utf8_length(text);
    const std::string_view sequence = text.substr(0, std::max<size_t>(1, length));
    text.remove_prefix(sequence.size());
    if (length == 0) {
      out += '\\';
      append_hex(out, sequence);
    } else if (length > 1) {
      out += sequence;
    } else if (sequence[0] == '"' || sequence[0] == '\\') {
      out += '\\';
      out += sequence[0];
    } else if (sequence[0] == '\n') {
      out += "\\n";
    } else if (sequence[0] == '\t') {
      out += "\\t";
    } else if (sequence[0] == '\r') {
      out += "\\r";
    } else if (is_control(static_cast<unsigned char>(sequence[0]))) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(sequence[0]));
    } else {
      out += sequence[0];
    }
  }
  out += '"';
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json(out, text);
  return out;
}

std::string xml_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (move_plain(out, text); !text.empty(); move_plain(out, text)) {
    const size_t length = utf8_length(text);
    const std::string_view sequence = text.substr(0, std::max<size_t>(1, length));
    text.remove_prefix(sequence.size());
    const auto byte = static_cast<unsigned char>(sequence[0]);
    // U+FFFE and U+FFFF are no XML characters.
    const bool noncharacter = sequence == "\xEF\xBF\xBE" || sequence == "\xEF\xBF\xBF";
    if (byte == '&') {
      out += "&amp;";
    } else if (byte == '<') {
      out += "&lt;";
    } else if (byte == '>') {
      out += "&gt;";
    } else if (byte == '"') {
      out += "&quot;";
    } else if (byte == '\'') {
      out += "&apos;";
    } else if (byte == '\n' || byte == '\t') {
      // A literal one in an attribute would be read back as a blank.
      out += byte == '\n' ? "&#10;" : "&#9;";
    } else if (length == 0 || is_control(byte) || is_c1(sequence) || noncharacter) {
      append_hex(out, sequence);
    } else {
      out += sequence;
    }
  }
  return out;
}

std::string counted(uint64_t count, std::string_view singular, std::string_view plural) {
  std::string out = format_count(static_cast<int64_t>(count)) + " ";
  if (count == 1) return out.append(singular);
  if (!plural.empty()) return out.append(plural);
  return out.append(singular).append("s");
}

std::string wrap(std::string_view text, unsigned width, std::string_view indent) {
  if (is_prose(text)) return wrap_prose(text, width, indent);
  std::string out;
  size_t column = 0;
  const std::vector<std::string_view> all = split_blanks(text);
  for (std::span<const std::string_view> left(all); !left.empty();) {
    const auto words = left.first(unbreakable(left));
    left = left.subspan(words.size());
    size_t size = words.size() - 1;
    for (const std::string_view word : words) size += column_count(word);
    if (column > 0 && column + 1 + size > width) {
      out += '\n';
      out += indent;
      column = 0;
    } else if (column > 0) {
      out += ' ';
      ++column;
    }
    for (size_t i = 0; i < words.size(); ++i) {
      if (i > 0) out += ' ';
      out += words[i];
    }
    column += size;
  }
  return out;
}

}  // namespace proctor::report
