// The tables of sockets, summed up.
#include "host/port_use.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <tuple>

#include "host/readers.h"
#include "kernel/predict.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::host {
namespace {

struct Outbound {
  IpAddress local;
  IpAddress remote;
  uint16_t local_port;
  uint16_t remote_port;
  uint8_t state;
  bool no_port;

  bool waits() const { return state == kTcpTimeWait || state == kTcpFinWait2; }
  bool connected() const { return state != kTcpClose && state != kTcpBoundInactive; }
};

/// What one source has, with the sets that sums over sources need.
struct Counted {
  SourceUse use;
  PortSet ports;
  PortSet owned;  ///< Of these an explicit bind() is the owner.
};

/// Ends of the run of rows that are equal to the first in `key`.
template <typename Key>
size_t run_length(std::span<const Outbound> rows, Key key) {
  size_t end = 1;
  while (end < rows.size() && key(rows[end]) == key(rows[0])) ++end;
  return end;
}

class Summary {
 public:
  explicit Summary(const PortRange& range) : range_(range) {}

  void add_listener(const SocketRow& row) {
    ListenerUse& use = listeners_[{row.local, row.local_port}];
    use.address = row.local.to_string();
    use.port = row.local_port;
    // Several listeners share a port with SO_REUSEPORT; each has a queue of its own, and the
    // fullest tells most.
    if (!use.limit || row.receive_queue >= use.queue) {
      use.queue = row.receive_queue;
      if (row.send_queue != kUnknownLimit) use.limit = row.send_queue;
    }
    use.drops += row.drops;
    use.in_range = range_.holds(row.local_port);
    if (use.in_range) blocked_.set(row.local_port);
    if (row.local.is_wildcard()) any_address_.set(row.local_port);
    listening_.set(row.local_port);
  }

  void add_other(const SocketRow& row) {
    const bool new_request = row.state == kTcpNewSynReceived;
    const uint8_t state = new_request ? uint8_t{kTcpSynReceived} : row.state;
    ++states_[tcp_state_name(state)];
    if (ListenerUse* listener = listener_of(row)) {
      if (state == kTcpSynReceived) ++listener->half_open;
      return;
    }
    if (!range_.holds(row.local_port)) return;
    rows_.push_back(
        {row.local, row.remote, row.local_port, row.remote_port, row.state, row.no_port});
  }

  void add_udp(const SocketRow& row) {
    ++out_.udp.sockets;
    out_.udp.queued += row.receive_queue;
    out_.udp.drops += row.drops;
    if (row.receive_queue > out_.udp.fullest_queued) {
      out_.udp.fullest_queued = row.receive_queue;
      out_.udp.fullest_port = row.local_port;
    }
  }

  SocketSummary take() {
    if (!listeners_.empty()) {
      states_[tcp_state_name(kTcpListen)] = static_cast<int64_t>(listeners_.size());
    }
    out_.tcp_states.assign(states_.begin(), states_.end());
    out_.low = range_.low;
    out_.high = range_.high;
    out_.available = range_.available();
    count_parities();
    count_sources();
    out_.blocked = static_cast<int64_t>(blocked_.count());
    for (auto& [where, use] : listeners_) out_.listeners.push_back(std::move(use));
    std::ranges::stable_sort(out_.listeners, {}, &ListenerUse::port);
    return std::move(out_);
  }

 private:
  ListenerUse* listener_of(const SocketRow& row) {
    if (!listening_.test(row.local_port)) return nullptr;
    if (row.state == kTcpClose || row.state == kTcpBoundInactive) return nullptr;
    auto at = listeners_.find({row.local, row.local_port});
    if (at != listeners_.end()) return &at->second;
    if (!any_address_.test(row.local_port)) return nullptr;
    const std::array<uint8_t, 4> zero{};
    for (const IpAddress& any : {IpAddress::v4(zero.data()), IpAddress{}}) {
      at = listeners_.find({any, row.local_port});
      if (at != listeners_.end()) return &at->second;
    }
    return nullptr;
  }

  bool is_odd(uint16_t port) const { return ((port - range_.low) & 1) != 0; }

  void count_parities() {
    for (int32_t port = range_.low; port <= range_.high; ++port) {
      const auto number = static_cast<uint16_t>(port);
      if (range_.holds(number)) ++(is_odd(number) ? all_odd_ : all_even_);
    }
  }

  void count_sources() {
    std::ranges::sort(rows_, {}, [](const Outbound& row) {
      return std::tie(row.local, row.local_port, row.remote, row.remote_port);
    });
    std::span<Outbound> left(rows_);
    while (!left.empty()) {
      const size_t length =
          run_length(left, [](const Outbound& row) -> const IpAddress& { return row.local; });
      Counted counted = count_source(left.first(length));
      blocked_ |= counted.owned;
      keep(std::move(counted.use));
      left = left.subspan(length);
    }
    std::ranges::stable_sort(out_.sources, std::ranges::greater(), order);
    if (out_.sources.size() > kMostSources) drop_least();
  }

  static std::tuple<int64_t, int64_t> order(const SourceUse& use) {
    return {std::max(use.ports, use.busiest.empty() ? 0 : use.busiest[0].connections),
            use.connections};
  }

  void keep(SourceUse use) {
    out_.sources.push_back(std::move(use));
    // A host may have thousands of addresses; only so many are of use to anybody.
    if (out_.sources.size() < 2 * kMostSources) return;
    std::ranges::stable_sort(out_.sources, std::ranges::greater(), order);
    drop_least();
  }

  void drop_least() {
    out_.sources_left_out += static_cast<int64_t>(out_.sources.size() - kMostSources);
    out_.sources.resize(kMostSources);
  }

  /// REQUIRES: rows of one local address, sorted by port.
  Counted count_source(std::span<Outbound> rows) {
    Counted counted;
    SourceUse& use = counted.use;
    use.address = rows[0].local.to_string();
    PortSet once_odd;
    int64_t live = 0;
    const int32_t middle = range_.low + (range_.high - range_.low + 1) / 2;
    for (std::span<const Outbound> left = rows; !left.empty();) {
      const size_t length = run_length(left, [](const Outbound& row) { return row.local_port; });
      const uint16_t port = left[0].local_port;
      ++use.ports;
      counted.ports.set(port);
      if (is_odd(port)) ++use.ports_odd;
      if (port < middle) ++use.ports_lower;
      if (length > 1) ++use.ports_shared;
      if (length == 1 && is_odd(port)) once_odd.set(port);
      for (const Outbound& row : left.first(length)) {
        if (!row.connected()) {
          ++use.unconnected;
          counted.owned.set(port);
          continue;
        }
        ++use.connections;
        if (row.waits()) {
          ++use.time_wait;
        } else {
          ++live;
        }
        if (row.no_port) ++use.no_port;
      }
      left = left.subspan(length);
    }
    count_destinations(rows, use);
    PortCounts counts{use.connections,
                      use.ports,
                      use.ports_odd,
                      use.ports_lower,
                      use.ports_shared,
                      use.destinations,
                      0,
                      use.no_port,
                      live,
                      all_odd_,
                      all_even_};
    if (!use.busiest.empty()) counts.busiest = use.busiest[0].connections;
    use.habit = habit_of(counts);
    if (use.habit == PortHabit::kBind || use.habit == PortHabit::kBindReuse) {
      counted.owned |= counted.ports;
    } else if (use.habit == PortHabit::kMixed) {
      counted.owned |= once_odd;
    }
    return counted;
  }

  static void count_destinations(std::span<Outbound> rows, SourceUse& use) {
    const auto destination = [](const Outbound& row) {
      return std::tie(row.remote, row.remote_port);
    };
    std::ranges::sort(rows, {}, destination);
    struct Group {
      size_t begin;
      size_t size;
    };
    std::vector<Group> groups;
    const auto larger = [](const Group& a, const Group& b) {
      return std::tuple(b.size, a.begin) < std::tuple(a.size, b.begin);
    };
    for (size_t begin = 0; begin < rows.size();) {
      const size_t length = run_length(std::span<const Outbound>(rows).subspan(begin), destination);
      if (rows[begin].connected()) {
        ++use.destinations;
        groups.push_back({begin, length});
        std::ranges::push_heap(groups, larger);
        if (groups.size() > kMostBusiest) {
          std::ranges::pop_heap(groups, larger);
          groups.pop_back();
        }
      }
      begin += length;
    }
    std::ranges::sort(groups, larger);
    for (const Group& group : groups) {
      const std::span<const Outbound> of = rows.subspan(group.begin, group.size);
      use.busiest.push_back({of[0].remote.to_string(), of[0].remote_port,
                             static_cast<int64_t>(of.size()),
                             std::ranges::count_if(of, &Outbound::waits)});
    }
  }

  PortRange range_;
  int64_t all_odd_ = 0;
  int64_t all_even_ = 0;
  std::map<std::pair<IpAddress, uint16_t>, ListenerUse> listeners_;
  PortSet listening_;
  PortSet any_address_;  ///< Ports with a listener on every address.
  PortSet blocked_;
  std::map<std::string_view, int64_t> states_;
  std::vector<Outbound> rows_;
  SocketSummary out_;
};

}  // namespace

int64_t PortRange::available() const {
  int64_t count = 0;
  for (int32_t port = low; port <= high; ++port) {
    if (holds(static_cast<uint16_t>(port))) ++count;
  }
  return count;
}

PortSet parse_ports(std::string_view list) {
  PortSet ports;
  for (const std::string_view part : split(trim(list), ',')) {
    const size_t hyphen = std::min(part.find('-'), part.size());
    const Result<int64_t> first = parse_int(part.substr(0, hyphen));
    const Result<int64_t> last = hyphen == part.size() ? first : parse_int(part.substr(hyphen + 1));
    if (!first || !last || *first < 0) continue;
    for (int64_t port = *first; port <= *last && port < static_cast<int64_t>(kPorts); ++port) {
      ports.set(static_cast<size_t>(port));
    }
  }
  return ports;
}

std::optional<PortRange> read_port_range(ProcSys& procsys) {
  const Reading range = procsys.read("/proc/sys/net/ipv4/ip_local_port_range");
  const std::string text = range.bytes.value_or("");
  const std::vector<std::string_view> words = split_blanks(text);
  if (words.size() != 2) return std::nullopt;
  const Result<int64_t> low = parse_int(words[0]);
  const Result<int64_t> high = parse_int(words[1]);
  constexpr int64_t kMost = kPorts - 1;
  if (!low || !high || *low < 1 || *high < *low || *high > kMost) return std::nullopt;
  PortRange out;
  out.low = static_cast<int32_t>(*low);
  out.high = static_cast<int32_t>(*high);
  const Reading reserved = procsys.read("/proc/sys/net/ipv4/ip_local_reserved_ports");
  if (reserved.bytes) out.reserved = parse_ports(*reserved.bytes);
  return out;
}

Result<SocketSummary> read_sockets(ProcSys& procsys) {
  const std::optional<PortRange> range = read_port_range(procsys);
  // Without a range no port counts as ephemeral; everything else is still of use.
  const auto summary = std::make_unique<Summary>(range.value_or(PortRange{0, -1, {}}));
  // Listeners first: they tell which connections came from outside.
  int error = procsys.each_socket(SocketTable::kTcpListeners,
                                  [&](const SocketRow& row) { summary->add_listener(row); });
  if (error == 0) {
    error = procsys.each_socket(SocketTable::kTcpOthers,
                                [&](const SocketRow& row) { summary->add_other(row); });
  }
  if (error != 0) return Error{fmt::format("{} reading TCP sockets", kernel::errno_name(error))};
  error =
      procsys.each_socket(SocketTable::kUdp, [&](const SocketRow& row) { summary->add_udp(row); });
  if (error != 0) return Error{fmt::format("{} reading UDP sockets", kernel::errno_name(error))};
  return summary->take();
}

}  // namespace proctor::host
