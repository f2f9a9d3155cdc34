// SCTP, IP virtual server, MPLS, XFS and a few drivers.
#include <optional>
#include <span>

#include "kernel/predict_cpus.h"
#include "kernel/predict_handlers.h"
#include "kernel/predict_strings.h"
#include "kernel/predict_vector.h"

namespace proctor::kernel {
namespace {

bool changed(const Parsed& parsed) { return parsed.ok() && !parsed.nothing_written(); }

void plain_int(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kInt, call.limits());
}

void zero_or_one(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kInt, {Limit::at(0), Limit::at(1)});
}

/// The bounds are compared as unsigned numbers, so a negative one is above them.
void sctp_bounded(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kInt, call.limits());
}

void sctp_probe_interval(const Call& call, Answer& answer) {
  constexpr int64_t kShortest = 5000;
  const Parsed parsed = parse_vector(call, Storage::kInt, {}, 1);
  if (changed(parsed) && parsed.slots[0].value != 0 && parsed.slots[0].value < kShortest) {
    reject(call, answer, EINVAL, "0, or 5000 and above");
    return;
  }
  finish(call, answer, parsed, 1);
}

/// A socket is opened on the port: a program's that has it already is rare.
void sctp_udp_port(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kInt, {Limit::at(0), Limit::at(65535)}, 1);
  finish(call, answer, parsed, 1);
  if (changed(parsed) && parsed.slots[0].value != 0) {
    answer.outcome.reason = "fails with EADDRINUSE while a program has the UDP port";
  }
}

/// A name, by its beginning; what follows is not looked at. From 7.2 on a whole name of another
/// list, after what is too long for a shorter buffer was cut off.
void sctp_hmac(const Call& call, Answer& answer) {
  constexpr std::string_view kOld[] = {"md5", "sha1", "none"};
  constexpr std::string_view kNew[] = {"sha256", "none"};
  constexpr Version kOldUntil{6, 12, 118, true};
  const bool is_new = call.version() >= Version{7, 1, 5, true};
  // Written into an empty buffer, which is what an empty write leaves too.
  const std::string name = copied_string(call, "", is_new ? 7 : 8);
  if (!is_new && call.version() > kOldUntil && !call.version().in_series(kOldUntil.series())) {
    call.need("host.kernel");
    undecided(call, answer, "which names there are depends on the kernel");
    return;
  }
  for (const std::string_view known : is_new ? std::span<const std::string_view>(kNew) : kOld) {
    if (is_new ? name != known : !std::string_view(name).starts_with(known)) continue;
    store(call, answer, std::string(known));
    return;
  }
  reject(call, answer, EINVAL, is_new ? "sha256 or none" : "md5, sha1 or none");
}

void ipvs_nice(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kInt, {Limit::at(-20), Limit::at(19)});
}

void ipvs_load_factor(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kInt, {Limit::at(-8), Limit::at(8)});
}

/// The smallest int stands for "nothing was written" in the handler.
void ipvs_conn_max(const Call& call, Answer& answer) {
  constexpr int64_t kMost = int64_t{1} << 30;
  constexpr int64_t kUnset = INT32_MIN;
  const Parsed parsed = parse_vector(call, Storage::kInt, {}, 1);
  if (changed(parsed) && parsed.slots[0].value == kUnset) {
    keep(call, answer);
    answer.outcome.reason = "the smallest number is ignored in silence";
    return;
  }
  write_vector(call, answer, Storage::kInt, {Limit::at(0), Limit::at(kMost)});
}

void ipvs_defense(const Call& call, Answer& answer) {
  const Limits limits{Limit::at(0), Limit::at(3)};
  const Parsed parsed = parse_vector(call, Storage::kInt, limits, 1);
  if (changed(parsed) && parsed.slots[0].value == 2) {
    store_unknown(call, answer, "1 and 2 take turns, as memory is short or not");
    answer.outcome.taken = parsed.taken;
    return;
  }
  finish(call, answer, parsed, 1);
}

void ipvs_sync_ports(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kInt, {Limit::at(1), Limit::none()}, 1);
  if (changed(parsed) && (parsed.slots[0].value & (parsed.slots[0].value - 1)) != 0) {
    reject(call, answer, EINVAL, "not a power of two");
    return;
  }
  finish(call, answer, parsed, 1);
}

void ipvs_sync_threshold(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kInt, {}, 2);
  if (!parsed.ok()) {
    refuse(call, answer, parsed);
    return;
  }
  const std::optional<int64_t> first =
      parsed.slots.empty() ? call.current(0) : std::optional(parsed.slots[0].value);
  const std::optional<int64_t> second =
      parsed.slots.size() < 2 ? call.current(1) : std::optional(parsed.slots[1].value);
  if (!first || !second) {
    undecided(call, answer, "depends on the present values");
  } else if (*first < 0 || *second < 0 || (*first >= *second && *second != 0)) {
    reject(call, answer, EINVAL, "the threshold must be below the period");
  } else {
    finish(call, answer, parsed, 2);
  }
}

void mpls_labels(const Call& call, Answer& answer) {
  constexpr int64_t kLabels = (1 << 20) - 1;
  const Parsed parsed = parse_vector(call, Storage::kInt, {Limit::at(0), Limit::at(kLabels)}, 1);
  const std::optional<uint64_t>& memory = call.state.machine().memory;
  if (changed(parsed) && parsed.slots[0].value > 65536 && !memory) {
    call.need("host.memory");
    undecided(call, answer, "its table may not fit into memory");
    return;
  }
  finish(call, answer, parsed, 1);
}

/// Any number but 0 clears the statistics, and is forgotten.
void xfs_stats_clear(const Call& call, Answer& answer) {
  Parsed parsed = parse_vector(call, Storage::kInt, call.limits(), 1);
  for (Slot& slot : parsed.slots) slot.text = "0";
  finish(call, answer, parsed, 1);
}

/// Whatever is written, the counter begins anew.
void reset_counter(const Call& call, Answer& answer) { store(call, answer, "0"); }

/// What new namespaces get; the first write is for good, and that there was one is not to be seen
/// where it changed nothing.
void vsock_child_mode(const Call& call, Answer& answer) {
  constexpr size_t kBuffer = 8;
  if (call.bytes.empty()) {
    keep(call, answer);
    return;
  }
  const std::string mode = copied_string(call, "", kBuffer);
  if (call.bytes.size() >= kBuffer || (mode != "global" && mode != "local")) {
    reject(call, answer, EINVAL, "global or local");
    return;
  }
  const std::optional<std::string> now = call.text(call.path);
  if (now == mode) {
    keep(call, answer);
  } else if (now == "local") {
    reject(call, answer, EBUSY, "it was set before, which is for good");
  } else {
    undecided(call, answer, "works if nothing was written before");
  }
}

constexpr HandlerEntry kHandlers[] = {
    {"cdrom_sysctl_handler", plain_int},
    {"fscache_max_active_sysctl", plain_int},
    {"ipvs_proc_conn_lfactor", ipvs_load_factor},
    {"ipvs_proc_est_cpulist", write_cpu_list},
    {"ipvs_proc_est_nice", ipvs_nice},
    {"ipvs_proc_run_estimation", plain_int},
    {"ipvs_proc_svc_lfactor", ipvs_load_factor},
    {"mac_hid_toggle_emumouse", plain_int},
    {"mpls_conf_proc", plain_int},
    {"mpls_platform_labels", mpls_labels},
    {"proc_do_conn_max", ipvs_conn_max},
    {"proc_do_defense_mode", ipvs_defense},
    {"proc_do_sync_mode", zero_or_one},
    {"proc_do_sync_ports", ipvs_sync_ports},
    {"proc_do_sync_threshold", ipvs_sync_threshold},
    {"proc_sctp_do_alpha_beta", plain_int},
    {"proc_sctp_do_auth", plain_int},
    {"proc_sctp_do_hmac_alg", sctp_hmac},
    {"proc_sctp_do_probe_interval", sctp_probe_interval},
    {"proc_sctp_do_rto_max", sctp_bounded},
    {"proc_sctp_do_rto_min", sctp_bounded},
    {"proc_sctp_do_udp_port", sctp_udp_port},
    {"rds_tcp_rcvbuf_handler", plain_int},
    {"rds_tcp_skbuf_handler", plain_int},
    {"rds_tcp_sndbuf_handler", plain_int},
    {"read_reset_stat", reset_counter},
    {"svcrdma_counter_handler", reset_counter},
    {"vrf_shared_table_handler", zero_or_one},
    {"vsock_net_child_mode_string", vsock_child_mode},
    {"xfs_deprecate_irix_sgid_inherit_proc_handler", plain_int},
    {"xfs_deprecate_irix_symlink_mode_proc_handler", plain_int},
    {"xfs_deprecated_dointvec_minmax", plain_int},
    {"xfs_panic_mask_proc_handler", plain_int},
    {"xfs_stats_clear_proc_handler", xfs_stats_clear},
};

}  // namespace

HandlerTable protocol_handlers() { return {std::begin(kHandlers), std::end(kHandlers)}; }

}  // namespace proctor::kernel
