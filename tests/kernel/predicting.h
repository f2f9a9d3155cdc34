// The machine that predictions are tried on.
#pragma once

#include "kernel/state.h"

namespace proctor::kernel {

inline Machine machine(const char* version) {
  Machine machine;
  machine.version = *parse_version(version);
  machine.memory = uint64_t{1} << 30;
  machine.cpus = 4;
  machine.page_size = 4096;
  machine.hz = 250;
  machine.arch = "x86_64";
  machine.modules = {"br_netfilter", "bridge",         "ip_vs",
                     "nf_conntrack", "nf_defrag_ipv6", "tcp_bbr"};
  machine.interfaces = {"eth0", "lo"};
  machine.initial_netns = true;
  return machine;
}

}  // namespace proctor::kernel
