#include "rules/values.h"

#include <charconv>
#include <cstdint>
#include <utility>
#include <vector>

#include "text/text.h"

namespace proctor::rules {
namespace {

using expr::Value;
using kernel::ValueType;

/// An int where it fits, a uint above; nullopt unless all of `text` is one decimal number.
std::optional<Value> number(std::string_view text) {
  const char* const end = text.data() + text.size();
  int64_t small = 0;
  if (const auto [at, error] = std::from_chars(text.data(), end, small);
      error == std::errc() && at == end) {
    return Value::of(small);
  }
  uint64_t large = 0;
  if (const auto [at, error] = std::from_chars(text.data(), end, large);
      error == std::errc() && at == end) {
    return Value::of(large);
  }
  return std::nullopt;
}

std::optional<Value> numbers(std::string_view text) {
  expr::List list;
  for (const std::string_view part : split_blanks(text)) {
    auto value = number(part);
    if (!value) return std::nullopt;
    list.push_back(*std::move(value));
  }
  return Value::list(std::move(list));
}

/// A vector of which some slots are known is a list with unknown elements.
Value unknown_of(const kernel::Cell& cell) {
  const auto parts = split_blanks(cell.text);
  if (parts.size() < 2) return Value::unknown(cell.needs);
  expr::List list;
  for (const std::string_view part : parts) {
    const auto value = number(part);
    list.push_back(value ? *value : Value::unknown(cell.needs));
  }
  return Value::list(std::move(list));
}

/// A handler of its own: whatever its text looks like.
Value guess(std::string_view text) {
  const auto parts = split_blanks(text);
  if (parts.size() == 1) {
    if (auto value = number(parts.front())) return *std::move(value);
  } else if (parts.size() > 1) {
    if (auto list = numbers(text)) return *std::move(list);
  }
  return Value::string(std::string(text));
}

}  // namespace

Value value_of(const kernel::Key& key, const kernel::Cell& cell, std::string_view path) {
  using Status = kernel::Cell::Status;
  if (cell.status == Status::kAbsent) {
    return Value::absent(kernel::path_to_dotted(path) + " does not exist on this kernel");
  }
  if (cell.status == Status::kUnknown) return unknown_of(cell);
  std::optional<Value> value;
  switch (key.type) {
    case ValueType::kInt:
    case ValueType::kUint:
    case ValueType::kU8:
    case ValueType::kBool:
    case ValueType::kLong:
    case ValueType::kUlong:
      value = number(trim(cell.text));
      break;
    case ValueType::kIntVector:
    case ValueType::kUintVector:
    case ValueType::kLongVector:
    case ValueType::kUlongVector:
      value = numbers(cell.text);
      break;
    case ValueType::kString:
    case ValueType::kPortBitmap:
    case ValueType::kMask:
      return Value::string(cell.text);
    case ValueType::kOther:
      return guess(cell.text);
  }
  return value ? *std::move(value) : Value::unknown({});
}

std::optional<std::string> spelling_of(const Value& value) {
  if (const bool* flag = value.get_if<bool>()) return *flag ? "1" : "0";
  if (const int64_t* small = value.get_if<int64_t>()) return std::to_string(*small);
  if (const uint64_t* large = value.get_if<uint64_t>()) return std::to_string(*large);
  if (const std::string* text = value.as_string()) return *text;
  if (const expr::List* list = value.as_list()) {
    std::string out;
    for (const Value& element : *list) {
      if (element.as_list() != nullptr) return std::nullopt;
      const auto part = spelling_of(element);
      if (!part) return std::nullopt;
      if (!out.empty()) out += ' ';
      out += *part;
    }
    return out;
  }
  return std::nullopt;
}

}  // namespace proctor::rules
