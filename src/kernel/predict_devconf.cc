// net.ipv4.conf and net.ipv6.conf: keys that exist once for "all", once for "default" and once for
// each interface, and copy themselves to each other.
#include <arpa/inet.h>

#include "kernel/predict_handlers.h"
#include "kernel/predict_interfaces.h"
#include "kernel/predict_strings.h"
#include "kernel/predict_vector.h"

namespace proctor::kernel {
namespace {

enum class Level : uint8_t { kAll, kDefault, kInterface };

Level level_of(const Call& call) {
  if (call.wildcards.empty()) return Level::kAll;  // net.ipv4.ip_forward
  if (call.wildcards.front() == "all") return Level::kAll;
  return call.wildcards.front() == "default" ? Level::kDefault : Level::kInterface;
}

bool follows_default_ipv4(const Call& call, std::string_view name) {
  for (const std::string_view apart :
       {"disable_policy", "disable_xfrm", "promote_secondaries", "drop_unicast_in_l2_multicast"}) {
    if (name == apart) return false;
  }
  return name != "route_localnet" || call.row == nullptr ||
         call.row->handler == "devinet_conf_proc";
}

void ipv4_conf(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kInt, {}, 1);
  finish(call, answer, parsed, 1);
  const std::string_view name = last_part(call.path);
  const Level level = level_of(call);
  if (!follows_default_ipv4(call, name)) return;
  // A write that is refused makes the interface follow "default" no more, as any other does.
  if (level == Level::kInterface && parsed.nothing_written() &&
      !call.state.is_explicit(call.path)) {
    answer.effects.push_back({call.path, call.read(call.path)});
  }
  if (level != Level::kDefault || parsed.nothing_written()) return;
  pass_on_default(call, answer, "net/ipv4/conf/", parsed.slots[0].text, true);
}

constexpr std::string_view kIpForward = "net/ipv4/ip_forward";
constexpr std::string_view kAllForwarding = "net/ipv4/conf/all/forwarding";

/// devinet_sysctl_forward: a changed value of "all" is copied to everything.
void ipv4_forwarding(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kInt, {}, 1);
  const std::optional<int64_t> old = call.current();
  finish(call, answer, parsed, 1);
  if (level_of(call) != Level::kAll || parsed.nothing_written()) return;
  const Slot& now = parsed.slots[0];
  also(answer, std::string(call.path == kIpForward ? kAllForwarding : kIpForward), now.text);
  if (old && *old == now.value) return;
  auto change = [&](std::string path, std::string text) {
    if (call.read(path).status == Cell::Status::kAbsent) return;
    if (old) {
      also(answer, std::move(path), std::move(text));
    } else {
      also_unknown(call, answer, std::move(path));
    }
  };
  change("net/ipv4/conf/all/accept_redirects", now.value != 0 ? "0" : "1");
  change("net/ipv4/conf/default/forwarding", now.text);
  for_each_interface(call, [&](const std::string& interface) {
    change(interface_path("net/ipv4/conf/", interface, "forwarding"), now.text);
  });
}

/// Until 7.2 some IPv6 keys lose the parser's error and report success; those that touch interfaces
/// then report one byte written. Stable series were mended in the releases below (their changelogs:
/// "ipv6: fix error handling in forwarding sysctl").
enum class LostError : uint8_t { kNo, kYes, kMaybe };

LostError loses_error(const Call& call) {
  constexpr Version kMended[] = {{5, 10, 261, true}, {6, 1, 178, true}, {6, 12, 97, true}};
  // Where it is mended for certain, but not in which release it was.
  constexpr Version kSeenMended[] = {{6, 18, 44, true}, {7, 1, 5, true}};
  // Maintained when it was mended, but nobody looked.
  constexpr Version kPerhaps[] = {{5, 15, 0, false}, {6, 6, 0, false}, {7, 0, 0, false}};
  const Version& version = call.version();
  for (const Version& mended : kMended) {
    if (!version.in_series(mended.series())) continue;
    if (version.is_series()) return LostError::kMaybe;
    return version >= mended ? LostError::kNo : LostError::kYes;
  }
  for (const Version& mended : kSeenMended) {
    if (!version.in_series(mended.series())) continue;
    return !version.is_series() && version >= mended ? LostError::kNo : LostError::kMaybe;
  }
  for (const Version& series : kPerhaps) {
    if (version.in_series(series)) return LostError::kMaybe;
  }
  return version >= Version{7, 2, 0, false} ? LostError::kNo : LostError::kYes;
}

void parse_lossy(const Call& call, Answer& answer, Parsed& parsed, bool one_byte) {
  const LostError lost = loses_error(call);
  if (!parsed.ok() && !parsed.undecided && lost != LostError::kNo) {
    if (lost == LostError::kMaybe) {
      call.need("host.kernel");
      undecided(call, answer, "older kernels ignore the error: " + parsed.reason);
      return;
    }
    keep(call, answer);
    answer.outcome.reason = "ignored in silence by this kernel: " + parsed.reason;
    parsed.slots.clear();
  } else {
    finish(call, answer, parsed, 1);
  }
  if (!one_byte || answer.outcome.result == WriteResult::kRejected) return;
  if (lost == LostError::kYes) {
    answer.outcome.taken = 1;
  } else if (lost == LostError::kMaybe) {
    answer.outcome.taken.reset();
  }
}

/// "all" copies itself to "default" and to every interface, changed or not.
void copy_down(const Call& call, Answer& answer, std::string_view name, const std::string& text) {
  also(answer, interface_path("net/ipv6/conf/", "default", name), text);
  for_each_interface(call, [&](const std::string& interface) {
    std::string path = interface_path("net/ipv6/conf/", interface, name);
    if (call.read(path).status == Cell::Status::kAbsent) return;
    also(answer, std::move(path), text);
  });
}

void ipv6_spread(const Call& call, Answer& answer, bool one_byte) {
  Parsed parsed = parse_vector(call, Storage::kInt, {}, 1);
  const Level level = level_of(call);
  parse_lossy(call, answer, parsed, one_byte && level != Level::kDefault);
  if (level != Level::kAll || !parsed.ok() || parsed.nothing_written()) return;
  const std::string_view name = last_part(call.path);
  copy_down(call, answer, name, parsed.slots[0].text);
  if (name != "forwarding" || parsed.slots[0].value != 0) return;
  const std::string force = "net/ipv6/conf/all/force_forwarding";
  if (call.read(force).status != Cell::Status::kKnown) return;
  also(answer, force, "0");
  for_each_interface(call, [&](const std::string& interface) {
    also(answer, interface_path("net/ipv6/conf/", interface, "force_forwarding"), "0");
  });
}

void ipv6_forwarding(const Call& call, Answer& answer) { ipv6_spread(call, answer, true); }

/// In 5.10 and 6.1 the error was mended, and one byte is still what it reports.
void ipv6_linkdown(const Call& call, Answer& answer) {
  ipv6_spread(call, answer, true);
  const Version& version = call.version();
  const bool still = version.in_series({5, 10, 0, false}) || version.in_series({6, 1, 0, false});
  if (still && level_of(call) != Level::kDefault && answer.outcome.taken) answer.outcome.taken = 1;
}
void ipv6_disable(const Call& call, Answer& answer) { ipv6_spread(call, answer, false); }

void ipv6_force_forwarding(const Call& call, Answer& answer) {
  const Parsed parsed = parse_single(call, Storage::kUint, {Limit::at(0), Limit::at(1)});
  finish(call, answer, parsed, 1);
  if (level_of(call) != Level::kAll || !parsed.ok() || parsed.nothing_written()) return;
  for_each_interface(call, [&](const std::string& interface) {
    also(answer, interface_path("net/ipv6/conf/", interface, "force_forwarding"),
         parsed.slots[0].text);
  });
}

constexpr int64_t kStablePrivacy = 2;

/// Whether a stable_secret was set: reading one that was not gives EIO, which a state shows as
/// unknown.
bool has_secret(const Call& call, const std::string& path) {
  return call.read(path).status == Cell::Status::kKnown;
}

void ipv6_addr_gen_mode(const Call& call, Answer& answer) {
  const Parsed parsed = parse_single(call, Storage::kUint, {Limit::at(0), Limit::at(3)});
  const Level level = level_of(call);
  if (parsed.ok() && !parsed.nothing_written() && level == Level::kInterface &&
      parsed.slots[0].value == kStablePrivacy && !has_secret(call, call.sibling("stable_secret")) &&
      !has_secret(call, "net/ipv6/conf/default/stable_secret")) {
    reject(call, answer, EINVAL, "2 needs a stable_secret for the interface or for default");
    return;
  }
  finish(call, answer, parsed, 1);
  if (level != Level::kAll || !parsed.ok() || parsed.nothing_written()) return;
  copy_down(call, answer, "addr_gen_mode", parsed.slots[0].text);
}

void ipv6_stable_secret(const Call& call, Answer& answer) {
  constexpr size_t kBuffer = 46;
  if (level_of(call) == Level::kAll) {
    reject(call, answer, EIO, "\"all\" has no secret");
    return;
  }
  const Cell& now = call.read(call.path);
  const bool set = now.status == Cell::Status::kKnown;
  const std::string text =
      copied_string(call, set ? now.text : "0000:0000:0000:0000:0000:0000:0000:0000", kBuffer);
  in6_addr address{};
  if (inet_pton(AF_INET6, text.c_str(), &address) != 1) {
    reject(call, answer, EIO, "not an IPv6 address");
    return;
  }
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string shown;
  for (size_t i = 0; i < 16; ++i) {
    if (i != 0 && i % 2 == 0) shown += ':';
    shown += kDigits[address.s6_addr[i] >> 4];
    shown += kDigits[address.s6_addr[i] & 15U];
  }
  store(call, answer, std::move(shown));
  if (level_of(call) == Level::kInterface) {
    also(answer, call.sibling("addr_gen_mode"), "2");
    return;
  }
  for_each_interface(call, [&](const std::string& interface) {
    also(answer, interface_path("net/ipv6/conf/", interface, "addr_gen_mode"), "2");
  });
}

/// The key follows the device's MTU until it is lowered. Ethernet's and the loopback's are known;
/// any other value says nothing on how far it may be raised.
void ipv6_mtu(const Call& call, Answer& answer) {
  constexpr int64_t kEthernet = 1500;
  constexpr int64_t kLoopback = 65536;
  Limits limits{Limit::at(1280), Limit::none()};
  if (level_of(call) != Level::kInterface) {
    write_vector(call, answer, Storage::kInt, limits);
    return;
  }
  const std::optional<int64_t> now = call.current();
  const bool loopback = call.wildcards.front() == "lo";
  if (loopback || (now && *now == kEthernet)) {
    limits.max = Limit::at(loopback ? kLoopback : kEthernet);
    write_vector(call, answer, Storage::kInt, limits);
    return;
  }
  Parsed parsed = parse_vector(call, Storage::kInt, limits, 1);
  if (parsed.ok() && !parsed.nothing_written() && (!now || parsed.slots[0].value > *now)) {
    undecided(call, answer, "may not be above the device's MTU, which is not known");
    return;
  }
  finish(call, answer, parsed, 1);
}

void plain_int(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kInt, call.limits());
}

constexpr HandlerEntry kHandlers[] = {
    {"addrconf_sysctl_addr_gen_mode", ipv6_addr_gen_mode},
    {"addrconf_sysctl_disable", ipv6_disable},
    {"addrconf_sysctl_disable_policy", plain_int},
    {"addrconf_sysctl_force_forwarding", ipv6_force_forwarding},
    {"addrconf_sysctl_forward", ipv6_forwarding},
    {"addrconf_sysctl_ignore_routes_with_linkdown", ipv6_linkdown},
    {"addrconf_sysctl_mtu", ipv6_mtu},
    {"addrconf_sysctl_proxy_ndp", plain_int},
    {"addrconf_sysctl_stable_secret", ipv6_stable_secret},
    {"devinet_conf_proc", ipv4_conf},
    {"devinet_sysctl_forward", ipv4_forwarding},
    {"ipv4_doint_and_flush", ipv4_conf},
    {"ipv4_sysctl_forward", ipv4_forwarding},
};

}  // namespace

HandlerTable devconf_handlers() { return {std::begin(kHandlers), std::end(kHandlers)}; }

}  // namespace proctor::kernel
