#include "report/baseline.h"

#include <algorithm>
#include <set>

namespace proctor::report {
namespace {

/// Removes the entries that `is_taken(index)` says, and counts them.
template <typename IsTaken>
size_t take(Part& part, const IsTaken& is_taken) {
  std::vector<Entry> kept;
  for (size_t i = 0; i < part.entries.size(); ++i) {
    if (!is_taken(i)) kept.push_back(std::move(part.entries[i]));
  }
  const size_t taken = part.entries.size() - kept.size();
  part.entries = std::move(kept);
  return taken;
}

}  // namespace

Baseline::Baseline(std::vector<Known> known, const IsThere& is_there) : known_(std::move(known)) {
  std::map<std::string, bool> there;
  for (const Known& each : known_) {
    const std::string& file = each.cause.first;
    const auto [at, fresh] = there.try_emplace(file, true);
    if (fresh) at->second = is_there(file);
    Count& count = counts_[each.cause];
    if (count.known == 0) files_of_[each.cause.second].push_back(file);
    count.known += each.count;
    count.gone = !at->second;
  }
}

size_t Baseline::take_known(Part& part, std::span<const std::string> files) {
  const std::vector<Tally::Occurrence> occurrences = tally_.add(part, files);
  // Entries of targets that differ are one occurrence, and one decision.
  std::map<std::pair<CauseInFile, uint32_t>, bool> decided;
  return take(part, [&](size_t i) {
    const auto& [cause, ordinal] = occurrences[i];
    if (ordinal == 0) return false;
    const auto [at, fresh] = decided.try_emplace({cause, ordinal}, false);
    if (!fresh) return at->second;
    const auto known = counts_.find(cause);
    const bool here = known != counts_.end() && ordinal <= known->second.known;
    at->second = here || take_moved(cause, files);
    return at->second;
  });
}

uint32_t Baseline::left(const CauseInFile& cause, const Count& count) const {
  const uint32_t used = tally_.found(cause) + count.moved;
  return count.known > used ? count.known - used : 0;
}

bool Baseline::take_moved(const CauseInFile& cause, std::span<const std::string> files) {
  const auto elsewhere = files_of_.find(cause.second);
  if (elsewhere == files_of_.end()) return false;
  for (const std::string& file : elsewhere->second) {
    if (file == cause.first) continue;
    const CauseInFile other{file, cause.second};
    Count& count = counts_.at(other);
    const bool near = !cause.second.line.empty() && std::ranges::find(files, file) != files.end();
    if ((!near && !count.gone) || left(other, count) == 0) continue;
    ++count.moved;
    return true;
  }
  return false;
}

std::vector<Baseline::Stale> Baseline::stale(const MaySay& may_say) const {
  std::vector<Stale> out;
  std::set<CauseInFile> said;
  for (const Known& each : known_) {
    const auto& [file, cause] = each.cause;
    const Count& count = counts_.at(each.cause);
    const bool silent = !tally_.is_judged(file) && !count.gone;
    if (silent || tally_.is_open(file, cause.rule) || left(each.cause, count) == 0) continue;
    if (!may_say(each, count.gone) || !said.insert(each.cause).second) continue;
    out.push_back({&each, count.known, count.known - left(each.cause, count), count.gone});
  }
  return out;
}

size_t BaselineWriter::take_all(Part& part, std::span<const std::string> files) {
  const std::vector<Tally::Occurrence> occurrences = tally_.add(part, files);
  return take(part, [&](size_t i) { return occurrences[i].ordinal > 0; });
}

std::string BaselineWriter::text(const MaySay& may_say) const {
  std::map<CauseInFile, uint32_t> counts = tally_.all();
  std::map<CauseInFile, uint32_t> kept;
  for (const Known& each : old_) {
    const auto& [file, cause] = each.cause;
    const bool gone = !is_there_(file);
    const bool silent = !gone && (!tally_.is_judged(file) || tally_.is_open(file, cause.rule));
    if (silent || !may_say(each, gone)) kept[each.cause] += each.count;
  }
  for (const auto& [cause, count] : kept) counts[cause] = std::max(counts[cause], count);
  std::vector<Known> known;
  known.reserve(counts.size());
  for (const auto& [cause, count] : counts) known.push_back({cause, count, {}});
  return baseline_text(known);
}

}  // namespace proctor::report
