// The way back from a file.
#include "advise/undo.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "kernel/predict.h"

namespace proctor::advise {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

kernel::State state(const Lines& values) {
  kernel::Machine machine;
  machine.version = kernel::parse_version("6.1.100").value();
  machine.interfaces = {"lo", "eth0"};
  machine.initial_netns = true;
  kernel::State made(machine);
  for (const auto& [key, value] : values) {
    made.set(kernel::dotted_to_path(key), kernel::Cell::known(value));
  }
  return made;
}

std::string undo_of(const Lines& now, const Lines& lines) {
  std::string out;
  for (const UndoLine& line : undo_lines(state(now), lines)) {
    out += (line.why_not.empty() ? "" : "# ") + line.key + " = " + line.value + "\n";
  }
  return out;
}

TEST_CASE("what changes is restored, what does not is left out") {
  CHECK(undo_of({{"vm.swappiness", "60"}, {"vm.page-cluster", "3"}},
                {{"vm.swappiness", "10"}, {"vm.page-cluster", "3"}}) == "vm.swappiness = 60\n");
  CHECK(undo_of({{"net.ipv4.tcp_rmem", "4096\t131072\t6291456"}},
                {{"net.ipv4.tcp_rmem", "4096 131072 33554432"}}) ==
        "net.ipv4.tcp_rmem = 4096 131072 6291456\n");
}

TEST_CASE("one-way switches and keys that are not there are told") {
  CHECK(undo_of({{"kernel.kexec_load_disabled", "0"}}, {{"kernel.kexec_load_disabled", "1"}}) ==
        "# kernel.kexec_load_disabled = 0\n");
  CHECK(undo_of({}, {{"net.ipv4.tcp_tw_recycle", "1"}}) == "# net.ipv4.tcp_tw_recycle = \n");
}

/// Writes the lines and then what undoes them.
TEST_CASE("the way back leads back, side effects included") {
  const Lines now = {
      {"net.ipv4.ip_forward", "0"},
      {"net.ipv4.conf.all.accept_redirects", "1"},
      {"net.ipv4.conf.all.forwarding", "0"},
      {"net.ipv4.conf.default.forwarding", "0"},
      {"net.ipv4.conf.eth0.forwarding", "0"},
      {"net.ipv4.conf.lo.forwarding", "0"},
      {"vm.dirty_ratio", "20"},
      {"vm.dirty_bytes", "0"},
      {"vm.dirty_background_ratio", "10"},
      {"vm.dirty_background_bytes", "0"},
      {"net.ipv4.ip_unprivileged_port_start", "1024"},
      {"net.ipv4.ip_local_port_range", "32768\t60999"},
  };
  const Lines lines = {
      {"net.ipv4.ip_forward", "1"},
      {"vm.dirty_background_bytes", "16777216"},
      {"vm.dirty_bytes", "67108864"},
      {"net.ipv4.ip_local_port_range", "10240 65535"},
  };
  kernel::State before = state(now);
  kernel::State after = before;
  const auto write = [&](const std::string& key, const std::string& value) {
    const auto outcome = kernel::write(after, kernel::dotted_to_path(key), value + "\n");
    CHECK_MESSAGE(outcome.result != kernel::WriteResult::kRejected, key, " = ", value);
  };
  for (const auto& line : lines) write(line.first, line.second);
  CHECK(after.read("vm/dirty_ratio").text == "0");
  CHECK(after.read("net/ipv4/conf/eth0/forwarding").text == "1");
  for (const UndoLine& line : undo_lines(before, lines)) {
    CAPTURE(line.why_not);
    if (line.why_not.empty()) write(line.key, line.value);
  }
  for (const auto& line : now) {
    const std::string path = kernel::dotted_to_path(line.first);
    CAPTURE(path);
    CHECK(after.read(path).text == before.read(path).text);
  }
}

}  // namespace
}  // namespace proctor::advise
