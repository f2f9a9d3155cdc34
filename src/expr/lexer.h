// Source text to tokens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "text/span.h"

namespace proctor::expr {

enum class TokenKind : uint8_t {
  kEnd,
  kBad,         ///< Lexer::message() says what is wrong.
  kIdentifier,  ///< Keywords included: where they may stand is the grammar's affair.
  kQuoted,      ///< `name`; the text is between the back-quotes.
  kInt,
  kUint,  ///< The text includes the suffix.
  kDouble,
  kString,
  kBytes,
  kDot,
  kComma,
  kColon,
  kQuestion,
  kLeftParen,
  kRightParen,
  kLeftBracket,
  kRightBracket,
  kLeftBrace,
  kRightBrace,
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kPercent,
  kNot,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kEqual,
  kNotEqual,
  kAnd,
  kOr,
  kIn,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Span span;
  std::string_view text;
};

class Lexer {
 public:
  /// `source` is below 4 GiB and outlives the lexer and its tokens.
  explicit Lexer(std::string_view source) : source_(source) {}

  Token next();
  /// Why the last token is kBad; its span covers what is wrong.
  const std::string& message() const { return message_; }

 private:
  void skip_blanks();
  Token token(TokenKind kind, size_t begin) const;
  Token bad(size_t begin, size_t end, std::string message);
  Token word(size_t begin);
  Token number(size_t begin);
  Token quoted_name(size_t begin);
  Token string(size_t begin, size_t prefix);
  Token punctuation(size_t begin);
  bool take(char expected);
  void skip_digits();

  std::string_view source_;
  size_t at_ = 0;
  std::string message_;
};

/// "`&&`", "a number", "the end": how messages call a token.
std::string describe(const Token& token);

}  // namespace proctor::expr
