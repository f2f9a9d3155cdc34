// Handlers that parse numbers and do nothing else that can be seen in /proc/sys.
#include "kernel/predict_handlers.h"
#include "kernel/predict_vector.h"

namespace proctor::kernel {
namespace {

constexpr Limits kZeroOrOne{Limit{Limit::Kind::kKnown, 0}, Limit{Limit::Kind::kKnown, 1}};

void int_vector(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kInt, call.limits());
}

void uint_single(const Call& call, Answer& answer) {
  write_single(call, answer, Storage::kUint, call.limits());
}

void u8_single(const Call& call, Answer& answer) {
  Limits limits = call.limits();
  if (limits.min.kind == Limit::Kind::kNone) limits.min = Limit::at(0);
  if (limits.max.kind == Limit::Kind::kNone) limits.max = Limit::at(255);
  write_single(call, answer, Storage::kUint, limits);
}

void ulong_vector(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kUlong, call.limits());
}

void seconds_vector(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kSeconds, {});
}

void clock_ticks_vector(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kClockTicks, {});
}

void msecs_vector(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kMsecs, {});
}

void ulong_msecs_vector(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kUlongMsecs, call.limits());
}

/// What is not 0 reads 1. Up to 6.1 any number was taken; 6.12 goes by way of an int.
void bool_single(const Call& call, Answer& answer) {
  const bool by_int = call.version() >= Version{6, 2, 0, false};
  Parsed parsed = parse_vector(call, by_int ? Storage::kInt : Storage::kTruth, {}, 1);
  for (Slot& slot : parsed.slots) slot.text = slot.value != 0 ? "1" : "0";
  if (by_int && call.version() < Version{6, 12, 0, false} && parsed.error != 0) {
    const Parsed before = parse_vector(call, Storage::kTruth, {}, 1);
    if (before.ok()) {
      call.need("host.kernel");
      undecided(call, answer, parsed.reason + ", which older kernels do not mind");
      return;
    }
  }
  finish(call, answer, parsed, 1);
}

/// The table's bounds do not count: the handler has its own copy of the entry.
void zero_or_one(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kInt, kZeroOrOne);
}

/// Whatever is written.
void ignored(const Call& call, Answer& answer) {
  keep(call, answer);
  answer.outcome.reason = "the kernel accepts any write and ignores it";
}

constexpr HandlerEntry kHandlers[] = {
    {"compaction_proactiveness_sysctl_handler", int_vector},
    {"dirty_writeback_centisecs_handler", int_vector},
    {"dirtytime_interval_handler", int_vector},
    {"laptop_mode_handler", seconds_vector},
    {"perf_event_max_stack_handler", int_vector},
    {"proc_blackhole_detect_timeout", int_vector},
    {"proc_do_dev_weight", int_vector},
    {"proc_do_rointvec", ignored},
    {"proc_do_skb_defer_max", int_vector},
    {"proc_do_static_key", zero_or_one},
    {"proc_dobool", bool_single},
    {"proc_dohung_task_timeout_secs", ulong_vector},
    {"proc_dointvec", int_vector},
    {"proc_dointvec_jiffies", seconds_vector},
    {"proc_dointvec_minmax", int_vector},
    {"proc_dointvec_minmax_bpf_restricted", int_vector},
    {"proc_dointvec_minmax_coredump", int_vector},
    {"proc_dointvec_minmax_sysadmin", int_vector},
    {"proc_dointvec_minmax_warn_RT_change", int_vector},
    {"proc_dointvec_ms_jiffies", msecs_vector},
    {"proc_dointvec_userhz_jiffies", clock_ticks_vector},
    {"proc_dolongvec_minmax_bpf_restricted", ulong_vector},
    {"proc_dou8vec_minmax", u8_single},
    {"proc_douintvec", uint_single},
    {"proc_douintvec_minmax", uint_single},
    {"proc_doulongvec_minmax", ulong_vector},
    {"proc_doulongvec_ms_jiffies_minmax", ulong_msecs_vector},
};

}  // namespace

HandlerTable generic_handlers() { return {std::begin(kHandlers), std::end(kHandlers)}; }

}  // namespace proctor::kernel
