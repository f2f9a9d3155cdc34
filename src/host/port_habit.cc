// How programs allocate ports, told from the ports in use.
#include <array>
#include <cmath>

#include "host/port_use.h"

namespace proctor::host {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"unknown", "bind", "bind-reuse", "connect",
                                                    "mixed"};

/// Below this parity is chance: 16 ports of one parity are 1 in 32768.
constexpr int64_t kFewest = 16;

bool most(int64_t part, int64_t whole) { return part * 10 >= whole * 9; }
bool few(int64_t part, int64_t whole) { return part * 10 <= whole; }

/// Connections that would share a port with another if each destination had picked one of the even
/// ports by chance, which is what connect() does.
double expected_shared(const PortCounts& counts) {
  const auto n = static_cast<double>(counts.connections);
  const auto ports = static_cast<double>(counts.all_even);
  if (ports < 1) return 0;
  return n - ports * (1 - std::exp(-n / ports));
}

/// Whether connect() would have made connections share ports by now. To one destination it never
/// does, and nothing follows.
bool sharing_expected(const PortCounts& counts) {
  constexpr double kSure = 8;
  return !most(counts.busiest, counts.connections) && expected_shared(counts) >= kSure;
}

}  // namespace

std::string_view to_string(PortHabit habit) { return kNames[static_cast<size_t>(habit)]; }

std::optional<PortHabit> parse_port_habit(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<PortHabit>(i);
  }
  return std::nullopt;
}

PortHabit habit_of(const PortCounts& c) {
  if (c.ports < kFewest) return PortHabit::kUnknown;
  const int64_t even = c.ports - c.odd;
  // The option is on the sockets themselves, which is surer than any pattern.
  if (c.live >= kFewest && most(c.no_port, c.live) && !most(c.odd, c.ports)) {
    return PortHabit::kConnect;
  }
  if (!few(c.shared, c.ports)) {
    // Ports that are shared come from connect(). It uses odd ones only for a destination that has
    // all even ones, so many odd ones are bind()'s.
    const bool spilled = most(c.busiest, c.all_even);
    return few(c.odd * 2, c.ports) || spilled ? PortHabit::kConnect : PortHabit::kMixed;
  }
  const bool lower_only = most(c.lower, c.ports) && c.ports >= 2 * kFewest &&
                          c.ports * 2 <= (c.all_odd + c.all_even) + 2;
  if (most(c.odd, c.ports)) {
    // A quarter of the range is as far as bind() with SO_REUSEADDR gets on odd ports alone.
    const bool dense = c.ports * 8 >= c.all_odd;
    return lower_only && dense && c.ports * 2 <= c.all_odd + 2 ? PortHabit::kBindReuse
                                                               : PortHabit::kBind;
  }
  if (few(c.odd, c.ports)) return PortHabit::kConnect;
  if (most(c.busiest, c.connections)) {
    // One destination: connect() fills the even ports first, bind() the odd ones.
    if (most(even, c.all_even) && !most(c.odd, c.all_odd)) return PortHabit::kConnect;
    if (most(c.odd, c.all_odd) && !most(even, c.all_even)) return PortHabit::kBind;
    return PortHabit::kUnknown;
  }
  if (lower_only && c.odd * 4 >= c.all_odd) return PortHabit::kBindReuse;
  if (sharing_expected(c)) return PortHabit::kBind;
  return most(c.odd, c.all_odd) ? PortHabit::kBind : PortHabit::kMixed;
}

}  // namespace proctor::host
