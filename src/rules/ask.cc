#include "rules/ask.h"

#include <utility>

#include "text/text.h"

namespace proctor::rules {
namespace {

using expr::Value;

Answer defect_of(const expr::EvalError& error) {
  return {Answer::Kind::kDefect, {}, error.message};
}

/// What a condition's value means: true fires, false is silent.
Answer read(const Value& value) {
  if (const bool* flag = value.get_if<bool>()) {
    return {*flag ? Answer::Kind::kFires : Answer::Kind::kSilent, {}, {}};
  }
  if (const expr::Unknown* unknown = value.as_unknown()) {
    if (unknown->needs.empty()) return {};
    return {Answer::Kind::kUndecided, unknown->needs, {}};
  }
  if (const expr::EvalError* error = value.as_error()) {
    if (error->kind == expr::EvalError::Kind::kAbsent) return {};
    return defect_of(*error);
  }
  return {Answer::Kind::kDefect, {}, "the condition is not a bool"};
}

}  // namespace

Answer ask(const Rule& rule, const Surroundings& at, const Activation& activation) {
  if (rule.kernel && !rule.kernel->contains(at.version)) return {};
  Answer answer = read(rule.when.run(activation));
  if (answer.kind == Answer::Kind::kSilent || answer.kind == Answer::Kind::kDefect) return answer;
  for (const expr::Program& unless : rule.unless) {
    const Value value = unless.run(activation);
    if (value.is_unknown() && value.as_unknown()->needs.empty()) return {};
    Answer exception = read(value);
    switch (exception.kind) {
      case Answer::Kind::kSilent:
        break;
      case Answer::Kind::kFires:
        return {};
      case Answer::Kind::kDefect:
        return exception;
      case Answer::Kind::kUndecided:
        answer.kind = Answer::Kind::kUndecided;
        answer.needs.insert(answer.needs.end(), exception.needs.begin(), exception.needs.end());
    }
  }
  sort_unique(answer.needs);
  return answer;
}

}  // namespace proctor::rules
