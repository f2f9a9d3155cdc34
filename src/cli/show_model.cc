#include "cli/show_model.h"

#include <algorithm>
#include <set>
#include <utility>

#include "kernel/predict.h"
#include "kernel/state.h"
#include "rules/scenario.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

using kernel::WriteResult;
using load::Status;

/// Loaders append a newline; it is no part of the value.
std::string without_newline(std::string bytes) {
  if (bytes.ends_with('\n')) bytes.pop_back();
  return bytes;
}

std::optional<int> error_of(const kernel::Outcome& outcome) {
  switch (outcome.result) {
    case WriteResult::kAccepted:
    case WriteResult::kAltered:
      return 0;
    case WriteResult::kRejected:
    case WriteResult::kMissing:
      return outcome.error;
    case WriteResult::kUnknown:
      break;
  }
  return std::nullopt;
}

/// The answer that decides about an assignment with several writes.
int badness(WriteResult result) {
  switch (result) {
    case WriteResult::kAccepted:
      return 0;
    case WriteResult::kAltered:
      return 1;
    case WriteResult::kUnknown:
      return 2;
    case WriteResult::kMissing:
      return 3;
    case WriteResult::kRejected:
      break;
  }
  return 4;
}

void take_answer(ShownAssignment& shown, const kernel::Outcome& outcome) {
  shown.result = outcome.result;
  shown.error = error_of(outcome).value_or(0);
  const bool taken =
      outcome.result == WriteResult::kAccepted || outcome.result == WriteResult::kAltered;
  if (taken) shown.reads_back = outcome.reads_back;
  if (shown.reason.empty()) shown.reason = outcome.reason;
}

class OneRun {
 public:
  OneRun(const load::Loader& loader, const load::Configuration& configuration,
         const kernel::State& start)
      : start_(start), run_(load::run(loader, configuration, start)) {}

  Shown shown() const {
    Shown shown;
    shown.loader = run_.loader;
    if (run_.exit_known) shown.exit_status = run_.exit_status;
    shown.assignments.reserve(run_.assignments.size());
    for (const load::Assignment& assignment : run_.assignments) {
      shown.assignments.push_back(show(assignment));
    }
    shown.effective = effective();
    return shown;
  }

 private:
  ShownAssignment show(const load::Assignment& assignment) const {
    ShownAssignment shown;
    shown.origin = assignment.origin;
    shown.key = kernel::path_to_dotted(assignment.path);
    shown.value = assignment.value;
    shown.status = assignment.status;
    shown.by = assignment.by;
    shown.reason = assignment.reason;
    const kernel::Outcome* worst = nullptr;
    for (const uint32_t index : assignment.writes) {
      const load::Write& write = run_.writes[index];
      shown.writes.push_back({write.path, without_newline(write.bytes), error_of(write.outcome)});
      if (worst == nullptr || badness(write.outcome.result) > badness(worst->result)) {
        worst = &write.outcome;
      }
    }
    if (worst != nullptr) {
      take_answer(shown, *worst);
    } else if (!assignment.glob && assignment.status != Status::kUnknown) {
      take_answer(shown, answer(assignment));
    }
    return shown;
  }

  /// What the kernel would answer first of all to a value that is not written. Many files say the
  /// same.
  const kernel::Outcome& answer(const load::Assignment& assignment) const {
    const auto [at, is_new] = answers_.try_emplace({assignment.path, assignment.value});
    if (is_new) {
      kernel::State state = start_;
      at->second = kernel::write(state, assignment.path, assignment.value + "\n");
    }
    return at->second;
  }

  std::map<std::string, std::optional<std::string>> effective() const {
    std::set<std::string> paths;
    for (const load::Write& write : run_.writes) paths.insert(write.path);
    for (const load::Assignment& assignment : run_.assignments) {
      if (!assignment.glob) paths.insert(assignment.path);
    }
    for (const auto& [path, cell] : run_.final_state.cells()) {
      if (!(start_.read(path) == cell)) paths.insert(path);
    }
    std::map<std::string, std::optional<std::string>> values;
    for (const std::string& path : paths) {
      const kernel::Cell& cell = run_.final_state.read(path);
      if (cell.status == kernel::Cell::Status::kAbsent) continue;
      std::optional<std::string> text;
      if (cell.status == kernel::Cell::Status::kKnown) text = cell.text;
      values.emplace(kernel::path_to_dotted(path), std::move(text));
    }
    return values;
  }

  const kernel::State& start_;
  load::LoadResult run_;
  mutable std::map<std::pair<std::string_view, std::string_view>, kernel::Outcome> answers_;
};

void merge(Shown& all, const Shown& one) {
  if (all.exit_status != one.exit_status) all.exit_status.reset();
  for (size_t i = 0; i < std::min(all.assignments.size(), one.assignments.size()); ++i) {
    ShownAssignment& mine = all.assignments[i];
    const ShownAssignment& other = one.assignments[i];
    if (mine == other || mine.origin != other.origin) continue;
    ShownAssignment unsure;
    unsure.origin = mine.origin;
    unsure.key = mine.key;
    unsure.value = mine.value;
    unsure.reason = "depends on the kernel";
    if (mine.status == other.status && mine.by == other.by) {
      unsure.status = mine.status;
      unsure.by = mine.by;
    }
    if (mine.writes == other.writes) unsure.writes = mine.writes;
    mine = std::move(unsure);
  }
  for (const auto& [key, value] : one.effective) {
    const auto [at, is_new] = all.effective.emplace(key, std::nullopt);
    if (!is_new && at->second != value) at->second.reset();
  }
  for (auto& [key, value] : all.effective) {
    if (!one.effective.contains(key)) value.reset();
  }
}

}  // namespace

Shown show_configuration(const load::Loader& loader, const load::Configuration& configuration,
                         const rules::Target& target, std::span<const kernel::Version> versions) {
  std::optional<Shown> all;
  for (const kernel::Version& version : versions) {
    const kernel::State start = rules::start_state(target, version);
    Shown one = OneRun(loader, configuration, start).shown();
    if (!all) {
      all = std::move(one);
    } else {
      merge(*all, one);
    }
  }
  return std::move(*all);
}

std::string_view status_name(Status status) {
  switch (status) {
    case Status::kApplied:
      return "applied";
    case Status::kOverridden:
      return "overridden";
    case Status::kIgnored:
      return "ignored";
    case Status::kFailed:
      return "failed";
    case Status::kUnknown:
      break;
  }
  return "unknown";
}

std::string_view result_name(WriteResult result) {
  switch (result) {
    case WriteResult::kAccepted:
      return "accepted";
    case WriteResult::kAltered:
      return "altered";
    case WriteResult::kRejected:
      return "rejected";
    case WriteResult::kMissing:
      return "missing";
    case WriteResult::kUnknown:
      break;
  }
  return "unknown";
}

}  // namespace proctor::cli
