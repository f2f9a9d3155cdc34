#include "expr/type.h"

#include <algorithm>
#include <utility>

#include "expr/value.h"

namespace proctor::expr {
namespace {

std::shared_ptr<const Type> share(Type type, uint32_t& depth) {
  // A null part already means dyn; sharing it would only cost memory.
  if (type.is_dyn() || type.depth >= Type::kMaxDepth) return nullptr;
  depth = std::max(depth, type.depth + 1);
  return std::make_shared<const Type>(std::move(type));
}

std::string_view simple_name(TypeKind kind) {
  switch (kind) {
    case TypeKind::kDyn:
      return "dyn";
    case TypeKind::kNull:
      return "null_type";
    case TypeKind::kBool:
      return "bool";
    case TypeKind::kInt:
      return "int";
    case TypeKind::kUint:
      return "uint";
    case TypeKind::kDouble:
      return "double";
    case TypeKind::kString:
      return "string";
    case TypeKind::kBytes:
      return "bytes";
    case TypeKind::kList:
      return "list";
    case TypeKind::kMap:
      return "map";
    case TypeKind::kType:
      return "type";
    case TypeKind::kOptional:
      return "optional_type";
    case TypeKind::kOpaque:
      return "opaque";
  }
  return "dyn";
}

/// Both are relations on the parts of two types of one kind.
template <typename Relation>
bool parts_related(const Type& a, const Type& b, Relation relation) {
  if (a.kind == TypeKind::kOpaque) return a.opaque_name == b.opaque_name;
  return relation(a.key_type(), b.key_type()) && relation(a.element_type(), b.element_type());
}

bool has_parts(TypeKind kind) {
  return kind == TypeKind::kList || kind == TypeKind::kMap || kind == TypeKind::kOptional ||
         kind == TypeKind::kOpaque;
}

}  // namespace

Type Type::list(Type element) {
  Type type(TypeKind::kList);
  type.element = share(std::move(element), type.depth);
  return type;
}

Type Type::map(Type key, Type value) {
  Type type(TypeKind::kMap);
  type.key = share(std::move(key), type.depth);
  type.element = share(std::move(value), type.depth);
  return type;
}

Type Type::optional(Type element) {
  Type type(TypeKind::kOptional);
  type.element = share(std::move(element), type.depth);
  return type;
}

Type Type::opaque(std::string_view name) {
  Type type(TypeKind::kOpaque);
  type.opaque_name = name;
  return type;
}

std::string Type::to_string() const {
  if (kind == TypeKind::kOpaque) return std::string(opaque_name);
  std::string text(simple_name(kind));
  if (kind == TypeKind::kList || kind == TypeKind::kOptional) {
    text += "(" + element_type().to_string() + ")";
  } else if (kind == TypeKind::kMap) {
    text += "(" + key_type().to_string() + ", " + element_type().to_string() + ")";
  }
  return text;
}

bool Type::is_number() const {
  return kind == TypeKind::kInt || kind == TypeKind::kUint || kind == TypeKind::kDouble;
}

bool Type::is_ordered() const {
  return is_number() || kind == TypeKind::kBool || kind == TypeKind::kString ||
         kind == TypeKind::kBytes || kind == TypeKind::kOpaque;
}

bool operator==(const Type& a, const Type& b) {
  if (a.kind != b.kind) return false;
  if (!has_parts(a.kind)) return true;
  return parts_related(a, b, [](const Type& x, const Type& y) { return x == y; });
}

bool assignable(const Type& from, const Type& to) {
  if (from.is_dyn() || to.is_dyn()) return true;
  if (from.kind != to.kind) return false;
  return !has_parts(from.kind) || parts_related(from, to, assignable);
}

bool comparable(const Type& a, const Type& b) {
  if (a.is_dyn() || b.is_dyn()) return true;
  if (a.is_number() && b.is_number()) return true;
  if (a.kind != b.kind) return false;
  return !has_parts(a.kind) || parts_related(a, b, comparable);
}

Type join(const Type& a, const Type& b) {
  if (a == b) return a;
  if (a.kind != b.kind) return {};
  switch (a.kind) {
    case TypeKind::kList:
      return Type::list(join(a.element_type(), b.element_type()));
    case TypeKind::kMap:
      return Type::map(join(a.key_type(), b.key_type()), join(a.element_type(), b.element_type()));
    case TypeKind::kOptional:
      return Type::optional(join(a.element_type(), b.element_type()));
    default:
      return {};
  }
}

Type type_of(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kList: {
      const List& items = *value.as_list();
      Type element = items.empty() ? Type() : type_of(items[0]);
      for (const Value& item : items) element = join(element, type_of(item));
      return Type::list(std::move(element));
    }
    case ValueKind::kMap: {
      const MapEntries& entries = *value.as_map();
      Type key = entries.empty() ? Type() : type_of(entries[0].first);
      Type element = entries.empty() ? Type() : type_of(entries[0].second);
      for (const auto& [name, item] : entries) {
        key = join(key, type_of(name));
        element = join(element, type_of(item));
      }
      return Type::map(std::move(key), std::move(element));
    }
    case ValueKind::kOptional: {
      const Value* held = value.as_optional();
      return Type::optional(held == nullptr ? Type() : type_of(*held));
    }
    case ValueKind::kOpaque:
      return Type::opaque(value.get_if<Opaque>()->type);
    case ValueKind::kError:
    case ValueKind::kUnknown:
      return {};
    case ValueKind::kType:
      return TypeKind::kType;
    default: {
      static constexpr TypeKind kScalars[] = {TypeKind::kNull, TypeKind::kBool,   TypeKind::kInt,
                                              TypeKind::kUint, TypeKind::kDouble, TypeKind::kString,
                                              TypeKind::kBytes};
      return kScalars[static_cast<size_t>(value.kind())];
    }
  }
}

void append_type(std::string& out, const Type& type) {
  out += static_cast<char>(type.kind);
  if (type.kind == TypeKind::kOpaque) {
    out += static_cast<char>(type.opaque_name.size());
    out += type.opaque_name;
    return;
  }
  if (type.kind == TypeKind::kMap) append_type(out, type.key_type());
  if (has_parts(type.kind)) append_type(out, type.element_type());
}

Type read_type(std::string_view bytes, size_t& at) {
  const auto kind = static_cast<TypeKind>(bytes[at++]);
  switch (kind) {
    case TypeKind::kOpaque: {
      const size_t length = static_cast<unsigned char>(bytes[at++]);
      Type type = Type::opaque(bytes.substr(at, length));
      at += length;
      return type;
    }
    case TypeKind::kMap: {
      Type key = read_type(bytes, at);
      return Type::map(std::move(key), read_type(bytes, at));
    }
    case TypeKind::kList:
      return Type::list(read_type(bytes, at));
    case TypeKind::kOptional:
      return Type::optional(read_type(bytes, at));
    default:
      return kind;
  }
}

}  // namespace proctor::expr
