// Facts that take more than one file to know: modules, container, hypervisor.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>

#include "host/readers.h"
#include "kernel/predict.h"
#include "text/text.h"

namespace proctor::host {

Error unreadable(const std::string& path, int error) {
  return Error{fmt::format("{} reading {}", kernel::errno_name(error), path)};
}

Result<std::string> read_text(ProcSys& procsys, const std::string& path) {
  Reading reading = procsys.read(path);
  if (!reading.bytes) return unreadable(path, reading.error);
  return std::move(*reading.bytes);
}

Result<std::string> read_line(ProcSys& procsys, const std::string& path) {
  const Result<std::string> text = read_text(procsys, path);
  if (!text) return Error{text.error()};
  return std::string(trim(*text));
}

namespace {

/// A file or folder below /proc/sys that only this module makes.
struct Proof {
  std::string_view folder;
  std::string_view name;
  std::string_view module;
};

// A kernel may have a module built in without saying so anywhere else. Modules are those that the
// key catalog names.
constexpr std::array kProofs = {
    Proof{"/proc/sys", "sunrpc", "sunrpc"},
    Proof{"/proc/sys/dev", "cdrom", "cdrom"},
    Proof{"/proc/sys/dev", "parport", "parport"},
    Proof{"/proc/sys/dev", "raid", "md_mod"},
    Proof{"/proc/sys/fs", "fuse", "fuse"},
    Proof{"/proc/sys/fs", "ocfs2", "ocfs2"},
    Proof{"/proc/sys/fs", "xfs", "xfs"},
    Proof{"/proc/sys/fs/nfs", "nlm_grace_period", "lockd"},
    Proof{"/proc/sys/net", "ax25", "ax25"},
    Proof{"/proc/sys/net", "ipv6", "ipv6"},
    Proof{"/proc/sys/net", "llc", "llc2"},
    Proof{"/proc/sys/net", "mpls", "mpls_router"},
    Proof{"/proc/sys/net", "netrom", "netrom"},
    Proof{"/proc/sys/net", "rds", "rds"},
    Proof{"/proc/sys/net", "rose", "rose"},
    Proof{"/proc/sys/net", "rxrpc", "rxrpc"},
    Proof{"/proc/sys/net", "sctp", "sctp"},
    Proof{"/proc/sys/net", "smc", "smc"},
    Proof{"/proc/sys/net", "tipc", "tipc"},
    Proof{"/proc/sys/net", "x25", "x25"},
    Proof{"/proc/sys/net/bridge", "bridge-nf-call-iptables", "br_netfilter"},
    Proof{"/proc/sys/net/ipv4", "vs", "ip_vs"},
    Proof{"/proc/sys/net/netfilter", "nf_conntrack_frag6_high_thresh", "nf_defrag_ipv6"},
    Proof{"/proc/sys/net/netfilter", "nf_conntrack_max", "nf_conntrack"},
};

void add_proven(ProcSys& procsys, std::set<std::string>& modules) {
  std::string_view folder;
  std::vector<std::string> names;
  for (const Proof& proof : kProofs) {
    if (proof.folder != folder) {
      folder = proof.folder;
      names = procsys.list(std::string(folder)).names.value_or(std::vector<std::string>());
    }
    if (std::ranges::binary_search(names, proof.name)) modules.emplace(proof.module);
  }
  const Reading control = procsys.read("/proc/sys/net/ipv4/tcp_available_congestion_control");
  if (!control.bytes) return;
  for (const std::string_view name : split_blanks(*control.bytes)) {
    // reno is part of TCP itself, and programs of BPF are no modules.
    if (name != "reno" && !name.starts_with("bpf_")) modules.insert(fmt::format("tcp_{}", name));
  }
}

/// "kernel/net/netfilter/nf_conntrack.ko" -> "nf_conntrack".
void add_builtin(std::string_view list, std::set<std::string>& modules) {
  for (const std::string_view line : split(list, '\n')) {
    std::string name(line.substr(line.rfind('/') + 1));
    name.resize(std::min(name.find(".ko"), name.size()));
    std::ranges::replace(name, '-', '_');
    if (!name.empty()) modules.insert(std::move(name));
  }
}

}  // namespace

Result<FactValue> read_modules(ProcSys& procsys) {
  std::set<std::string> modules;
  // Without CONFIG_MODULES there is no such file, and everything is built in.
  const std::string path = "/proc/modules";
  const Reading loaded = procsys.read(path);
  if (!loaded.bytes && loaded.error != ENOENT) return unreadable(path, loaded.error);
  const std::string table = loaded.bytes.value_or("");
  for (const std::string_view line : split(table, '\n')) {
    const std::vector<std::string_view> words = split_blanks(line);
    if (!words.empty()) modules.emplace(words.front());
  }
  const std::string folder = "/sys/module";
  const ProcSys::Listing known = procsys.list(folder);
  if (known.names) modules.insert(known.names->begin(), known.names->end());
  if (!loaded.bytes && !known.names) return unreadable(folder, known.error);
  const Result<std::string> release = read_line(procsys, "/proc/sys/kernel/osrelease");
  if (release && release->find('/') == std::string::npos) {
    const Reading builtin = procsys.read(fmt::format("/lib/modules/{}/modules.builtin", *release));
    if (builtin.bytes) add_builtin(*builtin.bytes, modules);
  }
  add_proven(procsys, modules);
  return FactValue(std::vector<std::string>(modules.begin(), modules.end()));
}

namespace {

/// The namespaces that the kernel boots with have fixed numbers (include/linux/proc_ns.h, since
/// 3.8).
struct InitialNamespace {
  std::string_view path;
  std::string_view link;
};
constexpr InitialNamespace kPid = {"/proc/self/ns/pid", "pid:[4026531836]"};
constexpr InitialNamespace kUser = {"/proc/self/ns/user", "user:[4026531837]"};
constexpr InitialNamespace kUts = {"/proc/self/ns/uts", "uts:[4026531838]"};
constexpr InitialNamespace kIpc = {"/proc/self/ns/ipc", "ipc:[4026531839]"};

enum class Membership { kInitial, kOther, kUnknown };

Membership membership(ProcSys& procsys, const InitialNamespace& initial) {
  const Reading link = procsys.link(std::string(initial.path));
  if (!link.bytes) return Membership::kUnknown;
  return *link.bytes == initial.link ? Membership::kInitial : Membership::kOther;
}

bool marked_as_container(ProcSys& procsys) {
  for (const std::string path : {"/run/systemd/container", "/run/.containerenv", "/.dockerenv"}) {
    if (procsys.read(path).bytes) return true;
  }
  return false;
}

}  // namespace

Result<FactValue> read_container(ProcSys& procsys) {
  const Membership pid = membership(procsys, kPid);
  const Membership user = membership(procsys, kUser);
  if (pid == Membership::kOther || user == Membership::kOther) return FactValue(true);
  if (pid == Membership::kUnknown) {
    // Files that container managers leave; an image run as a virtual machine has them too, so
    // they count only where the kernel says nothing.
    if (marked_as_container(procsys)) return FactValue(true);
    return Error{fmt::format("{} cannot be read", kPid.path)};
  }
  // A container may share the host's processes, but then it still has a name and IPC of its own.
  const bool separate = membership(procsys, kUts) == Membership::kOther &&
                        membership(procsys, kIpc) == Membership::kOther;
  return FactValue(separate);
}

namespace {

struct Sign {
  std::string_view text;
  std::string_view virt;
};

// What firmware and clocks call themselves, the surest first: VirtualBox offers the clock of KVM,
// and QEMU without KVM has its name in the firmware all the same.
constexpr std::array kSigns = {
    Sign{"VirtualBox", "virtualbox"},
    Sign{"innotek", "virtualbox"},
    Sign{"VMware", "vmware"},
    Sign{"kvm-clock", "kvm"},
    Sign{"xen", "xen"},
    Sign{"hyperv", "hyperv"},
    Sign{"Xen", "xen"},
    Sign{"KVM", "kvm"},
    Sign{"Amazon EC2", "kvm"},
    Sign{"Google", "kvm"},
    Sign{"QEMU", "qemu"},
};

/// The words of the line "flags : ..." of the first CPU; empty on machines that have none.
std::vector<std::string_view> cpu_flags(std::string_view cpuinfo) {
  const size_t begin = cpuinfo.find("\nflags");
  if (begin == std::string_view::npos) return {};
  const std::string_view rest = cpuinfo.substr(begin + 1);
  return split_blanks(rest.substr(0, rest.find('\n')));
}

}  // namespace

Result<FactValue> read_virt(ProcSys& procsys) {
  constexpr size_t kFirstCpu = 8192;
  const std::string path = "/proc/cpuinfo";
  const Reading cpuinfo = procsys.read(path, kFirstCpu);
  if (!cpuinfo.bytes) return unreadable(path, cpuinfo.error);
  const std::vector<std::string_view> flags = cpu_flags(*cpuinfo.bytes);
  if (flags.empty()) return Error{"the CPUs of this architecture do not tell of a hypervisor"};
  if (std::ranges::find(flags, "hypervisor") == flags.end()) return FactValue(std::string("none"));
  std::string names;
  for (const std::string source :
       {"/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name",
        "/sys/devices/system/clocksource/clocksource0/available_clocksource"}) {
    names += procsys.read(source).bytes.value_or("");
  }
  for (const Sign& sign : kSigns) {
    if (names.find(sign.text) != std::string::npos) return FactValue(std::string(sign.virt));
  }
  return FactValue(std::string("other"));
}

}  // namespace proctor::host
