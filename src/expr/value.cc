#include "expr/value.h"

#include <algorithm>
#include <iterator>

#include "text/text.h"

namespace proctor::expr {

struct Value::Shared {
  mutable std::atomic<uint32_t> references{1};
  uint32_t depth = 0;
  uint64_t weight = 0;
};

namespace {

constexpr uint64_t kScalarWeight = 16;
constexpr uint64_t kSharedWeight = 32;

struct TextRep : Value::Shared {
  std::string text;
};
struct ListRep : Value::Shared {
  List items;
};
struct MapRep : Value::Shared {
  MapEntries entries;
};
struct OptionalRep : Value::Shared {
  Value value;
};
struct OpaqueRep : Value::Shared {
  Opaque opaque;
};
struct ErrorRep : Value::Shared {
  EvalError error;
};
struct UnknownRep : Value::Shared {
  Unknown unknown;
};

TextRep* text_rep(std::string text) {
  auto* rep = new TextRep;
  rep->weight = kSharedWeight + text.size();
  rep->text = std::move(text);
  return rep;
}

void add_part(Value::Shared& rep, const Value& part) {
  rep.weight += part.weight();
  rep.depth = std::max(rep.depth, part.depth() + 1);
}

}  // namespace

template <typename Rep>
Value Value::make(ValueKind kind, Rep* rep) {
  return Value(kind, rep);
}

Value Value::of(bool v) {
  Value value;
  value.kind_ = ValueKind::kBool;
  value.data_.boolean = v;
  return value;
}

Value Value::of(int64_t v) {
  Value value;
  value.kind_ = ValueKind::kInt;
  value.data_.integer = v;
  return value;
}

Value Value::of(uint64_t v) {
  Value value;
  value.kind_ = ValueKind::kUint;
  value.data_.natural = v;
  return value;
}

Value Value::of(double v) {
  Value value;
  value.kind_ = ValueKind::kDouble;
  value.data_.real = v;
  return value;
}

Value Value::string(std::string v) { return make(ValueKind::kString, text_rep(std::move(v))); }
Value Value::bytes(std::string v) { return make(ValueKind::kBytes, text_rep(std::move(v))); }
Value Value::type(std::string name) { return make(ValueKind::kType, text_rep(std::move(name))); }

Value Value::list(List v) {
  auto* rep = new ListRep;
  rep->weight = kSharedWeight;
  rep->depth = 1;
  for (const Value& item : v) add_part(*rep, item);
  rep->items = std::move(v);
  return make(ValueKind::kList, rep);
}

Value Value::map(MapEntries v) {
  auto* rep = new MapRep;
  rep->weight = kSharedWeight;
  rep->depth = 1;
  for (const auto& [key, value] : v) {
    add_part(*rep, key);
    add_part(*rep, value);
  }
  rep->entries = std::move(v);
  return make(ValueKind::kMap, rep);
}

Value Value::optional_of(Value v) {
  auto* rep = new OptionalRep;
  rep->weight = kSharedWeight;
  add_part(*rep, v);
  rep->value = std::move(v);
  return make(ValueKind::kOptional, rep);
}

Value Value::optional_none() { return Value(ValueKind::kOptional, nullptr); }

Value Value::opaque(std::string_view static_type, int64_t rank, std::string text) {
  auto* rep = new OpaqueRep;
  rep->weight = kSharedWeight + text.size();
  rep->opaque = {static_type, rank, std::move(text)};
  return make(ValueKind::kOpaque, rep);
}

Value Value::error(std::string message, EvalError::Kind kind) {
  auto* rep = new ErrorRep;
  rep->weight = kSharedWeight;
  rep->error = {kind, std::move(message)};
  return make(ValueKind::kError, rep);
}

Value Value::absent(std::string message) {
  return error(std::move(message), EvalError::Kind::kAbsent);
}

Value Value::unknown(std::vector<std::string> needs) {
  sort_unique(needs);
  auto* rep = new UnknownRep;
  rep->weight = kSharedWeight;
  rep->unknown.needs = std::move(needs);
  return make(ValueKind::kUnknown, rep);
}

Value Value::merge_unknown(const Value& a, const Value& b) {
  const std::vector<std::string>& left = a.as_unknown()->needs;
  const std::vector<std::string>& right = b.as_unknown()->needs;
  // The usual case in a long conjunction: the same fact again.
  if (a.data_.shared == b.data_.shared || left == right) return a;
  std::vector<std::string> needs;
  std::set_union(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(needs));
  return unknown(std::move(needs));
}

void Value::add_reference() const noexcept {
  data_.shared->references.fetch_add(1, std::memory_order_relaxed);
}

void Value::drop_reference() noexcept {
  if (data_.shared->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  switch (kind_) {
    case ValueKind::kString:
    case ValueKind::kBytes:
    case ValueKind::kType:
      delete static_cast<const TextRep*>(data_.shared);
      break;
    case ValueKind::kList:
      delete static_cast<const ListRep*>(data_.shared);
      break;
    case ValueKind::kMap:
      delete static_cast<const MapRep*>(data_.shared);
      break;
    case ValueKind::kOptional:
      delete static_cast<const OptionalRep*>(data_.shared);
      break;
    case ValueKind::kOpaque:
      delete static_cast<const OpaqueRep*>(data_.shared);
      break;
    case ValueKind::kError:
      delete static_cast<const ErrorRep*>(data_.shared);
      break;
    default:
      delete static_cast<const UnknownRep*>(data_.shared);
      break;
  }
}

template <>
const Opaque* Value::get_if<Opaque>() const {
  return is(ValueKind::kOpaque) ? &static_cast<const OpaqueRep*>(data_.shared)->opaque : nullptr;
}

const std::string* Value::as_string() const {
  return is(ValueKind::kString) ? &static_cast<const TextRep*>(data_.shared)->text : nullptr;
}

const std::string* Value::as_bytes() const {
  return is(ValueKind::kBytes) ? &static_cast<const TextRep*>(data_.shared)->text : nullptr;
}

const std::string* Value::as_type() const {
  return is(ValueKind::kType) ? &static_cast<const TextRep*>(data_.shared)->text : nullptr;
}

const List* Value::as_list() const {
  return is(ValueKind::kList) ? &static_cast<const ListRep*>(data_.shared)->items : nullptr;
}

const MapEntries* Value::as_map() const {
  return is(ValueKind::kMap) ? &static_cast<const MapRep*>(data_.shared)->entries : nullptr;
}

const Value* Value::as_optional() const {
  if (!is(ValueKind::kOptional) || data_.shared == nullptr) return nullptr;
  return &static_cast<const OptionalRep*>(data_.shared)->value;
}

const EvalError* Value::as_error() const {
  return is_error() ? &static_cast<const ErrorRep*>(data_.shared)->error : nullptr;
}

const Unknown* Value::as_unknown() const {
  return is_unknown() ? &static_cast<const UnknownRep*>(data_.shared)->unknown : nullptr;
}

uint64_t Value::weight() const { return is_shared() ? data_.shared->weight : kScalarWeight; }

uint32_t Value::depth() const { return is_shared() ? data_.shared->depth : 0; }

}  // namespace proctor::expr
