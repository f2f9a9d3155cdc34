#include "advise/diagnosis_scope.h"

#include <algorithm>
#include <cmath>

namespace proctor::advise {
namespace {

using expr::Value;

Value map_of(std::initializer_list<std::pair<const char*, Value>> fields) {
  expr::MapEntries entries;
  for (const auto& [name, value] : fields) entries.emplace_back(Value::string(name), value);
  return Value::map(std::move(entries));
}

Value text(const std::string& value) { return Value::string(value); }
Value number(int64_t value) { return Value::of(value); }

Value source_value(const host::SourceUse& use) {
  return map_of({{"address", text(use.address)},
                 {"connections", number(use.connections)},
                 {"time_wait", number(use.time_wait)},
                 {"unconnected", number(use.unconnected)},
                 {"ports", number(use.ports)},
                 {"ports_odd", number(use.ports_odd)},
                 {"ports_shared", number(use.ports_shared)},
                 {"destinations", number(use.destinations)},
                 {"no_port", number(use.no_port)},
                 {"habit", text(std::string(host::to_string(use.habit)))}});
}

Value destination_value(const host::SourceUse& source, const host::DestinationUse& use) {
  return map_of({{"source", text(source.address)},
                 {"habit", text(std::string(host::to_string(source.habit)))},
                 {"address", text(use.address)},
                 {"port", number(use.port)},
                 {"connections", number(use.connections)},
                 {"time_wait", number(use.time_wait)}});
}

/// The limit of a listener that the kernel does not tell is -1.
Value listener_value(const host::ListenerUse& use) {
  return map_of({{"address", text(use.address)},
                 {"port", number(use.port)},
                 {"queue", number(use.queue)},
                 {"limit", number(use.limit.value_or(-1))},
                 {"half_open", number(use.half_open)},
                 {"drops", number(use.drops)}});
}

Value process_value(const host::ProcessUse& use) {
  return map_of({{"pid", number(use.pid)},
                 {"name", text(use.name)},
                 {"descriptors", number(use.descriptors)},
                 {"limit", number(use.limit)}});
}

Value cgroup_value(const host::CgroupUse& use) {
  return map_of(
      {{"name", text(use.name)}, {"tasks", number(use.tasks)}, {"limit", number(use.limit)}});
}

Value user_value(const host::InotifyUse& use) {
  return map_of({{"uid", number(use.uid)},
                 {"instances", number(use.instances)},
                 {"watches", number(use.watches)}});
}

std::vector<Value> destinations(const host::SocketSummary& sockets) {
  std::vector<Value> items;
  for (const host::SourceUse& source : sockets.sources) {
    for (const host::DestinationUse& use : source.busiest) {
      items.push_back(destination_value(source, use));
    }
  }
  return items;
}

template <typename List, typename Make>
std::vector<Value> each_of(const List& list, Make make) {
  std::vector<Value> items;
  items.reserve(list.size());
  for (const auto& use : list) items.push_back(make(use));
  return items;
}

/// The kernel that a model without one is evaluated for: the newest in question.
kernel::Version version_of(const host::Facts& facts) {
  const auto range = facts.kernel();
  constexpr uint16_t kOpen = 65535;
  if (range && range->to.major != kOpen) return range->to;
  return kernel::maintained_kernels().back();
}

}  // namespace

std::optional<double> elapsed_seconds(const DiagnoseRequest& request) {
  if (request.before == nullptr || request.now == nullptr) return std::nullopt;
  const int64_t from = request.before->uptime_ms;
  const int64_t to = request.now->uptime_ms;
  if (from <= 0 || to <= from) return std::nullopt;
  return static_cast<double>(to - from) / 1000;
}

std::vector<Value> items_of(Each each, const host::Readings& readings) {
  switch (each) {
    case Each::kNone:
      return {Value()};
    case Each::kSource:
      return readings.sockets ? each_of(readings.sockets->sources, source_value)
                              : std::vector<Value>();
    case Each::kDestination:
      return readings.sockets ? destinations(*readings.sockets) : std::vector<Value>();
    case Each::kListener:
      return readings.sockets ? each_of(readings.sockets->listeners, listener_value)
                              : std::vector<Value>();
    case Each::kProcess:
      return each_of(readings.processes, process_value);
    case Each::kCgroup:
      return each_of(readings.cgroups, cgroup_value);
    case Each::kUser:
      return each_of(readings.inotify, user_value);
  }
  return {};
}

DiagnosisScope::DiagnosisScope(const DiagnoseRequest& request) : request_(request) {
  const kernel::Version version = version_of(request.target.facts);
  run_ = std::make_unique<rules::Run>(
      load::run(load::loaders().back(), nothing_, rules::start_state(request.target, version)));
  surroundings_.configuration = &nothing_;
  surroundings_.target = &request_.target;
  surroundings_.roles = &request_.roles;
  surroundings_.run = run_.get();
  surroundings_.version = version;
  names_ = std::make_unique<rules::Activation>(surroundings_, lets_, interface_);
}

void DiagnosisScope::set_factor(double factor) {
  factor_ = factor;
  values_.clear();
}

Value DiagnosisScope::load_value(const LoadName& load) const {
  const auto given = request_.loads.find(load.name);
  const int64_t value = given == request_.loads.end() ? load.value : given->second;
  if (!load.scales) return Value::of(value);
  return Value::of(int64_t{std::llround(static_cast<double>(value) * factor_)});
}

Value DiagnosisScope::reading(const ReadingName& reading) const {
  const auto unknown = [&] { return Value::unknown({reading.metric + " is not told"}); };
  if (request_.now == nullptr) return unknown();
  const auto now = request_.now->metrics.find(reading.metric);
  if (now == request_.now->metrics.end()) return unknown();
  if (!reading.moved || request_.before == nullptr) return Value::of(now->second);
  const auto before = request_.before->metrics.find(reading.metric);
  if (before == request_.before->metrics.end()) return unknown();
  return Value::of(std::max<int64_t>(now->second - before->second, 0));
}

Value DiagnosisScope::sockets() const {
  if (request_.now == nullptr || !request_.now->sockets) {
    return Value::unknown({"the sockets cannot be read"});
  }
  const host::SocketSummary& all = *request_.now->sockets;
  const auto in_range = std::ranges::count_if(all.listeners, &host::ListenerUse::in_range);
  return map_of({{"low", number(all.low)},
                 {"high", number(all.high)},
                 {"available", number(all.available)},
                 {"blocked", number(all.blocked)},
                 {"listeners_in_range", number(in_range)},
                 {"udp_drops", number(all.udp.drops)},
                 {"udp_fullest_port", number(all.udp.fullest_port)},
                 {"udp_fullest_queued", number(all.udp.fullest_queued)}});
}

Value DiagnosisScope::compute(const CapacityVariable& variable) const {
  using Kind = CapacityVariable::Kind;
  switch (variable.kind) {
    case Kind::kLoad:
      return load_value(request_.model->loads[variable.index]);
    case Kind::kReading:
      return reading(request_.model->readings[variable.index]);
    case Kind::kLet:
      return request_.model->lets[variable.index].formula.program.run(*this);
    case Kind::kSockets:
      return sockets();
    case Kind::kElapsed: {
      const auto seconds = elapsed_seconds(request_);
      return seconds ? Value::of(*seconds) : Value::unknown({"one reading only"});
    }
    case Kind::kItem:
      return items_[variable.index];
  }
  return {};
}

// A let sees only earlier names, so this ends.
Value DiagnosisScope::variable(uint32_t index) const {
  if (index >= request_.model->variables.size()) return Value::error("no such name");
  const CapacityVariable& variable = request_.model->variables[index];
  if (variable.kind == CapacityVariable::Kind::kItem) return compute(variable);
  const auto known = values_.find(index);
  if (known != values_.end()) return known->second;
  Value value = compute(variable);
  values_.emplace(index, value);
  return value;
}

Value DiagnosisScope::load(int32_t id, std::span<const Value> dynamic) const {
  const rules::Name name = rules::decode_name(id);
  return name.kind == rules::NameKind::kVariable ? variable(name.index) : names_->load(id, dynamic);
}

Value DiagnosisScope::has(int32_t id, std::span<const Value> dynamic) const {
  const rules::Name name = rules::decode_name(id);
  if (name.kind != rules::NameKind::kVariable) return names_->has(id, dynamic);
  const Value value = variable(name.index);
  return value.is_unknown() ? value : Value::of(!value.is_error());
}

Value DiagnosisScope::call_reference(int32_t function, int32_t id, std::span<const Value> dynamic,
                                     std::span<const Value> arguments) const {
  return names_->call_reference(function, id, dynamic, arguments);
}

Value DiagnosisScope::call(int32_t function, std::span<const Value> arguments) const {
  return names_->call(function, arguments);
}

}  // namespace proctor::advise
