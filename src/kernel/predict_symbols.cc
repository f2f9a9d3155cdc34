// Bounds that a table gives by name: constants, machine facts, and other keys' values.
#include <algorithm>

#include "kernel/predict_call.h"

namespace proctor::kernel {
namespace {

constexpr int64_t kIntMax = 2147483647;
constexpr int64_t kUintMax = 4294967295;
constexpr int64_t kLongMax = INT64_MAX;

struct Constant {
  std::string_view name;
  int64_t value;
};

/// Sorted. Read in the sources of 5.10.223, 6.1.176, 6.12.107 and 7.2.13.
constexpr Constant kConstants[] = {
    {"addr_scope_max", 3},
    {"auto_flowlabels_min", 0},
    {"comp_sack_nr_max", 255},
    {"conns_per_lgr_max", 255},
    {"conns_per_lgr_min", 16},
    {"gso_max_segs", 65535},
    {"ip_local_port_range_max", 65535},
    {"ip_local_port_range_min", 1},
    {"links_per_lgr_max", 2},
    {"links_per_lgr_min", 1},
    {"max_extfrag_threshold", 1000},
    {"max_inline_size", 65536},
    {"max_max_inline", 65536},
    {"max_memreg", 6},
    {"max_sched_tunable_scaling", 2},
    {"max_slot_table_size", 65536},
    {"max_tcp_slot_table_limit", 65536},
    {"min_extfrag_threshold", 0},
    {"min_inline_size", 1024},
    {"min_max_inline", 4096},
    {"min_memreg", 0},
    {"min_sched_tunable_scaling", 0},
    {"min_slot_table_size", 2},
    {"nlm_port_min", 0},
    {"pf_expose_max", 2},
    {"ps_retrans_max", 65535},
    {"rdma_slot_table_max", 16384},
    {"rdma_slot_table_min", 4},
    {"rto_timer_max", 86400000},
    {"rto_timer_min", 1},
    {"rxrpc_jumbo_max", 6},
    {"seqw_min", 32},
    {"sysctl_fib_sync_mem_max", 64LL * 1024 * 1024},
    {"sysctl_fib_sync_mem_min", 64LL * 1024},
    {"tcp_min_rcvbuf", 4096},
    {"xfs_params.blockgc_timer.max", 86400},
    {"xfs_params.blockgc_timer.min", 1},
    {"xfs_params.cowb_timer.max", 86400},
    {"xfs_params.cowb_timer.min", 1},
    {"xfs_params.eofb_timer.max", 86400},
    {"xfs_params.eofb_timer.min", 1},
    {"xfs_params.error_level.max", 11},
    {"xfs_params.error_level.min", 0},
    {"xfs_params.fstrm_timer.max", 360000},
    {"xfs_params.fstrm_timer.min", 1},
    {"xfs_params.inherit_noatim.max", 1},
    {"xfs_params.inherit_noatim.min", 0},
    {"xfs_params.inherit_nodfrg.max", 1},
    {"xfs_params.inherit_nodfrg.min", 0},
    {"xfs_params.inherit_nodump.max", 1},
    {"xfs_params.inherit_nodump.min", 0},
    {"xfs_params.inherit_nosym.max", 1},
    {"xfs_params.inherit_nosym.min", 0},
    {"xfs_params.inherit_sync.max", 1},
    {"xfs_params.inherit_sync.min", 0},
    {"xfs_params.panic_mask.min", 0},
    {"xfs_params.rotorstep.max", 255},
    {"xfs_params.rotorstep.min", 1},
    {"xfs_params.sgid_inherit.max", 1},
    {"xfs_params.sgid_inherit.min", 0},
    {"xfs_params.stats_clear.max", 1},
    {"xfs_params.stats_clear.min", 0},
    {"xfs_params.symlink_mode.max", 1},
    {"xfs_params.symlink_mode.min", 0},
    {"xfs_params.syncd_timer.max", 720000},
    {"xfs_params.syncd_timer.min", 100},
    {"xprt_max_resvport_limit", 65535},
    {"xprt_min_resvport_limit", 1},
};

struct OtherKey {
  std::string_view name;
  std::string_view path;
};

constexpr OtherKey kOtherKeys[] = {
    {"ieee802154_lowpan.frags.high_thresh", "net/ieee802154/6lowpan/6lowpanfrag_high_thresh"},
    {"ieee802154_lowpan.frags.low_thresh", "net/ieee802154/6lowpan/6lowpanfrag_low_thresh"},
    {"init_pid_ns.pid_max", "kernel/pid_max"},
    {"ipv4.frags.high_thresh", "net/ipv4/ipfrag_high_thresh"},
    {"ipv4.frags.low_thresh", "net/ipv4/ipfrag_low_thresh"},
    {"ipv6.frags.high_thresh", "net/ipv6/ip6frag_high_thresh"},
    {"ipv6.frags.low_thresh", "net/ipv6/ip6frag_low_thresh"},
    {"nf_frag.frags.high_thresh", "net/netfilter/nf_conntrack_frag6_high_thresh"},
    {"nf_frag.frags.low_thresh", "net/netfilter/nf_conntrack_frag6_low_thresh"},
    {"pid_max", "kernel/pid_max"},
    {"sctp.pf_retrans", "net/sctp/pf_retrans"},
    {"sctp.ps_retrans", "net/sctp/ps_retrans"},
    {"sctp.rto_max", "net/sctp/rto_max"},
    {"sctp.rto_min", "net/sctp/rto_min"},
    {"sysctl_sched_rt_period", "kernel/sched_rt_period_us"},
    {"tcp_max_reordering", "net/ipv4/tcp_max_reordering"},
    {"xprt_max_resvport", "sunrpc/max_resvport"},
    {"xprt_min_resvport", "sunrpc/min_resvport"},
};

template <typename Table>
auto look_up(const Table& table, std::string_view name) {
  const auto* at = std::lower_bound(
      std::begin(table), std::end(table), name,
      [](const auto& entry, std::string_view wanted) { return entry.name < wanted; });
  return at != std::end(table) && at->name == name ? at : nullptr;
}

Limit with_hz(const Call& call, int64_t dividend) {
  const std::optional<uint32_t> hz = call.ask_hz();
  return hz ? Limit::at(dividend / *hz) : Limit::unknown();
}

/// The bits of known causes; one more from some release on between those that were inspected.
Limit xfs_panic_mask_max(const Call& call) {
  constexpr Version kLastOld{6, 1, 192, true};
  constexpr Version kFirstNew{6, 12, 107, true};
  const Version& version = call.version();
  if (version <= kLastOld || version.in_series(kLastOld.series())) return Limit::at(256);
  return version >= kFirstNew ? Limit::at(511) : Limit::unknown();
}

/// Two keys in milliseconds bound each other, in jiffies.
Limit in_jiffies(const Call& call, const std::string& path) {
  const std::optional<uint32_t> hz = call.ask_hz();
  const std::optional<int64_t> msecs = call.value(path);
  if (!hz || !msecs || *msecs < 0 || *msecs > kUintMax) return Limit::unknown();
  return Limit::at(static_cast<int64_t>(Jiffies{*hz}.from_msecs(static_cast<uint32_t>(*msecs))));
}

/// The area for JITed programs has one of two sizes on x86-64, with the kernel randomised or not. A
/// number that both or neither allow needs no more knowledge.
Limit bpf_jit_limit_max(const Call& call) {
  constexpr uint64_t kRandomised = 1056964608;
  constexpr uint64_t kFixed = 1593835520;
  const std::optional<std::string>& arch = call.state.machine().arch;
  if (!arch || *arch != "x86_64") return Limit::unknown();
  std::string_view rest = call.bytes;
  skip_kernel_spaces(rest);
  const Number number = take_number(rest, kNumberSeparators, call.traits);
  if (number.magnitude > kRandomised && number.magnitude <= kFixed) return Limit::unknown();
  return Limit::at(static_cast<int64_t>(number.magnitude > kFixed ? kFixed : kRandomised));
}

}  // namespace

Limit resolve_symbol(const Call& call, std::string_view symbol) {
  if (const Constant* constant = look_up(kConstants, symbol)) return Limit::at(constant->value);
  if (const OtherKey* other = look_up(kOtherKeys, symbol)) {
    // The one bound that is the initial namespace's, whichever namespace the write is in.
    if (symbol == "tcp_max_reordering" && !call.initial_netns()) return Limit::unknown();
    const std::optional<int64_t> value = call.value(std::string(other->path));
    return value ? Limit::at(*value) : Limit::unknown();
  }
  if (symbol == "bpf_jit_limit_max") return bpf_jit_limit_max(call);
  if (symbol == "hung_task_timeout_max") return with_hz(call, kLongMax);
  if (symbol == "max") return Limit::at(kIntMax);
  if (symbol == "max_autoclose_max") return Limit::at(kUintMax);
  if (symbol == "netdev_budget_usecs_min") return with_hz(call, 2000000);
  if (symbol == "rds_sysctl_reconnect_max_jiffies") {
    return in_jiffies(call, "net/rds/reconnect_max_delay_ms");
  }
  if (symbol == "rds_sysctl_reconnect_min_jiffies") {
    return in_jiffies(call, "net/rds/reconnect_min_delay_ms");
  }
  if (symbol == "u32_max_div_HZ") return with_hz(call, kUintMax);
  if (symbol == "xfs_params.panic_mask.max") return xfs_panic_mask_max(call);
  return Limit::unknown();
}

}  // namespace proctor::kernel
