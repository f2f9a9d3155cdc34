#include "expr/parser.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "expr/grammar.h"
#include "expr/lexer.h"
#include "expr/literal.h"
#include "expr/macros.h"

namespace proctor::expr {
namespace {

/// Recursive descent. After the first mistake every function returns at once: `failed_`.
class Parser {
 public:
  Parser(std::string_view source, const Limits& limits, Problem& problem)
      : lexer_(source), limits_(limits), problem_(problem) {
    advance();
  }

  std::optional<Ast> run() {
    ast_.root = expression();
    if (!failed_ && token_.kind != TokenKind::kEnd) expected("an operator");
    if (failed_) return std::nullopt;
    return std::move(ast_);
  }

 private:
  /// Counts the parser's own recursion, which parentheses deepen without a node.
  class Level {
   public:
    explicit Level(Parser& parser) : parser_(parser) {
      if (++parser_.level_ > parser_.limits_.depth) parser_.too_deep(parser_.token_.span);
    }
    ~Level() { --parser_.level_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Parser& parser_;
  };

  void advance() {
    last_ = token_;
    token_ = lexer_.next();
    if (token_.kind == TokenKind::kBad) fail(token_.span, lexer_.message());
  }

  bool is(TokenKind kind) const { return !failed_ && token_.kind == kind; }

  bool take(TokenKind kind) {
    if (!is(kind)) return false;
    advance();
    return true;
  }

  void fail(Span span, std::string message) {
    if (failed_) return;
    failed_ = true;
    problem_ = {span, std::move(message)};
  }

  void expected(const std::string& what) {
    const bool is_not = last_.text == "not" || last_.text == "NOT";
    if (token_.kind == TokenKind::kGreater && last_.kind == TokenKind::kLess) {
      fail({last_.span.begin, token_.span.end}, foreign("<>", "!="));
    } else if (is_not) {
      fail(last_.span, foreign(last_.text, "!"));
    } else if (const auto cel = foreign_spelling(token_.text); !cel.empty()) {
      fail(token_.span, foreign(token_.text, cel));
    } else {
      fail(token_.span, "expected " + what + ", found " + describe(token_));
    }
  }

  static std::string foreign(std::string_view text, std::string_view cel) {
    return "`" + std::string(text) + "` has no meaning here; write `" + std::string(cel) + "`";
  }

  void too_deep(Span span) {
    fail(span, "the expression is nested deeper than " + std::to_string(limits_.depth) + " levels");
  }

  void require(TokenKind kind, const char* what) {
    if (!take(kind)) expected(what);
  }

  Node node(NodeKind kind, uint32_t begin) const {
    Node result;
    result.kind = kind;
    result.span = {begin, last_.span.end};
    return result;
  }

  NodeId add(Node node, std::span<const NodeId> children = {}) {
    if (failed_) return 0;
    node.first = static_cast<uint32_t>(ast_.child_ids.size());
    node.count = static_cast<uint32_t>(children.size());
    for (const NodeId child : children) {
      node.depth = std::max(node.depth, ast_.node(child).depth + 1);
    }
    if (node.depth > limits_.depth) too_deep(node.span);
    if (ast_.nodes.size() >= limits_.nodes) {
      fail(node.span, "the expression has more than " + std::to_string(limits_.nodes) + " parts");
    }
    ast_.child_ids.insert(ast_.child_ids.end(), children.begin(), children.end());
    ast_.nodes.push_back(node);
    return static_cast<NodeId>(ast_.nodes.size() - 1);
  }

  uint32_t begin_of(NodeId id) const { return failed_ ? 0 : ast_.node(id).span.begin; }

  NodeId expression() {
    const Level level(*this);
    if (failed_) return 0;
    const NodeId condition = binary(kOrPrecedence);
    if (!is(TokenKind::kQuestion)) return condition;
    const Span question = token_.span;
    advance();
    const NodeId yes = binary(kOrPrecedence);
    require(TokenKind::kColon, "`:` and the other branch of `?`");
    const NodeId no = expression();
    Node result = node(NodeKind::kConditional, begin_of(condition));
    result.name_span = question;
    return add(result, std::array{condition, yes, no});
  }

  NodeId binary(int minimum) {
    NodeId left = unary();
    while (!failed_) {
      const Operator* found = find_operator(token_.kind);
      if (found == nullptr || found->precedence < minimum) break;
      if (found->precedence <= kAndPrecedence) {
        left = chain(left, *found);
        continue;
      }
      const Span span = token_.span;
      advance();
      const NodeId right = binary(found->precedence + 1);
      Node result = node(NodeKind::kBinary, begin_of(left));
      result.op = found->op;
      result.name_span = span;
      left = add(result, std::array{left, right});
    }
    return left;
  }

  /// `a && b && c` is one node: such chains are long and must not deepen the tree.
  NodeId chain(NodeId left, const Operator& op) {
    std::vector<NodeId> terms{left};
    const Span span = token_.span;
    while (take(op.token)) terms.push_back(binary(op.precedence + 1));
    const bool is_and = op.token == TokenKind::kAnd;
    Node result = node(is_and ? NodeKind::kAnd : NodeKind::kOr, begin_of(left));
    result.name_span = span;
    return add(result, terms);
  }

  NodeId unary() {
    std::vector<Token> signs;
    while (is(TokenKind::kNot) || is(TokenKind::kMinus)) {
      signs.push_back(token_);
      if (signs.size() > limits_.depth) too_deep(token_.span);
      advance();
    }
    const bool negative = !signs.empty() && signs.back().kind == TokenKind::kMinus &&
                          (is(TokenKind::kInt) || is(TokenKind::kUint) || is(TokenKind::kDouble));
    // -9223372036854775808 is a literal: its positive half does not fit.
    Token sign;
    if (negative) {
      sign = signs.back();
      signs.pop_back();
    }
    NodeId operand = postfix(negative ? number(sign) : primary());
    while (!signs.empty() && !failed_) {
      const bool is_not = signs.back().kind == TokenKind::kNot;
      Node result = node(is_not ? NodeKind::kNot : NodeKind::kNegate, signs.back().span.begin);
      result.name_span = signs.back().span;
      operand = add(result, std::array{operand});
      signs.pop_back();
    }
    return operand;
  }

  NodeId number(const Token& sign) {
    const Token digits = token_;
    advance();
    return literal(digits, true, sign.span.begin);
  }

  NodeId literal(const Token& token, bool negative, uint32_t begin) {
    if (failed_) return 0;
    LiteralError error;
    Value value = literal_value(token, negative, error);
    if (!error.message.empty()) fail(error.span, error.message);
    return constant(std::move(value), begin);
  }

  NodeId constant(Value value, uint32_t begin) {
    Node result = node(NodeKind::kLiteral, begin);
    result.literal = static_cast<uint32_t>(ast_.literals.size());
    ast_.literals.push_back(std::move(value));
    return add(result);
  }

  NodeId postfix(NodeId operand) {
    while (!failed_) {
      if (take(TokenKind::kDot)) {
        operand = selection(operand);
      } else if (take(TokenKind::kLeftBracket)) {
        const bool optional = take(TokenKind::kQuestion);
        const NodeId index = expression();
        require(TokenKind::kRightBracket, "`]`");
        Node result = node(NodeKind::kIndex, begin_of(operand));
        result.flag = optional;
        operand = add(result, std::array{operand, index});
      } else {
        break;
      }
    }
    return operand;
  }

  NodeId selection(NodeId operand) {
    const bool optional = take(TokenKind::kQuestion);
    const Token name = token_;
    const bool quoted = name.kind == TokenKind::kQuoted;
    if (!quoted && (name.kind != TokenKind::kIdentifier || is_constant_word(name.text))) {
      expected("a field name after `.`");
      return 0;
    }
    advance();
    if (!quoted && !optional && take(TokenKind::kLeftParen)) return call(name, false, operand);
    Node result = node(NodeKind::kSelect, begin_of(operand));
    result.name = name.text;
    result.name_span = name.span;
    result.flag = optional;
    return add(result, std::array{operand});
  }

  /// After the opening parenthesis; `target` is 0's neighbour of a member call, or none.
  NodeId call(const Token& name, bool rooted, std::optional<NodeId> target,
              std::optional<uint32_t> begin = std::nullopt) {
    std::vector<NodeId> arguments;
    if (target) arguments.push_back(*target);
    if (!is(TokenKind::kRightParen)) {
      do {
        arguments.push_back(expression());
      } while (take(TokenKind::kComma));
    }
    require(TokenKind::kRightParen, "`,` or `)`");
    if (failed_) return 0;
    const uint32_t start = target ? begin_of(*target) : begin.value_or(name.span.begin);
    Node result = node(target ? NodeKind::kMemberCall : NodeKind::kCall, start);
    result.name = name.text;
    result.name_span = name.span;
    result.flag = rooted;
    std::string error;
    Span error_span;
    if (!expand_macro(ast_, result, arguments, error, error_span) && !error.empty()) {
      fail(error_span, error);
    }
    return add(result, arguments);
  }

  NodeId primary() {
    const Token token = token_;
    switch (token.kind) {
      case TokenKind::kInt:
      case TokenKind::kUint:
      case TokenKind::kDouble:
      case TokenKind::kString:
      case TokenKind::kBytes:
        advance();
        return literal(token, false, token.span.begin);
      case TokenKind::kDot:
        advance();
        return name(true, token.span.begin);
      case TokenKind::kIdentifier:
        return name(false, token.span.begin);
      case TokenKind::kLeftParen:
        return parenthesised();
      case TokenKind::kLeftBracket:
        return list();
      case TokenKind::kLeftBrace:
        return map();
      case TokenKind::kQuoted:
        fail(token.span, "a back-quoted name stands after a `.` only");
        return 0;
      default:
        expected("a value");
        return 0;
    }
  }

  NodeId name(bool rooted, uint32_t begin) {
    const Token word = token_;
    if (word.kind != TokenKind::kIdentifier) {
      expected("a name after `.`");
      return 0;
    }
    advance();
    if (!rooted && is_constant_word(word.text)) {
      return constant(word.text == "null" ? Value() : Value::of(word.text == "true"), begin);
    }
    if (is_constant_word(word.text) || is_reserved(word.text)) {
      const std::string_view cel = foreign_spelling(word.text);
      fail(word.span, "`" + std::string(word.text) + "` is a reserved word" +
                          (cel.empty() ? "" : "; write `" + std::string(cel) + "`"));
      return 0;
    }
    if (take(TokenKind::kLeftParen)) return call(word, rooted, std::nullopt, begin);
    Node result = node(NodeKind::kName, begin);
    result.name = word.text;
    result.name_span = word.span;
    result.flag = rooted;
    return add(result);
  }

  NodeId parenthesised() {
    const Token open = token_;
    advance();
    const NodeId inside = expression();
    if (!failed_ && token_.kind == TokenKind::kEnd) fail(open.span, "this `(` is not closed");
    require(TokenKind::kRightParen, "`)`");
    // The parentheses belong to the text of the operand: messages point at all of it.
    if (!failed_) ast_.nodes[inside].span = {open.span.begin, last_.span.end};
    return inside;
  }

  NodeId entry() {
    const uint32_t begin = token_.span.begin;
    if (!take(TokenKind::kQuestion)) return expression();
    const NodeId value = expression();
    return add(node(NodeKind::kOptionalEntry, begin), std::array{value});
  }

  NodeId list() {
    const Token open = token_;
    advance();
    std::vector<NodeId> items;
    while (!failed_ && !is(TokenKind::kRightBracket)) {
      items.push_back(entry());
      if (!take(TokenKind::kComma)) break;
    }
    close(open, TokenKind::kRightBracket, "`,` or `]`");
    return add(node(NodeKind::kList, open.span.begin), items);
  }

  NodeId map() {
    const Token open = token_;
    advance();
    std::vector<NodeId> parts;
    while (!failed_ && !is(TokenKind::kRightBrace)) {
      const uint32_t begin = token_.span.begin;
      const bool optional = take(TokenKind::kQuestion);
      parts.push_back(expression());
      require(TokenKind::kColon, "`:` and the value of the key");
      NodeId value = expression();
      if (optional) value = add(node(NodeKind::kOptionalEntry, begin), std::array{value});
      parts.push_back(value);
      if (!take(TokenKind::kComma)) break;
    }
    close(open, TokenKind::kRightBrace, "`,` or `}`");
    return add(node(NodeKind::kMap, open.span.begin), parts);
  }

  void close(const Token& open, TokenKind kind, const char* what) {
    if (is(TokenKind::kEnd)) fail(open.span, "this `" + std::string(open.text) + "` is not closed");
    require(kind, what);
  }

  Lexer lexer_;
  const Limits& limits_;
  Problem& problem_;
  Token token_;
  Token last_;  ///< The one before.
  uint32_t level_ = 0;
  bool failed_ = false;
  Ast ast_;
};

}  // namespace

std::optional<Ast> parse(std::string_view source, const Limits& limits, Problem& problem) {
  if (source.size() > limits.source_bytes) {
    problem = {{0, 0},
               "the expression is longer than " + std::to_string(limits.source_bytes) + " bytes"};
    return std::nullopt;
  }
  return Parser(source, limits, problem).run();
}

}  // namespace proctor::expr
