// Comprehensions: all, exists, exists_one, filter, map and their forms with two variables.
#include <string>
#include <utility>

#include "expr/evaluator.h"
#include "expr/failure.h"
#include "expr/operators.h"

namespace proctor::expr {

/// Walks a list's elements or a map's keys, binding the variables. With two variables they are
/// index and element, or key and value.
class Elements {
 public:
  Elements(Evaluator& evaluator, const Instruction& code, const Value& range)
      : evaluator_(evaluator),
        first_(evaluator.slots_[code.a]),
        second_(code.flag != 0 ? &evaluator.slots_[code.a + 1] : nullptr),
        list_(range.as_list()),
        map_(range.as_map()) {}
  ~Elements() {
    first_ = {};
    if (second_ != nullptr) *second_ = {};
  }
  Elements(const Elements&) = delete;
  Elements& operator=(const Elements&) = delete;

  bool next() {
    if (evaluator_.meter_.exhausted() || at_ >= size()) return false;
    if (list_ != nullptr) {
      const Value& element = (*list_)[at_];
      first_ = second_ != nullptr ? Value::of(static_cast<int64_t>(at_)) : element;
      if (second_ != nullptr) *second_ = element;
    } else {
      first_ = (*map_)[at_].first;
      if (second_ != nullptr) *second_ = (*map_)[at_].second;
    }
    ++at_;
    return true;
  }
  /// The list's element or the map's key of this turn.
  const Value& element() const {
    return list_ != nullptr ? (*list_)[at_ - 1] : (*map_)[at_ - 1].first;
  }
  /// REQUIRES: two variables. The list's index or the map's key of this turn.
  const Value& element_key() const { return first_; }

 private:
  size_t size() const { return list_ != nullptr ? list_->size() : map_->size(); }

  Evaluator& evaluator_;
  Value& first_;
  Value* second_;
  const List* list_;
  const MapEntries* map_;
  size_t at_ = 0;
};

namespace {

/// Adds what one turn of transformMap or transformMapEntry gives; false: `error` says why not.
bool add_entries(Meter& meter, MapEntries& entries, const MapEntries& added, Value& error) {
  for (const auto& [key, value] : added) {
    if (!meter.work(entries.size() * sizeof(Value))) {
      error = meter.error();
      return false;
    }
    if (find_key(entries, key) != nullptr) {
      error = Value::error("the map has the key " + brief_text(key) + " twice");
      return false;
    }
    entries.emplace_back(key, value);
  }
  return true;
}

Value no_condition(const Value& value) {
  return Value::error("a condition is " + type_name(value) + ", not bool");
}

}  // namespace

Value Evaluator::eval_comprehension(const Instruction& code) {
  // The range is held here: the elements are read where it lies.
  Value range = eval(code_.child(code.first()));
  if (!range.is_value()) return range;
  if (!range.is(ValueKind::kList) && !range.is(ValueKind::kMap)) {
    return Value::error("no elements in " + type_name(range));
  }
  switch (static_cast<Macro>(code.sub)) {
    case Macro::kAll:
      return eval_quantifier(code, range, false);
    case Macro::kExists:
      return eval_quantifier(code, range, true);
    case Macro::kExistsOne:
      return eval_exists_one(code, range);
    case Macro::kFilter:
      return eval_filter(code, range);
    default:
      return eval_transform(code, range);
  }
}

Value Evaluator::eval_quantifier(const Instruction& code, const Value& range, bool decisive) {
  Absorbed absorbed;
  Elements elements(*this, code, range);
  while (elements.next()) {
    Value term = eval(code_.child(code.first() + 1));
    if (const auto* boolean = term.get_if<bool>()) {
      if (*boolean == decisive) return term;
    } else {
      absorbed.add(term.is_value() ? no_condition(term) : std::move(term));
    }
  }
  return absorbed.any() ? absorbed.take() : Value::of(!decisive);
}

Value Evaluator::eval_exists_one(const Instruction& code, const Value& range) {
  Failure failure;
  size_t hits = 0;
  Elements elements(*this, code, range);
  while (elements.next()) {
    Value term = eval(code_.child(code.first() + 1));
    if (const auto* boolean = term.get_if<bool>()) {
      hits += *boolean ? 1 : 0;
    } else if (!failure.add(term.is_value() ? no_condition(term) : std::move(term))) {
      break;
    }
  }
  return failure.any() ? failure.take() : Value::of(hits == 1);
}

Value Evaluator::eval_filter(const Instruction& code, const Value& range) {
  Failure failure;
  List kept;
  Elements elements(*this, code, range);
  while (elements.next()) {
    Value term = eval(code_.child(code.first() + 1));
    if (const auto* boolean = term.get_if<bool>()) {
      if (!*boolean) continue;
      if (!meter_.build(elements.element().weight())) break;
      kept.push_back(elements.element());
    } else if (!failure.add(term.is_value() ? no_condition(term) : std::move(term))) {
      break;
    }
  }
  return failure.any() ? failure.take() : Value::list(std::move(kept));
}

bool Evaluator::eval_transform_turn(const Instruction& code, Failure& failure, Value& item) {
  const bool conditional = code.count() == 3;
  if (conditional) {
    Value term = eval(code_.child(code.first() + 1));
    const auto* boolean = term.get_if<bool>();
    if (boolean == nullptr) {
      failure.add(term.is_value() ? no_condition(term) : std::move(term));
      return false;
    }
    if (!*boolean) return false;
  }
  item = eval(code_.child(code.first() + code.count() - 1));
  if (item.is_value()) return meter_.build(item.weight());
  failure.add(std::move(item));
  return false;
}

Value Evaluator::eval_transform(const Instruction& code, const Value& range) {
  const auto macro = static_cast<Macro>(code.sub);
  Failure failure;
  List items;
  MapEntries entries;
  Elements elements(*this, code, range);
  while (!failure.is_final() && elements.next()) {
    Value item;
    if (!eval_transform_turn(code, failure, item)) continue;
    if (macro == Macro::kTransformMap) {
      const Value& key = elements.element_key();
      if (!meter_.build(key.weight())) break;
      entries.emplace_back(key, std::move(item));
    } else if (macro == Macro::kTransformMapEntry) {
      const MapEntries* added = item.as_map();
      Value error = added == nullptr
                        ? Value::error("transformMapEntry() takes a map, not " + type_name(item))
                        : Value();
      if (added == nullptr || !add_entries(meter_, entries, *added, error)) {
        failure.add(std::move(error));
      }
    } else {
      items.push_back(std::move(item));
    }
  }
  if (failure.any()) return failure.take();
  const bool to_map = macro == Macro::kTransformMap || macro == Macro::kTransformMapEntry;
  return meter_.nested(to_map ? Value::map(std::move(entries)) : Value::list(std::move(items)));
}

}  // namespace proctor::expr
