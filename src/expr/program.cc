#include "expr/program.h"

#include <optional>
#include <utility>

#include "expr/checker.h"
#include "expr/code.h"
#include "expr/evaluator.h"
#include "expr/parser.h"

namespace proctor::expr {

struct Program::Impl {
  std::string owned;  ///< The packed form of a compiled program.
  CodeView code;
  std::span<const Function> functions;
  std::optional<Type> type;  ///< Of a compiled program: with the host's own opaque names.
};

Program::Program() = default;
Program::~Program() = default;
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;

Program Program::compile(std::string_view source, const Scope& scope,
                         std::vector<Problem>& problems, std::string_view container,
                         const Limits& limits, Checking checking) {
  Program program;
  Problem problem;
  const std::optional<Ast> ast = parse(source, limits, problem);
  if (!ast) {
    problems.push_back(std::move(problem));
    return program;
  }
  const size_t before = problems.size();
  Checker checker(*ast, source, scope, container, checking, problems);
  std::string packed = checker.run();
  if (problems.size() > before) return program;
  program.impl_ = std::make_unique<Impl>();
  program.impl_->owned = std::move(packed);
  program.impl_->code = CodeView(program.impl_->owned);
  program.impl_->functions = scope.functions();
  program.impl_->type = checker.type();
  return program;
}

Value Program::run(const Activation& activation, const Limits& limits) const {
  if (!impl_ || impl_->code.empty()) return Value::error("there is no expression");
  return Evaluator(impl_->code, impl_->functions, activation, limits).run();
}

Type Program::type() const {
  if (!impl_) return {};
  return impl_->type ? *impl_->type : impl_->code.type();
}

std::vector<Reference> Program::references() const {
  return impl_ ? impl_->code.references() : std::vector<Reference>();
}

std::string Program::pack() const {
  return impl_ ? std::string(impl_->code.bytes()) : std::string();
}

Program Program::unpack(std::string_view bytes, const Scope& scope) {
  Program program;
  program.impl_ = std::make_unique<Impl>();
  program.impl_->code = CodeView(bytes);
  program.impl_->functions = scope.functions();
  return program;
}

}  // namespace proctor::expr
