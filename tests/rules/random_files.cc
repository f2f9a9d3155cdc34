#include "random_files.h"

#include "kernel/state.h"

namespace proctor::rules {
namespace {

/// Lines that meet others in rules, in modules, in the kernel, or in what loaders make of them.
const std::vector<std::string> kMeeting = {
    "net.ipv4.tcp_tw_recycle = 1",
    "net.ipv4.tcp_timestamps = 0",
    "net.ipv4.tcp_fin_timeout = 4",
    "net.ipv4.ip_local_port_range = 1025 65535",
    "net.ipv4.tcp_max_tw_buckets = 20000",
    "net.ipv4.netfilter.ip_conntrack_max = 65536",
    "net.netfilter.nf_conntrack_max = 65536",
    "net.nf_conntrack_max = 131072",
    "net.netfilter.nf_conntrack_buckets = 16384",
    "net.netfilter.nf_conntrack_tcp_timeout_syn_sent = 5",
    "net.ipv4.tcp_rmem = 4096 87380 33554432",
    "net.ipv4.tcp_wmem = 4096 65536 33554432",
    "net.ipv4.tcp_mem = 33554432 33554432 33554432",
    "net.core.rmem_max = 33554432",
    "net.core.netdev_max_backlog = 2000  ",
    "net.ipv4.ip_forward = 1",
    "net.ipv4.ip_forward=0",
    "net.ipv4.conf.all.forwarding = 1",
    "net.ipv4.conf.all.rp_filter = 1",
    "net.ipv4.conf.default.rp_filter = 2",
    "net.ipv6.conf.all.disable_ipv6 = 1",
    "net.ipv6.conf.default.accept_ra = 2",
    "net.ipv6.conf.all.forwarding = 1",
    "net.ipv4.conf.all.accept_redirects = 1",
    "net.ipv4.conf.default.accept_redirects = 0",
    "net.ipv4.conf.all.send_redirects = 0",
    "net.ipv6.conf.all.accept_redirects = 1",
    "net.bridge.bridge-nf-call-iptables = 1",
    "vm.dirty_bytes = 100000000",
    "vm.dirty_ratio = 20",
    "vm.dirty_background_ratio = 30",
    "vm.swappiness = 10",
    "vm.overcommit_memory = 2",
    "vm.overcommit_ratio = 50",
    "vm.min_free_kbytes = 65536",
    "kernel.pid_max = 65536",
    "kernel.threads-max = 100",
    "kernel.shmall = 4294967296",
    "kernel.shmmax = 68719476736",
    "fs.file-max = 1000",
    "fs.nr_open = 2000000",
};

/// Lines that only a look at the whole file can judge.
const std::vector<std::string> kOdd = {
    "vm.swappiness = 500",
    "net.ipv4.conf.eth0.rp_filter = 1",
    "net.ipv4.conf.*.arp_ignore = 1",
    "no.such.key = 1",
    "-kernel.sysrq = 1",
    "# proctor: ignore value/default -- as it is",
    "; remark",
    "kernel.hostname = a\\",
};

}  // namespace

RandomFiles::RandomFiles(uint32_t seed) : dice_(seed), settings_(settings()) {}

RandomFiles::Settings RandomFiles::settings() {
  kernel::Machine machine{};
  machine.version = kernel::Version{6, 1, 0, false};
  machine.memory = uint64_t{8} << 30U;
  Settings out;
  for (const kernel::Key& key : kernel::keys()) {
    if (key.name.find('*') != std::string_view::npos) continue;
    const std::string name(key.name);
    const auto cell = kernel::initial_value(kernel::dotted_to_path(name), machine);
    if (cell.status == kernel::Cell::Status::kKnown && !cell.text.empty() &&
        cell.text.find('\n') == std::string::npos) {
      out.first.push_back(name + " = " + cell.text);
    }
    out.others.push_back(name + " = 1");
    out.others.push_back(name + "=65536");
  }
  return out;
}

std::string RandomFiles::next() {
  std::string text;
  const size_t lines = 3 + pick(45);
  const bool odd = pick(12) == 0;
  const bool bold = pick(2) == 0;
  for (size_t i = 0; i < lines; ++i) {
    if (pick(9) == 0) text += pick(2) == 0 ? "\n" : "# A remark.\n";
    text += (odd && pick(8) == 0    ? any(kOdd)
             : pick(4) == 0         ? any(kMeeting)
             : bold && pick(8) == 0 ? any(settings_.others)
                                    : any(settings_.first)) +
            "\n";
  }
  return text;
}

size_t RandomFiles::pick(size_t below) {
  return std::uniform_int_distribution<size_t>(0, below - 1)(dice_);
}

const std::string& RandomFiles::any(const std::vector<std::string>& lines) {
  return lines[pick(lines.size())];
}

}  // namespace proctor::rules
