#include "procsys_dump.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "text/text.h"

namespace proctor::kernel::testing {
namespace {

std::string gunzip(const std::string& path) {
  std::string text;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(("gzip -dc '" + path + "'").c_str(), "r"),
                                                   pclose);
  if (!pipe) return text;
  char buffer[65536];
  while (const size_t got = fread(buffer, 1, sizeof buffer, pipe.get())) text.append(buffer, got);
  return text;
}

std::string unescape(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      result += text[i];
      continue;
    }
    ++i;
    result += text[i] == 'n' ? '\n' : text[i] == 't' ? '\t' : text[i];
  }
  if (result.ends_with('\n')) result.pop_back();
  return result;
}

/// MemTotal was not recorded. The thread limit is an eighth of the memory in stacks of 16 KiB at
/// fork_init(), and about 2.5 MiB of initial sections are freed after it. From 6.12 on fork_init()
/// estimates; there the conntrack table, 8192 after rounding up from more than 7680, bounds it.
uint64_t memory_of(const Dump& dump) {
  const uint64_t threads = std::stoull(dump.value.at("kernel/threads-max"));
  return std::max<uint64_t>(threads * 131072 + 2621440, uint64_t{7681} * 131072);
}

Machine machine_of(const std::string& series) {
  Machine machine;
  const char* release = series == "5.10"   ? "5.10.223"
                        : series == "6.1"  ? "6.1.176"
                        : series == "6.12" ? "6.12.107"
                                           : "7.2.13";
  machine.version = *parse_version(release);
  machine.cpus = 1;
  machine.page_size = 4096;
  machine.hz = 250;
  machine.thp = "always";
  machine.arch = "x86_64";
  // Loaded for the dump, with what they need; fuse is built into these kernels.
  machine.modules = {"nf_conntrack", "nf_defrag_ipv4", "nf_defrag_ipv6", "br_netfilter", "bridge",
                     "tcp_bbr",      "sch_fq",         "tcp_htcp",       "fuse"};
  machine.interfaces = {"br0", "lo"};
  machine.initial_netns = true;
  return machine;
}

}  // namespace

std::vector<Dump> load_dumps() {
  std::vector<Dump> dumps;
  const char* shared = std::getenv("PROCTOR_SHARED");
  if (shared == nullptr) return dumps;
  const std::string text = gunzip(std::string(shared) + "/kernel/procsys.tsv.gz");
  for (const std::string_view line : split(text, '\n')) {
    const auto cells = split(line, '\t');
    if (cells.size() != 5 || cells[0] == "kernel") continue;
    if (dumps.empty() || dumps.back().series != cells[0]) {
      dumps.push_back({std::string(cells[0]), machine_of(std::string(cells[0])), {}, {}});
    }
    if (cells[3] == "ok") {
      dumps.back().value.emplace(cells[1], unescape(cells[4]));
    } else {
      dumps.back().unreadable.emplace_back(cells[1]);
    }
  }
  for (Dump& dump : dumps) dump.machine.memory = memory_of(dump);
  return dumps;
}

}  // namespace proctor::kernel::testing
