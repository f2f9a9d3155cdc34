#include "report/part.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "text/text.h"

namespace proctor::report {
namespace {

std::string_view name_of(const Part& part, uint32_t file) {
  return file < part.files.size() ? std::string_view(part.files[file]->name()) : std::string_view();
}

/// Offsets sort like lines and columns.
auto place(const Part& part, const Entry& entry) {
  return std::tuple(name_of(part, entry.finding.file), entry.finding.span.begin,
                    std::string_view(entry.finding.rule), entry.finding.span.end,
                    std::string_view(entry.finding.message));
}

auto place(const Part& part, const OpenEntry& entry) {
  return std::tuple(name_of(part, entry.undecided.file), entry.undecided.span.begin,
                    std::string_view(entry.undecided.rule), entry.undecided.span.end,
                    std::string_view(entry.undecided.holds_for));
}

template <typename T>
void sort_and_merge(const Part& part, std::vector<T>& entries) {
  // Each is moved once: they are large.
  std::vector<uint32_t> order(entries.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, [&](uint32_t a, uint32_t b) {
    return place(part, entries[a]) < place(part, entries[b]);
  });
  std::vector<T> sorted;
  sorted.reserve(entries.size());
  for (const uint32_t index : order) {
    T& entry = entries[index];
    const bool repeats = !sorted.empty() && place(part, sorted.back()) == place(part, entry) &&
                         sorted.back().targets == entry.targets;
    if (!repeats) sorted.push_back(std::move(entry));
  }
  entries = std::move(sorted);
}

}  // namespace

void sort_part(Part& part) {
  sort_and_merge(part, part.entries);
  sort_and_merge(part, part.open);
  sort_unique(part.errors);
}

void Totals::add(const Part& part) {
  files += part.judged ? part.files.size() : 0;
  known += part.known;
  assignments += part.assignments;
  failures += part.errors.size();
  undecided += part.open.size();
  for (const Entry& entry : part.entries) {
    const rules::Finding& finding = entry.finding;
    error += finding.severity == rules::Severity::kError ? 1U : 0U;
    warning += finding.severity == rules::Severity::kWarning ? 1U : 0U;
    info += finding.severity == rules::Severity::kInfo ? 1U : 0U;
    PerRule& rule = rules[finding.rule];
    rule.severity = std::max(rule.severity, finding.severity);
    ++rule.count;
    if (finding.fixes.empty()) continue;
    (finding.fixes.front().safe ? safe : unsafe) += 1;
    (finding.fixes.front().safe ? rule.safe : rule.unsafe) += 1;
  }
  for (const OpenEntry& entry : part.open) {
    ++needs[entry.undecided.needs];
    ++rules[entry.undecided.rule].undecided;
  }
}

void Totals::add(const Totals& other) {
  files += other.files;
  assignments += other.assignments;
  error += other.error;
  warning += other.warning;
  info += other.info;
  failures += other.failures;
  safe += other.safe;
  unsafe += other.unsafe;
  undecided += other.undecided;
  known += other.known;
  for (const auto& [set, count] : other.needs) needs[set] += count;
  for (const auto& [id, rule] : other.rules) {
    PerRule& mine = rules[id];
    mine.severity = std::max(mine.severity, rule.severity);
    mine.count += rule.count;
    mine.safe += rule.safe;
    mine.unsafe += rule.unsafe;
    mine.undecided += rule.undecided;
  }
}

}  // namespace proctor::report
