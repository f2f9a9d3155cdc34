#include "expr/lexer.h"

#include <utility>

#include "text/text.h"

namespace proctor::expr {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word(char c) { return is_letter(c) || is_digit(c); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// Length of a string prefix (r, b, rb, br in any case) if a quote follows it; 0 for none.
size_t string_prefix(std::string_view rest) {
  size_t length = 0;
  bool raw = false;
  bool bytes = false;
  while (length < rest.size() && length < 3) {
    const char c = rest[length];
    if (c == '"' || c == '\'') return length;
    bool& seen = (c == 'r' || c == 'R') ? raw : bytes;
    if (seen || (c != 'r' && c != 'R' && c != 'b' && c != 'B')) return 0;
    seen = true;
    ++length;
  }
  return 0;
}

}  // namespace

Token Lexer::token(TokenKind kind, size_t begin) const {
  const Span span{static_cast<uint32_t>(begin), static_cast<uint32_t>(at_)};
  return {kind, span, span.of(source_)};
}

Token Lexer::bad(size_t begin, size_t end, std::string message) {
  message_ = std::move(message);
  at_ = source_.size();
  const Span span{static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  return {TokenKind::kBad, span, span.of(source_)};
}

void Lexer::skip_blanks() {
  while (at_ < source_.size()) {
    const char c = source_[at_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r') {
      ++at_;
    } else if (source_.substr(at_, 2) == "//") {
      at_ = std::min(source_.find('\n', at_), source_.size());
    } else {
      return;
    }
  }
}

bool Lexer::take(char expected) {
  if (at_ >= source_.size() || source_[at_] != expected) return false;
  ++at_;
  return true;
}

void Lexer::skip_digits() {
  while (at_ < source_.size() && is_digit(source_[at_])) ++at_;
}

Token Lexer::next() {
  skip_blanks();
  const size_t begin = at_;
  if (begin >= source_.size()) return token(TokenKind::kEnd, begin);
  const std::string_view rest = source_.substr(begin);
  const char c = rest[0];
  const size_t prefix = string_prefix(rest);
  if (prefix > 0 || c == '"' || c == '\'') return string(begin, prefix);
  if (is_letter(c)) return word(begin);
  if (is_digit(c) || (c == '.' && rest.size() > 1 && is_digit(rest[1]))) return number(begin);
  if (c == '`') return quoted_name(begin);
  return punctuation(begin);
}

Token Lexer::word(size_t begin) {
  while (at_ < source_.size() && is_word(source_[at_])) ++at_;
  const bool in = source_.substr(begin, at_ - begin) == "in";
  return token(in ? TokenKind::kIn : TokenKind::kIdentifier, begin);
}

Token Lexer::number(size_t begin) {
  TokenKind kind = TokenKind::kInt;
  if (source_.substr(begin, 2) == "0x" || source_.substr(begin, 2) == "0X") {
    at_ += 2;
    const size_t digits = at_;
    while (at_ < source_.size() && is_hex(source_[at_])) ++at_;
    if (at_ == digits) return bad(begin, at_, "0x needs hexadecimal digits");
  } else {
    skip_digits();
    // "1.size()" is a call on 1: a point without a digit behind it is no part of the number.
    if (at_ + 1 < source_.size() && source_[at_] == '.' && is_digit(source_[at_ + 1])) {
      kind = TokenKind::kDouble;
      ++at_;
      skip_digits();
    }
    const size_t mantissa = at_;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      const size_t digits = at_;
      skip_digits();
      kind = TokenKind::kDouble;
      if (at_ == digits) at_ = mantissa;
    }
  }
  if (kind == TokenKind::kInt && (take('u') || take('U'))) kind = TokenKind::kUint;
  if (at_ < source_.size() && is_word(source_[at_])) {
    size_t end = at_;
    while (end < source_.size() && is_word(source_[end])) ++end;
    return bad(begin, end,
               "`" + std::string(source_.substr(begin, end - begin)) +
                   "` is not a number; a unit cannot follow one");
  }
  return token(kind, begin);
}

Token Lexer::quoted_name(size_t begin) {
  ++at_;
  const size_t inside = at_;
  while (at_ < source_.size() && source_[at_] != '`') {
    const char c = source_[at_];
    if (!is_word(c) && c != '.' && c != '-' && c != '/' && c != ' ') {
      return bad(at_, at_ + 1, "a back-quoted name holds letters, digits, `_`, `.`, `-`, `/`");
    }
    ++at_;
  }
  if (at_ >= source_.size()) return bad(begin, at_, "the back-quoted name does not end");
  if (at_ == inside) return bad(begin, at_ + 1, "a back-quoted name is empty");
  ++at_;
  Token result = token(TokenKind::kQuoted, begin);
  result.text = source_.substr(inside, at_ - 1 - inside);
  return result;
}

Token Lexer::string(size_t begin, size_t prefix) {
  const std::string_view marks = source_.substr(begin, prefix);
  const bool raw = marks.find_first_of("rR") != std::string_view::npos;
  const bool bytes = marks.find_first_of("bB") != std::string_view::npos;
  at_ = begin + prefix;
  const char quote = source_[at_];
  const std::string three(3, quote);
  const bool triple = source_.substr(at_, 3) == three;
  at_ += triple ? 3 : 1;
  while (at_ < source_.size()) {
    const char c = source_[at_];
    if (triple ? source_.substr(at_, 3) == three : c == quote) {
      at_ += triple ? 3 : 1;
      return token(bytes ? TokenKind::kBytes : TokenKind::kString, begin);
    }
    if (!triple && (c == '\n' || c == '\r')) break;
    at_ += c == '\\' && !raw ? 2 : 1;
  }
  at_ = std::min(at_, source_.size());
  return bad(begin, at_, "the string does not end");
}

Token Lexer::punctuation(size_t begin) {
  struct Sign {
    std::string_view text;
    TokenKind kind;
  };
  static constexpr Sign kSigns[] = {
      {"<=", TokenKind::kLessEqual},  {">=", TokenKind::kGreaterEqual},
      {"==", TokenKind::kEqual},      {"!=", TokenKind::kNotEqual},
      {"&&", TokenKind::kAnd},        {"||", TokenKind::kOr},
      {".", TokenKind::kDot},         {",", TokenKind::kComma},
      {":", TokenKind::kColon},       {"?", TokenKind::kQuestion},
      {"(", TokenKind::kLeftParen},   {")", TokenKind::kRightParen},
      {"[", TokenKind::kLeftBracket}, {"]", TokenKind::kRightBracket},
      {"{", TokenKind::kLeftBrace},   {"}", TokenKind::kRightBrace},
      {"+", TokenKind::kPlus},        {"-", TokenKind::kMinus},
      {"*", TokenKind::kStar},        {"/", TokenKind::kSlash},
      {"%", TokenKind::kPercent},     {"!", TokenKind::kNot},
      {"<", TokenKind::kLess},        {">", TokenKind::kGreater},
  };
  const std::string_view rest = source_.substr(begin);
  for (const Sign& sign : kSigns) {
    if (rest.substr(0, sign.text.size()) != sign.text) continue;
    at_ += sign.text.size();
    return token(sign.kind, begin);
  }
  // The mistakes of people who come from other languages.
  if (rest[0] == '=') return bad(begin, begin + 1, "`=` does not compare; write `==`");
  if (rest[0] == '&') return bad(begin, begin + 1, "write `&&`, or math.bitAnd() for bits");
  if (rest[0] == '|') return bad(begin, begin + 1, "write `||`, or math.bitOr() for bits");
  const size_t length = std::max<size_t>(utf8_length(rest), 1);
  return bad(begin, begin + length,
             "`" + escape_bytes(rest.substr(0, length)) + "` has no meaning here");
}

std::string describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::kEnd:
      return "the end";
    case TokenKind::kString:
    case TokenKind::kBytes:
      return "a string";
    default:
      return "`" + std::string(token.text.substr(0, 40)) + "`";
  }
}

}  // namespace proctor::expr
