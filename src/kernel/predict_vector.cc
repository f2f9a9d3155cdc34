#include "kernel/predict_vector.h"

#include <algorithm>
#include <limits>

#include "text/text.h"

namespace proctor::kernel {
namespace {

constexpr uint64_t kIntMax = std::numeric_limits<int32_t>::max();
constexpr uint64_t kUintMax = std::numeric_limits<uint32_t>::max();
constexpr uint64_t kLongMax = std::numeric_limits<int64_t>::max();
/// The kernel looks at no more of a write to a number key.
constexpr size_t kPage = 4096;
/// HZ is nowhere larger.
constexpr uint64_t kLargestHz = 1024;

Slot refused(std::string reason) {
  Slot slot;
  slot.status = Slot::Status::kRefused;
  slot.reason = std::move(reason);
  return slot;
}

Slot without_hz() {
  Slot slot;
  slot.status = Slot::Status::kUndecided;
  slot.reason = "depends on the kernel's HZ";
  return slot;
}

/// Compares as the kernel does for the type: `less(a, b)`.
template <typename Less>
Slot within(Slot slot, const Limits& limits, Less less) {
  using Kind = Limit::Kind;
  if (limits.max.kind == Kind::kKnown && less(limits.max.value, slot.value)) {
    return refused("above its maximum of " + std::to_string(limits.max.value));
  }
  if (limits.min.kind == Kind::kKnown && less(slot.value, limits.min.value)) {
    return refused("below its minimum of " + std::to_string(limits.min.value));
  }
  if (limits.min.kind == Kind::kUnknown || limits.max.kind == Kind::kUnknown) {
    slot.status = Slot::Status::kUndecided;
    slot.reason = "its bounds are not known";
  }
  return slot;
}

Slot stored_int(int64_t value) {
  Slot slot;
  slot.value = value;
  slot.text = std::to_string(value);
  return slot;
}

Slot convert_int(const Call& call, const Limits& limits, const Number& number) {
  const uint64_t largest = number.negative ? kIntMax + 1 : kIntMax;
  if (number.magnitude > largest && call.traits.checks_int) {
    return refused(number.negative ? "below the smallest 32-bit number, -2147483648"
                                   : "above the largest 32-bit number, 2147483647");
  }
  const auto low = static_cast<uint32_t>(number.magnitude);
  const auto value = static_cast<int32_t>(number.negative ? 0U - low : low);
  return within(stored_int(value), limits, [](int64_t a, int64_t b) { return a < b; });
}

Slot convert_uint(const Limits& limits, const Number& number) {
  if (number.negative) return refused("negative, while the key is unsigned");
  if (number.magnitude > kUintMax) return refused("above the largest 32-bit number, 4294967295");
  return within(
      stored_int(static_cast<int64_t>(number.magnitude)), limits,
      [](int64_t a, int64_t b) { return static_cast<uint32_t>(a) < static_cast<uint32_t>(b); });
}

Slot convert_ulong(const Call& call, const Limits& limits, const Number& number, uint64_t stored,
                   uint64_t shown) {
  Slot slot;
  if (number.negative) {
    if (call.traits.ulong_negative_is_error) return refused("negative, while the key is unsigned");
    slot.status = Slot::Status::kSkipped;
    slot.reason = "negative: this kernel ignores it in silence";
    return slot;
  }
  slot.value = static_cast<int64_t>(std::min(stored, kLongMax));
  slot.text = std::to_string(shown);
  Limits unsigned_limits = limits;
  if (unsigned_limits.min.kind == Limit::Kind::kKnown && unsigned_limits.min.value == 0) {
    unsigned_limits.min = Limit::none();
  }
  if (unsigned_limits.max.kind == Limit::Kind::kKnown && stored > kLongMax) {
    slot.reason = "above its maximum of " + std::to_string(limits.max.value);
    slot.status = Slot::Status::kRefused;
  } else {
    slot = within(std::move(slot), unsigned_limits, [](int64_t a, int64_t b) { return a < b; });
  }
  if (slot.status == Slot::Status::kRefused && !call.traits.ulong_range_is_error) {
    slot.status = Slot::Status::kSkipped;
    slot.reason += ": this kernel ignores it in silence";
  }
  return slot;
}

/// The text of an int of jiffies: the sign, then the magnitude in the unit of `show`.
template <typename Show>
Slot stored_jiffies(int64_t jiffies, Show show) {
  Slot slot;
  slot.value = jiffies;
  const auto magnitude = static_cast<uint64_t>(jiffies < 0 ? -jiffies : jiffies);
  slot.text = (jiffies < 0 ? "-" : "") + std::to_string(show(magnitude));
  return slot;
}

/// Since 6.19: the sign apart, the magnitude checked after conversion.
std::optional<int64_t> checked_jiffies(uint64_t jiffies, bool negative) {
  if (jiffies > (negative ? kIntMax + 1 : kIntMax)) return std::nullopt;
  const auto value = static_cast<int64_t>(jiffies);
  return negative ? -value : value;
}

Slot convert_seconds(const Call& call, const Number& number) {
  const uint64_t seconds = number.magnitude;
  if (seconds <= kIntMax / kLargestHz) {
    return stored_jiffies(static_cast<int64_t>(number.negative ? 0 - seconds : seconds),
                          [](uint64_t s) { return s; });
  }
  const std::optional<uint32_t> hz = call.ask_hz();
  if (!hz) return without_hz();
  const uint64_t largest =
      (call.traits.checks_jiffies && number.negative ? kIntMax + 1 : kIntMax) / *hz;
  if (seconds > largest) {
    return refused("above its maximum of " + std::to_string(largest) + " seconds at " +
                   std::to_string(*hz) + " ticks a second");
  }
  return stored_jiffies(static_cast<int64_t>(number.negative ? 0 - seconds : seconds),
                        [](uint64_t s) { return s; });
}

Slot convert_ticks(const Call& call, const Number& number) {
  const std::optional<uint32_t> hz = call.ask_hz();
  if (!hz) return without_hz();
  const Jiffies unit{*hz};
  auto show = [&](uint64_t jiffies) { return unit.to_clock_ticks(jiffies); };
  if (call.traits.checks_jiffies) {
    const auto value = checked_jiffies(unit.from_clock_ticks(number.magnitude), number.negative);
    return value ? stored_jiffies(*value, show) : refused("above the largest time that it holds");
  }
  if (*hz > 100 && number.magnitude > kLongMax / *hz * 100) {
    return refused("above the largest time that it holds");
  }
  const uint64_t ticks = number.negative ? 0 - number.magnitude : number.magnitude;
  return stored_jiffies(static_cast<int32_t>(unit.from_clock_ticks(ticks)), show);
}

Slot convert_msecs(const Call& call, const Limits& limits, const Number& number) {
  const std::optional<uint32_t> hz = call.ask_hz();
  if (!hz) return without_hz();
  const Jiffies unit{*hz};
  const bool by_sign = call.traits.checks_jiffies;
  const uint64_t msecs = number.negative && !by_sign ? 0 - number.magnitude : number.magnitude;
  const uint64_t jiffies = unit.from_msecs(static_cast<uint32_t>(msecs));
  const auto value = checked_jiffies(jiffies, number.negative && by_sign);
  if (!value) {
    return refused(number.negative ? "negative" : "above the largest time that it holds");
  }
  return within(stored_jiffies(*value, [&](uint64_t j) { return unit.to_msecs(j); }), limits,
                [](int64_t a, int64_t b) { return a < b; });
}

}  // namespace

Slot convert(const Call& call, Storage storage, const Limits& limits, const Number& number) {
  switch (storage) {
    case Storage::kInt:
      return convert_int(call, limits, number);
    case Storage::kUint:
      return convert_uint(limits, number);
    case Storage::kUlong:
      return convert_ulong(call, limits, number, number.magnitude, number.magnitude);
    case Storage::kSeconds:
      return convert_seconds(call, number);
    case Storage::kClockTicks:
      return convert_ticks(call, number);
    case Storage::kMsecs:
      return convert_msecs(call, limits, number);
    case Storage::kTruth:
      return stored_int(number.magnitude != 0 ? 1 : 0);
    case Storage::kUlongMsecs: {
      const std::optional<uint32_t> hz = call.ask_hz();
      if (!hz) return without_hz();
      const uint64_t jiffies = uint64_t{*hz} * number.magnitude / 1000;
      return convert_ulong(call, limits, number, jiffies, 1000 * jiffies / *hz);
    }
  }
  return without_hz();
}

std::string fault_reason(NumberFault fault) {
  switch (fault) {
    case NumberFault::kNone:
    case NumberFault::kNothing:
      return "no number in it";
    case NumberFault::kNotNumber:
      return "not a number";
    case NumberFault::kTrailer:
      return "something sticks to the number";
    case NumberFault::kOverflow:
      return "above the largest 64-bit number";
    case NumberFault::kTooLong:
      return "a number of more than 20 characters";
  }
  return {};
}

Parsed parse_vector(const Call& call, Storage storage, const Limits& limits, unsigned count) {
  Parsed parsed;
  parsed.taken = call.bytes.size();
  if (call.bytes.empty() || call.offset != 0) return parsed;
  std::string_view rest = call.bytes.substr(0, kPage - 1);
  for (unsigned i = 0; i < count && !rest.empty(); ++i) {
    skip_kernel_spaces(rest);
    if (rest.empty()) break;
    const Number number = take_number(rest, kNumberSeparators, call.traits);
    Slot slot;
    if (number.fault != NumberFault::kNone) {
      slot = refused(fault_reason(number.fault));
    } else {
      slot = convert(call, storage, limits, number);
    }
    if (slot.status == Slot::Status::kRefused || slot.status == Slot::Status::kUndecided) {
      parsed.undecided = slot.status == Slot::Status::kUndecided;
      parsed.error = parsed.undecided ? 0 : EINVAL;
      parsed.reason = std::move(slot.reason);
      if (!parsed.slots.empty()) parsed.taken = call.bytes.size() - rest.size();
      return parsed;
    }
    if (number.octal && parsed.reason.empty()) {
      parsed.reason = "the kernel reads octal: it is " + slot.text;
    }
    if (slot.status == Slot::Status::kSkipped) parsed.reason = slot.reason;
    parsed.slots.push_back(std::move(slot));
  }
  skip_kernel_spaces(rest);
  if (parsed.slots.empty()) {
    parsed.error = EINVAL;
    parsed.reason = fault_reason(NumberFault::kNothing);
    return parsed;
  }
  parsed.taken = call.bytes.size() - rest.size();
  if (!rest.empty() && parsed.reason.empty()) {
    parsed.reason = "what follows the value is dropped in silence";
  }
  return parsed;
}

Parsed parse_single(const Call& call, Storage storage, const Limits& limits) {
  Parsed parsed = parse_vector(call, storage, limits, 1);
  parsed.taken = call.bytes.size();
  return parsed;
}

void refuse(const Call& call, Answer& answer, const Parsed& parsed) {
  if (parsed.undecided) {
    undecided(call, answer, parsed.reason);
  } else {
    reject(call, answer, parsed.error, parsed.reason);
  }
}

void finish(const Call& call, Answer& answer, const Parsed& parsed, unsigned count) {
  if (parsed.ok() && parsed.nothing_written()) {
    keep(call, answer);
    return;
  }
  std::vector<std::string_view> now;
  std::optional<std::string> old;
  const bool whole = parsed.slots.size() >= count &&
                     std::none_of(parsed.slots.begin(), parsed.slots.end(),
                                  [](const Slot& s) { return s.status == Slot::Status::kSkipped; });
  if (!whole) {
    old = call.text(call.path);
    if (old) now = split_blanks(*old);
  }
  std::string text;
  bool known = whole || (old && now.size() >= count);
  for (unsigned i = 0; known && i < count; ++i) {
    if (i != 0) text += '\t';
    const bool fresh = i < parsed.slots.size() && parsed.slots[i].status == Slot::Status::kStored;
    text += fresh ? std::string_view(parsed.slots[i].text) : now[i];
  }
  if (!parsed.ok()) {
    refuse(call, answer, parsed);
    if (parsed.slots.empty() || parsed.undecided) return;
    if (known) {
      answer.outcome.reads_back = text;
      also(answer, call.path, std::move(text));
    } else {
      also_unknown(call, answer, call.path);
    }
    return;
  }
  if (known) {
    store(call, answer, std::move(text));
  } else {
    store_unknown(call, answer, "the values that are not written stay");
  }
  answer.outcome.taken = parsed.taken;
  if (!parsed.reason.empty()) answer.outcome.reason = parsed.reason;
}

void write_vector(const Call& call, Answer& answer, Storage storage, const Limits& limits) {
  const bool wide = storage == Storage::kUlong || storage == Storage::kUlongMsecs;
  const unsigned count = call.slots(wide ? 8 : 4);
  finish(call, answer, parse_vector(call, storage, limits, count), count);
}

void write_single(const Call& call, Answer& answer, Storage storage, const Limits& limits) {
  finish(call, answer, parse_single(call, storage, limits), 1);
}

}  // namespace proctor::kernel
