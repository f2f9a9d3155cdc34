// net.core, net.ipv4 and the protocols' special handlers.
#include <algorithm>
#include <array>

#include "kernel/predict_cpus.h"
#include "kernel/predict_handlers.h"
#include "kernel/predict_strings.h"
#include "kernel/predict_vector.h"
#include "text/text.h"

namespace proctor::kernel {
namespace {

constexpr int64_t kLargestPort = 65535;

bool changed(const Parsed& parsed) { return parsed.ok() && !parsed.nothing_written(); }

void plain_int(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kInt, call.limits());
}

void plain_uint(const Call& call, Answer& answer) {
  write_single(call, answer, Storage::kUint, call.limits());
}

/// An int in older kernels, a u8 since: the variable's size in the table tells.
void int_or_u8(const Call& call, Answer& answer) {
  Limits limits = call.limits();
  if (call.row == nullptr || call.row->maxlen != 1) {
    write_vector(call, answer, Storage::kInt, limits);
    return;
  }
  if (limits.min.kind == Limit::Kind::kNone) limits.min = Limit::at(0);
  if (limits.max.kind == Limit::Kind::kNone) limits.max = Limit::at(255);
  write_single(call, answer, Storage::kUint, limits);
}

/// A vector of two that the handler checks as a whole before it stores anything.
struct Pair {
  Parsed parsed;
  std::optional<int64_t> low, high;
  std::string text;
};

Pair parse_pair(const Call& call, Storage storage, const Limits& limits) {
  Pair pair{parse_vector(call, storage, limits, 2), call.current(0), call.current(1), {}};
  if (!pair.parsed.ok()) return pair;
  if (!pair.parsed.slots.empty()) pair.low = pair.parsed.slots[0].value;
  if (pair.parsed.slots.size() > 1) pair.high = pair.parsed.slots[1].value;
  if (pair.low && pair.high)
    pair.text = std::to_string(*pair.low) + '\t' + std::to_string(*pair.high);
  return pair;
}

void local_port_range(const Call& call, Answer& answer) {
  const Pair pair = parse_pair(call, Storage::kInt, {Limit::at(1), Limit::at(kLargestPort)});
  if (!pair.parsed.ok()) {
    refuse(call, answer, pair.parsed);
    return;
  }
  const std::string start_path = "net/ipv4/ip_unprivileged_port_start";
  const std::optional<int64_t> start =
      call.read(start_path).status == Cell::Status::kAbsent ? 0 : call.value(start_path);
  if (pair.low && pair.high && *pair.high < *pair.low) {
    reject(call, answer, EINVAL, "the range ends before it begins");
  } else if (pair.low && start && *pair.low < *start) {
    reject(call, answer, EINVAL,
           "ip_unprivileged_port_start is " + std::to_string(*start) +
               ": the range may not start below it");
  } else if (!pair.low || !pair.high || !start) {
    undecided(call, answer, "depends on the present range or on ip_unprivileged_port_start");
  } else {
    store(call, answer, pair.text);
    answer.outcome.taken = pair.parsed.taken;
    answer.outcome.reason = pair.parsed.reason;
  }
}

void unprivileged_port_start(const Call& call, Answer& answer) {
  const Parsed parsed =
      parse_vector(call, Storage::kInt, {Limit::at(0), Limit::at(kLargestPort)}, 1);
  if (changed(parsed)) {
    const std::optional<int64_t> low = call.value("net/ipv4/ip_local_port_range");
    if (!low && parsed.slots[0].value > 1) {
      undecided(call, answer, "depends on ip_local_port_range");
      return;
    }
    if (low && *low < parsed.slots[0].value) {
      reject(
          call, answer, EINVAL,
          "ip_local_port_range starts at " + std::to_string(*low) + ": it may not be above that");
      return;
    }
  }
  finish(call, answer, parsed, 1);
}

/// Ids were parsed as ints before they became longs (5.10.223 against 6.1.176); -1 and a gid that
/// is not valid are refused either way.
void ping_group_range(const Call& call, Answer& answer) {
  constexpr int64_t kLargestGid = 4294967294;
  constexpr int64_t kLargestInt = 2147483647;
  const bool longs = call.version() >= Version{6, 1, 176, true} ||
                     call.version().in_series(Version{6, 1, 0, false});
  const bool ints = call.version() <= Version{5, 10, 223, true} ||
                    call.version().in_series(Version{5, 10, 0, false});
  const Pair pair = parse_pair(call, longs ? Storage::kUlong : Storage::kInt,
                               {Limit::at(0), Limit::at(longs ? kLargestGid : kLargestInt)});
  if (!pair.parsed.ok()) {
    if (!longs && !ints) {
      call.need("host.kernel");
      undecided(call, answer, "older kernels take no group above 2147483647");
      return;
    }
    refuse(call, answer, pair.parsed);
    return;
  }
  if (!pair.low || !pair.high) {
    undecided(call, answer, "depends on the present range");
    return;
  }
  const bool empty = *pair.high < *pair.low;
  store(call, answer, empty ? "1\t0" : pair.text);
  answer.outcome.taken = pair.parsed.taken;
  answer.outcome.reason = empty ? "an empty range reads 1 0" : pair.parsed.reason;
}

void reserved_ports(const Call& call, Answer& answer) { write_bitmap(call, answer, 65536); }

void icmp6_ratemask(const Call& call, Answer& answer) { write_bitmap(call, answer, 256); }

void large_bitmap(const Call& call, Answer& answer) {
  if (call.path == "net/ipv6/icmp/ratemask") {
    icmp6_ratemask(call, answer);
  } else {
    reserved_ports(call, answer);
  }
}

void flush_ipv4(const Call& call, Answer& answer) {
  answer.outcome.result = WriteResult::kAccepted;
  answer.outcome.taken = call.bytes.size();
  answer.outcome.reason = "whatever is written flushes the cache";
}

/// Write-only: the number is parsed, there is nothing to read back.
void flush_ipv6(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kInt, {}, 1);
  if (!parsed.ok()) {
    refuse(call, answer, parsed);
    return;
  }
  answer.outcome.result = WriteResult::kAccepted;
  answer.outcome.taken = parsed.taken;
}

/// "%x-%x-%x-%x" of sscanf: blanks before a number, an optional sign and 0x; the rest is ignored.
bool scan_words(std::string_view text, std::array<uint32_t, 4>& words) {
  for (size_t i = 0; i < words.size(); ++i) {
    if (i != 0) {
      if (text.empty() || text.front() != '-') return false;
      text.remove_prefix(1);
    }
    skip_kernel_spaces(text);
    if (text.size() > 2 && text[0] == '0' && (text[1] | 0x20) == 'x') text.remove_prefix(2);
    uint32_t word = 0;
    size_t digits = 0;
    for (; digits < text.size(); ++digits) {
      const char c = text[digits];
      const char lower = static_cast<char>(c | 0x20);
      const bool decimal = c >= '0' && c <= '9';
      if (!decimal && (lower < 'a' || lower > 'f')) break;
      word = word * 16 + static_cast<uint32_t>(decimal ? c - '0' : lower - 'a' + 10);
    }
    if (digits == 0) return false;
    text.remove_prefix(digits);
    words[i] = word;
  }
  return true;
}

std::string show_words(const std::array<uint32_t, 4>& words) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i != 0) text += '-';
    for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[(words[i] >> shift) & 15U];
  }
  return text;
}

/// A second key after a comma is a backup, since 5.2; older kernels have room for one only, and the
/// rest of what is written is ignored there.
void fastopen_key(const Call& call, Answer& answer) {
  const bool two_keys = call.version() >= Version{5, 2, 0, false};
  const std::optional<std::string> text = written_string(call, two_keys ? 74 : 37);
  if (!text) {
    undecided(call, answer, "depends on the present key");
    return;
  }
  const size_t comma = two_keys ? text->find(',') : std::string::npos;
  std::array<uint32_t, 4> first{};
  std::array<uint32_t, 4> second{};
  const std::string_view whole = *text;
  if (!scan_words(whole.substr(0, comma), first) ||
      (comma != std::string::npos && !scan_words(whole.substr(comma + 1), second))) {
    reject(call, answer, EINVAL, "not four hexadecimal words with - between them");
    return;
  }
  std::string shown = show_words(first);
  if (comma != std::string::npos) shown += ',' + show_words(second);
  store(call, answer, std::move(shown));
}

void flow_limit_table_len(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kInt, {}, 1);
  if (changed(parsed)) {
    const auto size = static_cast<uint32_t>(parsed.slots[0].value);
    if (size == 0 || (size & (size - 1)) != 0) {
      reject(call, answer, EINVAL, "not a power of two");
      return;
    }
  }
  finish(call, answer, parsed, 1);
}

void flow_limit_cpus(const Call& call, Answer& answer) { write_cpu_mask(call, answer, false); }

void rps_default_mask(const Call& call, Answer& answer) { write_cpu_mask(call, answer, true); }

/// A table of 4 bytes an entry is allocated at once.
void rps_sock_flow_entries(const Call& call, Answer& answer) {
  constexpr uint32_t kLargest = 1U << 29;
  Parsed parsed = parse_vector(call, Storage::kInt, {}, 1);
  if (!changed(parsed)) {
    finish(call, answer, parsed, 1);
    return;
  }
  const auto size = static_cast<uint32_t>(parsed.slots[0].value);
  if (size > kLargest) {
    reject(call, answer, EINVAL, "above its maximum of 536870912");
    return;
  }
  uint64_t rounded = size == 0 ? 0 : 1;
  while (rounded < size) rounded *= 2;
  const std::optional<uint64_t>& memory = call.state.machine().memory;
  if (memory && rounded * 4 > *memory) {
    reject(call, answer, ENOMEM, "its table does not fit into memory");
    return;
  }
  if (!memory && rounded * 4 > (uint64_t{1} << 26)) {
    call.need("host.memory");
    undecided(call, answer, "its table may not fit into memory");
    return;
  }
  store(call, answer, std::to_string(rounded));
  answer.outcome.taken = parsed.taken;
  if (rounded != size) answer.outcome.reason = "rounded up to a power of two";
}

/// Any number but 0 is stored as 1, also when the write as a whole fails.
void bridge_netfilter(const Call& call, Answer& answer) {
  Parsed parsed = parse_vector(call, Storage::kInt, call.limits(), 1);
  for (Slot& slot : parsed.slots) slot.text = slot.value != 0 ? "1" : "0";
  finish(call, answer, parsed, 1);
}

/// One-way: 1 cannot be taken back.
void hooks_lwtunnel(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kInt, {Limit::at(0), Limit::at(1)}, 1);
  if (!parsed.ok()) {
    refuse(call, answer, parsed);
    return;
  }
  const int64_t wanted = parsed.nothing_written() ? 0 : parsed.slots[0].value;
  const std::optional<int64_t> now = call.current();
  if (wanted == 0 && now && *now != 0) {
    reject(call, answer, EBUSY, "once on, it cannot be switched off");
  } else if (wanted == 0 && !now) {
    undecided(call, answer, "once on, it cannot be switched off");
  } else {
    store(call, answer, std::to_string(wanted));
    answer.outcome.taken = parsed.taken;
  }
}

/// Rounded up to whole pages of 8-byte heads.
void conntrack_buckets(const Call& call, Answer& answer) {
  Parsed parsed = parse_vector(call, Storage::kInt, {}, 1);
  if (!parsed.ok()) {
    refuse(call, answer, parsed);
    return;
  }
  if (parsed.nothing_written()) {
    keep(call, answer);
    return;
  }
  const auto size = static_cast<uint32_t>(parsed.slots[0].value);
  if (size == 0) {
    reject(call, answer, EINVAL, "must be above 0");
    return;
  }
  const std::optional<uint32_t> page = call.ask_page_size();
  if (!page) {
    undecided(call, answer, "rounded up to whole pages");
    return;
  }
  const uint64_t heads = *page / 8;
  const uint64_t rounded = (uint64_t{size} + heads - 1) / heads * heads;
  const std::optional<uint64_t>& memory = call.state.machine().memory;
  constexpr uint64_t kLargest = 2147483647 / 8;
  // Nothing above 2 GiB is tried at all: seen in the releases from here on.
  const bool refuses_large =
      call.version() >= Version{5, 16, 0, false} ||
      (call.version().in_series({5, 10, 0, false}) && call.version() >= Version{5, 10, 262, true});
  if (rounded > (refuses_large ? kLargest : 2 * kLargest) || (memory && rounded * 8 > *memory)) {
    reject(call, answer, ENOMEM, "its table does not fit into memory");
    return;
  }
  if (rounded > kLargest || (!memory && rounded * 8 > (uint64_t{1} << 26))) {
    call.need("host.memory");
    undecided(call, answer, "its table may not fit into memory");
    return;
  }
  store(call, answer, std::to_string(rounded));
  answer.outcome.taken = parsed.taken;
  if (rounded != size) answer.outcome.reason = "rounded up to whole pages";
}

constexpr HandlerEntry kHandlers[] = {
    {"brnf_sysctl_call_tables", bridge_netfilter},
    {"flow_limit_cpu_sysctl", flow_limit_cpus},
    {"flow_limit_table_len_sysctl", flow_limit_table_len},
    {"ipv4_fwd_update_priority", int_or_u8},
    {"ipv4_local_port_range", local_port_range},
    {"ipv4_ping_group_range", ping_group_range},
    {"ipv4_privileged_ports", unprivileged_port_start},
    {"ipv4_sysctl_rtcache_flush", flush_ipv4},
    {"ipv6_sysctl_rtcache_flush", flush_ipv6},
    {"nf_conntrack_hash_sysctl", conntrack_buckets},
    {"nf_conntrack_log_invalid_sysctl", int_or_u8},
    {"nf_hooks_lwtunnel_sysctl_handler", hooks_lwtunnel},
    {"proc_do_large_bitmap", large_bitmap},
    {"proc_fib_multipath_hash_fields", plain_uint},
    {"proc_fib_multipath_hash_policy", int_or_u8},
    {"proc_fib_multipath_hash_seed", plain_uint},
    {"proc_rt6_multipath_hash_fields", plain_uint},
    {"proc_rt6_multipath_hash_policy", int_or_u8},
    {"proc_tcp_early_demux", int_or_u8},
    {"proc_tcp_fastopen_key", fastopen_key},
    {"proc_tfo_blackhole_detect_timeout", plain_int},
    {"proc_udp_early_demux", int_or_u8},
    {"rps_default_mask_sysctl", rps_default_mask},
    {"rps_sock_flow_sysctl", rps_sock_flow_entries},
};

}  // namespace

HandlerTable net_handlers() { return {std::begin(kHandlers), std::end(kHandlers)}; }

}  // namespace proctor::kernel
