// A fix that is proved from a few lines is proved from all of them, and the other way round.
#include "rules/proof.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "judging.h"
#include "rules/starts.h"

using namespace proctor;
using namespace proctor::rules;

namespace {

/// Lines that meet each other in many ways, odd ones, and ones that nothing disturbs.
const std::vector<std::string> kLines = {
    "vm.swappiness = 10",
    "vm.swappiness=60",
    "vm.swappiness = x",
    "net.ipv4.ip_forward=1",
    "net.ipv4.ip_forward=0",
    "net.ipv4.conf.all.rp_filter = 1",
    "net.ipv4.conf.all.forwarding = 1",
    "net.ipv4.conf.default.rp_filter = 2",
    "net.ipv4.conf.eth0.rp_filter = 2",
    "net.ipv4.conf.eth9.rp_filter = 2",
    "net.ipv4.conf.*.rp_filter = 1",
    "net.netfilter.nf_conntrack_max = 65536",
    "net.nf_conntrack_max = 65536",
    "vm.dirty_bytes = 1000000",
    "vm.dirty_ratio = 20",
    "net.ipv4.nosuch = 1",
    "net.ipv4.tcp_tw_recycle = 1",
    "fs.quota.reads = 0",
    "-vm.overcommit_memory = 1",
    "vm.overcommit_memory = 1 # remark",
    "net/ipv4/tcp_syncookies = 2",
    "kernel.hostname = a\\",
    "; remark",
    "net.core.rmem_max = 4194304",
    "net.ipv4.tcp_rmem = 4096 87380 4194304",
    "net.ipv4.tcp_mem = 1 2",
    "net.ipv4.ip_unprivileged_port_start = 1024",
    "net.ipv4.ip_local_port_range = 1025 65535",
    "net.ipv4.ip_local_port_range = 1025",
    "kernel.pid_max = 65536",
    "net.core.somaxconn = 8192",
    "net.ipv4.tcp_fin_timeout = 30",
    "net.ipv4.tcp_keepalive_time = 7200",
    "fs.inotify.max_user_watches = 524288",
    "kernel.sysrq = 0",
};

std::string random_text(std::mt19937& dice) {
  std::uniform_int_distribution<size_t> pick(0, kLines.size() - 1);
  std::uniform_int_distribution<int> count(4, 16);
  std::string text;
  for (int i = count(dice); i > 0; --i) text += kLines[pick(dice)] + "\n";
  return text;
}

/// Every line turned into a comment, and every value into another, one at a time: how many of these
/// are safe.
size_t compare(const std::string& text, const Target& target) {
  const Files files(text);
  const load::Configuration& configuration = files.configuration;
  Starts starts;
  const Scenarios scenarios = run_all(configuration, target, segments_of(target, {}), starts);
  Prover prover(scenarios, configuration);
  size_t safe = 0;
  const auto judge = [&](Span span, const std::string& by) {
    Fix fix;
    fix.edits.push_back({0, {span, by}});
    const auto after = edited(configuration, fix.edits);
    REQUIRE(after);
    const bool kept = prover.keeps_state(fix);
    CAPTURE(text);
    CAPTURE(by);
    CAPTURE(configuration.files.front().document->text(span));
    CHECK(kept == same_states(scenarios, after->configuration));
    safe += kept ? 1 : 0;
  };
  for (const conf::Line& line : configuration.files.front().document->lines()) {
    judge(line.text, "# gone");
    if (line.kind == conf::LineKind::kAssignment) judge(line.value, "1");
  }
  return safe;
}

}  // namespace

TEST_CASE("proofs from a few lines agree with those from all") {
  std::mt19937 dice(5);
  for (const std::string& given : std::vector<std::string>{
           "kernel=6.1", "kernel=6.1 interfaces=eth0,lo", "kernel=6.12 loader=busybox-1.35.0",
           "kernel=5.10 running:vm.swappiness=10 running:net.ipv4.ip_forward=1"}) {
    CAPTURE(given);
    const Target asked = target(given);
    size_t safe = 0;
    for (int round = 0; round < 40; ++round) safe += compare(random_text(dice), asked);
    CHECK(safe > 10);
  }
}
