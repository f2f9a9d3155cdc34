// Operators and reserved words.
#pragma once

#include <string_view>

#include "expr/ast.h"
#include "expr/lexer.h"

namespace proctor::expr {

struct Operator {
  TokenKind token;
  BinaryOp op;  ///< Without meaning for && and ||.
  int precedence;
};

inline constexpr int kOrPrecedence = 1;
inline constexpr int kAndPrecedence = 2;

/// nullptr: the token is no binary operator.
const Operator* find_operator(TokenKind kind);

/// Words that may name a field but nothing else.
bool is_reserved(std::string_view word);
/// For a word or sign of another language, what CEL writes instead; else empty.
std::string_view foreign_spelling(std::string_view text);
/// true, false, null
bool is_constant_word(std::string_view word);

}  // namespace proctor::expr
