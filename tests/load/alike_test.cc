// Loaders that are run as one do the same when they are run apart.
#include "load/alike.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace proctor;
using load::Assignment;
using load::LoadResult;
using load::Write;

namespace {

std::string without_newline(std::string bytes) {
  if (bytes.ends_with('\n')) bytes.pop_back();
  return bytes;
}

bool same(const Assignment& a, const Assignment& b) {
  return a.origin == b.origin && a.path == b.path && a.value == b.value && a.status == b.status &&
         a.by == b.by && a.reason == b.reason && a.writes == b.writes &&
         a.open_ended == b.open_ended && a.unless_refused == b.unless_refused;
}

bool same(const Write& a, const Write& b) {
  return a.path == b.path && without_newline(a.bytes) == without_newline(b.bytes) &&
         a.outcome.result == b.outcome.result && a.outcome.error == b.outcome.error &&
         a.outcome.reads_back == b.outcome.reads_back && a.assignment == b.assignment;
}

template <typename List>
bool all_same(const List& a, const List& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return same(x, y); });
}

std::vector<std::string_view> kinds(const LoadResult& result) {
  std::vector<std::string_view> out;
  for (const load::Note& note : result.notes) out.push_back(note.kind);
  return out;
}

bool all_taken(const LoadResult& result) {
  return std::all_of(
      result.assignments.begin(), result.assignments.end(), [](const Assignment& line) {
        return line.status != load::Status::kFailed && line.status != load::Status::kUnknown;
      });
}

struct Job {
  conf::Document document;
  load::Configuration configuration;

  explicit Job(const std::string& text) : document(conf::Document::parse("t.conf", text)) {
    load::SourceFile file;
    file.document = &document;
    file.path = "t.conf";
    configuration.files.push_back(file);
  }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
};

std::vector<const load::Loader*> all_loaders() {
  std::vector<const load::Loader*> out;
  for (const load::Loader& loader : load::loaders()) out.push_back(&loader);
  return out;
}

kernel::State start() {
  kernel::Machine machine;
  machine.version = kernel::parse_version("6.12").value();
  machine.interfaces = std::vector<std::string>{"eth0", "eth0.7", "lo"};
  return kernel::State(machine);
}

/// The number of groups; every loader's own run is compared with its group's.
size_t compare(const std::string& text) {
  Job job(text);
  const auto loaders = all_loaders();
  const auto groups = load::run_alike(loaders, job.configuration, start());
  size_t members = 0;
  for (const load::Alike& group : groups) {
    for (const load::Loader* loader : group.loaders) {
      ++members;
      const LoadResult own = load::run(*loader, job.configuration, start());
      CAPTURE(text);
      CAPTURE(loader->name);
      CHECK(all_same(own.assignments, group.result.assignments));
      CHECK(all_same(own.writes, group.result.writes));
      if (all_taken(own)) {
        CHECK(own.exit_status == group.result.exit_status);
        CHECK(own.exit_known == group.result.exit_known);
      }
      CHECK(own.final_state.cells() == group.result.final_state.cells());
      CHECK(kinds(own) == kinds(group.result));
    }
  }
  CHECK(members == loaders.size());
  return groups.size();
}

}  // namespace

TEST_CASE("plain files need one run") {
  CHECK(compare("") == 1);
  CHECK(compare("# a remark\n\nvm.swappiness = 10\nnet.ipv4.tcp_syncookies=0\n") == 1);
  // 60 is the kernel's own value, which systemd 252 and newer do not write again.
  CHECK(compare("vm.swappiness = 60\nnet.ipv4.tcp_syncookies=0\n") == 2);
  CHECK(compare("vm.swappiness = 10 # calm\n") > 2);
  CHECK(compare("vm.swappiness = 10\nvm.swappiness = 20\n") > 2);
  CHECK(compare("vm.nosuch = 10\n") > 2);
}

TEST_CASE("random files") {
  const std::vector<std::string> lines = {
      "vm.swappiness = 10",
      "vm.swappiness=60",
      "net.ipv4.ip_forward=1",
      "net.ipv4.conf.all.rp_filter = 1",
      "net.ipv4.conf.eth0.rp_filter = 2",
      "net.ipv4.tcp_rmem = 4096 87380 4194304",
      "# remark",
      "; remark",
      "",
      "net.ipv4.nosuch = 1",
      "vm.swappiness = x",
      "kernel.core_pattern = |/bin/x %p",
      "net.ipv4.conf.*.rp_filter = 1",
      "-vm.overcommit_memory = 1",
      "vm.overcommit_memory = 1 2",
      "net.ipv4.route.flush = 1",
      "kernel.hostname = a",
      "net/ipv4/tcp_syncookies = 2",
      "net.ipv4.conf.eth0.7.rp_filter=1",
      "vm.swappiness = \xC2\xA0"
      "5",
      "net.ipv4.neigh.lo.retrans_time = 100",
      "net.ipv4.ip_local_reserved_ports = 8080",
      "fs.file-max = 100000",
      "vm.dirty_ratio",
  };
  // Lines that nothing disturbs, so that the others are tried without them.
  const std::vector<std::string> calm = {
      "vm.dirty_background_ratio = 5",
      "kernel.pid_max = 65536",
      "net.core.somaxconn = 8192",
      "net.ipv4.tcp_fin_timeout = 30",
      "net.ipv4.tcp_keepalive_time = 7200",
      "net.ipv4.conf.lo.arp_announce = 2",
      "net.ipv6.conf.eth0.accept_ra = 0",
      "net.core.rmem_max = 4194304",
      "net.ipv4.tcp_wmem = 4096 16384 4194304",
      "kernel.randomize_va_space = 2",
      "fs.inotify.max_user_watches = 524288",
      "net.ipv4.tcp_max_syn_backlog = 4096",
      "net.core.netdev_max_backlog = 5000",
      "kernel.sysrq = 0",
  };
  std::mt19937 dice(3);
  std::uniform_int_distribution<size_t> pick(0, lines.size() - 1);
  std::uniform_int_distribution<int> count(1, 5);
  size_t one = 0;
  size_t few = 0;
  for (int round = 0; round < 300; ++round) {
    std::string text;
    std::vector<std::string> chosen;
    for (int i = count(dice); i > 0; --i) {
      chosen.push_back(lines[pick(dice)] + (i % 4 == 0 ? "\r\n" : "\n"));
    }
    if (round % 2 == 1) {
      for (const std::string& line : calm) chosen.push_back(line + "\n");
      std::ranges::shuffle(chosen, dice);
    }
    for (const std::string& line : chosen) text += line;
    const size_t groups = compare(text);
    if (groups <= 2) ++one;
    if (groups <= 8) ++few;
  }
  CHECK(one > 5);
  CHECK(few > one);
}
