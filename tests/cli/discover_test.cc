#include "cli/discover.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace proctor::cli {
namespace {

namespace fs = std::filesystem;

/// A folder that goes away with the test, and is the current one meanwhile.
class Tree {
 public:
  Tree() : before_(fs::current_path()) {
    std::string name = (fs::temp_directory_path() / "proctor-discover-XXXXXX").string();
    top_ = ::mkdtemp(name.data());
    fs::current_path(top_);
  }
  ~Tree() {
    fs::current_path(before_);
    fs::remove_all(top_);
  }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  void file(const std::string& path) {
    if (const fs::path parent = fs::path(path).parent_path(); !parent.empty()) {
      fs::create_directories(parent);
    }
    std::ofstream(path) << "vm.swappiness = 1\n";
  }

 private:
  fs::path before_;
  fs::path top_;
};

std::string shown(const Discovery& discovery) {
  std::string out;
  for (size_t unit = 0; unit < discovery.units.size(); ++unit) {
    out += unit > 0 ? " | " : "";
    bool first = true;
    for (const Source& source : discovery.unit(unit)) {
      constexpr const char* kKinds[] = {"file", "folder", "root", "stdin"};
      out += first ? "" : " + ";
      out += std::string(kKinds[static_cast<int>(source.kind)]) + ":" + source.path;
      first = false;
    }
  }
  for (const Diagnostic& problem : discovery.problems) {
    out += " !" + problem.file + " " + problem.message;
  }
  return out;
}

std::string found(const std::vector<std::string>& paths) {
  return shown(discover(paths, "<stdin>"));
}

TEST_CASE("a repository: only names that are sysctl configuration") {
  Tree tree;
  tree.file("a/sysctl.conf");
  tree.file("a/nginx.conf");
  tree.file("b.conf");
  tree.file("b/90-x.sysctl.conf");
  tree.file("etc-like/sysctl.d/10-a.conf");
  tree.file("etc-like/sysctl.d/README");
  tree.file("etc-like/sysctl.d/hosts/x.conf");
  tree.file("etc-like/sysctl.d-old/x.conf");
  tree.file(".git/sysctl.conf");
  tree.file("empty/sysctl.d/README");
  CHECK_EQ(found({"."}),
           "file:a/sysctl.conf | file:b/90-x.sysctl.conf | folder:etc-like/sysctl.d + "
           "folder:etc-like/sysctl.d/hosts");
}

TEST_CASE("loops of symbolic links end") {
  Tree tree;
  tree.file("a/sysctl.conf");
  fs::create_directory_symlink("..", "a/up");
  fs::create_symlink("sysctl.d", "a/sysctl.d");
  CHECK_EQ(found({"."}), "file:a/sysctl.conf");
  // The name that the user gives is followed.
  fs::create_directory_symlink("a", "link");
  CHECK_EQ(found({"link"}), "file:link/sysctl.conf");
}

TEST_CASE("a file system root is told by the places that loaders read") {
  Tree tree;
  tree.file("image/etc/sysctl.conf");
  tree.file("image/srv/sysctl.conf");
  tree.file("other/usr/lib/sysctl.d/x.conf");
  tree.file("neither/etc/x.conf");
  CHECK_EQ(found({"image/", "other"}), "root:image | root:other");
  CHECK_EQ(found({"neither"}),
           " !neither holds no sysctl configuration; expected sysctl.conf, *.sysctl.conf, or *.conf"
           " below a sysctl.d");
}

TEST_CASE("a drop-in folder given by itself") {
  Tree tree;
  tree.file("x/sysctl.d/1.conf");
  tree.file("conf.d/README");
  tree.file("flat/10-a.conf");
  tree.file("flat/20-b.conf");
  tree.file("named/sysctl.conf");
  tree.file("named/a.conf");
  tree.file("deep/a.conf");
  tree.file("deep/below/x.sysctl.conf");
  CHECK_EQ(found({"x/sysctl.d", "conf.d", "flat"}),
           "folder:conf.d | folder:flat | folder:x/sysctl.d");
  CHECK_EQ(found({"named"}), "file:named/sysctl.conf");
  CHECK_EQ(found({"deep"}), "file:deep/below/x.sysctl.conf");
}

TEST_CASE("given paths: files whatever their name, standard input, no path twice, sorted") {
  Tree tree;
  tree.file("b");
  tree.file("a");
  CHECK_EQ(found({"b", "-", "a", "b", "missing"}),
           "stdin:<stdin> | file:a | file:b | file:missing");
}

TEST_CASE("units: what sorts between a folder's files is judged with them") {
  Tree tree;
  tree.file("s/sysctl.d/a.conf");
  tree.file("s/sysctl.d/z.conf");
  tree.file("s/sysctl.d/m/x.conf");
  tree.file("s/sysctl.d.sysctl.conf");
  tree.file("s/sysctl.conf");
  CHECK_EQ(found({"s"}),
           "file:s/sysctl.conf | file:s/sysctl.d.sysctl.conf | folder:s/sysctl.d + "
           "folder:s/sysctl.d/m");
}

TEST_CASE("a folder that cannot be read is a problem; the others are still found") {
  if (::geteuid() == 0) return;  // Root reads it all the same.
  Tree tree;
  tree.file("a/sysctl.conf");
  fs::create_directory("locked");
  ::chmod("locked", 0);
  CHECK_EQ(found({"."}), "file:a/sysctl.conf !locked cannot be read: Permission denied");
  ::chmod("locked", 0700);
}

}  // namespace
}  // namespace proctor::cli
