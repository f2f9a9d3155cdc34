#include "expr/literal.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

#include "text/text.h"

namespace proctor::expr {
namespace {

template <typename T>
bool parse_all(std::string_view text, T& value, int base) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return !text.empty() && result.ec == std::errc() && result.ptr == text.data() + text.size();
}

bool is_hex_number(std::string_view text) {
  return text.starts_with("0x") || text.starts_with("0X");
}

/// The digits of a number without sign and suffix.
bool parse_magnitude(std::string_view text, uint64_t& value) {
  return is_hex_number(text) ? parse_all(text.substr(2), value, 16) : parse_all(text, value, 10);
}

Value int_literal(const Token& token, bool negative, LiteralError& error) {
  constexpr auto kLargest = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  uint64_t magnitude = 0;
  if (!parse_magnitude(token.text, magnitude) || magnitude > kLargest + (negative ? 1 : 0)) {
    const bool fits_uint = !negative && parse_magnitude(token.text, magnitude);
    error = {token.span, std::string(token.text) + " does not fit int" +
                             (fits_uint ? "; write " + std::string(token.text) + "u" : "")};
    return {};
  }
  return Value::of(static_cast<int64_t>(negative ? 0 - magnitude : magnitude));
}

Value uint_literal(const Token& token, bool negative, LiteralError& error) {
  uint64_t value = 0;
  if (negative) {
    error = {token.span, "a uint has no negative values"};
  } else if (!parse_magnitude(token.text.substr(0, token.text.size() - 1), value)) {
    error = {token.span, std::string(token.text) + " does not fit uint"};
  }
  return Value::of(value);
}

Value double_literal(const Token& token, bool negative, LiteralError& error) {
  double value = 0;
  if (!parse_double(token.text, value)) {
    error = {token.span, std::string(token.text) + " does not fit double"};
  }
  return Value::of(negative ? -value : value);
}

class Unescape {
 public:
  Unescape(const Token& token, LiteralError& error) : token_(token), error_(error) {
    size_t prefix = 0;
    while (token.text[prefix] != '"' && token.text[prefix] != '\'') {
      const char mark = token.text[prefix++];
      raw_ = raw_ || mark == 'r' || mark == 'R';
    }
    const std::string three(3, token.text[prefix]);
    const std::string_view quoted = token.text.substr(prefix);
    const size_t marks = quoted.size() >= 6 && quoted.starts_with(three) ? 3 : 1;
    at_ = prefix + marks;
    end_ = token.text.size() - marks;
    bytes_ = token.kind == TokenKind::kBytes;
  }

  std::string run() {
    std::string out;
    out.reserve(end_ - at_);
    while (at_ < end_) {
      const size_t begin = at_;
      const char c = token_.text[at_++];
      if (c == '\\' && !raw_) {
        if (!escape(out)) {
          fail(begin);
          return {};
        }
      } else {
        out += c;
      }
    }
    return out;
  }

 private:
  void fail(size_t begin) {
    const size_t end = std::min(std::max(at_, begin + 2), end_);
    const std::string text = "\\" + escape_bytes(token_.text.substr(begin + 1, end - begin - 1));
    error_ = {{token_.span.begin + static_cast<uint32_t>(begin),
               token_.span.begin + static_cast<uint32_t>(end)},
              "`" + text + "` is not an escape sequence"};
  }

  std::optional<uint32_t> digits(size_t count, int base) {
    if (end_ - at_ < count) return std::nullopt;
    uint32_t value = 0;
    if (!parse_all(token_.text.substr(at_, count), value, base)) return std::nullopt;
    at_ += count;
    return value;
  }

  /// In bytes an escape below 256 is that byte, in strings that code point.
  bool append(std::string& out, std::optional<uint32_t> code, bool code_point) {
    if (!code) return false;
    if (bytes_) {
      if (code_point || *code > 0xFF) return false;
      out += static_cast<char>(*code);
      return true;
    }
    if (*code > 0x10FFFF || (*code >= 0xD800 && *code <= 0xDFFF)) return false;
    append_utf8(out, *code);
    return true;
  }

  bool escape(std::string& out) {
    if (at_ >= end_) return false;
    static constexpr std::string_view kFrom = "abfnrtv\\?\"'`";
    static constexpr std::string_view kTo = "\a\b\f\n\r\t\v\\?\"'`";
    const char c = token_.text[at_];
    if (const size_t simple = kFrom.find(c); simple != std::string_view::npos) {
      ++at_;
      out += kTo[simple];
      return true;
    }
    if (c >= '0' && c <= '3') return append(out, digits(3, 8), false);
    ++at_;
    if (c == 'x' || c == 'X') return append(out, digits(2, 16), false);
    if (c == 'u') return append(out, digits(4, 16), true);
    if (c == 'U') return append(out, digits(8, 16), true);
    return false;
  }

  const Token& token_;
  LiteralError& error_;
  size_t at_ = 0;
  size_t end_ = 0;
  bool raw_ = false;
  bool bytes_ = false;
};

}  // namespace

Value literal_value(const Token& token, bool negative, LiteralError& error) {
  switch (token.kind) {
    case TokenKind::kInt:
      return int_literal(token, negative, error);
    case TokenKind::kUint:
      return uint_literal(token, negative, error);
    case TokenKind::kDouble:
      return double_literal(token, negative, error);
    case TokenKind::kBytes:
      return Value::bytes(Unescape(token, error).run());
    default:
      return Value::string(Unescape(token, error).run());
  }
}

bool parse_int64(std::string_view text, int64_t& value) {
  // from_chars takes no plus sign; CEL's int("+5") is 5.
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return parse_all(text, value, 10);
}

bool parse_uint64(std::string_view text, uint64_t& value) {
  if (text.size() > 1 && text[0] == '+') text.remove_prefix(1);
  return parse_all(text, value, 10);
}

bool parse_double(std::string_view text, double& value) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (text.empty() || result.ptr != end) return false;
  if (result.ec != std::errc::result_out_of_range) return result.ec == std::errc();
  // Too small is zero or the smallest number, too large is an error; from_chars does not say which.
  value = std::strtod(std::string(text).c_str(), nullptr);
  return std::isfinite(value);
}

void append_utf8(std::string& out, uint32_t code) {
  const auto tail = [&](uint32_t shift) {
    out += static_cast<char>(0x80U | ((code >> shift) & 0x3FU));
  };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (code >> 6U));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0U | (code >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | (code >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace proctor::expr
