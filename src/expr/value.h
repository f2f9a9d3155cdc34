// Run-time values of the expression language, errors and unknowns included.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace proctor::expr {

class Value;
using List = std::vector<Value>;
using MapEntries = std::vector<std::pair<Value, Value>>;  ///< Keys are distinct; insertion order.

enum class ValueKind : uint8_t {
  kNull,
  kBool,
  kInt,
  kUint,
  kDouble,
  // From here on a value is shared and immutable.
  kString,
  kBytes,
  kType,
  kList,
  kMap,
  kOptional,
  kOpaque,
  kError,
  kUnknown,
};

/// A host value: values of one `type` compare by `rank`.
struct Opaque {
  std::string_view type;  ///< Static storage; the declared type's name.
  int64_t rank = 0;
  std::string text;  ///< How people write it ("6.1.176").
};

/// Why there is no value. `kind` lets a caller tell an absent key from a defect of the rule.
struct EvalError {
  enum class Kind : unsigned char {
    kGeneral,
    kAbsent,
    kLimit,  ///< A cap of Limits was exceeded; never absorbed by && or ||.
  } kind = Kind::kGeneral;
  std::string message;
};

/// The value depends on facts that nobody gave: their names, sorted, distinct.
struct Unknown {
  std::vector<std::string> needs;
};

/// 16 bytes, cheap to copy and to move; copies may be used from several threads.
class Value {
 public:
  Value() = default;  ///< null
  static Value of(bool v);
  static Value of(int64_t v);
  static Value of(uint64_t v);
  static Value of(double v);
  static Value string(std::string v);
  static Value bytes(std::string v);
  static Value list(List v);
  /// REQUIRES: keys are bool, int, uint or string, and distinct under equals().
  static Value map(MapEntries v);
  static Value type(std::string name);
  static Value optional_of(Value v);
  static Value optional_none();
  static Value opaque(std::string_view static_type, int64_t rank, std::string text = {});
  static Value error(std::string message, EvalError::Kind kind = EvalError::Kind::kGeneral);
  static Value absent(std::string message);
  static Value unknown(std::vector<std::string> needs);
  /// The union of two unknowns' needs. REQUIRES: both are unknowns.
  static Value merge_unknown(const Value& a, const Value& b);

  Value(const Value& other) noexcept : kind_(other.kind_), data_(other.data_) { retain(); }
  Value(Value&& other) noexcept : kind_(other.kind_), data_(other.data_) {
    other.kind_ = ValueKind::kNull;
  }
  Value& operator=(const Value& other) noexcept {
    Value copy(other);
    swap(copy);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Value() { release(); }
  void swap(Value& other) noexcept {
    std::swap(kind_, other.kind_);
    std::swap(data_, other.data_);
  }

  ValueKind kind() const { return kind_; }
  bool is(ValueKind kind) const { return kind_ == kind; }
  bool is_null() const { return kind_ == ValueKind::kNull; }
  bool is_error() const { return kind_ == ValueKind::kError; }
  bool is_unknown() const { return kind_ == ValueKind::kUnknown; }
  /// Neither error nor unknown.
  bool is_value() const { return kind_ < ValueKind::kError; }

  /// Of bool, int64_t, uint64_t, double, Opaque; nullptr for a value of another kind.
  template <typename T>
  const T* get_if() const;
  const std::string* as_string() const;
  const std::string* as_bytes() const;
  const std::string* as_type() const;  ///< The name of a type value.
  const List* as_list() const;
  const MapEntries* as_map() const;
  /// What a present optional holds; nullptr for none and for other kinds.
  const Value* as_optional() const;
  const EvalError* as_error() const;
  const Unknown* as_unknown() const;

  /// Bytes of the value as if nothing in it were shared: what walking through it costs.
  uint64_t weight() const;
  /// Levels of lists, maps and optionals; 0 for the others.
  uint32_t depth() const;

  struct Shared;  ///< Defined in value.cc: what the larger kinds point to.

 private:
  explicit Value(ValueKind kind, const Shared* shared) : kind_(kind) { data_.shared = shared; }
  bool is_shared() const { return kind_ >= ValueKind::kString && data_.shared != nullptr; }
  void retain() const noexcept {
    if (is_shared()) add_reference();
  }
  void release() noexcept {
    if (is_shared()) drop_reference();
  }
  void add_reference() const noexcept;
  void drop_reference() noexcept;
  template <typename Rep>
  static Value make(ValueKind kind, Rep* rep);

  union Data {
    bool boolean;
    int64_t integer;
    uint64_t natural;
    double real;
    const Shared* shared;
  };
  ValueKind kind_ = ValueKind::kNull;
  Data data_ = {.natural = 0};
};

template <>
inline const bool* Value::get_if<bool>() const {
  return is(ValueKind::kBool) ? &data_.boolean : nullptr;
}
template <>
inline const int64_t* Value::get_if<int64_t>() const {
  return is(ValueKind::kInt) ? &data_.integer : nullptr;
}
template <>
inline const uint64_t* Value::get_if<uint64_t>() const {
  return is(ValueKind::kUint) ? &data_.natural : nullptr;
}
template <>
inline const double* Value::get_if<double>() const {
  return is(ValueKind::kDouble) ? &data_.real : nullptr;
}
template <>
const Opaque* Value::get_if<Opaque>() const;

/// CEL equality: numbers across types, lists and maps deeply. Errors and unknowns equal nothing.
bool equals(const Value& a, const Value& b);

/// -1, 0 or 1; kUnordered: a NaN; kIncomparable: the types have no common order.
enum class Order : int8_t {
  kLess = -1,
  kEqual = 0,
  kGreater = 1,
  kUnordered = 2,
  kIncomparable = 3
};
Order compare(const Value& a, const Value& b);

/// The value of a map's key that equals `key`, or nullptr.
const Value* find_key(const MapEntries& entries, const Value& key);

/// For people: CEL literal notation; an error is its message.
std::string to_text(const Value& value);
/// to_text() of a scalar or a short string, else what it is ("a list"): for messages.
std::string brief_text(const Value& value);
/// "int", "list", "null_type": the name that type() gives; an opaque value's own.
std::string type_name(const Value& value);
/// The shortest decimal that reads back as `value`: "1.5", "1e+100", "NaN", "+Inf", "-Inf".
std::string double_text(double value);

}  // namespace proctor::expr
