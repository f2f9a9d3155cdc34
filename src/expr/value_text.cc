// Values as people read them.
#include <array>
#include <charconv>
#include <cmath>

#include "expr/value.h"
#include "text/text.h"

namespace proctor::expr {
namespace {

void append_code(std::string& out, unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\x";
  out += kDigits[byte >> 4U];
  out += kDigits[byte & 15U];
}

char escape_letter(char byte) {
  switch (byte) {
    case '\n':
      return 'n';
    case '\t':
      return 't';
    case '\r':
      return 'r';
    case '\\':
    case '"':
      return byte;
    default:
      return 0;
  }
}

/// `utf8`: whole characters stay as they are; else every byte outside ASCII becomes \xNN.
void append_quoted(std::string& out, std::string_view text, bool utf8) {
  out += '"';
  while (!text.empty()) {
    const size_t length = utf8 ? utf8_length(text) : 0;
    const char byte = text[0];
    if (length > 1) {
      out += text.substr(0, length);
    } else if (const char letter = escape_letter(byte); letter != 0) {
      out += '\\';
      out += letter;
    } else if (const auto code = static_cast<unsigned char>(byte); code < 0x20 || code >= 0x7F) {
      append_code(out, code);
    } else {
      out += byte;
    }
    text.remove_prefix(length > 1 ? length : 1);
  }
  out += '"';
}

std::string literal_double(double value) {
  std::string text = double_text(value);
  if (std::isfinite(value) && text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

void append_value(std::string& out, const Value& value);

void append_list(std::string& out, const List& items) {
  out += '[';
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ", ";
    append_value(out, items[i]);
  }
  out += ']';
}

void append_map(std::string& out, const MapEntries& entries) {
  out += '{';
  for (size_t i = 0; i < entries.size(); ++i) {
    if (i > 0) out += ", ";
    append_value(out, entries[i].first);
    out += ": ";
    append_value(out, entries[i].second);
  }
  out += '}';
}

void append_optional(std::string& out, const Value& value) {
  const Value* held = value.as_optional();
  if (held == nullptr) {
    out += "optional.none()";
    return;
  }
  out += "optional.of(";
  append_value(out, *held);
  out += ')';
}

void append_opaque(std::string& out, const Opaque& opaque) {
  if (!opaque.text.empty()) {
    out += opaque.text;
    return;
  }
  out += opaque.type;
  out += '(' + std::to_string(opaque.rank) + ')';
}

void append_unknown(std::string& out, const Unknown& unknown) {
  out += "unknown";
  for (size_t i = 0; i < unknown.needs.size(); ++i) {
    out += i == 0 ? ": " : ", ";
    out += unknown.needs[i];
  }
}

void append_value(std::string& out, const Value& value) {
  switch (value.kind()) {
    case ValueKind::kNull:
      out += "null";
      break;
    case ValueKind::kBool:
      out += *value.get_if<bool>() ? "true" : "false";
      break;
    case ValueKind::kInt:
      out += std::to_string(*value.get_if<int64_t>());
      break;
    case ValueKind::kUint:
      out += std::to_string(*value.get_if<uint64_t>()) + "u";
      break;
    case ValueKind::kDouble:
      out += literal_double(*value.get_if<double>());
      break;
    case ValueKind::kString:
      append_quoted(out, *value.as_string(), true);
      break;
    case ValueKind::kBytes:
      out += 'b';
      append_quoted(out, *value.as_bytes(), false);
      break;
    case ValueKind::kType:
      out += *value.as_type();
      break;
    case ValueKind::kList:
      append_list(out, *value.as_list());
      break;
    case ValueKind::kMap:
      append_map(out, *value.as_map());
      break;
    case ValueKind::kOptional:
      append_optional(out, value);
      break;
    case ValueKind::kOpaque:
      append_opaque(out, *value.get_if<Opaque>());
      break;
    case ValueKind::kError:
      out += value.as_error()->message;
      break;
    case ValueKind::kUnknown:
      append_unknown(out, *value.as_unknown());
      break;
  }
}

}  // namespace

std::string to_text(const Value& value) {
  std::string out;
  append_value(out, value);
  return out;
}

std::string brief_text(const Value& value) {
  constexpr size_t kLongest = 60;
  if (value.kind() <= ValueKind::kDouble) return to_text(value);
  const std::string* text = value.as_string();
  if (text == nullptr) return "a value of type " + type_name(value);
  return text->size() <= kLongest ? to_text(value)
                                  : "a string of " + std::to_string(text->size()) + " bytes";
}

std::string type_name(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kNull:
      return "null_type";
    case ValueKind::kBool:
      return "bool";
    case ValueKind::kInt:
      return "int";
    case ValueKind::kUint:
      return "uint";
    case ValueKind::kDouble:
      return "double";
    case ValueKind::kString:
      return "string";
    case ValueKind::kBytes:
      return "bytes";
    case ValueKind::kType:
      return "type";
    case ValueKind::kList:
      return "list";
    case ValueKind::kMap:
      return "map";
    case ValueKind::kOptional:
      return "optional_type";
    case ValueKind::kOpaque:
      return std::string(value.get_if<Opaque>()->type);
    case ValueKind::kError:
      return "error";
    case ValueKind::kUnknown:
      return "unknown";
  }
  return "unknown";
}

std::string double_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), result.ptr};
}

}  // namespace proctor::expr
