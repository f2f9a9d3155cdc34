#include "expr/json.h"

#include <nlohmann/json.hpp>
#include <set>

#include "expr/literal.h"
#include "expr/operators.h"
#include "text/text.h"

namespace proctor::expr {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMaxDepth = 64;

/// JSON strings are UTF-8: other bytes are written as \xNN.
std::string printable(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const size_t length = utf8_length(bytes);
    if (length == 0) {
      out += escape_bytes(bytes.substr(0, 1));
    } else {
      out += bytes.substr(0, length);
    }
    bytes.remove_prefix(std::max<size_t>(length, 1));
  }
  return out;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char byte : bytes) {
    const auto code = static_cast<unsigned char>(byte);
    out += kDigits[code >> 4U];
    out += kDigits[code & 15U];
  }
  return out;
}

std::string json_double(double value) {
  std::string text = double_text(value);
  if (text == "+Inf") return "Infinity";
  return text == "-Inf" ? "-Infinity" : text;
}

Json value_json(const Value& value);

Json list_json(const List& items) {
  Json result = Json::array();
  for (const Value& item : items) result.push_back(value_json(item));
  return result;
}

Json map_json(const MapEntries& entries) {
  Json result = Json::array();
  for (const auto& [key, value] : entries) {
    result.push_back(Json::array({value_json(key), value_json(value)}));
  }
  return result;
}

Json optional_json(const Value& value) {
  const Value* held = value.as_optional();
  return held == nullptr ? Json() : value_json(*held);
}

Json value_json(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kNull:
      return {{"null", nullptr}};
    case ValueKind::kBool:
      return {{"bool", *value.get_if<bool>()}};
    case ValueKind::kInt:
      return {{"int", std::to_string(*value.get_if<int64_t>())}};
    case ValueKind::kUint:
      return {{"uint", std::to_string(*value.get_if<uint64_t>())}};
    case ValueKind::kDouble:
      return {{"double", json_double(*value.get_if<double>())}};
    case ValueKind::kString:
      return {{"string", printable(*value.as_string())}};
    case ValueKind::kBytes:
      return {{"bytes", to_hex(*value.as_bytes())}};
    case ValueKind::kType:
      return {{"type", *value.as_type()}};
    case ValueKind::kList:
      return {{"list", list_json(*value.as_list())}};
    case ValueKind::kMap:
      return {{"map", map_json(*value.as_map())}};
    case ValueKind::kOptional:
      return {{"optional", optional_json(value)}};
    case ValueKind::kOpaque:
      return {{std::string(value.get_if<Opaque>()->type), printable(to_text(value))}};
    case ValueKind::kError:
      return {{"error", printable(value.as_error()->message)}};
    case ValueKind::kUnknown:
      return {{"unknown", value.as_unknown()->needs}};
  }
  return {};
}

/// Reads the notation. The first mistake is kept; what is read after it does not matter.
class Reader {
 public:
  Value read(const Json& json, int depth = 0) {
    if (depth > kMaxDepth) return fail("a value is nested too deeply");
    if (!json.is_object() || json.size() != 1) {
      return fail("a value is an object with one member, such as {\"int\": \"3\"}");
    }
    const std::string kind = json.begin().key();
    const Json& body = json.begin().value();
    if (kind == "null") return {};
    if (kind == "bool") return body.is_boolean() ? Value::of(body.get<bool>()) : wrong(kind);
    if (kind == "int") return number<int64_t>(kind, body, parse_int64);
    if (kind == "uint") return number<uint64_t>(kind, body, parse_uint64);
    if (kind == "double") return number<double>(kind, body, read_double);
    if (kind == "list") return list(kind, body, depth);
    if (kind == "map") return map(kind, body, depth);
    if (kind == "unknown") return unknown(kind, body);
    if (kind == "optional") {
      if (body.is_null()) return Value::optional_none();
      return Value::optional_of(read(body, depth + 1));
    }
    return text(kind, body);
  }

  const std::string& error() const { return error_; }

 private:
  static bool read_double(std::string_view text, double& value) {
    // CEL's own spelling of an infinity has a sign, JSON's is a word; from_chars takes the words.
    if (text == "+Inf") text = "inf";
    return parse_double(text, value);
  }

  Value fail(std::string message) {
    if (error_.empty()) error_ = std::move(message);
    return {};
  }

  Value wrong(const std::string& kind) { return fail("{\"" + kind + "\": ...} holds no " + kind); }

  template <typename T>
  Value number(const std::string& kind, const Json& body, bool (*parse)(std::string_view, T&)) {
    T value{};
    const bool exact = body.is_number_integer() || (kind == "double" && body.is_number());
    const std::string text = body.is_string() ? body.get<std::string>() : body.dump();
    if ((!body.is_string() && !exact) || !parse(text, value)) return wrong(kind);
    return Value::of(value);
  }

  Value text(const std::string& kind, const Json& body) {
    if (!body.is_string()) return wrong(kind);
    auto text = body.get<std::string>();
    if (kind == "string") return Value::string(std::move(text));
    if (kind == "type") return Value::type(std::move(text));
    if (kind == "error") return Value::error(std::move(text));
    if (kind == "bytes") return hex(text);
    return fail("\"" + kind + "\" is no kind of value");
  }

  Value hex(const std::string& digits) {
    std::string out;
    if (digits.size() % 2 != 0) return wrong("bytes");
    for (size_t i = 0; i < digits.size(); i += 2) {
      const int high = digit(digits[i]);
      const int low = digit(digits[i + 1]);
      if (high < 0 || low < 0) return wrong("bytes");
      out += static_cast<char>(high * 16 + low);
    }
    return Value::bytes(std::move(out));
  }

  static int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  }

  Value list(const std::string& kind, const Json& body, int depth) {
    if (!body.is_array()) return wrong(kind);
    List items;
    for (const Json& item : body) items.push_back(read(item, depth + 1));
    return Value::list(std::move(items));
  }

  Value map(const std::string& kind, const Json& body, int depth) {
    if (!body.is_array()) return wrong(kind);
    MapEntries entries;
    for (const Json& entry : body) {
      if (!entry.is_array() || entry.size() != 2) return fail("a map's entry is [key, value]");
      Value key = read(entry[0], depth + 1);
      if (!is_key(key)) return fail("a map's key is bool, int, uint or string");
      if (find_key(entries, key) != nullptr)
        return fail("a map has the key " + to_text(key) + " twice");
      entries.emplace_back(std::move(key), read(entry[1], depth + 1));
    }
    return Value::map(std::move(entries));
  }

  Value unknown(const std::string& kind, const Json& body) {
    std::vector<std::string> needs;
    if (!body.is_array()) return wrong(kind);
    for (const Json& name : body) {
      if (!name.is_string()) return wrong(kind);
      needs.push_back(name.get<std::string>());
    }
    return Value::unknown(std::move(needs));
  }

  std::string error_;
};

Result<Json> parse_json(std::string_view text) {
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    return Error{"the JSON is wrong at byte " + std::to_string(error.byte)};
  }
}

}  // namespace

std::string to_json(const Value& value) { return value_json(value).dump(); }

std::string result_to_json(const Value& value) {
  if (!value.is_value()) return to_json(value);
  return Json{{"value", value_json(value)}}.dump();
}

Result<Value> value_from_json(std::string_view json) {
  const Result<Json> parsed = parse_json(json);
  if (!parsed) return Error{parsed.error()};
  Reader reader;
  Value value = reader.read(*parsed);
  if (!reader.error().empty()) return Error{reader.error()};
  return value;
}

Result<std::vector<std::pair<std::string, Value>>> bindings_from_json(std::string_view json) {
  const Result<Json> parsed = parse_json(json);
  if (!parsed) return Error{parsed.error()};
  if (!parsed->is_object()) return Error{"bindings are a JSON object of names to values"};
  std::vector<std::pair<std::string, Value>> bindings;
  for (const auto& [name, body] : parsed->items()) {
    Reader reader;
    Value value = reader.read(body);
    if (!reader.error().empty()) return Error{"`" + name + "`: " + reader.error()};
    bindings.emplace_back(name, std::move(value));
  }
  return bindings;
}

}  // namespace proctor::expr
