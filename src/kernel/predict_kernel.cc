// The kernel.* keys: one-way switches, System V IPC, processes.
#include <algorithm>

#include "kernel/predict_handlers.h"
#include "kernel/predict_strings.h"
#include "kernel/predict_vector.h"

namespace proctor::kernel {
namespace {

bool changed(const Parsed& parsed) { return parsed.ok() && !parsed.nothing_written(); }

bool at_least(const Call& call, const Version& version) { return call.version() >= version; }

Parsed parse_int(const Call& call) {
  return parse_vector(call, Storage::kInt, call.limits(), call.slots(4));
}

void plain_int(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kInt, call.limits());
}

void zero_or_one(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kInt, {Limit::at(0), Limit::at(1)});
}

void ulong_vector(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kUlong, call.limits());
}

/// Without AppArmor neither reading nor writing works.
void apparmor(const Call& call, Answer& answer) {
  if (call.read(call.path).status == Cell::Status::kKnown) {
    plain_int(call, answer);
    return;
  }
  const Parsed parsed = parse_int(call);
  if (parsed.ok()) {
    undecided(call, answer, "fails without AppArmor");
  } else {
    refuse(call, answer, parsed);
  }
}

/// 1 is final.
void unprivileged_bpf(const Call& call, Answer& answer) {
  const Parsed parsed = parse_int(call);
  const std::optional<int64_t> now = call.current();
  if (changed(parsed) && parsed.slots[0].value != 1 && now.value_or(1) == 1) {
    if (now) {
      reject(call, answer, EPERM, "1 cannot be taken back until the next boot");
    } else {
      undecided(call, answer, "1 cannot be taken back until the next boot");
    }
    return;
  }
  finish(call, answer, parsed, 1);
}

/// The highest value is final.
void yama(const Call& call, Answer& answer) {
  Limits limits = call.limits();
  const std::optional<int64_t> now = call.current();
  if (limits.max.kind == Limit::Kind::kNone) limits.max = Limit::at(3);
  if (now && *now == limits.max.value) limits.min = limits.max;
  if (!now) limits.min = Limit::unknown();
  Parsed parsed = parse_vector(call, Storage::kInt, limits, 1);
  if (!now && parsed.undecided) {
    const Parsed open = parse_vector(call, Storage::kInt, call.limits(), 1);
    if (changed(open) && open.slots[0].value == limits.max.value) parsed = open;
  }
  finish(call, answer, parsed, 1);
}

/// A limit can only be lowered; -1 is none.
void kexec_limit(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kInt, {}, 1);
  const std::optional<int64_t> now = call.current();
  if (parsed.ok() && parsed.nothing_written()) {
    // The handler then looks at a number that nobody wrote.
    if (now && *now == 0) {
      reject(call, answer, EINVAL, "it can only be lowered, and is 0");
    } else {
      undecided(call, answer, "an empty write leaves the handler with a random number");
    }
    return;
  }
  if (!parsed.ok()) {
    refuse(call, answer, parsed);
    return;
  }
  const int64_t wanted = parsed.slots[0].value;
  if (wanted < 0) {
    reject(call, answer, EINVAL, "negative");
  } else if (!now) {
    undecided(call, answer, "it can only be lowered");
  } else if (*now != -1 && wanted >= *now) {
    reject(call, answer, EINVAL, "it can only be lowered, and is " + std::to_string(*now));
  } else {
    finish(call, answer, parsed, 1);
  }
}

/// Flags are added to those that are set.
void tainted(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kUlong, {}, 1);
  if (!changed(parsed)) {
    finish(call, answer, parsed, 1);
    return;
  }
  const std::optional<int64_t> now = call.current();
  unsigned flags = 18;
  if (at_least(call, Version{6, 0, 0, false})) flags = 19;
  if (at_least(call, Version{7, 2, 0, false})) flags = 20;
  const uint64_t mask = (uint64_t{1} << flags) - 1;
  const auto wanted = static_cast<uint64_t>(parsed.slots[0].value);
  // Above 2^63 - 1 the value was cut; all of the bits that count are in its text.
  const uint64_t exact = std::strtoull(parsed.slots[0].text.c_str(), nullptr, 10) & mask;
  const bool same_on_all = (exact & ~((uint64_t{1} << 18) - 1)) == 0 || wanted <= mask;
  if (!now || !same_on_all) {
    if (!now) {
      store_unknown(call, answer, "flags are added to those that are set");
      return;
    }
  }
  const uint64_t result = static_cast<uint64_t>(*now) | exact;
  store(call, answer, std::to_string(result));
  answer.outcome.taken = parsed.taken;
  if (result != exact) answer.outcome.reason = "flags can be added only";
}

/// The IPC namespace's four semaphore limits; the fourth alone is bounded, and put back on a fault.
void semaphores(const Call& call, Answer& answer) {
  constexpr int64_t kIpcMni = 32768;
  constexpr int64_t kIpcMniExtended = 8388608;
  Parsed parsed = parse_vector(call, Storage::kInt, {}, 4);
  if (!parsed.ok() || parsed.slots.size() < 4) {
    finish(call, answer, parsed, 4);
    return;
  }
  const int64_t sets = parsed.slots[3].value;
  if (sets >= 0 && sets <= kIpcMni) {
    finish(call, answer, parsed, 4);
    return;
  }
  if (sets > kIpcMni && sets <= kIpcMniExtended) {
    undecided(call, answer, "above 32768 only with the boot option ipcmni_extend");
    return;
  }
  parsed.slots.pop_back();
  parsed.error = ERANGE;
  parsed.reason = "the fourth value may be 0 to 32768";
  finish(call, answer, parsed, 4);
}

/// Accepts what it accepted when it had a meaning, and reads 0.
void auto_msgmni(const Call& call, Answer& answer) {
  Parsed parsed = parse_int(call);
  for (Slot& slot : parsed.slots) slot.text = "0";
  finish(call, answer, parsed, 1);
  if (changed(parsed)) answer.outcome.reason = "this key has no effect and always reads 0";
}

/// Takes a process that exists.
void cad_pid(const Call& call, Answer& answer) {
  constexpr int64_t kLargestPid = 4194304;
  const Parsed parsed = parse_vector(call, Storage::kInt, {}, 1);
  if (!changed(parsed)) {
    finish(call, answer, parsed, 1);
  } else if (parsed.slots[0].value < 1 || parsed.slots[0].value >= kLargestPid) {
    reject(call, answer, ESRCH, "there cannot be such a process");
  } else if (parsed.slots[0].value == 1) {
    finish(call, answer, parsed, 1);
  } else {
    undecided(call, answer, "a process with this number must exist");
  }
}

void ns_last_pid(const Call& call, Answer& answer) {
  const std::optional<int64_t> pid_max = call.value("kernel/pid_max");
  const Limits limits{Limit::at(0), pid_max ? Limit::at(*pid_max) : Limit::unknown()};
  write_vector(call, answer, Storage::kInt, limits);
}

void threads_max(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kInt, {Limit::at(1), Limit::at(0x3FFFFFFF)});
}

/// Two 32-bit halves; capabilities can only be dropped.
void capabilities(const Call& call, Answer& answer) {
  Parsed parsed = parse_vector(call, Storage::kUlong, {}, 2);
  if (!parsed.ok()) {
    refuse(call, answer, parsed);
    return;
  }
  for (unsigned i = 0; i < parsed.slots.size(); ++i) {
    const std::optional<int64_t> now = call.current(i);
    if (!now) {
      store_unknown(call, answer, "capabilities can only be dropped");
      return;
    }
    const uint64_t wanted = std::strtoull(parsed.slots[i].text.c_str(), nullptr, 10);
    parsed.slots[i].text =
        std::to_string(static_cast<uint32_t>(wanted) & static_cast<uint64_t>(*now));
  }
  finish(call, answer, parsed, 2);
}

/// 0 resets the counter; nothing else is accepted.
void detect_count(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kUlong, {}, 1);
  if (changed(parsed) && parsed.slots[0].value != 0) {
    reject(call, answer, EINVAL, "only 0 is accepted: it resets the counter");
    return;
  }
  finish(call, answer, parsed, 1);
}

/// Without the boot option tp_printk there is nothing to switch on.
void tracepoint_printk(const Call& call, Answer& answer) {
  Parsed parsed = parse_vector(call, Storage::kInt, {}, 1);
  if (call.current().value_or(1) == 0) {
    for (Slot& slot : parsed.slots) slot.text = "0";
  }
  finish(call, answer, parsed, 1);
}

/// Any other number than 0 reads 1.
void stack_erasing(const Call& call, Answer& answer) { zero_or_one(call, answer); }

/// The level in force is that of the parent namespaces at least.
void memfd_noexec(const Call& call, Answer& answer) { plain_int(call, answer); }

constexpr HandlerEntry kHandlers[] = {
    {"apparmor_dointvec", apparmor},
    {"bpf_stats_handler", zero_or_one},
    {"bpf_unpriv_handler", unprivileged_bpf},
    {"ftrace_enable_sysctl", plain_int},
    {"kexec_limit_handler", kexec_limit},
    {"pid_mfd_noexec_dointvec_minmax", memfd_noexec},
    {"pid_ns_ctl_handler", ns_last_pid},
    {"proc_cap_handler", capabilities},
    {"proc_do_cad_pid", cad_pid},
    {"proc_dohung_task_detect_count", detect_count},
    {"proc_dointvec_minmax_bpf_enable", plain_int},
    {"proc_ipc_auto_msgmni", auto_msgmni},
    {"proc_ipc_dointvec", plain_int},
    {"proc_ipc_dointvec_minmax", plain_int},
    {"proc_ipc_dointvec_minmax_checkpoint_restore", plain_int},
    {"proc_ipc_dointvec_minmax_orphans", plain_int},
    {"proc_ipc_doulongvec_minmax", ulong_vector},
    {"proc_ipc_sem_dointvec", semaphores},
    {"proc_kprobes_optimization_handler", plain_int},
    {"proc_mq_dointvec", plain_int},
    {"proc_mq_dointvec_minmax", plain_int},
    {"proc_taint", tainted},
    {"stack_erasing_sysctl", stack_erasing},
    {"stack_trace_sysctl", plain_int},
    {"sysctl_delayacct", plain_int},
    {"sysctl_max_threads", threads_max},
    {"sysrq_sysctl_handler", plain_int},
    {"tracepoint_printk_sysctl", tracepoint_printk},
    {"userns_restrict_dointvec", plain_int},
    {"yama_dointvec_minmax", yama},
};

}  // namespace

HandlerTable kernel_handlers() { return {std::begin(kHandlers), std::end(kHandlers)}; }

}  // namespace proctor::kernel
