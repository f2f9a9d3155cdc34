// A snapshot as JSON.
#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "host/snapshot.h"

namespace proctor::host {
namespace {

using Json = nlohmann::ordered_json;

Json fact_json(const FactValue& value) {
  return std::visit(
      [&](const auto& held) -> Json {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, kernel::VersionRange>) {
          return held.to_string();
        } else {
          return held;
        }
      },
      value);
}

template <typename Map>
Json object_of(const Map& map) {
  Json out = Json::object();
  for (const auto& [name, value] : map) out[name] = value;
  return out;
}

Json source_json(const SourceUse& use) {
  Json busiest = Json::array();
  for (const DestinationUse& to : use.busiest) {
    busiest.push_back({{"address", to.address},
                       {"port", to.port},
                       {"connections", to.connections},
                       {"time_wait", to.time_wait}});
  }
  return {{"address", use.address},
          {"connections", use.connections},
          {"time_wait", use.time_wait},
          {"unconnected", use.unconnected},
          {"ports", use.ports},
          {"ports_odd", use.ports_odd},
          {"ports_lower", use.ports_lower},
          {"ports_shared", use.ports_shared},
          {"destinations", use.destinations},
          {"no_port", use.no_port},
          {"habit", to_string(use.habit)},
          {"busiest", std::move(busiest)}};
}

Json listener_json(const ListenerUse& use) {
  return {{"address", use.address},     {"port", use.port},
          {"queue", use.queue},         {"limit", use.limit ? Json(*use.limit) : Json()},
          {"half_open", use.half_open}, {"drops", use.drops},
          {"in_range", use.in_range}};
}

Json sockets_json(const SocketSummary& sockets) {
  Json sources = Json::array();
  for (const SourceUse& use : sockets.sources) sources.push_back(source_json(use));
  Json listeners = Json::array();
  for (const ListenerUse& use : sockets.listeners) listeners.push_back(listener_json(use));
  return {{"tcp_states", object_of(sockets.tcp_states)},
          {"port_low", sockets.low},
          {"port_high", sockets.high},
          {"ports_available", sockets.available},
          {"ports_blocked", sockets.blocked},
          {"sources", std::move(sources)},
          {"sources_left_out", sockets.sources_left_out},
          {"listeners", std::move(listeners)},
          {"udp",
           {{"sockets", sockets.udp.sockets},
            {"queued", sockets.udp.queued},
            {"drops", sockets.udp.drops},
            {"fullest_port", sockets.udp.fullest_port},
            {"fullest_queued", sockets.udp.fullest_queued}}}};
}

Json readings_json(const Readings& readings) {
  Json out;
  out["uptime_ms"] = readings.uptime_ms;
  out["metrics"] = object_of(readings.metrics);
  out["sockets"] = readings.sockets ? sockets_json(*readings.sockets) : Json();
  Json& processes = out["processes"] = Json::array();
  for (const ProcessUse& use : readings.processes) {
    processes.push_back({{"pid", use.pid},
                         {"name", use.name},
                         {"descriptors", use.descriptors},
                         {"limit", use.limit}});
  }
  Json& inotify = out["inotify"] = Json::array();
  for (const InotifyUse& use : readings.inotify) {
    inotify.push_back({{"uid", use.uid}, {"instances", use.instances}, {"watches", use.watches}});
  }
  Json& cgroups = out["cgroups"] = Json::array();
  for (const CgroupUse& use : readings.cgroups) {
    cgroups.push_back({{"name", use.name}, {"tasks", use.tasks}, {"limit", use.limit}});
  }
  Json& devices = out["devices"] = Json::array();
  for (const NetworkDevice& device : readings.devices) {
    devices.push_back({{"name", device.name},
                       {"driver", device.driver},
                       {"speed", device.speed ? Json(*device.speed) : Json()},
                       {"state", device.state}});
  }
  out["unreadable"] = object_of(readings.unreadable);
  return out;
}

}  // namespace

std::string snapshot_to_json(const Snapshot& snapshot) {
  Json out;
  out["version"] = kSnapshotVersion;
  out["program"] = snapshot.program;
  out["taken"] = snapshot.taken;
  out["anonymous"] = snapshot.anonymous;
  Json& facts = out["facts"] = Json::object();
  for (const auto& [name, value] : snapshot.facts.all()) facts[name] = fact_json(value);
  out["unreadable_facts"] = object_of(snapshot.facts.all_unreadable());
  out["values"] = object_of(snapshot.values);
  out["unreadable_values"] = object_of(snapshot.unreadable_values);
  out["readings"] = readings_json(snapshot.readings);
  constexpr int kIndent = 1;
  return out.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace proctor::host
