// net.ipv4.conf and net.ipv6.conf: keys that exist once for "all", once for "default" and once for
// each interface, and copy themselves to each other.
#include <algorithm>

#include "kernel/predict_address.h"
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

/// The key's value after a write that succeeded, if it is known: one that brought no number leaves
/// the old one, and the handler goes on with that.
std::optional<std::string> value_after(const Call& call, const Parsed& parsed) {
  return parsed.nothing_written() ? call.text(call.path) : parsed.slots[0].text;
}

/// "all" copies itself to "default" and to every interface, changed or not.
void copy_down(const Call& call, Answer& answer, std::string_view name,
               const std::optional<std::string>& text) {
  auto copy = [&](std::string_view to) {
    std::string path = interface_path("net/ipv6/conf/", to, name);
    if (call.read(path).status == Cell::Status::kAbsent) return;
    if (text) {
      also(answer, std::move(path), *text);
    } else {
      also_unknown(call, answer, std::move(path));
    }
  };
  copy("default");
  for_each_interface(call, copy);
}

void ipv6_spread(const Call& call, Answer& answer, bool one_byte) {
  Parsed parsed = parse_vector(call, Storage::kInt, {}, 1);
  const bool parsed_well = parsed.ok();
  const Level level = level_of(call);
  parse_lossy(call, answer, parsed, one_byte && level != Level::kDefault);
  if (level != Level::kAll || answer.outcome.result == WriteResult::kRejected) return;
  const std::string_view name = last_part(call.path);
  // Whether a kernel that is not known loses the error decides whether the old value is copied.
  const bool perhaps = !parsed_well && loses_error(call) == LostError::kMaybe;
  const std::optional<std::string> now =
      perhaps ? std::optional<std::string>() : value_after(call, parsed);
  copy_down(call, answer, name, now);
  if (name != "forwarding" || (now && *now != "0")) return;
  for_each_interface(call, [&](const std::string& interface) {
    std::string force = interface_path("net/ipv6/conf/", interface, "force_forwarding");
    if (call.read(force).status != Cell::Status::kKnown) return;
    if (now) {
      also(answer, std::move(force), "0");
    } else {
      also_unknown(call, answer, std::move(force));
    }
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
  const std::optional<int64_t> old = call.current();
  finish(call, answer, parsed, 1);
  if (level_of(call) != Level::kAll || !parsed.ok() || parsed.nothing_written()) return;
  if (old && *old == parsed.slots[0].value) return;
  for_each_interface(call, [&](const std::string& interface) {
    std::string path = interface_path("net/ipv6/conf/", interface, "force_forwarding");
    if (old) {
      also(answer, std::move(path), parsed.slots[0].text);
    } else {
      also_unknown(call, answer, std::move(path));
    }
  });
}

constexpr std::string_view kStablePrivacy = "2";
constexpr std::string_view kRandom = "3";
/// In a state, a stable_secret that is not known, where there may be one.
constexpr std::string_view kMayBeThere = "?";

enum class Secret : uint8_t { kNo, kPerhaps, kYes };

/// Reading a stable_secret that was not set gives EIO, which a state shows as unknown.
Secret secret_at(const Call& call, const std::string& path) {
  const Cell& cell = call.read(path);
  if (cell.status == Cell::Status::kKnown) return Secret::kYes;
  return cell.text == kMayBeThere ? Secret::kPerhaps : Secret::kNo;
}

Secret secret_of_interface(const Call& call) {
  return std::max(secret_at(call, call.sibling("stable_secret")),
                  secret_at(call, "net/ipv6/conf/default/stable_secret"));
}

/// An interface that comes to mode 3 draws a secret, if it is of a kind that has addresses of its
/// own at once: Ethernet's and some tunnels, not slaves, and not with disable_ipv6. The loopback
/// never is.
void draw_secret(const Call& call, Answer& answer, const std::string& interface,
                 std::string_view mode) {
  const std::string folder = "net/ipv6/conf/";
  const Cell& before = call.read(interface_path(folder, interface, "addr_gen_mode"));
  const bool was_random = before.status == Cell::Status::kKnown && before.text == kRandom;
  std::string secret = interface_path(folder, interface, "stable_secret");
  if (mode != kRandom || was_random || interface == "lo") return;
  if (secret_at(call, secret) != Secret::kNo) return;
  Cell drawn = Cell::unknown({});
  drawn.text = kMayBeThere;
  answer.effects.push_back({std::move(secret), std::move(drawn)});
}

void ipv6_addr_gen_mode(const Call& call, Answer& answer) {
  const Parsed parsed = parse_single(call, Storage::kUint, {Limit::at(0), Limit::at(3)});
  const Level level = level_of(call);
  const std::optional<std::string> mode = value_after(call, parsed);
  if (level == Level::kInterface && parsed.ok() && mode == kStablePrivacy) {
    const Secret secret = secret_of_interface(call);
    if (secret == Secret::kNo) {
      reject(call, answer, EINVAL, "2 needs a stable_secret for the interface or for default");
      return;
    }
    if (secret == Secret::kPerhaps) {
      undecided(call, answer, "2 needs a stable_secret, which mode 3 gives to some interfaces");
      return;
    }
  }
  finish(call, answer, parsed, 1);
  if (!parsed.ok()) return;
  if (level == Level::kInterface && mode) {
    draw_secret(call, answer, call.wildcards.front(), *mode);
  }
  if (level != Level::kAll) return;
  copy_down(call, answer, "addr_gen_mode", mode);
  for_each_interface(call, [&](const std::string& interface) {
    draw_secret(call, answer, interface, mode.value_or(std::string(kRandom)));
  });
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
  const std::optional<std::array<uint8_t, 16>> address = read_ipv6(text);
  if (!address) {
    reject(call, answer, EIO, "not an IPv6 address");
    return;
  }
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string shown;
  for (size_t i = 0; i < 16; ++i) {
    if (i != 0 && i % 2 == 0) shown += ':';
    shown += kDigits[(*address)[i] >> 4];
    shown += kDigits[(*address)[i] & 15U];
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
