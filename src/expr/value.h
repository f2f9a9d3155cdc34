// Run-time values of the expression language, errors and unknowns included.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "expr/type.h"

namespace proctor::expr {

class Value;
using List = std::vector<Value>;
using MapEntries =
    std::vector<std::pair<Value, Value>>;  ///< Keys are distinct; order of insertion.

struct Null {
  friend bool operator==(Null, Null) { return true; }
};
struct Bytes {
  std::string data;
};
struct TypeName {
  std::string name;
};
/// A host value: values of one `type` compare by `rank`.
struct Opaque {
  std::string_view type;  ///< Static storage; the declared type's name.
  int64_t rank = 0;
};
/// Why there is no value. `kind` lets a caller tell an absent key from a defect of the rule.
struct EvalError {
  enum class Kind : unsigned char { kGeneral, kAbsent } kind = Kind::kGeneral;
  std::string message;
};
/// The value depends on facts that nobody gave: their names, sorted, distinct.
struct Unknown {
  std::vector<std::string> needs;
};

/// Lists, maps, strings above a few bytes, errors and unknowns are shared and immutable.
class Value {
 public:
  using Storage =
      std::variant<Null, bool, int64_t, uint64_t, double, std::shared_ptr<const std::string>,
                   std::shared_ptr<const Bytes>, std::shared_ptr<const List>,
                   std::shared_ptr<const MapEntries>, std::shared_ptr<const TypeName>, Opaque,
                   std::shared_ptr<const EvalError>, std::shared_ptr<const Unknown>>;

  Value() = default;  ///< null
  static Value of(bool v);
  static Value of(int64_t v);
  static Value of(uint64_t v);
  static Value of(double v);
  static Value string(std::string v);
  static Value bytes(std::string v);
  static Value list(List v);
  static Value map(MapEntries v);
  static Value type(std::string name);
  static Value opaque(std::string_view static_type, int64_t rank);
  static Value error(std::string message);
  static Value absent(std::string message);
  static Value unknown(std::vector<std::string> needs);
  /// The union of two unknowns' needs.
  static Value merge_unknown(const Value& a, const Value& b);

  bool is_error() const;
  bool is_unknown() const;
  template <typename T>
  const T* get_if() const;  ///< Of bool, int64_t, uint64_t, double, Opaque; else use the accessors.
  const std::string* as_string() const;
  const std::string* as_bytes() const;
  const List* as_list() const;
  const MapEntries* as_map() const;
  const EvalError* as_error() const;
  const Unknown* as_unknown() const;

  const Storage& storage() const { return storage_; }

 private:
  Storage storage_;
};

/// CEL equality: numbers across types, lists and maps deeply; REQUIRES neither is error or unknown.
bool equals(const Value& a, const Value& b);
/// For people: CEL literal notation.
std::string to_text(const Value& value);

}  // namespace proctor::expr
