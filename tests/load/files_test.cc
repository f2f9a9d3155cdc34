// Which files are found, on trees made in a temporary folder.
#include "load/files.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "load/root_fs.h"

using namespace proctor;
namespace fs = std::filesystem;

namespace {

/// A folder that goes away with the test.
class Tree {
 public:
  Tree() {
    std::string pattern = (fs::temp_directory_path() / "proctor-files.XXXXXX").string();
    root_ = mkdtemp(pattern.data());
  }
  ~Tree() { fs::remove_all(root_); }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  void file(const std::string& path, const std::string& text = "vm.swappiness = 1\n") {
    fs::create_directories(fs::path(root_ + path).parent_path());
    std::ofstream(root_ + path, std::ios::binary) << text;
  }
  void link(const std::string& path, const std::string& target) {
    fs::create_directories(fs::path(root_ + path).parent_path());
    fs::create_symlink(target, root_ + path);
  }
  void folder(const std::string& path) { fs::create_directories(root_ + path); }
  const std::string& root() const { return root_; }

 private:
  std::string root_;
};

const load::Loader& loader(const char* name) { return *load::find_loader(name).value(); }

/// What is read: "path", "path!" masked, "path?" unreadable.
std::string sources(const load::FileSet& set) {
  std::string out;
  for (const load::SourceFile& file : set.configuration.files) {
    if (file.kind == load::SourceKind::kUnread) continue;
    if (!out.empty()) out += ' ';
    out += file.path + (file.masked ? "!" : file.document == nullptr ? "?" : "");
  }
  return out;
}

std::string join(std::initializer_list<std::string> names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : " ") + name;
  return out;
}

}  // namespace

TEST_CASE("folders, order, masks and /etc/sysctl.conf") {
  Tree tree;
  tree.file("/usr/lib/sysctl.d/50-x.conf");
  tree.file("/run/sysctl.d/50-x.conf");
  tree.file("/etc/sysctl.d/50-x.conf");
  tree.file("/usr/lib/sysctl.d/99-z.conf");
  tree.file("/etc/sysctl.d/9-a.conf");
  tree.file("/etc/sysctl.d/10-b.conf");
  tree.file("/etc/sysctl.d/.hidden.conf");
  tree.file("/etc/sysctl.d/10-c.conf.bak");
  tree.file("/etc/sysctl.conf");
  const load::FileSet systemd = load::find_files(loader("systemd-252"), tree.root());
  CHECK(sources(systemd) ==
        join({"/etc/sysctl.d/10-b.conf", "/usr/lib/sysctl.d/50-x.conf!", "/run/sysctl.d/50-x.conf!",
              "/etc/sysctl.d/50-x.conf", "/etc/sysctl.d/9-a.conf", "/usr/lib/sysctl.d/99-z.conf"}));
  CHECK(systemd.configuration.files[1].masked_by == "/etc/sysctl.d/50-x.conf");
  REQUIRE(systemd.never_read.size() == 2);
  CHECK(systemd.never_read[0] + " " + systemd.never_read[1] ==
        join({tree.root() + "/etc/sysctl.conf", tree.root() + "/etc/sysctl.d/.hidden.conf"}));
  CHECK(systemd.configuration.at_boot);
  const load::FileSet procps = load::find_files(loader("procps-3.3.15"), tree.root());
  CHECK(sources(procps) ==
        join({"/etc/sysctl.d/.hidden.conf", "/etc/sysctl.d/10-b.conf",
              "/usr/lib/sysctl.d/50-x.conf!", "/etc/sysctl.d/50-x.conf!", "/run/sysctl.d/50-x.conf",
              "/etc/sysctl.d/9-a.conf", "/usr/lib/sysctl.d/99-z.conf", "/etc/sysctl.conf"}));
  CHECK(sources(load::find_files(loader("busybox-1.35.0"), tree.root())) ==
        join({"/etc/sysctl.conf"}));
  CHECK(sources(load::find_files(loader("openwrt-boot"), tree.root())) ==
        join({"/etc/sysctl.d/10-b.conf", "/etc/sysctl.d/50-x.conf", "/etc/sysctl.d/9-a.conf",
              "/etc/sysctl.conf"}));
  CHECK(sources(load::find_files(loader("alpine-boot"), tree.root())) ==
        join({"/usr/lib/sysctl.d/50-x.conf!", "/usr/lib/sysctl.d/99-z.conf",
              "/etc/sysctl.d/10-b.conf", "/etc/sysctl.d/50-x.conf!", "/etc/sysctl.d/9-a.conf",
              "/etc/sysctl.conf", "/run/sysctl.d/50-x.conf"}));
}

TEST_CASE("a root without folders, and none at all") {
  Tree tree;
  CHECK(sources(load::find_files(loader("systemd"), tree.root())).empty());
  CHECK(sources(load::find_files(loader("procps"), tree.root() + "/nowhere")).empty());
  const load::FileSet old = load::find_files(loader("procps-3.3.10"), tree.root());
  CHECK(sources(old) == join({"/etc/sysctl.conf?"}));
  REQUIRE(old.odd.size() == 1);
}

TEST_CASE("symlinks stay inside the root") {
  Tree outside;
  outside.file("/secret.conf", "kernel.secret = 1\n");
  Tree tree;
  tree.file("/etc/real.conf", "vm.swappiness = 2\n");
  tree.link("/etc/sysctl.d/10-absolute.conf", "/etc/real.conf");
  tree.link("/etc/sysctl.d/20-dots.conf", "../../../../../../../../etc/real.conf");
  tree.link("/etc/sysctl.d/30-out.conf", outside.root() + "/secret.conf");
  tree.link("/etc/sysctl.d/40-loop.conf", "41-loop.conf");
  tree.link("/etc/sysctl.d/41-loop.conf", "40-loop.conf");
  tree.link("/etc/sysctl.d/50-null.conf", "/dev/null");
  tree.link("/etc/sysctl.d/60-dots-null.conf", "../../dev/null");
  tree.folder("/etc/sysctl.d/70-folder.conf");
  tree.link("/run/sysctl.d", "/etc/sysctl.d");
  const load::FileSet set = load::find_files(loader("systemd-252"), tree.root());
  CHECK(sources(set) == join({"/etc/sysctl.d/10-absolute.conf", "/etc/sysctl.d/20-dots.conf",
                              "/etc/sysctl.d/30-out.conf?", "/etc/sysctl.d/40-loop.conf?",
                              "/etc/sysctl.d/41-loop.conf?", "/etc/sysctl.d/50-null.conf",
                              "/etc/sysctl.d/60-dots-null.conf", "/etc/sysctl.d/70-folder.conf?"}));
  CHECK(set.configuration.files[1].document->bytes() == "vm.swappiness = 2\n");
  CHECK(set.configuration.files[5].document->bytes().empty());
  CHECK(set.odd.size() == 4);
  CHECK(set.unreadable.empty());
}

TEST_CASE("a FIFO does not hold the search up") {
  Tree tree;
  tree.folder("/etc/sysctl.d");
  REQUIRE(mkfifo((tree.root() + "/etc/sysctl.d/10-a.conf").c_str(), 0600) == 0);
  tree.file("/etc/sysctl.d/20-b.conf");
  const load::FileSet set = load::find_files(loader("procps"), tree.root());
  CHECK(sources(set) == join({"/etc/sysctl.d/10-a.conf?", "/etc/sysctl.d/20-b.conf"}));
  REQUIRE(set.unreadable.size() == 1);
  CHECK(set.unreadable[0].why == "it is a FIFO");
}

TEST_CASE("procps hands names to glob()") {
  Tree tree;
  tree.file("/etc/sysctl.d/50-[ab].conf");
  tree.file("/etc/sysctl.d/50-a.conf");
  CHECK(sources(load::find_files(loader("procps"), tree.root())) ==
        join({"/etc/sysctl.d/50-a.conf", "/etc/sysctl.d/50-a.conf"}));
  CHECK(sources(load::find_files(loader("systemd"), tree.root())) ==
        join({"/etc/sysctl.d/50-[ab].conf", "/etc/sysctl.d/50-a.conf"}));
}

TEST_CASE("a drop-in folder by itself") {
  Tree tree;
  tree.file("/conf/20-b.conf");
  tree.file("/conf/10-a.conf");
  tree.file("/conf/readme");
  const std::string folder = tree.root() + "/conf";
  const load::FileSet set = load::find_drop_ins(loader("systemd"), folder + "/");
  CHECK(sources(set) == join({folder + "/10-a.conf", folder + "/20-b.conf"}));
  CHECK(set.configuration.files[0].document->name() == folder + "/10-a.conf");
  CHECK(load::find_drop_ins(loader("systemd"), folder + "/none").unreadable.size() == 1);
  CHECK(load::find_drop_ins(loader("busybox"), folder).configuration.files.size() == 2);
}

TEST_CASE("the command line comes first") {
  Tree tree;
  tree.file("/etc/sysctl.d/10-a.conf");
  load::FileSet set = load::find_files(loader("systemd"), tree.root());
  load::add_command_line(set, "quiet sysctl.vm.swappiness=10\n");
  CHECK(sources(set) == join({"/proc/cmdline", "/etc/sysctl.d/10-a.conf"}));
  CHECK(set.configuration.files[0].kind == load::SourceKind::kCommandLine);
}

TEST_CASE("the credential comes last, to systemd 252 and newer") {
  Tree tree;
  tree.file("/etc/sysctl.d/99-z.conf");
  tree.file("/etc/credstore/sysctl.extra");
  CHECK(sources(load::find_files(loader("systemd-252"), tree.root())) ==
        join({"/etc/sysctl.d/99-z.conf", "/etc/credstore/sysctl.extra"}));
  CHECK(sources(load::find_files(loader("systemd-247"), tree.root())) ==
        join({"/etc/sysctl.d/99-z.conf"}));
}

TEST_CASE("five thousand drop-ins are found and loaded at once") {
  Tree tree;
  for (int i = 0; i < 5000; ++i) {
    tree.file("/etc/sysctl.d/" + std::to_string(10000 + i) + ".conf",
              "# one of many\nnet.ipv4.conf.all.rp_filter = 1\nvm.swappiness = 10\n"
              "net.ipv4.tcp_rmem = 4096 87380 4194304\n");
  }
  kernel::Machine machine;
  machine.version = kernel::parse_version("6.12").value();
  const load::FileSet set = load::find_files(loader("procps"), tree.root());
  const load::LoadResult result =
      load::run(loader("procps"), set.configuration, kernel::State(machine));
  CHECK(result.writes.size() == 15000);
}
