// Keys that hold numbers: one value or a vector of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/predict_call.h"

namespace proctor::kernel {

/// How a number is stored; what reads back follows from it.
enum class Storage : uint8_t {
  kInt,
  kUint,
  kUlong,
  kSeconds,     ///< An int of jiffies, written and read in seconds.
  kClockTicks,  ///< An int of jiffies, in 1/100 seconds.
  kMsecs,       ///< An int of jiffies, in milliseconds; limits are jiffies.
  kUlongMsecs,  ///< An unsigned long of jiffies, in milliseconds; limits are jiffies.
  kTruth,       ///< Any number; 0 or not.
};

/// One number, converted.
struct Slot {
  enum class Status : uint8_t { kStored, kSkipped, kRefused, kUndecided };
  Status status = Status::kStored;
  int64_t value = 0;  ///< kInt, kUint: as stored. Values above 2^63 - 1 are cut to it.
  std::string text;   ///< What reading gives.
  std::string reason;
};

Slot convert(const Call& call, Storage storage, const Limits& limits, const Number& number);

struct Parsed {
  int error = 0;
  bool undecided = false;
  std::string reason;
  std::vector<Slot> slots;  ///< In order, those before the fault.
  uint64_t taken = 0;
  bool ok() const { return error == 0 && !undecided; }
  bool nothing_written() const { return slots.empty(); }
};

/// Reads up to `count` numbers from the bytes, as the vector handlers do: values behind the last
/// slot are left, missing ones are no error.
Parsed parse_vector(const Call& call, Storage storage, const Limits& limits, unsigned count);
/// As the handlers of one unsigned number do: what is behind it is dropped.
Parsed parse_single(const Call& call, Storage storage, const Limits& limits);

/// Stores what was parsed, over the values that the key has now; what came before a fault stays.
void finish(const Call& call, Answer& answer, const Parsed& parsed, unsigned count);
/// For handlers that work on a copy: a fault leaves the key alone.
void refuse(const Call& call, Answer& answer, const Parsed& parsed);
/// The reason that people see for a fault of the parser.
std::string fault_reason(NumberFault fault);

/// The whole of a plain handler.
void write_vector(const Call& call, Answer& answer, Storage storage, const Limits& limits);
void write_single(const Call& call, Answer& answer, Storage storage, const Limits& limits);

}  // namespace proctor::kernel
