// JSON to a snapshot. Whatever the text is, the outcome is a snapshot or an error.
#include <fmt/core.h>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "host/snapshot.h"
#include "text/text.h"

namespace proctor::host {
namespace {

using Json = nlohmann::json;
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kMostPort = 65535;

/// Reads fields and remembers the first thing that is wrong.
class Reader {
 public:
  const std::string& error() const { return error_; }

  void fail(const std::string& where, std::string_view what) {
    if (error_.empty()) error_ = fmt::format("{}: {}", where, what);
  }

  /// Whether `json` is an object of exactly these fields.
  bool object(const Json& json, const std::string& where,
              std::initializer_list<std::string_view> fields) {
    if (!json.is_object()) {
      fail(where, "expected an object");
      return false;
    }
    for (const std::string_view field : fields) {
      if (!json.contains(field)) fail(where, fmt::format("the field '{}' is missing", field));
    }
    for (const auto& [name, value] : json.items()) {
      if (std::ranges::find(fields, name) == fields.end()) {
        fail(where, fmt::format("unknown field '{}'", escape_bytes(name)));
      }
    }
    return error_.empty();
  }

  bool list(const Json& json, const std::string& where) {
    if (!json.is_array()) fail(where, "expected a list");
    return error_.empty();
  }

  int64_t number(const Json& json, const std::string& where, int64_t min = 0, int64_t max = kMost) {
    const bool integer = json.is_number_integer();
    const bool beyond = json.is_number_unsigned() && json.get<uint64_t>() > uint64_t{INT64_MAX};
    const int64_t value = integer && !beyond ? json.get<int64_t>() : -1;
    if (integer && !beyond && value >= min && value <= max) return value;
    fail(where, max == kMost ? fmt::format("expected a whole number from {}", min)
                             : fmt::format("expected a whole number from {} to {}", min, max));
    return min;
  }

  std::string text(const Json& json, const std::string& where) {
    if (json.is_string()) return json.get<std::string>();
    fail(where, "expected a string");
    return {};
  }

  bool boolean(const Json& json, const std::string& where) {
    if (json.is_boolean()) return json.get<bool>();
    fail(where, "expected true or false");
    return false;
  }

  template <typename Map>
  void texts(const Json& json, const std::string& where, Map& out) {
    if (!json.is_object()) return fail(where, "expected an object");
    for (const auto& [name, value] : json.items()) {
      out.emplace(name, text(value, where + "." + escape_bytes(name)));
    }
  }

 private:
  std::string error_;
};

std::string at(const std::string& where, size_t index) {
  return fmt::format("{}[{}]", where, index);
}

/// The text that parse_fact_value() takes, or nothing if the JSON type is wrong. REQUIRES: no list
/// of strings.
std::optional<std::string> fact_text(const FactInfo& info, const Json& json) {
  switch (info.type) {
    case FactType::kBool:
      return json.is_boolean() ? std::optional(json.dump()) : std::nullopt;
    case FactType::kInt:
      return json.is_number_integer() ? std::optional(json.dump()) : std::nullopt;
    case FactType::kString:
    case FactType::kVersionRange:
      return json.is_string() ? std::optional(json.get<std::string>()) : std::nullopt;
    case FactType::kIntList:
    case FactType::kStringList:
      break;
  }
  if (!json.is_array()) return std::nullopt;
  std::string list;
  for (const Json& one : json) {
    if (!one.is_number_integer()) return std::nullopt;
    if (!list.empty()) list += ',';
    list += one.dump();
  }
  return list;
}

void read_facts(Reader& reader, const Json& json, Facts& facts) {
  if (!json.is_object()) return reader.fail("facts", "expected an object");
  for (const auto& [name, value] : json.items()) {
    const std::string where = "facts." + escape_bytes(name);
    const FactInfo* info = find_fact(name);
    if (info == nullptr) return reader.fail(where, unknown_fact(name));
    if (info->type == FactType::kStringList) {
      // Not by its text: names of interfaces may hold commas.
      std::vector<std::string> list;
      if (!reader.list(value, where)) return;
      for (const Json& one : value) list.push_back(reader.text(one, where));
      facts.set(name, std::move(list));
      continue;
    }
    const auto text = fact_text(*info, value);
    if (!text) return reader.fail(where, "a value of another type was expected");
    Result<FactValue> parsed = parse_fact_value(*info, *text);
    if (!parsed) return reader.fail(where, parsed.error());
    facts.set(name, std::move(parsed).value());
  }
}

/// Paths that could leave /proc/sys or are none.
bool is_plain_path(std::string_view path) {
  if (path.empty() || path.size() > 1024) return false;
  return std::ranges::none_of(split(path, '/'), [](std::string_view part) {
    return part.empty() || part == "." || part == "..";
  });
}

void read_values(Reader& reader, const Json& json, const std::string& where,
                 std::map<std::string, std::string>& out) {
  reader.texts(json, where, out);
  for (const auto& [path, text] : out) {
    if (!is_plain_path(path)) {
      reader.fail(where, fmt::format("'{}' is no path below /proc/sys", escape_bytes(path)));
    }
    if (text.find('\0') != std::string::npos) reader.fail(where, "a value holds a zero byte");
  }
}

SourceUse read_source(Reader& reader, const Json& json, const std::string& where) {
  SourceUse use;
  if (!reader.object(
          json, where,
          {"address", "connections", "time_wait", "unconnected", "ports", "ports_odd",
           "ports_lower", "ports_shared", "destinations", "no_port", "habit", "busiest"})) {
    return use;
  }
  use.address = reader.text(json["address"], where + ".address");
  use.connections = reader.number(json["connections"], where + ".connections");
  use.time_wait = reader.number(json["time_wait"], where + ".time_wait", 0, use.connections);
  use.unconnected = reader.number(json["unconnected"], where + ".unconnected");
  use.ports = reader.number(json["ports"], where + ".ports", 0, kMostPort);
  use.ports_odd = reader.number(json["ports_odd"], where + ".ports_odd", 0, use.ports);
  use.ports_lower = reader.number(json["ports_lower"], where + ".ports_lower", 0, use.ports);
  use.ports_shared = reader.number(json["ports_shared"], where + ".ports_shared", 0, use.ports);
  use.destinations =
      reader.number(json["destinations"], where + ".destinations", 0, use.connections);
  use.no_port = reader.number(json["no_port"], where + ".no_port", 0, use.connections);
  const auto habit = parse_port_habit(reader.text(json["habit"], where + ".habit"));
  if (!habit) reader.fail(where + ".habit", "expected unknown, bind, bind-reuse, connect or mixed");
  use.habit = habit.value_or(PortHabit::kUnknown);
  if (!reader.list(json["busiest"], where + ".busiest")) return use;
  for (const Json& one : json["busiest"]) {
    const std::string here = at(where + ".busiest", use.busiest.size());
    if (!reader.object(one, here, {"address", "port", "connections", "time_wait"})) return use;
    DestinationUse to;
    to.address = reader.text(one["address"], here + ".address");
    to.port = reader.number(one["port"], here + ".port", 0, kMostPort);
    to.connections = reader.number(one["connections"], here + ".connections", 0, use.connections);
    to.time_wait = reader.number(one["time_wait"], here + ".time_wait", 0, to.connections);
    use.busiest.push_back(std::move(to));
  }
  return use;
}

ListenerUse read_listener(Reader& reader, const Json& json, const std::string& where) {
  ListenerUse use;
  if (!reader.object(json, where,
                     {"address", "port", "queue", "limit", "half_open", "drops", "in_range"})) {
    return use;
  }
  use.address = reader.text(json["address"], where + ".address");
  use.port = reader.number(json["port"], where + ".port", 0, kMostPort);
  use.queue = reader.number(json["queue"], where + ".queue");
  if (!json["limit"].is_null()) use.limit = reader.number(json["limit"], where + ".limit");
  use.half_open = reader.number(json["half_open"], where + ".half_open");
  use.drops = reader.number(json["drops"], where + ".drops");
  use.in_range = reader.boolean(json["in_range"], where + ".in_range");
  return use;
}

SocketSummary read_sockets(Reader& reader, const Json& json, const std::string& where) {
  SocketSummary out;
  if (!reader.object(json, where,
                     {"tcp_states", "port_low", "port_high", "ports_available", "ports_blocked",
                      "sources", "sources_left_out", "listeners", "udp"})) {
    return out;
  }
  if (!json["tcp_states"].is_object()) reader.fail(where + ".tcp_states", "expected an object");
  for (const auto& [name, count] : json["tcp_states"].items()) {
    out.tcp_states.emplace_back(name, reader.number(count, where + ".tcp_states"));
  }
  out.low = reader.number(json["port_low"], where + ".port_low", 0, kMostPort);
  out.high = reader.number(json["port_high"], where + ".port_high", -1, kMostPort);
  const int64_t ports = std::max<int64_t>(out.high - out.low + 1, 0);
  out.available = reader.number(json["ports_available"], where + ".ports_available", 0, ports);
  out.blocked = reader.number(json["ports_blocked"], where + ".ports_blocked", 0, out.available);
  out.sources_left_out = reader.number(json["sources_left_out"], where + ".sources_left_out");
  if (!reader.list(json["sources"], where + ".sources")) return out;
  for (const Json& one : json["sources"]) {
    out.sources.push_back(read_source(reader, one, at(where + ".sources", out.sources.size())));
  }
  if (!reader.list(json["listeners"], where + ".listeners")) return out;
  for (const Json& one : json["listeners"]) {
    out.listeners.push_back(
        read_listener(reader, one, at(where + ".listeners", out.listeners.size())));
  }
  const Json& udp = json["udp"];
  const std::string here = where + ".udp";
  if (!reader.object(udp, here, {"sockets", "queued", "drops", "fullest_port", "fullest_queued"})) {
    return out;
  }
  out.udp.sockets = reader.number(udp["sockets"], here + ".sockets");
  out.udp.queued = reader.number(udp["queued"], here + ".queued");
  out.udp.drops = reader.number(udp["drops"], here + ".drops");
  out.udp.fullest_port = reader.number(udp["fullest_port"], here + ".fullest_port", 0, kMostPort);
  out.udp.fullest_queued = reader.number(udp["fullest_queued"], here + ".fullest_queued");
  return out;
}

void read_processes(Reader& reader, const Json& json, Readings& out) {
  if (!reader.list(json, "readings.processes")) return;
  for (const Json& one : json) {
    const std::string where = at("readings.processes", out.processes.size());
    if (!reader.object(one, where, {"pid", "name", "descriptors", "limit"})) return;
    ProcessUse use;
    use.pid = reader.number(one["pid"], where + ".pid", 1);
    use.name = reader.text(one["name"], where + ".name");
    use.descriptors = reader.number(one["descriptors"], where + ".descriptors");
    use.limit = reader.number(one["limit"], where + ".limit", 1);
    out.processes.push_back(std::move(use));
  }
}

void read_inotify(Reader& reader, const Json& json, Readings& out) {
  if (!reader.list(json, "readings.inotify")) return;
  for (const Json& one : json) {
    const std::string where = at("readings.inotify", out.inotify.size());
    if (!reader.object(one, where, {"uid", "instances", "watches"})) return;
    out.inotify.push_back({reader.number(one["uid"], where + ".uid", -1),
                           reader.number(one["instances"], where + ".instances"),
                           reader.number(one["watches"], where + ".watches")});
  }
}

void read_cgroups(Reader& reader, const Json& json, Readings& out) {
  if (!reader.list(json, "readings.cgroups")) return;
  for (const Json& one : json) {
    const std::string where = at("readings.cgroups", out.cgroups.size());
    if (!reader.object(one, where, {"name", "tasks", "limit"})) return;
    out.cgroups.push_back({reader.text(one["name"], where + ".name"),
                           reader.number(one["tasks"], where + ".tasks"),
                           reader.number(one["limit"], where + ".limit", 1)});
  }
}

void read_devices(Reader& reader, const Json& json, Readings& out) {
  if (!reader.list(json, "readings.devices")) return;
  for (const Json& one : json) {
    const std::string where = at("readings.devices", out.devices.size());
    if (!reader.object(one, where, {"name", "driver", "speed", "state"})) return;
    NetworkDevice device;
    device.name = reader.text(one["name"], where + ".name");
    device.driver = reader.text(one["driver"], where + ".driver");
    if (!one["speed"].is_null()) device.speed = reader.number(one["speed"], where + ".speed", 1);
    device.state = reader.text(one["state"], where + ".state");
    out.devices.push_back(std::move(device));
  }
}

Readings read_readings(Reader& reader, const Json& json) {
  Readings out;
  if (!reader.object(json, "readings",
                     {"uptime_ms", "metrics", "sockets", "processes", "inotify", "cgroups",
                      "devices", "unreadable"})) {
    return out;
  }
  out.uptime_ms = reader.number(json["uptime_ms"], "readings.uptime_ms");
  if (!json["metrics"].is_object()) reader.fail("readings.metrics", "expected an object");
  for (const auto& [name, value] : json["metrics"].items()) {
    // A few of the kernel's numbers are limits where -1 is "none".
    const std::string where = "readings.metrics." + escape_bytes(name);
    out.metrics.emplace(name, reader.number(value, where, -1));
  }
  if (!json["sockets"].is_null()) {
    out.sockets = read_sockets(reader, json["sockets"], "readings.sockets");
  }
  read_processes(reader, json["processes"], out);
  read_inotify(reader, json["inotify"], out);
  read_cgroups(reader, json["cgroups"], out);
  read_devices(reader, json["devices"], out);
  reader.texts(json["unreadable"], "readings.unreadable", out.unreadable);
  return out;
}

std::string check_version(const Json& json) {
  if (!json.is_object() || !json.contains("version")) {
    return "is no snapshot: it has no version";
  }
  const Json& version = json["version"];
  if (!version.is_number_integer()) return "is no snapshot: its version is no number";
  if (version == kSnapshotVersion) return {};
  return fmt::format("is a snapshot of version {}; this program reads version {}", version.dump(),
                     kSnapshotVersion);
}

std::string where_in(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = std::ranges::count(before, '\n') + 1;
  const size_t newline = before.rfind('\n');
  const size_t column = newline == std::string_view::npos ? before.size() : before.size() - newline;
  return fmt::format("line {}, column {}", line, std::max<size_t>(column, 1));
}

}  // namespace

Result<Snapshot> snapshot_from_json(std::string_view text) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& error) {
    // The library counts the byte that it could not read, from 1; at the end that is one more.
    if (error.byte > text.size() && !trim(text).empty()) {
      return Error{"is no snapshot: the text ends too early, as if it had been cut off"};
    }
    return Error{fmt::format("is no snapshot: no JSON from {} on", where_in(text, error.byte))};
  } catch (const Json::out_of_range&) {
    return Error{"is no snapshot: it holds a number that is too large"};
  }
  if (std::string wrong = check_version(json); !wrong.empty()) return Error{std::move(wrong)};
  Reader reader;
  Snapshot out;
  if (reader.object(json, "the snapshot",
                    {"version", "program", "taken", "anonymous", "facts", "unreadable_facts",
                     "values", "unreadable_values", "readings"})) {
    out.program = reader.text(json["program"], "program");
    out.taken = reader.text(json["taken"], "taken");
    out.anonymous = reader.boolean(json["anonymous"], "anonymous");
    read_facts(reader, json["facts"], out.facts);
    std::map<std::string, std::string> unreadable;
    reader.texts(json["unreadable_facts"], "unreadable_facts", unreadable);
    for (auto& [name, why] : unreadable) out.facts.set_unreadable(name, std::move(why));
    read_values(reader, json["values"], "values", out.values);
    read_values(reader, json["unreadable_values"], "unreadable_values", out.unreadable_values);
    out.readings = read_readings(reader, json["readings"]);
  }
  if (!reader.error().empty()) return Error{"is no sound snapshot: " + reader.error()};
  return out;
}

}  // namespace proctor::host
