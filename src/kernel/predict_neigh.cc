// net.*.neigh and the route caches' collectors. Some variables are there twice, in two units.
#include "kernel/predict_handlers.h"
#include "kernel/predict_interfaces.h"
#include "kernel/predict_vector.h"

namespace proctor::kernel {
namespace {

/// Memory that a queued Ethernet frame counts for on 64-bit machines: SKB_TRUESIZE(ETH_FRAME_LEN).
constexpr int64_t kFrameBytes = 2090;
constexpr int64_t kIntMax = 2147483647;
constexpr int64_t kDayMsecs = 86400000;

void spread_default(const Call& call, Answer& answer, const Parsed& parsed) {
  if (call.wildcards.empty() || call.wildcards.front() != "default") return;
  const std::string_view folder =
      call.path.starts_with("net/ipv4/") ? "net/ipv4/neigh/" : "net/ipv6/neigh/";
  if (parsed.undecided) {
    pass_on_default(call, answer, folder, std::nullopt, false);
  } else if (parsed.ok() && !parsed.nothing_written()) {
    pass_on_default(call, answer, folder, parsed.slots[0].text, false);
  }
}

/// The same variable in its other unit.
void set_twin(const Call& call, Answer& answer, std::string_view name,
              std::optional<std::string> text) {
  std::string path = call.sibling(name);
  if (call.read(path).status == Cell::Status::kAbsent) return;
  if (text) {
    also(answer, std::move(path), std::move(*text));
  } else {
    also_unknown(call, answer, std::move(path));
  }
}

/// Whether a write that may change the variable leaves something to be worked out for the twin.
bool changes_twin(const Call& call, Answer& answer, const Parsed& parsed, std::string_view name) {
  if (parsed.undecided) set_twin(call, answer, name, std::nullopt);
  return parsed.ok() && !parsed.nothing_written();
}

template <typename Show>
void set_jiffies_twin(const Call& call, Answer& answer, std::string_view name, int64_t jiffies,
                      Show show) {
  const std::optional<uint32_t> hz = call.ask_hz();
  if (!hz) {
    set_twin(call, answer, name, std::nullopt);
    return;
  }
  const auto magnitude = static_cast<uint64_t>(jiffies < 0 ? -jiffies : jiffies);
  set_twin(call, answer, name,
           (jiffies < 0 ? "-" : "") + std::to_string(show(Jiffies{*hz}, magnitude)));
}

uint64_t as_msecs(const Jiffies& unit, uint64_t jiffies) { return unit.to_msecs(jiffies); }
uint64_t as_seconds(const Jiffies& unit, uint64_t jiffies) { return jiffies / unit.hz; }
uint64_t as_ticks(const Jiffies& unit, uint64_t jiffies) { return unit.to_clock_ticks(jiffies); }
uint64_t as_jiffies(const Jiffies& /*unit*/, uint64_t jiffies) { return jiffies; }

Parsed write_one(const Call& call, Answer& answer, Storage storage, const Limits& limits) {
  Parsed parsed = parse_vector(call, storage, limits, 1);
  finish(call, answer, parsed, 1);
  spread_default(call, answer, parsed);
  return parsed;
}

bool stored(const Parsed& parsed) { return parsed.ok() && !parsed.nothing_written(); }

void seconds(const Call& call, Answer& answer) {
  const Parsed parsed = write_one(call, answer, Storage::kSeconds, {});
  if (last_part(call.path) != "base_reachable_time") return;
  if (!changes_twin(call, answer, parsed, "base_reachable_time_ms")) return;
  const std::optional<uint32_t> hz = call.ask_hz();
  set_jiffies_twin(call, answer, "base_reachable_time_ms", parsed.slots[0].value * hz.value_or(1),
                   as_msecs);
}

void clock_ticks(const Call& call, Answer& answer) {
  const Parsed parsed = write_one(call, answer, Storage::kClockTicks, {});
  if (last_part(call.path) != "retrans_time") return;
  if (!changes_twin(call, answer, parsed, "retrans_time_ms")) return;
  set_jiffies_twin(call, answer, "retrans_time_ms", parsed.slots[0].value, as_msecs);
}

/// IPv6 shows retrans_time in plain jiffies.
void ipv6_retrans_time(const Call& call, Answer& answer) {
  const Parsed parsed = write_one(call, answer, Storage::kInt, {});
  if (!changes_twin(call, answer, parsed, "retrans_time_ms")) return;
  set_jiffies_twin(call, answer, "retrans_time_ms", parsed.slots[0].value, as_msecs);
}

void msecs(const Call& call, Answer& answer) {
  const Parsed parsed = write_one(call, answer, Storage::kMsecs, {});
  const std::string_view name = last_part(call.path);
  if (!changes_twin(call, answer, parsed, name.substr(0, name.rfind('_')))) return;
  const int64_t jiffies = parsed.slots[0].value;
  if (name == "base_reachable_time_ms") {
    set_jiffies_twin(call, answer, "base_reachable_time", jiffies, as_seconds);
  } else if (call.path.starts_with("net/ipv6/")) {
    set_jiffies_twin(call, answer, "retrans_time", jiffies, as_jiffies);
  } else {
    set_jiffies_twin(call, answer, "retrans_time", jiffies, as_ticks);
  }
}

/// At least a jiffy; at most a day in 7.2 (not yet in 6.18.44).
void positive_msecs(const Call& call, Answer& answer) {
  Limits limits{Limit::at(1), Limit::none()};
  if (call.version() >= Version{7, 2, 0, false}) {
    const std::optional<uint32_t> hz = call.ask_hz();
    limits.max = hz ? Limit::at(kDayMsecs / 1000 * *hz) : Limit::unknown();
  } else if (call.version() > Version{6, 18, 44, true} &&
             !call.version().in_series(Version{6, 18, 0, false})) {
    limits.max = Limit::unknown();
  }
  write_one(call, answer, Storage::kMsecs, limits);
}

void queue_bytes(const Call& call, Answer& answer) {
  const Parsed parsed = write_one(call, answer, Storage::kInt, {Limit::at(0), Limit::none()});
  if (!stored(parsed) || last_part(call.path) != "unres_qlen_bytes") return;
  set_twin(call, answer, "unres_qlen", std::to_string(parsed.slots[0].value / kFrameBytes));
}

void queue_frames(const Call& call, Answer& answer) {
  const Parsed parsed =
      write_one(call, answer, Storage::kInt, {Limit::at(0), Limit::at(kIntMax / kFrameBytes)});
  if (!stored(parsed)) return;
  set_twin(call, answer, "unres_qlen_bytes", std::to_string(parsed.slots[0].value * kFrameBytes));
}

void gc_min_interval(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kSeconds, {}, 1);
  finish(call, answer, parsed, 1);
  if (!changes_twin(call, answer, parsed, "gc_min_interval_ms")) return;
  const std::optional<uint32_t> hz = call.ask_hz();
  set_jiffies_twin(call, answer, "gc_min_interval_ms", parsed.slots[0].value * hz.value_or(1),
                   as_msecs);
}

void gc_min_interval_ms(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kMsecs, {}, 1);
  finish(call, answer, parsed, 1);
  if (!changes_twin(call, answer, parsed, "gc_min_interval")) return;
  set_jiffies_twin(call, answer, "gc_min_interval", parsed.slots[0].value, as_seconds);
}

constexpr HandlerEntry kHandlers[] = {
    {"neigh_proc_dointvec_jiffies", seconds},
    {"neigh_proc_dointvec_ms_jiffies", msecs},
    {"neigh_proc_dointvec_ms_jiffies_positive", positive_msecs},
    {"neigh_proc_dointvec_unres_qlen", queue_frames},
    {"neigh_proc_dointvec_userhz_jiffies", clock_ticks},
    {"neigh_proc_dointvec_zero_intmax", queue_bytes},
    {"proc_unres_qlen", queue_frames},
};

constexpr HandlerEntry kKeys[] = {
    {"net.ipv4.route.gc_min_interval", gc_min_interval},
    {"net.ipv4.route.gc_min_interval_ms", gc_min_interval_ms},
    {"net.ipv6.neigh.*.retrans_time", ipv6_retrans_time},
    {"net.ipv6.route.gc_min_interval", gc_min_interval},
    {"net.ipv6.route.gc_min_interval_ms", gc_min_interval_ms},
};

}  // namespace

HandlerTable neigh_handlers() { return {std::begin(kHandlers), std::end(kHandlers)}; }

HandlerTable neigh_key_handlers() { return {std::begin(kKeys), std::end(kKeys)}; }

}  // namespace proctor::kernel
