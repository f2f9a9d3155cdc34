#include "kernel/predict.h"

#include <algorithm>
#include <array>

#include "kernel/catalog.h"
#include "kernel/predict_call.h"
#include "kernel/predict_number_traits.h"
#include "kernel/predictions.h"
#include "kernel/presence.h"
#include "text/text.h"

namespace proctor::kernel {
namespace {

/// KMALLOC_MAX_SIZE of x86-64: larger writes are refused before any handler sees them.
constexpr size_t kLargestWrite = size_t{1} << 22;
constexpr std::array<uint32_t, 9> kTickRates = {100, 128, 200, 250, 256, 300, 500, 1000, 1024};
constexpr std::array<uint32_t, 3> kPageSizes = {4096, 16384, 65536};

void add_need(std::vector<std::string>& needs, std::string fact) {
  const auto at = std::lower_bound(needs.begin(), needs.end(), fact);
  if (at == needs.end() || *at != fact) needs.insert(at, std::move(fact));
}

Outcome missing(std::string reason) {
  Outcome outcome;
  outcome.result = WriteResult::kMissing;
  outcome.error = ENOENT;
  outcome.at_open = true;
  outcome.reason = std::move(reason);
  return outcome;
}

Outcome not_writable(std::string reason) {
  Outcome outcome;
  outcome.result = WriteResult::kRejected;
  outcome.error = EACCES;
  outcome.at_open = true;
  outcome.reason = std::move(reason);
  return outcome;
}

/// What a network namespace of its own hides or protects; nothing if the write reaches a handler.
std::optional<Outcome> stopped_by_namespace(const State& state, const KeyRef& ref) {
  if (state.machine().initial_netns.value_or(true)) return std::nullopt;
  switch (ref.key->scope) {
    case Scope::kInitNetns:
      return missing("only the initial network namespace has it");
    case Scope::kInitNetnsDefault:
      if (!ref.wildcards.empty() && ref.wildcards.front() == "default") {
        return missing("only the initial network namespace has it");
      }
      return std::nullopt;
    case Scope::kInitNetnsWrites:
      return not_writable("read-only outside the initial network namespace");
    default:
      return std::nullopt;
  }
}

bool writable(const Key& key, const Change* row) {
  // Since 5.19 their table says 0444, and the kernel lets those in who may checkpoint processes.
  for (const std::string_view name :
       {"kernel.msg_next_id", "kernel.sem_next_id", "kernel.shm_next_id"}) {
    if (key.name == name) return true;
  }
  return row != nullptr ? (row->mode & 0200) != 0 : !key.read_only;
}

Handler handler_for(const Key& key, const Change* row) {
  if (const Handler by_key = find_handler_of_key(key.name)) return by_key;
  return row != nullptr ? find_handler(row->handler) : nullptr;
}

Answer ask(const Call& call) {
  Answer answer;
  if (!writable(call.key, call.row)) {
    answer.outcome = not_writable("read-only");
    return answer;
  }
  if (call.bytes.size() >= kLargestWrite && call.version() >= Version{5, 8, 0, false}) {
    reject(call, answer, ENOMEM, "larger than the kernel takes in one write");
    return answer;
  }
  const Handler handler = handler_for(call.key, call.row);
  if (handler == nullptr) {
    undecided(call, answer, "how the kernel parses this key is not modelled");
    return answer;
  }
  handler(call, answer);
  return answer;
}

bool same(const Answer& a, const Answer& b) {
  return a.outcome.result == b.outcome.result && a.outcome.error == b.outcome.error &&
         a.outcome.reads_back == b.outcome.reads_back && a.outcome.taken == b.outcome.taken &&
         a.effects == b.effects;
}

/// What holds under every assumption.
Answer merge(Answer a, const Answer& b, const std::string& fact) {
  if (same(a, b)) return a;
  Answer merged;
  merged.outcome = a.outcome.result == WriteResult::kUnknown ? a.outcome : b.outcome;
  merged.outcome.needs = a.outcome.needs;
  for (const std::string& need : b.outcome.needs) add_need(merged.outcome.needs, need);
  add_need(merged.outcome.needs, fact);
  if (a.outcome.result != b.outcome.result || a.outcome.error != b.outcome.error) {
    merged.outcome.result = WriteResult::kUnknown;
    merged.outcome.error = 0;
    merged.outcome.reason = "depends on " + fact;
  }
  if (a.outcome.reads_back != b.outcome.reads_back) merged.outcome.reads_back.reset();
  if (a.outcome.taken != b.outcome.taken) merged.outcome.taken.reset();
  auto add_effects = [&](const std::vector<Effect>& own, const std::vector<Effect>& other) {
    for (const Effect& effect : own) {
      const bool shared = std::find(other.begin(), other.end(), effect) != other.end();
      merged.effects.push_back(shared ? effect
                                      : Effect{effect.path, Cell::unknown(merged.outcome.needs)});
    }
  };
  add_effects(a.effects, b.effects);
  add_effects(b.effects, a.effects);
  return merged;
}

bool lacks(const Answer& answer, std::string_view fact) {
  return std::find(answer.outcome.needs.begin(), answer.outcome.needs.end(), fact) !=
         answer.outcome.needs.end();
}

/// Asks under each value that a missing fact may have; one answer for all of them stands.
template <typename Facts, typename Member>
Answer ask_each(Call call, const Facts& facts, Member member, const Answer& first) {
  std::optional<Answer> merged;
  for (const auto fact : facts) {
    call.*member = fact;
    call.needs.clear();
    Answer answer = ask(call);
    if (merged && !same(*merged, answer)) return first;
    merged = std::move(answer);
  }
  return *merged;
}

Answer ask_with_facts(const Call& call) {
  Answer answer = ask(call);
  if (!call.hz && lacks(answer, "host.hz")) {
    answer = ask_each(call, kTickRates, &Call::hz, answer);
  }
  if (!call.page_size && lacks(answer, "host.page_size")) {
    answer = ask_each(call, kPageSizes, &Call::page_size, answer);
  }
  return answer;
}

Answer answer_for(const State& state, const std::string& path, std::string_view bytes,
                  uint64_t offset, const KeyRef& ref, std::vector<std::string>& others) {
  const Machine& machine = state.machine();
  const InForce in_force = change_at(*ref.key, machine.version);
  const std::vector<NumberTraits> traits = number_traits(machine.version);
  std::optional<Answer> merged;
  for (const Change* row : {in_force.row, in_force.other}) {
    if (row == nullptr && merged) continue;
    for (const NumberTraits& trait : traits) {
      const Call call{state,         path, bytes, offset,     *ref.key,
                      ref.wildcards, row,  trait, machine.hz, machine.page_size,
                      &others,       {}};
      Answer answer = ask_with_facts(call);
      merged = merged ? merge(std::move(*merged), answer, "host.kernel") : std::move(answer);
    }
  }
  return std::move(*merged);
}

using Effects = std::vector<std::pair<std::string, Cell>>;

/// Adds the effect under every name that the kernel has for the variable.
void add_effect(const State& state, Effect effect, Effects& effects,
                std::vector<std::string>& others) {
  std::string other(alias(effect.path, state.machine().version));
  if (!other.empty() && state.read(other).status != Cell::Status::kAbsent) {
    others.push_back(other);
    effects.emplace_back(std::move(other), effect.cell);
  }
  effects.emplace_back(std::move(effect.path), std::move(effect.cell));
}

Outcome unknown_key(std::string reason) {
  Outcome outcome;
  outcome.reason = std::move(reason);
  return outcome;
}

/// The answer to a write that reaches a handler or may do so, not applied yet.
Prediction predict(const State& state, const std::string& path, std::string_view bytes,
                   uint64_t offset, const KeyRef& ref) {
  Presence present{Presence::Answer::kYes, {}, {}};
  if (!state.is_explicit(path)) present = presence(path, state.machine());
  if (present.answer == Presence::Answer::kNo) return {missing(std::move(present.reason)), {}};
  if (std::optional<Outcome> stopped = stopped_by_namespace(state, ref)) return {*stopped, {}};

  Prediction out;
  std::vector<std::string> others;
  Answer answer = answer_for(state, path, bytes, offset, ref, others);
  for (Effect& effect : answer.effects) {
    if (effect.path != path) others.push_back(effect.path);
    add_effect(state, std::move(effect), out.effects, others);
  }
  out.outcome = std::move(answer.outcome);
  sort_unique(others);
  out.outcome.others = std::move(others);
  if (present.answer == Presence::Answer::kUnknown) {
    for (std::string& need : present.needs) add_need(out.outcome.needs, std::move(need));
    if (out.outcome.result != WriteResult::kRejected) {
      out.outcome.result = WriteResult::kUnknown;
      if (out.outcome.reason.empty()) out.outcome.reason = "whether the key exists is not known";
    }
  }
  return out;
}

/// Whether nothing that the answer rests on was written since the state was frozen.
bool rests_on_frozen(const State& state, const Outcome& outcome) {
  return std::none_of(outcome.others.begin(), outcome.others.end(), [&](const std::string& path) {
    return path == kEveryInterface || state.is_set(path);
  });
}

void set_all(State& state, const Effects& effects) {
  for (const auto& [path, cell] : effects) state.set(path, cell);
}

}  // namespace

Outcome write(State& state, const std::string& path, std::string_view bytes, uint64_t offset) {
  const bool first = offset == 0 && state.predictions() != nullptr && !state.is_set(path);
  if (first) {
    const Prediction* known = state.predictions()->find(path, bytes);
    if (known != nullptr && rests_on_frozen(state, known->outcome)) {
      set_all(state, known->effects);
      return known->outcome;
    }
  }
  if (state.read(path).status == Cell::Status::kAbsent) return missing("there is no such key");
  const std::optional<KeyRef> ref = find_path(path);
  if (!ref) {
    if (state.is_explicit(path)) state.set(path, Cell::unknown({}));
    return unknown_key("no kernel that was inspected has this key");
  }
  Prediction prediction = predict(state, path, bytes, offset, *ref);
  const bool keep = first && rests_on_frozen(state, prediction.outcome);
  set_all(state, prediction.effects);
  if (!keep) return std::move(prediction.outcome);
  Outcome outcome = prediction.outcome;
  state.predictions()->add(path, bytes, std::move(prediction));
  return outcome;
}

std::span<const Version> behaviour_changes() {
  static constexpr std::array kChanges{
      Version{4, 1, 0, false},   Version{4, 14, 0, false},  Version{4, 14, 177, true},
      Version{4, 15, 0, false},  Version{4, 19, 0, false},  Version{4, 19, 78, true},
      Version{4, 20, 0, false},  Version{5, 0, 1, true},    Version{5, 2, 0, false},
      Version{5, 8, 0, false},   Version{5, 10, 0, false},  Version{5, 10, 8, true},
      Version{5, 10, 223, true}, Version{5, 10, 262, true}, Version{5, 11, 0, false},
      Version{5, 15, 41, true},  Version{5, 16, 0, false},  Version{5, 17, 0, false},
      Version{6, 0, 0, false},   Version{6, 1, 0, false},   Version{6, 1, 176, true},
      Version{6, 1, 177, true},  Version{6, 2, 0, false},   Version{6, 12, 0, false},
      Version{6, 12, 107, true}, Version{6, 12, 108, true}, Version{6, 13, 0, false},
      Version{6, 18, 0, false},  Version{6, 18, 45, true},  Version{6, 19, 0, false},
      Version{7, 1, 5, true},    Version{7, 2, 0, false},
  };
  return kChanges;
}

std::string errno_name(int error) {
  struct Name {
    int value;
    std::string_view name;
  };
  static constexpr Name kNames[] = {
      {EPERM, "EPERM"},
      {ENOENT, "ENOENT"},
      {ESRCH, "ESRCH"},
      {EIO, "EIO"},
      {ENOMEM, "ENOMEM"},
      {EACCES, "EACCES"},
      {EFAULT, "EFAULT"},
      {EBUSY, "EBUSY"},
      {EEXIST, "EEXIST"},
      {ENODEV, "ENODEV"},
      {ENOTDIR, "ENOTDIR"},
      {EISDIR, "EISDIR"},
      {EINVAL, "EINVAL"},
      {ENOSPC, "ENOSPC"},
      {EROFS, "EROFS"},
      {ERANGE, "ERANGE"},
      {ENOSYS, "ENOSYS"},
      {EOVERFLOW, "EOVERFLOW"},
      {ENOTSUP, "EOPNOTSUPP"},
      {kEnotsupp, "ENOTSUPP"},
      {E2BIG, "E2BIG"},
      {ELOOP, "ELOOP"},
      {ENAMETOOLONG, "ENAMETOOLONG"},
      {ENOBUFS, "ENOBUFS"},
      {EAGAIN, "EAGAIN"},
      {EINTR, "EINTR"},
  };
  for (const Name& entry : kNames) {
    if (entry.value == error) return std::string(entry.name);
  }
  return std::to_string(error);
}

}  // namespace proctor::kernel
