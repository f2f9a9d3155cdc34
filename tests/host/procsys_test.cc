#include "host/procsys.h"

#include <doctest/doctest.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

namespace proctor::host {
namespace {

using Strings = std::vector<std::string>;

/// What a small Debian server shows.
void put_server(FakeProcSys& files) {
  files.set_platform({.machine = "x86_64", .page_size = 4096, .tick_ns = 4'000'000});
  files.put("/proc/sys/kernel/osrelease", "6.1.0-50-amd64\n");
  files.put("/proc/sys/kernel/version", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-07-02)\n");
  files.put("/proc/meminfo",
            "MemTotal:        2026400 kB\nMemFree:  1 kB\nSwapTotal:  1048572 kB\n");
  files.put("/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu hypervisor sse2\n\nprocessor\t: 1\n");
  files.put("/sys/devices/system/cpu/online", "0-1,4\n");
  files.put("/sys/devices/system/node/online", "0\n");
  files.put("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
  files.put("/sys/kernel/kexec_crash_loaded", "1\n");
  files.put("/etc/os-release", "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n");
  files.put("/proc/swaps",
            "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
            "/dev/vda2                               partition\t1048572\t\t0\t\t-2\n"
            "/dev/zram0                              partition\t1048572\t\t0\t\t100\n");
  files.put("/proc/modules", "nf_conntrack 188416 1 nf_nat, Live 0x0\nloop 1 0 - Live 0x0\n");
  files.put_folder("/sys/module/kernel");
  files.put("/lib/modules/6.1.0-50-amd64/modules.builtin",
            "kernel/net/ipv6/ipv6.ko\nkernel/drivers/md/md-mod.ko\n");
  files.put("/proc/sys/net/ipv4/tcp_available_congestion_control", "reno cubic bbr\n");
  files.put("/proc/sys/net/ipv4/conf/all/rp_filter", "0\n");
  files.put("/proc/sys/net/ipv4/conf/default/rp_filter", "0\n");
  files.put("/proc/sys/net/ipv4/conf/eth0.100/rp_filter", "0\n");
  files.put("/proc/sys/net/ipv6/conf/lo/mtu", "65536\n");
  files.put("/proc/sys/net/core/netdev_max_backlog", "1000\n");
  files.put("/proc/sys/net/netfilter/nf_conntrack_max", "65536\n");
  files.put("/proc/sys/net/bridge/bridge-nf-call-iptables", "1\n");
  files.put("/sys/class/net/eth0/speed", "10000\n");
  files.put_folder("/sys/class/net/eth0/device");
  files.put("/sys/class/net/eth1/speed", "-1\n");
  files.put_folder("/sys/class/net/eth1/device");
  files.put("/sys/class/net/veth0/speed", "40000\n");
  files.put("/proc/net/tcp",
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt\n"
            "   0: 00000000:2329 00000000:0000 0A 00000000:00000000 00:00000000 00000000\n"
            "   1: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000\n"
            "   2: 0100007F:9999 0100007F:0016 01 00000000:00000000 00:00000000 00000000\n");
  files.put_link("/proc/self/ns/pid", "pid:[4026531836]");
  files.put_link("/proc/self/ns/user", "user:[4026531837]");
  files.put_link("/proc/self/ns/uts", "uts:[4026531838]");
  files.put_link("/proc/self/ns/ipc", "ipc:[4026531839]");
  files.put("/sys/class/dmi/id/sys_vendor", "QEMU\n");
}

FactValue read_one(ProcSys& files, std::string_view name) {
  Facts facts;
  const std::string_view names[] = {name};
  read_facts(files, facts, names);
  const FactValue* value = facts.get(name);
  return value != nullptr ? *value
                          : FactValue("unreadable: " + std::string(facts.unreadable(name)));
}

TEST_CASE("the facts of a server") {
  FakeProcSys files;
  put_server(files);
  Facts facts;
  read_facts(files, facts);
  CHECK(facts.all_unreadable().empty());
  CHECK(facts.kernel() == kernel::parse_version_range("6.1.176").value());
  CHECK(facts.integer("memory") == 2026400LL * 1024);
  CHECK(facts.integer("swap") == 1048572LL * 1024);
  CHECK(facts.integer("cpus") == 3);
  CHECK(facts.integer("numa_nodes") == 1);
  CHECK(facts.integer("page_size") == 4096);
  CHECK(facts.integer("hz") == 250);
  CHECK(facts.integer("link_speed") == 10'000'000'000);
  CHECK(*facts.text("arch") == "x86_64");
  CHECK(*facts.text("thp") == "madvise");
  CHECK(*facts.text("distro") == "debian-12");
  CHECK(*facts.text("swap_kind") == "zram");
  CHECK(*facts.text("virt") == "qemu");
  CHECK(facts.boolean("kdump") == true);
  CHECK(facts.boolean("ipv6") == true);
  CHECK(facts.boolean("container") == false);
  CHECK(facts.boolean("initial_netns") == true);
  CHECK(*facts.strings("interfaces") == Strings{"eth0.100", "lo"});
  CHECK(*facts.strings("modules") == Strings{"br_netfilter", "ipv6", "kernel", "loop", "md_mod",
                                             "nf_conntrack", "tcp_bbr", "tcp_cubic"});
  CHECK(*facts.get("listen_ports") == FactValue(std::vector<int64_t>{22, 9001}));
}

TEST_CASE("a reading that fails is an unknown fact with its reason") {
  FakeProcSys files;
  put_server(files);
  files.fail("/proc/meminfo", EACCES);
  files.fail("/sys/devices/system/cpu/online", EIO);
  files.put("/sys/class/net/eth0/speed", "-1\n");
  Facts facts;
  read_facts(files, facts);
  CHECK(facts.get("memory") == nullptr);
  CHECK(facts.unreadable("memory") == "EACCES reading /proc/meminfo");
  CHECK(facts.unreadable("cpus") == "EIO reading /sys/devices/system/cpu/online");
  CHECK(facts.unreadable("link_speed") == "no network device tells its speed");
  CHECK(*facts.text("thp") == "madvise");
}

TEST_CASE("a machine without /proc and /sys has no facts, and says why") {
  FakeProcSys files;
  Facts facts;
  read_facts(files, facts);
  CHECK(facts.all().empty());
  for (const FactInfo& info : fact_table()) {
    CAPTURE(info.name);
    CHECK(facts.unreadable(info.name).empty() == (info.name == "roles"));
  }
}

TEST_CASE("only what is asked is read") {
  FakeProcSys files;
  put_server(files);
  Facts facts;
  const std::string_view names[] = {"memory", "roles"};
  read_facts(files, facts, names);
  CHECK(files.reads() == Strings{"/proc/meminfo"});
  CHECK(facts.all().size() == 1);
}

TEST_CASE("what is built without a feature says so by a missing file") {
  FakeProcSys files;
  files.put("/sys/kernel/mm/hugepages/x", "");
  files.put("/proc/sys/net/core/somaxconn", "4096\n");
  files.put("/sys/devices/system/cpu/online", "0\n");
  CHECK(read_one(files, "thp") == FactValue(std::string("never")));
  CHECK(read_one(files, "kdump") == FactValue(false));
  CHECK(read_one(files, "ipv6") == FactValue(false));
  CHECK(read_one(files, "initial_netns") == FactValue(false));
  CHECK(read_one(files, "numa_nodes") == FactValue(int64_t{1}));
}

TEST_CASE("containers are told by their namespaces") {
  FakeProcSys files;
  put_server(files);
  // Images of containers that run as virtual machines keep this file.
  files.put("/.dockerenv", "");
  CHECK(read_one(files, "container") == FactValue(false));
  SUBCASE("own processes") { files.put_link("/proc/self/ns/pid", "pid:[4026532203]"); }
  SUBCASE("own users") { files.put_link("/proc/self/ns/user", "user:[4026532203]"); }
  SUBCASE("the host's processes, own name and IPC") {
    files.put_link("/proc/self/ns/uts", "uts:[4026532203]");
    files.put_link("/proc/self/ns/ipc", "ipc:[4026532204]");
  }
  CHECK(read_one(files, "container") == FactValue(true));
}

TEST_CASE("without namespaces the files of container managers count") {
  FakeProcSys files;
  CHECK(read_one(files, "container") ==
        FactValue(std::string("unreadable: /proc/self/ns/pid cannot be read")));
  files.put("/run/systemd/container", "lxc\n");
  CHECK(read_one(files, "container") == FactValue(true));
}

TEST_CASE("kernels of distributions") {
  struct Case {
    std::string release;
    std::string version;
    std::string signature;
    std::string kernel;
  };
  const Case cases[] = {
      {"6.18.44-fc-v657", "#1 SMP @0", "", "6.18.44"},
      {"6.1.0-50-amd64", "#1 SMP Debian 6.1.176-1 (2026-07-02)", "", "6.1.176"},
      {"6.1.0-50-amd64", "#1 SMP", "", "6.1"},
      {"6.1.0-50-amd64", "#1 SMP Debian", "", "6.1"},
      // A hint of another series is none.
      {"6.1.0-50-amd64", "#1 SMP Debian 6.12.3-1", "", "6.1"},
      {"5.15.0-91-generic", "#101-Ubuntu SMP", "Ubuntu 5.15.0-91.101-generic 5.15.131", "5.15.131"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.release);
    FakeProcSys files;
    files.put("/proc/sys/kernel/osrelease", c.release + "\n");
    files.put("/proc/sys/kernel/version", c.version + "\n");
    if (!c.signature.empty()) files.put("/proc/version_signature", c.signature + "\n");
    CHECK(fact_to_text(read_one(files, "kernel")) == c.kernel);
  }
}

TEST_CASE("swap") {
  constexpr const char* kHeader = "Filename Type Size Used Priority\n";
  struct Case {
    std::string swaps;
    std::string zswap;
    std::string kind;
  };
  const Case cases[] = {
      {"", "N", "none"},
      {"/dev/sda2 partition 1 0 -2\n", "N", "disk"},
      {"/dev/sda2 partition 1 0 -2\n", "Y", "zswap"},
      {"/dev/sda2 partition 1 0 -2\n/dev/zram0 partition 1 0 -1\n", "N", "zram"},
      {"/dev/zram0 partition 1 0 -2\n/swap\\040file file 1 0 5\n", "N", "disk"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.swaps);
    FakeProcSys files;
    files.put("/proc/swaps", kHeader + c.swaps);
    files.put("/sys/module/zswap/parameters/enabled", c.zswap + "\n");
    CHECK(read_one(files, "swap_kind") == FactValue(c.kind));
  }
}

TEST_CASE("hypervisors") {
  struct Case {
    std::string flags;
    std::string vendor;
    std::string product;
    std::string clocks;
    std::string virt;
  };
  const Case cases[] = {
      {"fpu", "Dell Inc.", "PowerEdge", "tsc hpet", "none"},
      {"hypervisor", "QEMU", "Standard PC", "kvm-clock tsc", "kvm"},
      {"hypervisor", "QEMU", "Standard PC", "tsc", "qemu"},
      {"hypervisor", "VMware, Inc.", "VMware Virtual Platform", "tsc", "vmware"},
      {"hypervisor", "innotek GmbH", "VirtualBox", "kvm-clock tsc", "virtualbox"},
      {"hypervisor", "Microsoft Corporation", "Virtual Machine", "hyperv_clocksource_tsc_page",
       "hyperv"},
      {"hypervisor", "Xen", "HVM domU", "xen tsc", "xen"},
      {"hypervisor", "", "", "tsc", "other"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.vendor);
    FakeProcSys files;
    files.put("/proc/cpuinfo", "processor : 0\nflags : " + c.flags + "\n");
    files.put("/sys/class/dmi/id/sys_vendor", c.vendor + "\n");
    files.put("/sys/class/dmi/id/product_name", c.product + "\n");
    files.put("/sys/devices/system/clocksource/clocksource0/available_clocksource",
              c.clocks + "\n");
    CHECK(read_one(files, "virt") == FactValue(c.virt));
  }
}

TEST_CASE("numbers that are none") {
  FakeProcSys files;
  for (const std::string text : {"", "x", "3-1", "0-", "-1", "0-99999999999999999999", "1,,2"}) {
    CAPTURE(text);
    files.put("/sys/devices/system/cpu/online", text + "\n");
    CHECK(std::get<std::string>(read_one(files, "cpus")).starts_with("unreadable: "));
  }
  files.put("/proc/sys/kernel/version", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-07-02)\n");
  files.put("/proc/meminfo", "MemTotal: 9223372036854775807 kB\n");
  CHECK(std::get<std::string>(read_one(files, "memory")).starts_with("unreadable: "));
}

TEST_CASE("running values") {
  FakeProcSys files;
  files.put("/proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t6291456\n");
  files.put("/proc/sys/kernel/core_pattern", "\n");
  files.fail("/proc/sys/kernel/cad_pid", EACCES);
  kernel::Machine machine;
  machine.version = {6, 1, 0, false};
  kernel::State state(machine);
  read_values(files,
              {"kernel/cad_pid", "kernel/core_pattern", "net/ipv4/tcp_rmem", "vm/no_such_key"},
              state);
  CHECK(state.read("net/ipv4/tcp_rmem") == kernel::Cell::known("4096\t131072\t6291456"));
  CHECK(state.read("kernel/core_pattern") == kernel::Cell::known(""));
  CHECK(state.read("kernel/cad_pid") == kernel::Cell::unknown({}));
  CHECK(state.read("vm/no_such_key") == kernel::Cell::absent());
  CHECK(files.reads().size() == 4);
}

TEST_CASE("this machine") {
  const std::unique_ptr<ProcSys> door = live();
  utsname names{};
  REQUIRE(::uname(&names) == 0);
  CHECK(door->read("/proc/sys/kernel/osrelease").bytes == std::string(names.release) + "\n");
  CHECK(door->read("/proc/sys/kernel/osrelease", 3).bytes ==
        std::string(names.release).substr(0, 3));
  CHECK(door->read("/proc/sys/kernel/no-such-key").error == ENOENT);
  CHECK(door->read("/proc/sys/no-such-folder/key").error == ENOENT);
  CHECK(door->read("/proc/sys/kernel").error == EISDIR);
  CHECK(door->list("/proc/sys/kernel/osrelease").error == ENOTDIR);
  CHECK(door->list("/proc/sys").names.has_value());
  CHECK(door->link("/proc/self/exe").bytes.has_value());
  CHECK(door->link("/proc/sys/kernel/osrelease").error == EINVAL);

  Facts facts;
  read_facts(*door, facts);
  CHECK(facts.integer("page_size") == ::sysconf(_SC_PAGESIZE));
  CHECK(facts.integer("cpus") == ::sysconf(_SC_NPROCESSORS_ONLN));
  CHECK(*facts.text("arch") == names.machine);
  REQUIRE(facts.kernel().has_value());
  CHECK(std::string(names.release).starts_with(facts.kernel()->from.to_string()));
  // 24 to 1200 are what an architecture lets CONFIG_HZ be.
  CHECK(facts.integer("hz").value_or(0) >= 24);
  CHECK(facts.integer("hz").value_or(0) <= 1200);
}

}  // namespace
}  // namespace proctor::host
