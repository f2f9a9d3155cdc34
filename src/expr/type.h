// Static types of the expression language.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace proctor::expr {

class Value;

enum class TypeKind : unsigned char {
  kDyn,  ///< Not known before evaluation.
  kNull,
  kBool,
  kInt,   ///< int64
  kUint,  ///< uint64
  kDouble,
  kString,
  kBytes,
  kList,
  kMap,
  kType,
  kOptional,
  kOpaque,  ///< A host type such as a kernel version: ordered, compared, not taken apart.
};

/// A value type: cheap to copy. `element` is a list's element, a map's value, or what an optional
/// holds; `key` is a map's key. A null `element` or `key` is dyn.
struct Type {
  TypeKind kind = TypeKind::kDyn;
  std::shared_ptr<const Type> element;
  std::shared_ptr<const Type> key;
  std::string_view opaque_name;  ///< Static storage.
  /// Levels of parts, at most kMaxDepth: a part that would lie deeper is dyn, so that whoever walks
  /// a type may recurse.
  uint32_t depth = 0;
  static constexpr uint32_t kMaxDepth = 32;

  Type() = default;
  Type(TypeKind simple) : kind(simple) {}  // NOLINT(google-explicit-constructor)

  static Type list(Type element);
  static Type map(Type key, Type value);
  static Type optional(Type element);
  static Type opaque(std::string_view name);
  std::string to_string() const;  ///< "list(int)"

  bool is(TypeKind other) const { return kind == other; }
  bool is_dyn() const { return kind == TypeKind::kDyn; }
  /// int, uint or double.
  bool is_number() const;
  /// Values of this type have an order: `<` and its relatives apply.
  bool is_ordered() const;
  Type element_type() const { return element ? *element : Type(); }
  Type key_type() const { return key ? *key : Type(); }

  friend bool operator==(const Type& a, const Type& b);
};

/// Whether a value of type `from` may stand where `to` is expected: equal, or dyn on either side at
/// any depth.
bool assignable(const Type& from, const Type& to);
/// As assignable(), and numbers of any type stand for each other: what == and `in` compare.
bool comparable(const Type& a, const Type& b);
/// The type of a place that holds either: the common type, or dyn where they differ.
Type join(const Type& a, const Type& b);

/// The type of a value, as a check would find it; dyn for an error or an unknown.
Type type_of(const Value& value);

/// The packed form: one byte for a simple type, then the parts.
void append_type(std::string& out, const Type& type);
/// Reads what append_type() wrote and moves `at` past it. An opaque name points into `bytes`.
Type read_type(std::string_view bytes, size_t& at);

}  // namespace proctor::expr
