#include "rules/template.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "text/text.h"

namespace proctor::rules {
namespace {

constexpr std::array<std::string_view, 3> kFormats = {"size", "plain", "list"};

/// Past the string literal that begins at `at`, or the end of the text.
size_t skip_string(std::string_view text, size_t at) {
  const char quote = text[at];
  // CEL's raw strings know no escapes; a backslash before their end is rare enough.
  const bool raw = at > 0 && (text[at - 1] == 'r' || text[at - 1] == 'R');
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\' && !raw) {
      ++at;
    } else if (text[at] == quote) {
      return at + 1;
    }
  }
  return text.size();
}

struct RawHole {
  Span expression;
  Span format;  ///< After '|'; empty: none.
  size_t end = 0;
  bool closed = false;
};

/// The hole whose '{' is before `at`.
RawHole read_hole(std::string_view text, size_t at) {
  const auto offset = [](size_t value) { return static_cast<uint32_t>(value); };
  RawHole hole;
  size_t bar = std::string_view::npos;
  const size_t begin = at;
  unsigned depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"' || c == '\'' || c == '`') {
      at = skip_string(text, at);
      continue;
    }
    if (c == '}' && depth == 0) break;
    if (c == '{' || c == '[' || c == '(') ++depth;
    if ((c == '}' || c == ']' || c == ')') && depth > 0) --depth;
    if (c == '|' && text.substr(at + 1, 1) == "|") {
      ++at;
    } else if (c == '|' && depth == 0 && bar == std::string_view::npos) {
      bar = at;
    }
    ++at;
  }
  hole.closed = at < text.size();
  hole.end = at;
  hole.expression = {offset(begin), offset(std::min(bar, at))};
  if (bar != std::string_view::npos) hole.format = {offset(bar + 1), offset(at)};
  return hole;
}

/// `span` without blanks at its ends.
Span trimmed(std::string_view text, Span span) {
  while (!span.empty() && text[span.begin] == ' ') ++span.begin;
  while (!span.empty() && text[span.end - 1] == ' ') --span.end;
  return span;
}

class TemplateCompiler {
 public:
  TemplateCompiler(ExpressionContext& context, const YamlNode& scalar, std::string_view let_unit,
                   Uses& uses)
      : context_(context), scalar_(scalar), text_(scalar.text), let_unit_(let_unit), uses_(uses) {}

  Template run() {
    made_.literals.emplace_back();
    size_t at = 0;
    while (at < text_.size()) {
      const char c = text_[at];
      if ((c == '{' || c == '}') && text_.substr(at + 1, 1) == std::string_view(&c, 1)) {
        made_.literals.back() += c;
        at += 2;
      } else if (c == '{') {
        const RawHole raw = read_hole(text_, at + 1);
        if (!raw.closed) {
          report(at, at + 1, "'{' without its '}'; write '{{' for a brace");
          break;
        }
        add(raw);
        at = raw.end + 1;
      } else if (c == '}') {
        report(at, at + 1, "'}' without its '{'; write '}}' for a brace");
        ++at;
      } else {
        // Folded and literal blocks end in a line end that is none of the sentence.
        made_.literals.back() += c == '\n' ? ' ' : c;
        ++at;
      }
    }
    std::string& last = made_.literals.back();
    last.erase(last.find_last_not_of(' ') + 1);
    return std::move(made_);
  }

 private:
  void report(size_t begin, size_t end, std::string message) {
    context_.report(scalar_, Span{static_cast<uint32_t>(begin), static_cast<uint32_t>(end)},
                    std::move(message));
  }

  void add(const RawHole& raw) {
    const Span span = trimmed(text_, raw.expression);
    if (span.empty()) {
      report(raw.expression.begin - size_t{1}, raw.end + 1,
             "an empty hole; expected an expression between the braces");
      return;
    }
    HoleFormat format = HoleFormat::kNatural;
    const Span format_span = trimmed(text_, raw.format);
    if (raw.format.begin > 0) {
      const std::string_view name = format_span.of(text_);
      const auto found = std::ranges::find(kFormats, name);
      if (found == kFormats.end()) {
        report(format_span.begin, format_span.end,
               fmt::format("no format {}; expected size, plain or list", quoted(name)));
      } else {
        format = static_cast<HoleFormat>(found - kFormats.begin() + 1);
      }
    }
    std::optional<expr::Program> program =
        compile_expression(context_, scalar_, span, Wanted::kAny, uses_);
    if (!program) return;
    if (!fits(program->type(), format)) {
      report(span.begin, span.end,
             fmt::format("{} cannot be printed here{}", program->type().to_string(),
                         format == HoleFormat::kNatural ? "" : " in that format"));
      return;
    }
    Hole hole;
    hole.source = span.of(text_);
    hole.unit = unit(*program, span.size());
    hole.format = format;
    hole.program = std::move(*program);
    made_.holes.push_back(std::move(hole));
    made_.literals.emplace_back();
  }

  static bool fits(const expr::Type& type, HoleFormat format) {
    using expr::TypeKind;
    if (type.is_dyn()) return true;
    switch (format) {
      case HoleFormat::kSize:
        return type.is(TypeKind::kInt) || type.is(TypeKind::kUint);
      case HoleFormat::kList:
        return type.is(TypeKind::kList);
      case HoleFormat::kNatural:
      case HoleFormat::kPlain:
        break;
    }
    return type.is_number() || type.is(TypeKind::kString) || type.is(TypeKind::kBool) ||
           type.is(TypeKind::kList) || type.is(TypeKind::kOpaque);
  }

  std::string unit(const expr::Program& program, uint32_t size) const {
    const std::vector<expr::Reference> references = program.references();
    if (references.size() != 1 || references[0].span.size() != size) return {};
    const Name name = decode_name(references[0].id);
    if (name.kind == NameKind::kLet) {
      const std::string& let = context_.scope.lets()[name.index].first;
      return std::string(let == "value" || let == "expected" ? let_unit_ : std::string_view());
    }
    return unit_of(name);
  }

  ExpressionContext& context_;
  const YamlNode& scalar_;
  std::string_view text_;
  std::string_view let_unit_;
  Uses& uses_;
  Template made_;
};

}  // namespace

std::string unit_of(const Name& name) {
  if (name.kind == NameKind::kKey) {
    // Only what the number itself does not tell: "2,500 packets" after "netdev_max_backlog =" says
    // nothing new and reads badly.
    constexpr std::array<std::string_view, 7> kTelling = {
        "seconds", "milliseconds", "microseconds", "nanoseconds", "bytes", "KiB", "pages"};
    const std::string_view unit = key_of(name).unit;
    if (std::find(kTelling.begin(), kTelling.end(), unit) == kTelling.end()) return {};
    return std::string(unit);
  }
  if (name.kind != NameKind::kFact) return {};
  switch (fact_of(name).unit) {
    case host::FactUnit::kBytes:
      return "bytes";
    case host::FactUnit::kBitsPerSecond:
      return "bit/s";
    case host::FactUnit::kNone:
      break;
  }
  return {};
}

Template compile_template(ExpressionContext& context, const YamlNode& scalar,
                          std::string_view let_unit, Uses& uses) {
  return TemplateCompiler(context, scalar, let_unit, uses).run();
}

}  // namespace proctor::rules
