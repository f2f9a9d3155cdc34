#include "rules/activation.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "kernel/combine.h"
#include "rules/values.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::rules {
namespace {

using expr::Value;
using kernel::Cell;
using kernel::WriteResult;

struct FactToValue {
  Value operator()(bool flag) const { return Value::of(flag); }
  Value operator()(int64_t number) const { return Value::of(number); }
  Value operator()(const std::string& text) const { return Value::string(text); }
  Value operator()(const std::vector<int64_t>& numbers) const {
    expr::List list;
    for (const int64_t number : numbers) list.push_back(Value::of(number));
    return Value::list(std::move(list));
  }
  Value operator()(const std::vector<std::string>& texts) const {
    expr::List list;
    for (const std::string& text : texts) list.push_back(Value::string(text));
    return Value::list(std::move(list));
  }
  Value operator()(const kernel::VersionRange& range) const { return version(range.from); }

  static Value version(const kernel::Version& version) {
    return Value::opaque(kVersionType, static_cast<int64_t>(version.code()), version.to_string());
  }
};

/// What the configuration asks of a path: what its last write that was taken reads back as, or
/// where that cannot be told what the file says.
Cell proposed_cell(const Run& run, std::string_view path) {
  const PathFacts* facts = run.find(path);
  if (facts == nullptr) return Cell::absent();
  if (const load::Write* write = run.effective_write(path)) {
    if (write->outcome.reads_back) return Cell::known(*write->outcome.reads_back);
    return Cell::known(run.maker(*write).value);
  }
  const bool open = std::ranges::any_of(facts->assignments, [&](uint32_t index) {
    return run.is_live(run.result().assignments[index]);
  });
  if (!open) return Cell::absent();
  const load::Assignment& last = run.result().assignments[facts->assignments.back()];
  return last.status == load::Status::kUnknown ? Cell::unknown({}) : Cell::known(last.value);
}

Value accepted(const Run& run, const PathFacts& facts) {
  if (facts.writes.empty()) {
    const load::Assignment& last = run.result().assignments[facts.assignments.back()];
    return last.status == load::Status::kUnknown ? Value::unknown({})
                                                 : Value::of(run.is_live(last));
  }
  const kernel::Outcome& outcome = run.result().writes[facts.writes.back()].outcome;
  if (outcome.result == WriteResult::kUnknown) return Value::unknown(outcome.needs);
  return Value::of(outcome.result == WriteResult::kAccepted ||
                   outcome.result == WriteResult::kAltered);
}

/// A cell as one number, and what a number needs that is not known.
std::optional<int64_t> number_of(const Cell& cell, std::set<std::string>& needs) {
  if (cell.status == Cell::Status::kUnknown) needs.insert(cell.needs.begin(), cell.needs.end());
  if (cell.status != Cell::Status::kKnown) return std::nullopt;
  const auto number = parse_int(trim(cell.text));
  return number.ok() ? std::optional(*number) : std::nullopt;
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

Value existence_value(const kernel::Key& key, const kernel::Machine& machine) {
  switch (kernel::existence(key, machine.version)) {
    case kernel::Existence::kAbsent:
      return Value::of(false);
    case kernel::Existence::kPresent:
      return Value::of(true);
    case kernel::Existence::kNeedsModule:
      if (machine.modules) return Value::of(contains(*machine.modules, key.module));
      if (contains(machine.assumed_modules, key.module)) return Value::of(true);
      return Value::unknown({"host.modules"});
    case kernel::Existence::kUnknown:
      break;
  }
  return Value::unknown({});
}

/// Whatever belongs to interfaces that nobody named.
Value open_value() { return Value::unknown({"host.interfaces"}); }

/// The line that gives a path its value, if a template fills it in.
bool is_template(const Surroundings& at, std::string_view path) {
  const PathFacts* facts = at.run->find(path);
  if (facts == nullptr) return false;
  const load::Assignment& last = at.run->result().assignments[facts->assignments.back()];
  if (last.status != load::Status::kUnknown || !last.writes.empty()) return false;
  const load::SourceFile& file = at.configuration->files[last.origin.file];
  return file.document->lines()[last.origin.line].template_marker;
}

}  // namespace

Activation::Activation(const Surroundings& surroundings, const Lets& lets,
                       const Interface& interface, std::span<const std::string> variables)
    : at_(surroundings),
      lets_(lets),
      interface_(interface),
      variables_(variables),
      values_(lets.size()) {}

Value Activation::load(int32_t id, std::span<const Value> dynamic) const {
  const Name name = decode_name(id);
  switch (name.kind) {
    case NameKind::kKey:
      return key(name, dynamic);
    case NameKind::kFact:
      return fact(fact_of(name));
    case NameKind::kLet:
      return let(name.index);
    case NameKind::kInterface:
      return Value::string(interface_.name);
    case NameKind::kVariable:
      return name.index < variables_.size() ? Value::string(variables_[name.index])
                                            : Value::error("no such variable");
    case NameKind::kConstant:
      return Value::of(constant_value(name));
  }
  return Value::error("no such name");
}

Value Activation::let(uint32_t index) const {
  if (index >= lets_.size()) return Value::error("no such name");
  if (!values_[index]) values_[index] = lets_[index].second.run(*this);
  return *values_[index];
}

Value Activation::fact(const host::FactInfo& info) const {
  // Both are known in every scenario: one kernel is judged, and no role given is no role.
  if (info.name == "kernel") return FactToValue::version(at_.version);
  if (at_.reads != nullptr) at_.reads->facts.insert(info.name);
  if (info.name == "roles") return FactToValue()(*at_.roles);
  const host::FactValue* value = at_.target->facts.get(info.name);
  if (value == nullptr) return Value::unknown({"host." + std::string(info.name)});
  return std::visit(FactToValue(), *value);
}

const Cell& Activation::effective(const std::string& path) const {
  if (at_.reads != nullptr) at_.reads->values.insert(path);
  return at_.run->state().read(path);
}

Cell Activation::cell(const Name& name, const std::string& path) const {
  if (at_.reads != nullptr) at_.reads->values.insert(path);
  switch (name.layer) {
    case Layer::kEffective:
      return at_.run->state().read(path);
    case Layer::kProposed:
      return proposed_cell(*at_.run, path);
    case Layer::kRunning: {
      const auto found = at_.target->running.find(path);
      if (found != at_.target->running.end()) return Cell::known(found->second);
      if (at_.target->running_unreadable.contains(path)) return Cell::unknown({});
      const bool absent = at_.target->running_complete || at_.target->running_absent.contains(path);
      return absent ? Cell::absent() : Cell::unknown({"running"});
    }
    case Layer::kInitial:
      return kernel::initial_value(path, at_.run->state().machine());
  }
  return Cell::unknown({});
}

bool Activation::is_open(std::span<const Value> dynamic) const {
  return interface_.kind == Interface::Kind::kOpen &&
         std::ranges::any_of(dynamic, [&](const Value& value) {
           const std::string* text = value.as_string();
           return text != nullptr && *text == interface_.name;
         });
}

Value Activation::key(const Name& name, std::span<const Value> dynamic) const {
  if (is_open(dynamic)) return open_value();
  const auto path = path_of(name, dynamic);
  if (!path) return Value::absent("no such interface");
  Value value = value_of(key_of(name), cell(name, *path), *path);
  // What a template fills in is no fact of the machine, but the one thing that would decide.
  if (value.is_unknown() && value.as_unknown()->needs.empty() && is_template(at_, *path)) {
    return Value::unknown({"template"});
  }
  return value;
}

Value Activation::has(int32_t id, std::span<const Value> dynamic) const {
  const Name name = decode_name(id);
  if (name.kind != NameKind::kKey) {
    Value value = load(id, dynamic);
    if (value.is_unknown()) return value;
    return Value::of(!value.is_error());
  }
  if (is_open(dynamic)) return open_value();
  const auto path = path_of(name, dynamic);
  if (!path) return Value::of(false);
  const Cell cell = this->cell(name, *path);
  if (cell.status != Cell::Status::kUnknown) {
    return Value::of(cell.status == Cell::Status::kKnown);
  }
  // The value is unknown; the key may well be known to exist.
  const bool about_presence = std::ranges::any_of(cell.needs, [](const std::string& need) {
    return need == "host.modules" || need == "host.interfaces" || need == "host.container";
  });
  if (about_presence || name.layer == Layer::kRunning) return Value::unknown(cell.needs);
  return existence_value(key_of(name), at_.run->state().machine());
}

Value Activation::call_reference(int32_t function, int32_t id, std::span<const Value> dynamic,
                                 std::span<const Value> arguments) const {
  const Name name = decode_name(id);
  if (static_cast<FunctionId>(function) == FunctionId::kGiven) {
    if (name.kind != NameKind::kFact) return Value::error("given() takes a fact");
    return Value::of(!fact(fact_of(name)).is_unknown());
  }
  if (name.kind != NameKind::kKey) return Value::error("not a sysctl");
  const auto path = path_of(name, dynamic);
  if (!path) return Value::absent("no such interface");
  const PathFacts* facts = at_.run->find(*path);
  const load::LoadResult& result = at_.run->result();
  switch (static_cast<FunctionId>(function)) {
    case FunctionId::kWritten:
      return Value::of(facts != nullptr);
    case FunctionId::kOrder: {
      const load::Write* write = at_.run->effective_write(*path);
      if (write == nullptr) return Value::absent("no write of " + *path + " is in effect");
      return Value::of(static_cast<int64_t>(write->order));
    }
    case FunctionId::kAccepted:
      return facts == nullptr ? Value::of(false) : accepted(*at_.run, *facts);
    case FunctionId::kValueText:
      if (facts == nullptr) return Value::absent("the configuration does not write " + *path);
      return Value::string(result.assignments[facts->assignments.back()].value);
    case FunctionId::kDefault: {
      const Value value = key(name, dynamic);
      const expr::EvalError* error = value.as_error();
      const bool absent = error != nullptr && error->kind == expr::EvalError::Kind::kAbsent;
      return absent && !arguments.empty() ? arguments.front() : value;
    }
    default:
      return Value::error("no such function");
  }
}

Value Activation::combined(const Value& interface, const Value& name, bool v6) const {
  const std::string* own = interface.as_string();
  const std::string* key = name.as_string();
  if (own == nullptr || key == nullptr) return Value::error("combined() takes two strings");
  const std::string root = v6 ? "net/ipv6/conf/" : "net/ipv4/conf/";
  const Cell open = Cell::unknown({"host.interfaces"});
  const Cell& mine = is_open({&interface, 1}) ? open : effective(root + *own + "/" + *key);
  const Cell& all = effective(root + "all/" + *key);
  if (mine.status == Cell::Status::kAbsent || all.status == Cell::Status::kAbsent) {
    return Value::absent("no such key for " + *own);
  }
  std::set<std::string> needs;
  kernel::ConfValues values;
  values.own = number_of(mine, needs);
  values.all = number_of(all, needs);
  const auto forwarding = number_of(effective(root + *own + "/forwarding"), needs);
  if (forwarding) values.forwarding = *forwarding != 0;
  const auto family = v6 ? kernel::Family::kIpv6 : kernel::Family::kIpv4;
  if (const auto value = kernel::combine(family, *key, values, at_.version)) {
    return Value::of(*value);
  }
  return Value::unknown({needs.begin(), needs.end()});
}

Value Activation::interface_line(const Value& pattern) const {
  const std::string* text = pattern.as_string();
  const size_t star = text == nullptr ? std::string::npos : text->find('*');
  if (star == std::string::npos) return Value::error("interface_line() takes a key with a '*'");
  const std::string path = kernel::dotted_to_path(*text);
  const std::string_view before = std::string_view(path).substr(0, star);
  const std::string_view after = std::string_view(path).substr(star + 1);
  return Value::of(std::ranges::any_of(at_.run->paths(), [&](std::string_view written) {
    if (written.size() <= before.size() + after.size() || !written.starts_with(before) ||
        !written.ends_with(after)) {
      return false;
    }
    written.remove_prefix(before.size());
    written.remove_suffix(after.size());
    return written != "all" && written != "default";
  }));
}

Value Activation::call(int32_t function, std::span<const Value> arguments) const {
  switch (static_cast<FunctionId>(function)) {
    case FunctionId::kRole: {
      const std::string* role = arguments.empty() ? nullptr : arguments[0].as_string();
      if (role == nullptr) return Value::error("role() takes a string");
      if (at_.reads != nullptr) at_.reads->roles.insert(*role);
      return Value::of(std::ranges::binary_search(*at_.roles, *role));
    }
    case FunctionId::kCombined:
    case FunctionId::kCombined6:
      if (arguments.size() != 2) return Value::error("combined() takes two arguments");
      return combined(arguments[0], arguments[1],
                      static_cast<FunctionId>(function) == FunctionId::kCombined6);
    case FunctionId::kDump:
      return Value::of(at_.run->is_dump());
    case FunctionId::kInterfaceLine:
      return interface_line(arguments.empty() ? Value::error("no argument") : arguments[0]);
    default:
      return Value::error("no such function");
  }
}

}  // namespace proctor::rules
