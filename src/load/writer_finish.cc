// The status of each assignment, once everything is written.
#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "load/writer.h"

namespace proctor::load {

using kernel::WriteResult;

void Writer::finish(const kernel::State& start) {
  for (uint32_t i = 0; i < result_.assignments.size(); ++i) {
    const Tally& counts = tally(i);
    Assignment& line = result_.assignments[i];
    if (counts.decided && counts.taken + counts.failed + counts.unknown == 0) {
      line.status = *counts.decided;
    } else if (counts.taken > 0) {
      line.status = Status::kApplied;
    } else if (counts.unknown > 0) {
      line.status = Status::kUnknown;
    } else {
      line.status = counts.failed > 0 ? Status::kFailed : Status::kIgnored;
    }
    if (line.open_ended && line.writes.empty()) line.status = Status::kUnknown;
  }
  find_overrides(start);
}

void Writer::find_overrides(const kernel::State& start) {
  // Path -> its last write that was taken.
  std::unordered_map<std::string_view, uint32_t> last;
  last.reserve(result_.writes.size());
  for (const Write& write : result_.writes) {
    const WriteResult taken = write.outcome.result;
    if (taken == WriteResult::kAccepted || taken == WriteResult::kAltered) {
      last[write.path] = write.order;
    }
  }
  std::vector<uint32_t> changed;  // Assignments whose value is no longer there at the end.
  for (uint32_t i = 0; i < result_.assignments.size(); ++i) {
    Assignment& line = result_.assignments[i];
    if (line.status != Status::kApplied) continue;
    bool standing = false;
    bool differs = false;
    std::optional<Origin> by;
    for (const uint32_t order : line.writes) {
      const Write& write = result_.writes[order];
      const auto winner = last.find(write.path);
      if (winner == last.end()) continue;
      const Write& final_write = result_.writes[winner->second];
      if (final_write.assignment != i) {
        if (!by) by = final_write.origin;
        continue;
      }
      standing = true;
      const kernel::Cell& cell = result_.final_state.read(write.path);
      differs = differs || (write.outcome.reads_back && order == winner->second &&
                            cell.status == kernel::Cell::Status::kKnown &&
                            cell.text != *write.outcome.reads_back);
    }
    if (!standing && by) {
      line.status = Status::kOverridden;
      line.by = by;
    } else if (differs) {
      changed.push_back(i);
    }
  }
  if (!changed.empty()) replay(start, std::move(changed));
}

/// Loads everything once more to see which later write changed each of these on its way.
void Writer::replay(const kernel::State& start, std::vector<uint32_t> changed) {
  kernel::State state = start;
  for (const Write& write : result_.writes) {
    if (write.path.starts_with('/')) continue;
    kernel::write(state, write.path, write.bytes, write.offset);
    std::erase_if(changed, [&](uint32_t index) {
      Assignment& line = result_.assignments[index];
      const uint32_t own = line.writes.back();
      if (own >= write.order) return false;
      const Write& mine = result_.writes[own];
      const kernel::Cell& cell = state.read(mine.path);
      if (cell.status != kernel::Cell::Status::kKnown || !mine.outcome.reads_back ||
          cell.text == *mine.outcome.reads_back) {
        return false;
      }
      line.status = Status::kOverridden;
      line.by = write.origin;
      line.reason = "a later write changes it as a side effect";
      return true;
    });
  }
}

}  // namespace proctor::load
