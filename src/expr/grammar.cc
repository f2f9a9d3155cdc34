#include "expr/grammar.h"

#include <algorithm>
#include <iterator>

namespace proctor::expr {
namespace {

constexpr std::string_view kReserved[] = {
    "as",  "break", "const",     "continue", "else",   "for", "function", "if",   "import",
    "let", "loop",  "namespace", "package",  "return", "var", "void",     "while"};

constexpr Operator kOperators[] = {
    {TokenKind::kOr, BinaryOp::kAdd, kOrPrecedence},
    {TokenKind::kAnd, BinaryOp::kAdd, kAndPrecedence},
    {TokenKind::kEqual, BinaryOp::kEqual, 3},
    {TokenKind::kNotEqual, BinaryOp::kNotEqual, 3},
    {TokenKind::kLess, BinaryOp::kLess, 3},
    {TokenKind::kLessEqual, BinaryOp::kLessEqual, 3},
    {TokenKind::kGreater, BinaryOp::kGreater, 3},
    {TokenKind::kGreaterEqual, BinaryOp::kGreaterEqual, 3},
    {TokenKind::kIn, BinaryOp::kIn, 3},
    {TokenKind::kPlus, BinaryOp::kAdd, 4},
    {TokenKind::kMinus, BinaryOp::kSubtract, 4},
    {TokenKind::kStar, BinaryOp::kMultiply, 5},
    {TokenKind::kSlash, BinaryOp::kDivide, 5},
    {TokenKind::kPercent, BinaryOp::kModulo, 5},
};

}  // namespace

const Operator* find_operator(TokenKind kind) {
  const auto* found = std::find_if(std::begin(kOperators), std::end(kOperators),
                                   [&](const Operator& o) { return o.token == kind; });
  return found == std::end(kOperators) ? nullptr : found;
}

bool is_reserved(std::string_view word) {
  return std::find(std::begin(kReserved), std::end(kReserved), word) != std::end(kReserved);
}

std::string_view foreign_spelling(std::string_view text) {
  struct Pair {
    std::string_view text;
    std::string_view cel;
  };
  static constexpr Pair kPairs[] = {
      {"and", "&&"},      {"AND", "&&"},    {"or", "||"},     {"OR", "||"},     {"not", "!"},
      {"NOT", "!"},       {"is", "=="},     {"True", "true"}, {"TRUE", "true"}, {"False", "false"},
      {"FALSE", "false"}, {"None", "null"}, {"nil", "null"},  {"NULL", "null"}, {"if", "a ? b : c"},
  };
  for (const Pair& pair : kPairs) {
    if (pair.text == text) return pair.cel;
  }
  return {};
}

bool is_constant_word(std::string_view word) {
  return word == "true" || word == "false" || word == "null";
}

std::string_view spelling(BinaryOp op) {
  constexpr std::string_view kSpellings[] = {
      "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in"};
  return kSpellings[static_cast<size_t>(op)];
}

}  // namespace proctor::expr
