// eval: a CEL expression against facts and values, for those who write rules.
#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "cli/commands.h"
#include "cli/host_values.h"
#include "cli/input.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "cli/target.h"
#include "expr/json.h"
#include "expr/program.h"
#include "report/escape.h"
#include "rules/activation.h"
#include "rules/scenario.h"
#include "rules/scope.h"
#include "text/diagnostic.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

using Bindings = std::vector<std::pair<std::string, expr::Value>>;

rules::Name binding_name(size_t index) {
  rules::Name name;
  name.kind = rules::NameKind::kVariable;
  name.index = static_cast<uint32_t>(index);
  return name;
}

/// Bound names, which may have dots, over the names of rules.
class EvalScope : public expr::Scope {
 public:
  explicit EvalScope(const Bindings& bindings) : bindings_(bindings) {}

  std::optional<expr::Declaration> resolve(std::span<const expr::Step> steps,
                                           size_t& used) const override {
    std::optional<expr::Declaration> best;
    used = 0;
    for (size_t i = 0; i < bindings_.size(); ++i) {
      const std::vector<std::string_view> parts = split(bindings_[i].first, '.');
      if (parts.size() > steps.size() || parts.size() <= used) continue;
      const bool same = std::equal(
          parts.begin(), parts.end(), steps.begin(),
          [](std::string_view part, const expr::Step& s) { return !s.dynamic && s.name == part; });
      if (!same) continue;
      used = parts.size();
      best = {rules::encode_name(binding_name(i)), expr::type_of(bindings_[i].second)};
    }
    return best ? best : rules_.resolve(steps, used);
  }
  std::string suggest(std::string_view dotted) const override {
    std::vector<std::string_view> names;
    for (const auto& [name, value] : bindings_) names.push_back(name);
    const std::string_view near = nearest(dotted, names);
    return near.empty() ? rules_.suggest(dotted) : std::string(near);
  }
  std::span<const expr::Function> functions() const override { return rules_.functions(); }
  bool closed() const override { return true; }

 private:
  const Bindings& bindings_;
  rules::Scope rules_;
};

class EvalActivation : public expr::Activation {
 public:
  EvalActivation(const Bindings& bindings, const expr::Activation& rules)
      : bindings_(bindings), rules_(rules) {}

  expr::Value load(int32_t id, std::span<const expr::Value> dynamic) const override {
    const expr::Value* bound = find(id);
    return bound != nullptr ? *bound : rules_.load(id, dynamic);
  }
  expr::Value has(int32_t id, std::span<const expr::Value> dynamic) const override {
    const expr::Value* bound = find(id);
    if (bound == nullptr) return rules_.has(id, dynamic);
    return bound->is_unknown() ? *bound : expr::Value::of(!bound->is_error());
  }
  expr::Value call_reference(int32_t function, int32_t id, std::span<const expr::Value> dynamic,
                             std::span<const expr::Value> arguments) const override {
    if (find(id) != nullptr) return expr::Value::error("a bound name is no sysctl");
    return rules_.call_reference(function, id, dynamic, arguments);
  }
  expr::Value call(int32_t function, std::span<const expr::Value> arguments) const override {
    return rules_.call(function, arguments);
  }

 private:
  const expr::Value* find(int32_t id) const {
    const rules::Name name = rules::decode_name(id);
    return name.kind == rules::NameKind::kVariable ? &bindings_[name.index].second : nullptr;
  }

  const Bindings& bindings_;
  const expr::Activation& rules_;
};

/// The expression on one kernel.
expr::Value run_on(const expr::Program& program, const Bindings& bindings,
                   const rules::Target& target, const std::vector<std::string>& roles,
                   const kernel::Version& version) {
  const load::Configuration nothing;
  const rules::Run run(
      load::run(load::loaders().back(), nothing, rules::start_state(target, version)));
  rules::Surroundings surroundings;
  surroundings.configuration = &nothing;
  surroundings.target = &target;
  surroundings.roles = &roles;
  surroundings.run = &run;
  surroundings.version = version;
  const rules::Activation::Lets lets;
  const rules::Interface interface;
  const rules::Activation activation(surroundings, lets, interface);
  return program.run(EvalActivation(bindings, activation));
}

/// The value on every kernel that is meant; unknown where they differ.
expr::Value run_on_all(const expr::Program& program, const Bindings& bindings,
                       const rules::Target& target, const std::vector<std::string>& roles) {
  std::optional<expr::Value> all;
  for (const kernel::Version& version : versions_of(target.facts)) {
    expr::Value one = run_on(program, bindings, target, roles, version);
    if (all && expr::result_to_json(*all) != expr::result_to_json(one)) {
      return expr::Value::unknown({"host.kernel"});
    }
    all = std::move(one);
  }
  return std::move(*all);
}

bool reads_system(const expr::Program& program) {
  return std::ranges::any_of(program.references(), [](const expr::Reference& reference) {
    const rules::NameKind kind = rules::decode_name(reference.id).kind;
    return kind == rules::NameKind::kKey || kind == rules::NameKind::kFact;
  });
}

/// An expression on sysctls and facts is checked as in a rule; any other one as CEL without a
/// checker does it, where a wrong type is an error of the evaluation.
expr::Program compile(std::string_view source, const EvalScope& scope, std::string_view container,
                      std::vector<expr::Problem>& problems) {
  expr::Program typed = expr::Program::compile(source, scope, problems, container);
  if (problems.empty()) return typed;
  std::vector<expr::Problem> loose_problems;
  expr::Program loose =
      expr::Program::compile(source, scope, loose_problems, container, {}, expr::Checking::kLoose);
  if (!loose_problems.empty() || reads_system(loose)) return typed;
  problems.clear();
  return loose;
}

int print_result(const expr::Value& value, ListFormat format) {
  const int status = value.is_error() ? kTrouble : kClean;
  if (format == ListFormat::kJson) return print(expr::result_to_json(value) + "\n", status);
  if (value.is_error()) return misuse(value.as_error()->message);
  if (!value.is_unknown()) return print(report::printable(expr::to_text(value)) + "\n");
  std::string out = "unknown";
  for (const std::string& need : value.as_unknown()->needs) {
    out += out == "unknown" ? ": needs " : ", ";
    const std::string option = option_for_need(need);
    out += option.empty() ? need : fmt::format("{} ({})", need, option);
  }
  return print(out + "\n");
}

int print_problems(const std::vector<expr::Problem>& problems, std::string_view source,
                   ListFormat format) {
  if (format == ListFormat::kJson) {
    return print(fmt::format("{{\"error\": {}}}\n", report::json_string(problems.front().message)),
                 kTrouble);
  }
  for (const expr::Problem& problem : problems) {
    complain(diagnose("<expression>", source, problem.span, problem.message));
  }
  return kTrouble;
}

Result<Bindings> read_bindings(std::string_view path) {
  if (path.empty()) return Bindings();
  const Result<std::string> text = read_option_file(std::string(path));
  if (!text) return Error{fmt::format("--bindings: {} {}", path, text.error())};
  Result<Bindings> bindings = expr::bindings_from_json(*text);
  if (!bindings) return Error{fmt::format("--bindings: {}: {}", path, bindings.error())};
  return bindings;
}

}  // namespace

int run_eval(const Invocation& invocation) {
  const Result<ListFormat> format = list_format(invocation, {ListFormat::kText, ListFormat::kJson});
  if (!format) return misuse(format.error());
  const Result<Settings> settings = read_settings(invocation);
  if (!settings) return misuse(settings.error());
  const Result<Bindings> bindings = read_bindings(invocation.value(OptionId::kBindings));
  if (!bindings) return misuse(bindings.error());
  std::string source = invocation.operands[0];
  if (source == "-") {
    Result<std::string> input = read_standard_input();
    if (!input) return misuse(fmt::format("standard input {}", input.error()));
    source = std::move(input).value();
  }
  const LoadedRules loaded = load_rules(*settings);
  const auto roles = loaded.rules.expand_roles(settings->facts.roles());
  if (!roles) return misuse(fmt::format("--role: {}", roles.error()));
  const EvalScope scope(*bindings);
  std::vector<expr::Problem> problems;
  const expr::Program program =
      compile(source, scope, invocation.value(OptionId::kContainer), problems);
  if (!problems.empty()) return print_problems(problems, source, *format);
  rules::Target target = make_target(*settings);
  if (settings->host_values) add_all_host_values(target);
  return print_result(run_on_all(program, *bindings, target, *roles), *format);
}

}  // namespace proctor::cli
