// Recorded writes in a network namespace of its own (a custom 6.18.44) against the prediction.
#include <doctest/doctest.h>

#include <cstdio>
#include <map>
#include <optional>
#include <string>

#include "kernel/predict.h"
#include "recorded.h"
#include "text/text.h"

namespace proctor::kernel {
namespace {

Machine namespace_machine() {
  Machine machine;
  machine.version = *parse_version("6.18.44");
  machine.memory = uint64_t{16} << 30;
  machine.cpus = 2;
  machine.page_size = 4096;
  machine.hz = 250;
  machine.arch = "x86_64";
  machine.modules = {"bridge",         "br_netfilter", "mptcp",    "nf_conntrack",
                     "nf_defrag_ipv6", "tcp_bbr",      "tcp_cubic"};
  machine.interfaces = {"lo"};
  machine.initial_netns = false;
  return machine;
}

/// The table folds tabs to spaces and writes NUL as \0 and an empty write as ''.
std::string bytes_of(std::string_view field) {
  if (field == "''") return {};
  std::string bytes;
  for (size_t nul; (nul = field.find("\\0")) != std::string_view::npos;) {
    bytes += unescape(field.substr(0, nul)) + '\0';
    field.remove_prefix(nul + 2);
  }
  return bytes + unescape(field);
}

std::string folded(std::string_view text) {
  std::string result;
  for (const std::string_view part : split_blanks(text)) {
    if (!result.empty()) result += ' ';
    result += part;
  }
  return result;
}

struct Row {
  std::string path;
  std::string bytes;
  std::string_view result;
  std::string_view read;
};

struct Agreement {
  unsigned rows = 0;
  unsigned accepted = 0;
  unsigned whole = 0;
  std::map<std::string, std::string> examples;  ///< The first disagreement of each path.
};

void compare(State& state, const Row& row, Agreement& total) {
  const Outcome outcome = write(state, row.path, row.bytes);
  const bool ok = row.result == "ok";
  const bool predicted_ok =
      outcome.result == WriteResult::kAccepted || outcome.result == WriteResult::kAltered;
  const bool accepted = outcome.result != WriteResult::kUnknown && ok == predicted_ok;
  const bool read_back =
      row.read.empty() || (outcome.reads_back && folded(*outcome.reads_back) == row.read);
  const bool same = accepted && (ok ? read_back : errno_name(outcome.error) == row.result);
  ++total.rows;
  if (accepted) ++total.accepted;
  if (same) ++total.whole;
  if (!same) {
    total.examples.try_emplace(
        row.path, "\"" + escape_bytes(row.bytes) + "\": really " + std::string(row.result) + " [" +
                      std::string(row.read) + "], predicted " +
                      (predicted_ok ? "ok" : errno_name(outcome.error)) + " [" +
                      outcome.reads_back.value_or("?") + "] " + outcome.reason);
  }
  // What is there for the next row is what was read.
  const bool readable = !row.read.empty() && row.read[0] != '(' && row.read[0] != '<';
  if (readable) state.set(row.path, Cell::known(std::string(row.read)));
}

TEST_CASE("recorded writes in a network namespace") {
  const std::string file = recorded_file("namespace-probes-6.18.tsv.gz");
  if (file.empty()) {
    MESSAGE("skipped: no recorded writes (PROCTOR_SHARED)");
    return;
  }
  Agreement total;
  std::string key;
  std::optional<State> state;
  for_each_row(file, [&](const std::vector<std::string_view>& row) {
    if (row.size() < 4 || row[2].starts_with("not probed")) return;
    // Values were put back before the next key's turn.
    if (row[0] != key) state.emplace(namespace_machine());
    key = row[0];
    compare(*state, {dotted_to_path(row[0]), bytes_of(row[1]), row[2], row[3]}, total);
  });
  std::printf(
      "namespace 6.18.44: %u writes, accepted or rejected %u (%.2f %%), errno and read-back "
      "%u (%.2f %%)\n",
      total.rows, total.accepted, 100.0 * total.accepted / total.rows, total.whole,
      100.0 * total.whole / total.rows);
  for (const auto& [path, example] : total.examples) {
    std::printf("  %s %s\n", path.c_str(), example.c_str());
  }
  CHECK(total.rows > 26000);
  CHECK(uint64_t{total.accepted} * 1000 >= uint64_t{total.rows} * 990);
  CHECK(uint64_t{total.whole} * 1000 >= uint64_t{total.rows} * 980);
}

}  // namespace
}  // namespace proctor::kernel
