// Static types of the expression language.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace proctor::expr {

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
  kOpaque,  ///< A host type such as a kernel version: ordered, compared, not taken apart.
};

/// A value type: cheap to copy. `element` is a list's element or a map's value, `key` a map's key.
struct Type {
  TypeKind kind = TypeKind::kDyn;
  std::shared_ptr<const Type> element;
  std::shared_ptr<const Type> key;
  std::string_view opaque_name;  ///< Static storage.

  static Type list(Type element);
  static Type map(Type key, Type value);
  static Type opaque(std::string_view name);
  std::string to_string() const;  ///< "list(int)"
};

}  // namespace proctor::expr
