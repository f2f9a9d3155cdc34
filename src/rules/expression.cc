#include "rules/expression.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "expr/lexer.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::rules {
namespace {

using expr::Token;
using expr::TokenKind;

/// The text of a string literal without escapes and prefixes; nullopt: another token.
std::optional<std::string_view> plain_string(const Token& token) {
  const std::string_view text = token.text;
  if (token.kind != TokenKind::kString || text.size() < 2 || text.front() != text.back() ||
      text.find('\\') != std::string_view::npos) {
    return std::nullopt;
  }
  if (text.front() != '\'' && text.front() != '"') return std::nullopt;
  return text.substr(1, text.size() - 2);
}

/// A string literal that is an argument of a function whose strings mean something.
struct NamedLiteral {
  std::string_view function;
  std::string_view text;
  Span span;  ///< Between the quotes.
};

/// Literal arguments of the functions that take names and versions.
std::vector<NamedLiteral> named_literals(std::string_view cel) {
  static constexpr std::array<std::string_view, 6> kFunctions = {"role",  "version",  "atLeast",
                                                                 "below", "combined", "combined6"};
  std::vector<NamedLiteral> found;
  expr::Lexer lexer(cel);
  std::string_view function;  // Of the innermost open call, empty inside other brackets.
  Token before;
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd && token.kind != TokenKind::kBad;
       token = lexer.next()) {
    if (token.kind == TokenKind::kLeftParen && before.kind == TokenKind::kIdentifier &&
        std::ranges::find(kFunctions, before.text) != kFunctions.end()) {
      function = before.text;
    } else if (token.kind == TokenKind::kLeftParen || token.kind == TokenKind::kRightParen) {
      function = {};
    }
    const bool argument = before.kind == TokenKind::kLeftParen || before.kind == TokenKind::kComma;
    const std::optional<std::string_view> text = plain_string(token);
    if (!function.empty() && argument && text) {
      found.push_back({function, *text, {token.span.begin + 1, token.span.end - 1}});
    }
    before = token;
  }
  return found;
}

/// The sysctl with a '-' in its name that stands at `span` without its quotes; else empty.
Span unquoted_key(std::string_view cel, Span span) {
  const auto belongs = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  Span name{span.begin, span.begin};
  while (name.end < cel.size() && belongs(cel[name.end])) ++name.end;
  const bool hyphen = name.of(cel).find('-') != std::string_view::npos;
  return hyphen && find_key(name.of(cel)) ? name : Span{};
}

/// One expression while its parts are checked; offsets in CEL become places in the file.
class Check {
 public:
  Check(ExpressionContext& context, const YamlNode& scalar, uint32_t offset)
      : context_(context), scalar_(scalar), offset_(offset) {}

  void report(Span span, std::string message) {
    context_.report(scalar_, Span{span.begin + offset_, span.end + offset_}, std::move(message));
    failed_ = true;
  }
  bool failed() const { return failed_; }

  void problems(std::string_view cel, const std::vector<expr::Problem>& found) {
    uint32_t explained = 0;  // Offset up to which one message says it all.
    for (const expr::Problem& problem : found) {
      if (problem.span.begin < explained) continue;
      if (problem.span.of(cel) == "iface") {
        report(problem.span, "`iface` needs `for-each: interface`");
        continue;
      }
      const Span name = unquoted_key(cel, problem.span);
      if (name.empty()) {
        report(problem.span, problem.message);
        continue;
      }
      explained = name.end;
      report(name, fmt::format("'-' subtracts; in expressions this sysctl is {}",
                               cel_spelling(name.of(cel))));
    }
  }

  void literals(std::string_view cel, Uses& uses) {
    for (const NamedLiteral& literal : named_literals(cel)) {
      if (literal.function == "role") {
        const ScalarMap map(context_.report.source().text(), scalar_);
        context_.pending.push_back(
            {PendingName::Kind::kRole, &context_.report.source(),
             map.span({literal.span.begin + offset_, literal.span.end + offset_}),
             std::string(literal.text)});
      } else if (literal.function.starts_with("combined")) {
        combined(literal, uses);
      } else {
        version(literal, uses);
      }
    }
  }

 private:
  void version(const NamedLiteral& literal, Uses& uses) {
    const Result<kernel::Version> version = kernel::parse_version(literal.text);
    if (version.ok()) {
      uses.versions.insert(*version);
    } else if (literal.function != "version") {  // Which the check of the expression has folded.
      report(literal.span, version.error());
    }
  }

  void combined(const NamedLiteral& literal, Uses& uses) {
    const std::string folder = literal.function == "combined" ? "net.ipv4.conf" : "net.ipv6.conf";
    const std::string pattern = fmt::format("{}.*.{}", folder, literal.text);
    if (kernel::find_pattern(pattern) != nullptr) {
      uses.patterns.insert(pattern);
      // kernel::combine() asks it of accept_redirects.
      uses.unnamed.insert(folder + ".*.forwarding");
      return;
    }
    const std::string near = kernel::suggest_key(pattern);
    const bool useful = near.starts_with(folder + ".*.");
    report(literal.span,
           fmt::format("no sysctl {}{}", pattern,
                       useful ? fmt::format("; did you mean '{}'?", near.substr(folder.size() + 3))
                              : std::string()));
  }

  ExpressionContext& context_;
  const YamlNode& scalar_;
  uint32_t offset_;
  bool failed_ = false;
};

void add_uses(const expr::Program& program, Uses& uses) {
  for (const expr::Reference& reference : program.references()) {
    const Name name = decode_name(reference.id);
    if (name.kind == NameKind::kKey) uses.patterns.insert(std::string(key_of(name).name));
    if (name.kind == NameKind::kLet) uses.lets.insert(name.index);
  }
}

}  // namespace

std::optional<expr::Program> compile_expression(ExpressionContext& context, const YamlNode& scalar,
                                                Span part, Wanted wanted, Uses& uses) {
  const std::string_view cel = part.of(scalar.text);
  std::vector<expr::Problem> problems;
  Check check(context, scalar, part.begin);
  expr::Program program = expr::Program::compile(cel, context.scope, problems);
  check.problems(cel, problems);
  check.literals(cel, uses);
  if (check.failed()) return std::nullopt;
  const expr::Type type = program.type();
  if (wanted == Wanted::kCondition && !type.is(expr::TypeKind::kBool) && !type.is_dyn()) {
    check.report({0, part.size()},
                 fmt::format("expected a condition (bool), but this is {}", type.to_string()));
    return std::nullopt;
  }
  add_uses(program, uses);
  return program;
}

std::optional<expr::Program> compile_expression(ExpressionContext& context, const YamlNode& scalar,
                                                Wanted wanted, Uses& uses) {
  return compile_expression(context, scalar, {0, static_cast<uint32_t>(scalar.text.size())}, wanted,
                            uses);
}

std::optional<expr::Program> compile_made(ExpressionContext& context, const YamlNode& node,
                                          std::string_view cel, Uses& uses) {
  std::vector<expr::Problem> problems;
  expr::Program program = expr::Program::compile(cel, context.scope, problems);
  for (const expr::Problem& problem : problems) context.report(node, problem.message);
  if (!problems.empty()) return std::nullopt;
  add_uses(program, uses);
  return program;
}

std::optional<Name> compile_key(ExpressionContext& context, const YamlNode& scalar,
                                bool for_each_interface) {
  const std::optional<Name> name = find_key(scalar.text);
  if (!name) {
    report_unknown_key(context, scalar);
    return std::nullopt;
  }
  if (!for_each_interface && scalar.text.find("[iface]") != std::string::npos) {
    context.report(scalar, "`iface` needs `for-each: interface`");
    return std::nullopt;
  }
  return name;
}

void report_unknown_key(ExpressionContext& context, const YamlNode& scalar) {
  const std::string near = suggest_key(scalar.text);
  context.report(scalar, fmt::format("no sysctl {}{}", quoted(scalar.text),
                                     near.empty() ? std::string()
                                                  : fmt::format("; did you mean '{}'?", near)));
}

bool is_word_literal(const kernel::Key& key, std::string_view text) {
  const expr::Type type = type_of(key);
  if (!type.is(expr::TypeKind::kString) && !type.is_dyn()) return false;
  const bool word = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  // A key of unknown type may hold numbers.
  return word && !text.empty() && !(type.is_dyn() && parse_int(text).ok());
}

std::string cel_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace proctor::rules
