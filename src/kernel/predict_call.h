// What a handler of the kernel is given when /proc/sys is written, and what it answers. Internal to
// the prediction.
#pragma once

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/predict.h"
#include "kernel/predict_numbers.h"
#include "kernel/state.h"

namespace proctor::kernel {

/// The kernel's own ENOTSUPP, which no header of the C library has.
inline constexpr int kEnotsupp = 524;

struct Effect {
  std::string path;
  Cell cell;
  friend bool operator==(const Effect&, const Effect&) = default;
};

struct Answer {
  Outcome outcome;
  std::vector<Effect> effects;  ///< In order; the written key's own included.
};

/// A bound that a value is compared with.
struct Limit {
  enum class Kind : uint8_t { kNone, kKnown, kUnknown };
  Kind kind = Kind::kNone;
  int64_t value = 0;

  static Limit none() { return {}; }
  static Limit at(int64_t value) { return {Kind::kKnown, value}; }
  static Limit unknown() { return {Kind::kUnknown, 0}; }
};

struct Limits {
  Limit min;
  Limit max;
};

/// One write as the handler sees it, under one assumption about whatever is uncertain.
class Call {
 public:
  const State& state;
  const std::string& path;
  std::string_view bytes;
  uint64_t offset = 0;
  const Key& key;
  const std::vector<std::string>& wildcards;
  const Change* row = nullptr;  ///< Null: the handler is known by the path alone.
  NumberTraits traits;
  std::optional<uint32_t> hz;
  std::optional<uint32_t> page_size;

  /// Keys other than its own that the answer rests on; null: nobody asks.
  std::vector<std::string>* others = nullptr;

  const Version& version() const { return state.machine().version; }
  bool initial_netns() const { return state.machine().initial_netns.value_or(true); }
  /// Facts that were asked for and missing; collected for Outcome::needs.
  mutable std::vector<std::string> needs;

  void need(std::string fact) const;
  /// The cell of this key or of another one, which is noted then.
  const Cell& read(const std::string& other) const;
  std::optional<uint32_t> ask_hz() const;
  std::optional<uint32_t> ask_page_size() const;
  std::optional<uint32_t> ask_cpus() const;

  /// The text of a key, if known; else its missing facts are noted.
  std::optional<std::string> text(const std::string& other) const;
  /// One value of a key as a number, likewise.
  std::optional<int64_t> value(const std::string& other, unsigned slot = 0) const;
  std::optional<int64_t> current(unsigned slot = 0) const { return value(path, slot); }
  /// The path with its last part replaced.
  std::string sibling(std::string_view name) const;
  /// The bounds of the table's row, symbols resolved.
  Limits limits() const;
  /// Number of values that the key holds, `size` bytes each.
  unsigned slots(unsigned size) const;
};

/// Fills `answer` for a write that the kernel refuses; nothing is stored.
void reject(const Call& call, Answer& answer, int error, std::string reason);
/// The write succeeds and the key reads `text`.
void store(const Call& call, Answer& answer, std::string text);
/// The write succeeds and leaves the key as it is.
void keep(const Call& call, Answer& answer);
/// The write succeeds; what reading gives is not known.
void store_unknown(const Call& call, Answer& answer, std::string reason);
/// Whether the write succeeds is not known.
void undecided(const Call& call, Answer& answer, std::string reason);
/// Another key changes too.
void also(Answer& answer, std::string path, std::string text);
void also_unknown(const Call& call, Answer& answer, std::string path);

/// True if the bytes written are `text`, white space folded.
bool same_text(std::string_view bytes, std::string_view text);

using Handler = void (*)(const Call&, Answer&);
/// The model of a kernel function by its name ("proc_dointvec_minmax"); null if there is none.
Handler find_handler(std::string_view name);
/// For keys that no row of the history names; by the catalog's pattern.
Handler find_handler_of_key(std::string_view pattern);

/// A symbolic bound of a row as a number.
Limit resolve_symbol(const Call& call, std::string_view symbol);

}  // namespace proctor::kernel
