#include "expr/evaluator.h"

#include <bit>
#include <string>
#include <utility>

#include "expr/builtins.h"
#include "expr/failure.h"
#include "expr/operators.h"

namespace proctor::expr {
namespace {

bool takes(const Function& function, std::span<const Value> arguments) {
  if (function.parameters.size() != arguments.size()) return false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!accepts(function.parameters[i], arguments[i])) return false;
  }
  return true;
}

}  // namespace

Value Meter::error() const {
  return Value::error(
      too_large_ ? "the expression builds too much data" : "the expression takes too many steps",
      EvalError::Kind::kLimit);
}

Evaluator::Evaluator(const CodeView& code, std::span<const Function> functions,
                     const Activation& host, const Limits& limits)
    : code_(code), functions_(functions), host_(host), meter_(limits) {
  slots_.resize(code.header().slots);
}

Value Evaluator::run() {
  Value result = eval(code_.header().root);
  // && and || must not hide that the evaluation was cut short.
  return meter_.exhausted() ? meter_.error() : result;
}

Value Evaluator::eval(uint32_t index) {
  if (!meter_.step()) return meter_.error();
  const Instruction code = code_.at(index);
  switch (code.op) {
    case Op::kLoad:
    case Op::kHasName:
      return eval_named(code);
    case Op::kSelect:
    case Op::kHasField:
      return eval_field(code);
    case Op::kIndex:
      return eval_index(code);
    case Op::kList:
      return eval_list(code);
    case Op::kMap:
      return eval_map(code);
    case Op::kAnd:
      return eval_logical(code, false);
    case Op::kOr:
      return eval_logical(code, true);
    case Op::kConditional:
      return eval_conditional(code);
    case Op::kBinary:
      return eval_binary(code);
    case Op::kBuiltin:
      return eval_builtin(code);
    case Op::kHost:
      return eval_host(code);
    case Op::kReference:
      return eval_reference(code);
    case Op::kComprehension:
      return eval_comprehension(code);
    case Op::kBind:
      return eval_bind(code);
    case Op::kOptionalMap:
      return eval_optional_map(code);
    default:
      return eval_simple(code);
  }
}

Value Evaluator::eval_simple(const Instruction& code) {
  switch (code.op) {
    case Op::kBool:
      return Value::of(code.immediate != 0);
    case Op::kInt:
      return Value::of(static_cast<int64_t>(code.immediate));
    case Op::kUint:
      return Value::of(code.immediate);
    case Op::kDouble:
      return Value::of(std::bit_cast<double>(code.immediate));
    case Op::kLocal:
      return slots_[code.a];
    case Op::kOptionalEntry:
      return eval(code.a);
    case Op::kFail:
      return Value::error(std::string(code_.text(code)));
    case Op::kString:
    case Op::kBytes:
    case Op::kTypeValue: {
      if (!meter_.work(code.count())) return meter_.error();
      std::string text(code_.text(code));
      if (code.op == Op::kString) return Value::string(std::move(text));
      return code.op == Op::kBytes ? Value::bytes(std::move(text)) : Value::type(std::move(text));
    }
    case Op::kNot:
    case Op::kNegate: {
      Value operand = eval(code.a);
      if (!operand.is_value()) return operand;
      return code.op == Op::kNot ? logical_not(operand) : negate(operand);
    }
    default:
      return {};
  }
}

bool Evaluator::eval_children(uint32_t first, uint32_t count, Values& values) {
  Failure failure;
  values.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    Value value = eval(code_.child(first + i));
    if (value.is_value()) {
      values.push_back(std::move(value));
    } else if (!failure.add(std::move(value))) {
      break;
    }
  }
  if (!failure.any()) return true;
  values.assign(1, failure.take());
  return false;
}

Value Evaluator::eval_named(const Instruction& code) {
  Values dynamic;
  if (code.count() > 0 && !eval_children(code.first(), code.count(), dynamic)) return dynamic[0];
  for (const Value& step : dynamic) {
    if (!step.is(ValueKind::kString)) return Value::error("a name holds " + type_name(step));
  }
  const auto id = static_cast<int32_t>(code.a);
  return code.op == Op::kLoad ? host_.load(id, dynamic) : host_.has(id, dynamic);
}

Value Evaluator::eval_list(const Instruction& code) {
  Values items;
  if (!eval_children(code.first(), code.count(), items)) return items[0];
  if (code.flag != 0) {
    Values present;
    for (uint32_t i = 0; i < code.count(); ++i) {
      if (code_.at(code_.child(code.first() + i)).op != Op::kOptionalEntry) {
        present.push_back(items[i]);
      } else if (!items[i].is(ValueKind::kOptional)) {
        return Value::error("`?` takes an optional, not " + type_name(items[i]));
      } else if (const Value* held = items[i].as_optional()) {
        present.push_back(*held);
      }
    }
    items = std::move(present);
  }
  Value list = Value::list(std::move(items));
  return meter_.build(list.weight()) ? meter_.nested(std::move(list)) : meter_.error();
}

Value Evaluator::eval_map(const Instruction& code) {
  Values parts;
  if (!eval_children(code.first(), code.count(), parts)) return parts[0];
  MapEntries entries;
  for (uint32_t i = 0; i + 1 < code.count(); i += 2) {
    Value value = parts[i + 1];
    if (code_.at(code_.child(code.first() + i + 1)).op == Op::kOptionalEntry) {
      if (!value.is(ValueKind::kOptional)) {
        return Value::error("`?` takes an optional, not " + type_name(value));
      }
      const Value* held = value.as_optional();
      if (held == nullptr) continue;
      value = Value(*held);
    }
    if (!is_key(parts[i])) return Value::error("a map has no " + type_name(parts[i]) + " keys");
    if (!meter_.work(entries.size() * sizeof(Value))) return meter_.error();
    if (find_key(entries, parts[i]) != nullptr) {
      return Value::error("the map has the key " + brief_text(parts[i]) + " twice");
    }
    entries.emplace_back(parts[i], std::move(value));
  }
  Value map = Value::map(std::move(entries));
  return meter_.build(map.weight()) ? meter_.nested(std::move(map)) : meter_.error();
}

Value Evaluator::eval_logical(const Instruction& code, bool decisive) {
  Absorbed absorbed;
  for (uint32_t i = 0; i < code.count(); ++i) {
    Value term = eval(code_.child(code.first() + i));
    if (const auto* boolean = term.get_if<bool>()) {
      if (*boolean == decisive) return term;
    } else if (term.is_value()) {
      absorbed.add(Value::error(std::string("no operator ") + (decisive ? "||" : "&&") + " on " +
                                type_name(term)));
    } else {
      absorbed.add(std::move(term));
    }
  }
  return absorbed.any() ? absorbed.take() : Value::of(!decisive);
}

Value Evaluator::eval_conditional(const Instruction& code) {
  Value condition = eval(code_.child(code.first()));
  if (!condition.is_value()) return condition;
  const auto* boolean = condition.get_if<bool>();
  if (boolean == nullptr) return Value::error("no operator ?: on " + type_name(condition));
  return eval(code_.child(code.first() + (*boolean ? 1 : 2)));
}

Value Evaluator::eval_binary(const Instruction& code) {
  Value left = eval(code.a);
  if (left.is_error()) return left;
  Value right = eval(static_cast<uint32_t>(code.immediate));
  if (right.is_error()) return right;
  if (left.is_unknown()) return right.is_unknown() ? Value::merge_unknown(left, right) : left;
  if (right.is_unknown()) return right;
  return apply_binary(static_cast<BinaryOp>(code.sub), meter_, left, right);
}

Value Evaluator::eval_field(const Instruction& code) {
  Value operand = eval(code.a);
  if (!operand.is_value()) return operand;
  const std::string_view name = code_.text(code);
  if (code.op == Op::kHasField) return has_field(meter_, operand, name);
  return select_field(meter_, operand, name, code.flag != 0);
}

Value Evaluator::eval_index(const Instruction& code) {
  Values parts;
  if (!eval_children(code.first(), code.count(), parts)) return parts[0];
  return index_value(meter_, parts[0], parts[1], code.flag != 0);
}

Value Evaluator::eval_builtin(const Instruction& code) {
  Values arguments;
  if (!eval_children(code.first(), code.count(), arguments)) return arguments[0];
  if (std::optional<Value> result = call_builtin(code.a, meter_, arguments)) {
    return *std::move(result);
  }
  return no_overload(builtins()[code.a].name, arguments);
}

Value Evaluator::eval_host(const Instruction& code) {
  Values arguments;
  if (!eval_children(code.first(), code.count(), arguments)) return arguments[0];
  const Function& named = functions_[code.a];
  for (const Function& candidate : functions_.subspan(code.a)) {
    if (candidate.name != named.name || candidate.member != named.member ||
        candidate.by_reference || !takes(candidate, arguments)) {
      continue;
    }
    if (candidate.call != nullptr) return candidate.call(arguments);
    return host_.call(candidate.id, arguments);
  }
  if (code.sub > 0) {
    if (std::optional<Value> result = call_builtin(code.sub - 1U, meter_, arguments)) {
      return *std::move(result);
    }
  }
  return no_overload(named.name, arguments);
}

Value Evaluator::eval_reference(const Instruction& code) {
  const Instruction name = code_.at(code_.child(code.first()));
  Values dynamic;
  if (!eval_children(name.first(), name.count(), dynamic)) return dynamic[0];
  Values arguments;
  if (!eval_children(code.first() + 1, code.count() - 1, arguments)) return arguments[0];
  return host_.call_reference(functions_[code.a].id, static_cast<int32_t>(name.a), dynamic,
                              arguments);
}

Value Evaluator::eval_bind(const Instruction& code) {
  slots_[code.a] = eval(code_.child(code.first()));
  Value result = eval(code_.child(code.first() + 1));
  slots_[code.a] = {};
  return result;
}

Value Evaluator::eval_optional_map(const Instruction& code) {
  Value target = eval(code_.child(code.first()));
  if (!target.is_value()) return target;
  if (!target.is(ValueKind::kOptional)) return no_overload("optMap", {&target, 1});
  const Value* held = target.as_optional();
  if (held == nullptr) return target;
  slots_[code.a] = *held;
  Value result = eval(code_.child(code.first() + 1));
  slots_[code.a] = {};
  if (!result.is_value()) return result;
  if (code.flag != 0) {
    return result.is(ValueKind::kOptional) ? result : no_overload("optFlatMap", {&result, 1});
  }
  if (!meter_.build(result.weight())) return meter_.error();
  return meter_.nested(Value::optional_of(std::move(result)));
}

}  // namespace proctor::expr
