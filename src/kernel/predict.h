// What the kernel answers to a write, from how its handlers parse and bound each type of key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/state.h"

namespace proctor::kernel {

enum class WriteResult : uint8_t {
  kAccepted,  ///< Reading gives what was written (numbers compared as text, blanks folded).
  kAltered,   ///< The write succeeds and reading gives another value.
  kRejected,  ///< write() or open() fails with `error`.
  kMissing,   ///< No such file: open() fails with ENOENT.
  kUnknown,   ///< Depends on something nobody gave, or on a bracket of versions.
};

inline constexpr std::string_view kEveryInterface = "*";

struct Outcome {
  WriteResult result = WriteResult::kUnknown;
  int error = 0;                          ///< errno of kRejected and kMissing.
  bool at_open = false;                   ///< The open fails, no write call is made.
  std::optional<std::string> reads_back;  ///< Without the final newline, if predictable.
  std::vector<std::string> needs;         ///< kUnknown: facts that would decide.
  /// kAccepted and kAltered: the bytes that write() says it took, if predictable. A number key
  /// stops at the blank after its last value ("1 # on" takes 2), a port list at a page's end; it is
  /// the loader's business whether the rest is written again.
  std::optional<uint64_t> taken;
  std::string reason;  ///< One phrase for people: "above its maximum of 65535".
  /// Paths of other keys that the answer rests on or that the write changes, sorted;
  /// kEveryInterface: also keys of interfaces that other keys may bring.
  std::vector<std::string> others;
};

/// Predicts open(O_WRONLY) + write(bytes) by root in the initial namespaces (or as machine() says)
/// and applies it to `state`, side effects on other keys included. `bytes` exactly as sent, with
/// the newline that a loader appends. `offset` is the position in the open file: what earlier
/// writes to the same descriptor took (number keys ignore a write that does not begin at 0, strings
/// and port lists go on).
Outcome write(State& state, const std::string& path, std::string_view bytes, uint64_t offset = 0);

/// Versions at which this file's answers change for some key by more than what change_points()
/// tells of the key: ascending, those included at which only some releases of a series change.
std::span<const Version> behaviour_changes();

/// errno as "EINVAL"; the number's decimal text if it has no common name.
std::string errno_name(int error);

}  // namespace proctor::kernel
