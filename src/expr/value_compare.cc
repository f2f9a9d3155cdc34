// Equality and order of values.
#include <cmath>

#include "expr/value.h"

namespace proctor::expr {
namespace {

template <typename T>
Order order_of(T a, T b) {
  if (a < b) return Order::kLess;
  return a > b ? Order::kGreater : Order::kEqual;
}

Order order_of_doubles(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return Order::kUnordered;
  return order_of(a, b);
}

Order reversed(Order order) {
  if (order == Order::kLess) return Order::kGreater;
  return order == Order::kGreater ? Order::kLess : order;
}

Order order_of_mixed(int64_t a, uint64_t b) {
  return a < 0 ? Order::kLess : order_of(static_cast<uint64_t>(a), b);
}

Order compare_int(int64_t a, const Value& b) {
  if (const auto* integer = b.get_if<int64_t>()) return order_of(a, *integer);
  if (const auto* natural = b.get_if<uint64_t>()) return order_of_mixed(a, *natural);
  // The conformance suite reads an integer beside a double as that integer rounded to a double.
  return order_of_doubles(static_cast<double>(a), *b.get_if<double>());
}

Order compare_uint(uint64_t a, const Value& b) {
  if (const auto* natural = b.get_if<uint64_t>()) return order_of(a, *natural);
  if (const auto* integer = b.get_if<int64_t>()) return reversed(order_of_mixed(*integer, a));
  return order_of_doubles(static_cast<double>(a), *b.get_if<double>());
}

bool is_number(ValueKind kind) {
  return kind == ValueKind::kInt || kind == ValueKind::kUint || kind == ValueKind::kDouble;
}

/// REQUIRES: both are numbers.
Order compare_numbers(const Value& a, const Value& b) {
  if (const auto* integer = a.get_if<int64_t>()) return compare_int(*integer, b);
  if (const auto* natural = a.get_if<uint64_t>()) return compare_uint(*natural, b);
  if (const auto* real = b.get_if<double>()) return order_of_doubles(*a.get_if<double>(), *real);
  return reversed(compare_numbers(b, a));
}

/// Bytes in order of their unsigned value, which for UTF-8 is the order of code points.
Order compare_text(const std::string& a, const std::string& b) { return order_of(a.compare(b), 0); }

Order compare_opaque(const Opaque& a, const Opaque& b) {
  return a.type == b.type ? order_of(a.rank, b.rank) : Order::kIncomparable;
}

bool equal_lists(const List& a, const List& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!equals(a[i], b[i])) return false;
  }
  return true;
}

bool equal_maps(const MapEntries& a, const MapEntries& b) {
  if (a.size() != b.size()) return false;
  for (const auto& [key, value] : a) {
    const Value* other = find_key(b, key);
    if (other == nullptr || !equals(value, *other)) return false;
  }
  return true;
}

bool equal_optionals(const Value& a, const Value& b) {
  const Value* left = a.as_optional();
  const Value* right = b.as_optional();
  if (left == nullptr || right == nullptr) return left == right;
  return equals(*left, *right);
}

}  // namespace

Order compare(const Value& a, const Value& b) {
  if (is_number(a.kind()) && is_number(b.kind())) return compare_numbers(a, b);
  if (a.kind() != b.kind()) return Order::kIncomparable;
  switch (a.kind()) {
    case ValueKind::kBool:
      return order_of<int>(*a.get_if<bool>() ? 1 : 0, *b.get_if<bool>() ? 1 : 0);
    case ValueKind::kString:
      return compare_text(*a.as_string(), *b.as_string());
    case ValueKind::kBytes:
      return compare_text(*a.as_bytes(), *b.as_bytes());
    case ValueKind::kOpaque:
      return compare_opaque(*a.get_if<Opaque>(), *b.get_if<Opaque>());
    default:
      return Order::kIncomparable;
  }
}

bool equals(const Value& a, const Value& b) {
  if (is_number(a.kind()) && is_number(b.kind())) return compare_numbers(a, b) == Order::kEqual;
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case ValueKind::kNull:
      return true;
    case ValueKind::kType:
      return *a.as_type() == *b.as_type();
    case ValueKind::kList:
      return equal_lists(*a.as_list(), *b.as_list());
    case ValueKind::kMap:
      return equal_maps(*a.as_map(), *b.as_map());
    case ValueKind::kOptional:
      return equal_optionals(a, b);
    default:
      return compare(a, b) == Order::kEqual;
  }
}

const Value* find_key(const MapEntries& entries, const Value& key) {
  for (const auto& [candidate, value] : entries) {
    if (equals(candidate, key)) return &value;
  }
  return nullptr;
}

}  // namespace proctor::expr
