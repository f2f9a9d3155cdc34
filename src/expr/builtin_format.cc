// format() of the strings extension: "%s of %d".format([a, b]).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "expr/builtin_calls.h"
#include "expr/literal.h"
#include "text/text.h"

namespace proctor::expr::calls {
namespace {

constexpr size_t kMaxPrecision = 100;

std::string word_of(double value) {
  if (std::isnan(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}

/// Each run of bytes outside UTF-8 becomes one U+FFFD.
std::string replaced(std::string_view bytes) {
  std::string out;
  bool in_run = false;
  while (!bytes.empty()) {
    const size_t length = utf8_length(bytes);
    if (length > 0) {
      out += bytes.substr(0, length);
    } else if (!in_run) {
      append_utf8(out, 0xFFFD);
    }
    in_run = length == 0;
    bytes.remove_prefix(std::max<size_t>(length, 1));
  }
  return out;
}

std::string plain(const Value& value);

std::string plain_list(const List& items) {
  std::string out = "[";
  for (const Value& item : items) {
    if (out.size() > 1) out += ", ";
    out += plain(item);
  }
  return out + "]";
}

std::string plain_map(const MapEntries& entries) {
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& [key, value] : entries) texts.emplace_back(plain(key), plain(value));
  std::sort(texts.begin(), texts.end());
  std::string out = "{";
  for (const auto& [key, value] : texts) {
    if (out.size() > 1) out += ", ";
    out += key + ": ";
    out += value;
  }
  return out + "}";
}

/// As %s writes it.
std::string plain(const Value& value) {
  if (const std::string* text = value.as_string()) return *text;
  if (const std::string* bytes = value.as_bytes()) return replaced(*bytes);
  if (const List* list = value.as_list()) return plain_list(*list);
  if (const MapEntries* map = value.as_map()) return plain_map(*map);
  if (const auto* natural = value.get_if<uint64_t>()) return std::to_string(*natural);
  if (const auto* real = value.get_if<double>()) {
    return std::isfinite(*real) ? double_text(*real) : word_of(*real);
  }
  return to_text(value);
}

std::string hex_of(std::string_view bytes, bool upper) {
  std::string out;
  for (const char byte : bytes) {
    const auto code = static_cast<unsigned char>(byte);
    out += upper ? fmt::format("{:02X}", code) : fmt::format("{:02x}", code);
  }
  return out;
}

/// An integer in base 2, 8 or 16; false for another kind of value.
bool in_base(char letter, const Value& value, std::string& out) {
  const auto print = [letter](auto number) {
    switch (letter) {
      case 'b':
        return fmt::format("{:b}", number);
      case 'o':
        return fmt::format("{:o}", number);
      case 'x':
        return fmt::format("{:x}", number);
      default:
        return fmt::format("{:X}", number);
    }
  };
  if (const auto* integer = value.get_if<int64_t>()) {
    out = print(*integer);
  } else if (const auto* natural = value.get_if<uint64_t>()) {
    out = print(*natural);
  } else if (const auto* boolean = value.get_if<bool>(); boolean != nullptr && letter == 'b') {
    out = *boolean ? "1" : "0";
  } else {
    return false;
  }
  return true;
}

bool as_hex(char letter, const Value& value, std::string& out) {
  if (in_base(letter, value, out)) return true;
  const std::string* text = value.as_string() != nullptr ? value.as_string() : value.as_bytes();
  if (text == nullptr) return false;
  out = hex_of(*text, letter == 'X');
  return true;
}

bool as_decimal(const Value& value, std::string& out) {
  const ValueKind kind = value.kind();
  if (kind != ValueKind::kInt && kind != ValueKind::kUint && kind != ValueKind::kDouble) {
    return false;
  }
  out = plain(value);
  return true;
}

bool as_fraction(char letter, size_t precision, const Value& value, std::string& out) {
  double number = 0;
  if (const auto* integer = value.get_if<int64_t>()) {
    number = static_cast<double>(*integer);
  } else if (const auto* natural = value.get_if<uint64_t>()) {
    number = static_cast<double>(*natural);
  } else if (const auto* real = value.get_if<double>()) {
    number = *real;
  } else {
    return false;
  }
  if (!std::isfinite(number)) {
    out = word_of(number);
  } else {
    out = letter == 'f' ? fmt::format("{:.{}f}", number, precision)
                        : fmt::format("{:.{}e}", number, precision);
  }
  return true;
}

/// One `%[.precision]letter` after its percent sign. The letter is 0 if it is none.
struct Directive {
  size_t precision = 6;
  char letter = 0;
};

/// Reads a directive at the start of `rest` and moves past it.
Directive read_directive(std::string_view& rest) {
  Directive directive;
  if (rest.starts_with(".")) {
    size_t digits = 1;
    while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9') ++digits;
    uint64_t precision = 0;
    if (!parse_uint64(rest.substr(1, digits - 1), precision) || precision > kMaxPrecision) {
      return directive;
    }
    directive.precision = static_cast<size_t>(precision);
    rest.remove_prefix(digits);
  }
  if (rest.empty()) return directive;
  directive.letter = rest[0];
  rest.remove_prefix(1);
  return directive;
}

bool convert(const Directive& directive, const Value& value, std::string& out) {
  switch (directive.letter) {
    case 's':
      out = plain(value);
      return true;
    case 'd':
      return as_decimal(value, out);
    case 'b':
    case 'o':
      return in_base(directive.letter, value, out);
    case 'x':
    case 'X':
      return as_hex(directive.letter, value, out);
    default:
      return as_fraction(directive.letter, directive.precision, value, out);
  }
}

}  // namespace

Value string_format(Meter& meter, Arguments arguments) {
  if (!meter.work(arguments[0].weight() + arguments[1].weight())) return meter.error();
  std::string_view rest = *arguments[0].as_string();
  const List& values = *arguments[1].as_list();
  size_t next = 0;
  std::string out;
  while (!rest.empty()) {
    const size_t percent = std::min(rest.find('%'), rest.size());
    out += rest.substr(0, percent);
    rest.remove_prefix(percent);
    if (rest.empty()) break;
    rest.remove_prefix(1);
    const Directive directive = read_directive(rest);
    if (directive.letter == '%') {
      out += '%';
      continue;
    }
    if (directive.letter == 0 ||
        std::string_view("sdbxXofe").find(directive.letter) == std::string_view::npos) {
      return Value::error("format() has no such conversion; it has %s %d %b %o %x %X %f %e");
    }
    if (next >= values.size()) {
      return Value::error("format() has more conversions than its " +
                          std::to_string(values.size()) + " values");
    }
    std::string converted;
    const Value& value = values[next++];
    if (!convert(directive, value, converted)) {
      return Value::error(std::string("format() has no %") + directive.letter + " of " +
                          type_name(value));
    }
    if (!meter.build(converted.size())) return meter.error();
    out += converted;
  }
  if (!meter.build(arguments[0].weight())) return meter.error();
  return Value::string(std::move(out));
}

}  // namespace proctor::expr::calls
