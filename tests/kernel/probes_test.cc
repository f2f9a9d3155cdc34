// Every recorded write of ../shared/kernel/write-probes.tsv.gz against the prediction.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <string>

#include "kernel/predict.h"
#include "recorded.h"
#include "text/file.h"
#include "text/text.h"

namespace proctor::kernel {
namespace {

/// Of 100,000.
constexpr unsigned kAcceptedBar = 99000;
constexpr unsigned kWholeBar = 98000;

struct Tally {
  unsigned rows = 0;
  unsigned accepted = 0;  ///< Agreement in accepted or rejected.
  unsigned whole = 0;     ///< ... and in errno and read-back.
  unsigned unknown = 0;
};

struct Disagreement {
  unsigned rows = 0;
  std::string example;
};

struct Report {
  std::map<std::string, Tally> tallies;                                ///< By kernel.
  std::map<std::string, std::map<std::string, Disagreement>> classes;  ///< By path, by kernel.
};

std::string describe(const Outcome& outcome) {
  std::string text;
  switch (outcome.result) {
    case WriteResult::kAccepted:
    case WriteResult::kAltered:
      text = "ok";
      break;
    case WriteResult::kRejected:
    case WriteResult::kMissing:
      text = errno_name(outcome.error);
      break;
    case WriteResult::kUnknown:
      text = "unknown";
      break;
  }
  return text + " [" + escape_bytes(outcome.reads_back.value_or("?")) + "] " + outcome.reason;
}

/// What was read after the write; nothing where it could not be read.
std::optional<std::string> recorded_text(std::string_view field) {
  if (field.starts_with("!")) return std::nullopt;
  std::string text = unescape(field);
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

void compare(const std::vector<std::string_view>& row, const Outcome& outcome,
             const std::string& series, Report& report) {
  Tally& tally = report.tallies[series];
  ++tally.rows;
  const bool ok = row[3] == "ok";
  const bool predicted_ok =
      outcome.result == WriteResult::kAccepted || outcome.result == WriteResult::kAltered;
  const bool known = outcome.result != WriteResult::kUnknown;
  if (!known) ++tally.unknown;
  const std::optional<std::string> read = recorded_text(row.size() > 4 ? row[4] : "");
  const bool accepted = known && ok == predicted_ok;
  const bool whole = accepted && (ok || errno_name(outcome.error) == row[3]) &&
                     (!read || outcome.reads_back == read);
  if (accepted) ++tally.accepted;
  if (whole) {
    ++tally.whole;
    return;
  }
  Disagreement& entry = report.classes[std::string(row[1])][series];
  if (entry.rows++ == 0) {
    entry.example = "\"" + std::string(row[2]) + "\": really " + std::string(row[3]) + " [" +
                    std::string(row.size() > 4 ? row[4] : "") + "], predicted " + describe(outcome);
  }
}

/// Half of the paths, by name alone: the half that was left aside while the model was made.
bool is_held_out(std::string_view path) {
  unsigned hash = 5381;
  for (const char c : path) hash = hash * 33 + static_cast<unsigned char>(c);
  return (hash >> 4) % 2 == 0;
}

Report run(bool held_out_only) {
  Report report;
  std::map<std::string, State> states = recorded_states();
  for_each_row(recorded_file("write-probes.tsv.gz"), [&](const std::vector<std::string_view>& row) {
    const std::string series(row[0]);
    const std::string path(row[1]);
    if (held_out_only && !is_held_out(path)) return;
    // As the experiment did: the value that was there is written back after each write. One-way
    // keys and keys that change each other drift, in the experiment and here.
    State& state = states.at(series);
    const Cell before = state.read(path);
    const Outcome outcome = write(state, path, unescape(row[2]));
    compare(row, outcome, series, report);
    if (before.status != Cell::Status::kKnown) return;
    // What one write left open says nothing of the next.
    if (state.read(path).status != Cell::Status::kKnown) state.set(path, before);
    write(state, path, before.text + '\n');
  });
  return report;
}

/// "path-glob: why", one a line.
std::vector<std::pair<std::string, std::string>> explanations() {
  std::vector<std::pair<std::string, std::string>> known;
  const Result<std::string> file = read_file("tests/kernel/disagreements.txt");
  if (!file) return known;
  for (const std::string_view line : split(*file, '\n')) {
    const size_t colon = line.find(": ");
    if (line.empty() || line[0] == '#' || colon == std::string_view::npos) continue;
    known.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return known;
}

std::string explanation_of(const std::vector<std::pair<std::string, std::string>>& known,
                           const std::string& path) {
  for (const auto& [glob, why] : known) {
    if (glob_match(glob, path)) return why;
  }
  return {};
}

unsigned share(unsigned part, unsigned whole) {
  return whole == 0 ? 0 : static_cast<unsigned>(uint64_t{part} * 100000 / whole);
}

void print(const Report& report, const char* title) {
  for (const auto& [series, tally] : report.tallies) {
    std::printf(
        "%s %s: %u writes, accepted or rejected %u (%.2f %%), errno and read-back %u "
        "(%.2f %%), undecided %u\n",
        title, series.c_str(), tally.rows, tally.accepted,
        share(tally.accepted, tally.rows) / 1000.0, tally.whole,
        share(tally.whole, tally.rows) / 1000.0, tally.unknown);
  }
}

TEST_CASE("recorded writes") {
  if (recorded_file("write-probes.tsv.gz").empty()) {
    MESSAGE("skipped: no recorded writes (PROCTOR_SHARED)");
    return;
  }
  const Report report = run(false);
  print(report, "probes");
  print(run(true), "half  ");
  REQUIRE(report.tallies.size() == 4);
  for (const auto& entry : report.tallies) {
    const auto& series = entry.first;
    const auto& tally = entry.second;
    CAPTURE(series);
    CHECK(share(tally.accepted, tally.rows) >= kAcceptedBar);
    CHECK(share(tally.whole, tally.rows) >= kWholeBar);
  }
  const auto known = explanations();
  for (const auto& classes : report.classes) {
    const auto& path = classes.first;
    const std::string why = explanation_of(known, path);
    for (const auto& [series, entry] : classes.second) {
      std::printf("  %s %s x%u %s\n    %s\n", series.c_str(), path.c_str(), entry.rows,
                  entry.example.c_str(), why.empty() ? "NOT EXPLAINED" : why.c_str());
    }
    CAPTURE(path);
    CHECK(!why.empty());
  }
}

}  // namespace
}  // namespace proctor::kernel
