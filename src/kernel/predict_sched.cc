// kernel.*: the scheduler, perf and the lockup detectors.
#include "kernel/predict_handlers.h"
#include "kernel/predict_strings.h"
#include "kernel/predict_vector.h"

namespace proctor::kernel {
namespace {

bool changed(const Parsed& parsed) { return parsed.ok() && !parsed.nothing_written(); }

bool at_least(const Call& call, const Version& version) { return call.version() >= version; }

/// `version` or an older release, its series' later ones included.
bool up_to(const Call& call, const Version& version) {
  return call.version() <= version ||
         call.version().in_series(Version{version.major, version.minor, 0, false});
}

Parsed parse_int(const Call& call) {
  return parse_vector(call, Storage::kInt, call.limits(), call.slots(4));
}

void plain_int(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kInt, call.limits());
}

/// Reading gives nothing unless the machine has CPUs of different capacity.
void sched_energy_aware(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kInt, {Limit::at(0), Limit::at(1)}, 1);
  if (up_to(call, Version{6, 1, 176, true})) {
    finish(call, answer, parsed, 1);
    return;
  }
  const std::optional<std::string> now = call.text(call.path);
  const bool refuses = at_least(call, Version{6, 12, 107, true});
  if (now && now->empty()) {
    reject(call, answer, EOPNOTSUPP, "only for machines with CPUs of different capacity");
  } else if (now || !refuses) {
    if (!now) call.need("host.kernel");
    finish(call, answer, parsed, 1);
  } else {
    undecided(call, answer, "only for machines with CPUs of different capacity");
  }
}

/// Not above 0 means the built-in slice of 100 ms.
void sched_rr_timeslice(const Call& call, Answer& answer) {
  Parsed parsed = parse_vector(call, Storage::kInt, call.limits(), 1);
  for (Slot& slot : parsed.slots) {
    if (slot.value <= 0) slot.text = "100";
  }
  finish(call, answer, parsed, 1);
}

/// Runtime must fit into the period, and what deadline servers hold into their ratio.
void sched_rt(const Call& call, Answer& answer) {
  constexpr int64_t kServersPercent = 5;
  const Parsed parsed = parse_int(call);
  if (!changed(parsed)) {
    finish(call, answer, parsed, 1);
    return;
  }
  const bool is_period = call.path == "kernel/sched_rt_period_us";
  const std::optional<int64_t> other =
      call.value(is_period ? "kernel/sched_rt_runtime_us" : "kernel/sched_rt_period_us");
  const int64_t written = parsed.slots[0].value;
  const std::optional<int64_t> runtime = is_period ? other : written;
  const std::optional<int64_t> period = is_period ? std::optional(written) : other;
  if ((is_period && written <= 0) || (!is_period && written < -1)) {
    reject(call, answer, EINVAL, is_period ? "must be above 0" : "below its minimum of -1");
  } else if (runtime && *runtime == -1) {
    finish(call, answer, parsed, 1);
  } else if (!runtime || !period) {
    undecided(call, answer, "the runtime must fit into the period");
  } else if (*runtime > *period) {
    reject(call, answer, EINVAL,
           "sched_rt_runtime_us may not be above sched_rt_period_us (" + std::to_string(*runtime) +
               " > " + std::to_string(*period) + ")");
  } else if (*runtime * 100 >= *period * kServersPercent ||
             up_to(call, Version{6, 12, 107, true})) {
    finish(call, answer, parsed, 1);
  } else if (at_least(call, Version{7, 2, 0, false})) {
    reject(call, answer, EBUSY, "the deadline servers hold 5 percent");
  } else {
    call.need("host.kernel");
    undecided(call, answer, "newer kernels hold 5 percent for deadline servers");
  }
}

void perf_sample_rate(const Call& call, Answer& answer) {
  const std::optional<int64_t> percent = call.value("kernel/perf_cpu_time_max_percent");
  if (percent && (*percent == 0 || *percent == 100)) {
    reject(call, answer, EINVAL, "perf_cpu_time_max_percent has switched throttling off");
    return;
  }
  const Parsed parsed = parse_int(call);
  if (!percent && parsed.ok()) {
    undecided(call, answer, "fails while perf_cpu_time_max_percent is 0 or 100");
    return;
  }
  finish(call, answer, parsed, 1);
}

/// The three requests are clamped against each other as unsigned numbers.
void uclamp(const Call& call, Answer& answer) {
  constexpr int64_t kScale = 1024;
  const Parsed parsed = parse_vector(call, Storage::kInt, {}, 1);
  if (!changed(parsed)) {
    finish(call, answer, parsed, 1);
    return;
  }
  const int64_t wanted = parsed.slots[0].value;
  const bool is_min = call.path == "kernel/sched_util_clamp_min";
  const bool is_max = call.path == "kernel/sched_util_clamp_max";
  const std::optional<int64_t> other = is_min ? call.value("kernel/sched_util_clamp_max")
                                              : call.value("kernel/sched_util_clamp_min");
  if (wanted < 0 || wanted > kScale) {
    reject(call, answer, EINVAL, "0 to 1024");
  } else if (!is_min && !is_max) {
    finish(call, answer, parsed, 1);
  } else if (!other) {
    undecided(call, answer, "the minimum may not be above the maximum");
  } else if (is_min ? wanted > *other : wanted < *other) {
    reject(call, answer, EINVAL, "sched_util_clamp_min may not be above sched_util_clamp_max");
  } else {
    finish(call, answer, parsed, 1);
  }
}

/// A machine without a hardware lockup detector refuses any write; it reads 0, as does one where
/// somebody switched it off.
void nmi_watchdog(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kInt, {Limit::at(0), Limit::at(1)}, 1);
  const std::optional<int64_t> now = call.current();
  if (!parsed.ok() || (now && *now != 0)) {
    finish(call, answer, parsed, 1);
    return;
  }
  undecided(call, answer, "fails (524) where no hardware lockup detector is available");
}

void soft_watchdog(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kInt, {Limit::at(0), Limit::at(1)}, 1);
  const std::optional<int64_t> all = call.value("kernel/watchdog");
  if (changed(parsed) && parsed.slots[0].value != 0 && all.value_or(0) == 0) {
    store_unknown(call, answer, "reads 0 while kernel.watchdog is off");
    return;
  }
  finish(call, answer, parsed, 1);
}

/// The master switch of both detectors.
void watchdog(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kInt, {Limit::at(0), Limit::at(1)}, 1);
  finish(call, answer, parsed, 1);
  if (!changed(parsed)) return;
  for (const char* each : {"kernel/soft_watchdog", "kernel/nmi_watchdog"}) {
    const Cell& cell = call.read(each);
    if (cell.status != Cell::Status::kKnown) continue;
    if (parsed.slots[0].value == 0) {
      also(answer, each, "0");
    } else if (cell.text == "0") {
      also_unknown(call, answer, each);
    }
  }
}

/// Bits of CPUs that cannot exist are dropped, though only in the words that the possible CPUs
/// reach into. Distributions build for 8192 CPUs.
void watchdog_cpumask(const Call& call, Answer& answer) {
  constexpr uint64_t kBits = 8192;
  constexpr uint64_t kWord = 64;
  write_bitmap(call, answer, kBits);
  const std::optional<uint32_t> cpus = call.ask_cpus();
  if (answer.outcome.result == WriteResult::kRejected || call.bytes.empty()) return;
  answer.effects.clear();
  const std::optional<uint64_t> taken = answer.outcome.taken;
  if (!cpus) {
    store_unknown(call, answer, "CPUs that cannot exist are dropped");
  } else {
    store(call, answer,
          without_bits(*answer.outcome.reads_back, *cpus, (*cpus + kWord - 1) / kWord * kWord));
  }
  answer.outcome.taken = taken;
}

constexpr HandlerEntry kHandlers[] = {
    {"perf_cpu_time_max_percent_handler", plain_int},
    {"perf_event_max_sample_rate_handler", perf_sample_rate},
    {"perf_proc_update_handler", perf_sample_rate},
    {"proc_nmi_watchdog", nmi_watchdog},
    {"proc_soft_watchdog", soft_watchdog},
    {"proc_watchdog", watchdog},
    {"proc_watchdog_cpumask", watchdog_cpumask},
    {"proc_watchdog_thresh", plain_int},
    {"sched_energy_aware_handler", sched_energy_aware},
    {"sched_proc_update_handler", plain_int},
    {"sched_rr_handler", sched_rr_timeslice},
    {"sched_rt_handler", sched_rt},
    {"sysctl_numa_balancing", plain_int},
    {"sysctl_sched_uclamp_handler", uclamp},
    {"sysctl_schedstats", plain_int},
    {"timer_migration_handler", plain_int},
};

}  // namespace

HandlerTable sched_handlers() { return {std::begin(kHandlers), std::end(kHandlers)}; }

}  // namespace proctor::kernel
