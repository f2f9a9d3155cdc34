#include "report/cause.h"

#include <fmt/core.h>

#include <algorithm>

#include "report/escape.h"
#include "report/fingerprint.h"
#include "report/place.h"
#include "text/brief.h"
#include "text/text.h"

namespace proctor::report {
namespace {

std::string normalized(std::string_view line) {
  line = trim(line);
  const bool is_comment = line.starts_with('#') || line.starts_with(';');
  const size_t equals = is_comment ? std::string_view::npos : line.find('=');
  if (equals == std::string_view::npos) return fold_blanks(line);
  return fold_blanks(line.substr(0, equals)) + " = " + fold_blanks(line.substr(equals + 1));
}

/// Nobody reads a longer line in a baseline.
std::string with_hash(std::string text) {
  constexpr size_t kMost = 400;
  constexpr size_t kShown = 100;
  if (text.size() <= kMost) return text;
  return fmt::format("{} {:016x}", shortened(text, kShown), hash_of(text));
}

}  // namespace

Cause cause_of(const Part& part, const Entry& entry) {
  const rules::Finding& finding = entry.finding;
  Cause cause;
  cause.rule = finding.rule;
  if (!is_whole_file(finding)) {
    cause.line = with_hash(printable(normalized(source_line(part, finding.file, finding.span))));
  }
  if (cause.line.empty()) {
    cause.keys = finding.keys;
    sort_unique(cause.keys);
  }
  return cause;
}

bool can_be_known(std::string_view rule) {
  if (rule == "suppression/unused") return true;
  return !rule.starts_with("suppression/") && !rule.starts_with("baseline/");
}

std::vector<Tally::Occurrence> Tally::add(const Part& part, std::span<const std::string> files) {
  std::vector<Occurrence> out;
  std::map<CauseInFile, std::map<uint32_t, uint32_t>> by_target;
  for (const Entry& entry : part.entries) {
    const std::string& file = files[entry.finding.file];
    Occurrence& occurrence = out.emplace_back(Occurrence{{}, 0});
    if (file.empty() || !can_be_known(entry.finding.rule)) continue;
    occurrence.cause = {file, cause_of(part, entry)};
    std::map<uint32_t, uint32_t>& counts = by_target[occurrence.cause];
    for (const uint32_t target : entry.targets) {
      occurrence.ordinal = std::max(occurrence.ordinal, ++counts[target]);
    }
    uint32_t& most = found_[occurrence.cause];
    most = std::max(most, occurrence.ordinal);
  }
  for (const std::string& file : files) {
    if (!file.empty()) judged_.insert(file);
  }
  for (const OpenEntry& entry : part.open) {
    const std::string& file = files[entry.undecided.file];
    if (!file.empty()) open_.emplace(file, entry.undecided.rule);
  }
  return out;
}

uint32_t Tally::found(const CauseInFile& cause) const {
  const auto at = found_.find(cause);
  return at == found_.end() ? 0 : at->second;
}

}  // namespace proctor::report
