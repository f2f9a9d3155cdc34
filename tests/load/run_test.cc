// Whole runs over small configurations: what tables of recorded runs do not show.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "load/loader.h"

using namespace proctor;
using load::Assignment;
using load::LoadResult;
using load::Status;

namespace {

struct Files {
  std::vector<std::unique_ptr<conf::Document>> documents;
  load::Configuration configuration;

  load::SourceFile& add(const std::string& path, const std::string& bytes) {
    documents.push_back(std::make_unique<conf::Document>(conf::Document::parse(path, bytes)));
    load::SourceFile file;
    file.document = documents.back().get();
    file.path = path;
    configuration.files.push_back(std::move(file));
    return configuration.files.back();
  }
};

const load::Loader& loader(const char* name) { return *load::find_loader(name).value(); }

kernel::State start(const char* version = "6.12") {
  kernel::Machine machine;
  machine.version = kernel::parse_version(version).value();
  machine.interfaces = std::vector<std::string>{"eth0", "lo"};
  return kernel::State(machine);
}

LoadResult run(const char* name, const std::string& bytes) {
  Files files;
  files.add("t.conf", bytes);
  return load::run(loader(name), files.configuration, start());
}

bool has_note(const LoadResult& result, std::string_view kind) {
  for (const load::Note& note : result.notes) {
    if (note.kind == kind) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("names of loaders") {
  CHECK(load::loaders().size() == 14);
  CHECK(load::find_loader("systemd").value()->name == "systemd-262");
  CHECK(load::find_loader("procps").value()->name == "procps-4.0.7");
  CHECK(load::find_loader("busybox-1.30.1").value()->name == "busybox-1.30.1");
  CHECK(load::find_loader("alpine-boot").ok());
  CHECK(load::find_loader("systemd-25").error() ==
        "unknown loader 'systemd-25'; did you mean 'systemd-252'?");
  CHECK(load::find_loader("systemd-199").error().find("systemd-247") != std::string::npos);
  CHECK_FALSE(load::find_loader("").ok());
}

TEST_CASE("statuses, and who overrides") {
  const char* const text =
      "net.ipv4.tcp_syncookies = 0\n"
      "net.ipv4.ip_default_ttl = 999\n"
      "net.ipv4.nosuch = 1\n"
      "net.ipv4.tcp_syncookies = 2\n";
  for (const char* name : {"procps-4.0.2", "systemd-252"}) {
    CAPTURE(name);
    const LoadResult result = run(name, text);
    REQUIRE(result.assignments.size() == 4);
    CHECK(result.assignments[0].status == Status::kOverridden);
    CHECK(result.assignments[0].by == load::Origin{0, 3});
    CHECK(result.assignments[1].status == Status::kFailed);
    CHECK(result.assignments[2].status == Status::kFailed);
    CHECK(result.assignments[3].status == Status::kApplied);
    CHECK(result.final_state.read("net/ipv4/tcp_syncookies").text == "2");
    CHECK(result.exit_status == 1);
  }
  const LoadResult busybox = run("busybox-1.35.0", text);
  REQUIRE(busybox.assignments.size() == 4);
  CHECK(busybox.assignments[0].status == Status::kApplied);
  CHECK(busybox.assignments[3].status == Status::kIgnored);
  CHECK(has_note(busybox, "stops-here"));
}

TEST_CASE("a side effect overrides, too") {
  const LoadResult result =
      run("procps-4.0.2", "net.ipv4.conf.all.accept_redirects = 1\nnet.ipv4.ip_forward = 1\n");
  REQUIRE(result.assignments.size() == 2);
  CHECK(result.assignments[0].status == Status::kOverridden);
  CHECK(result.assignments[0].by == load::Origin{0, 1});
}

TEST_CASE("templates are filled in by others") {
  const char* const text = "vm.swappiness = {{ swappiness }}\nvm.swappiness = 10\n";
  const LoadResult result = run("systemd-257", text);
  REQUIRE(result.assignments.size() == 2);
  CHECK(result.assignments[0].status == Status::kUnknown);
  CHECK(result.assignments[0].writes.empty());
  CHECK(result.assignments[1].status == Status::kApplied);
  Files files;
  files.add("t.conf", text);
  files.configuration.templates = false;
  const LoadResult literal = load::run(loader("procps-4.0.7"), files.configuration, start());
  CHECK(literal.assignments[0].status == Status::kFailed);
}

TEST_CASE("globs with interfaces that nobody named") {
  kernel::Machine machine;
  machine.version = kernel::parse_version("6.12").value();
  Files files;
  files.add("t.conf", "net.ipv4.conf.*.rp_filter = 1\n");
  const LoadResult result =
      load::run(loader("procps-4.0.2"), files.configuration, kernel::State(machine));
  REQUIRE(result.assignments.size() == 1);
  CHECK(result.assignments[0].open_ended);
  REQUIRE(result.writes.size() == 3);
  CHECK(result.writes[0].path == "net/ipv4/conf/all/rp_filter");
  CHECK(result.writes[1].path == "net/ipv4/conf/default/rp_filter");
  CHECK(result.writes[2].path == "net/ipv4/conf/lo/rp_filter");
  CHECK_FALSE(run("procps-4.0.2", "net.ipv4.conf.*.rp_filter = 1\n").assignments[0].open_ended);
}

TEST_CASE("the kernel's command line is the weakest source") {
  Files files;
  files
      .add("/proc/cmdline",
           "root=/dev/sda1 sysctl.vm.swappiness=10 sysctl/net/ipv4/tcp_syncookies=0 "
           "sysctl.kernel.nosuch=1 sysctl.vm.panic_on_oom= -- sysctl.vm.overcommit_memory=1")
      .kind = load::SourceKind::kCommandLine;
  files.add("t.conf", "vm.swappiness = 20\n");
  const LoadResult result = load::run(loader("procps-4.0.2"), files.configuration, start());
  REQUIRE(result.assignments.size() == 5);
  CHECK(result.assignments[0].status == Status::kOverridden);
  CHECK(result.assignments[0].by == load::Origin{1, 0});
  CHECK(result.assignments[1].status == Status::kApplied);
  CHECK(result.assignments[2].status == Status::kFailed);
  CHECK(result.assignments[3].status == Status::kFailed);
  CHECK(result.exit_status == 0);
  REQUIRE(result.writes.size() == 3);
  CHECK(result.writes[0].bytes == "10");
  const LoadResult old = load::run(loader("procps-4.0.2"), files.configuration, start("5.4"));
  CHECK(old.assignments[0].status == Status::kIgnored);
}

TEST_CASE("notes say what one loader makes of a line") {
  struct Row {
    const char* loader;
    const char* text;
    const char* kind;
    bool expected;
  };
  const std::vector<Row> rows = {
      {"systemd-262", "; remark\n", "comment-semicolon", true},
      {"systemd-257", "; remark\n", "comment-semicolon", false},
      {"busybox-1.35.0", "# remark \\\nvm.swappiness=1\n", "comment-continues", true},
      {"procps-4.0.2", "# remark \\\nvm.swappiness=1\n", "comment-continues", false},
      {"procps-4.0.2", "vm.swappiness=1\\\n", "line-continued", true},
      {"procps-4.0.2", "vm.swappiness = 1 # on\n", "inline-comment", true},
      {"procps-4.0.2", "vm.swappiness = 1\n", "inline-comment", false},
      {"procps-4.0.2", "\xEF\xBB\xBFvm.swappiness = 1\n", "bom", true},
      {"systemd-252", "vm.swappiness = 1\rvm.overcommit_memory=1\n", "lone-cr", true},
      {"systemd-252", "vm.swappiness = 1\r\n", "lone-cr", false},
      {"procps-4.0.2", "vm.swappiness 1\n", "missing-equals", true},
      {"systemd-252", "net.ipv4.conf.*.nosuch = 1\n", "glob-no-match", true},
      {"procps-3.3.17", "net.ipv4.conf.*.rp_filter = 1\n", "glob-literal", true},
      {"procps-4.0.2", "net.ipv4.conf.*.rp_filter = 1\n", "glob-literal", false},
      {"busybox-1.38.0", "-vm.swappiness = 1\n", "dash-unknown", true},
      {"procps-3.3.17", "-vm.swappiness = 1\n", "dash-unknown", false},
      {"procps-4.0.2", "-vm.nosuch = 1\n", "dash-missing", true},
      {"procps-4.0.2", "-net.ipv4.conf.*.rp_filter\n", "exclusion-glob", true},
      {"procps-4.0.7", "-net.ipv4.conf.*.rp_filter\n", "exclusion-glob", false},
      {"systemd-252", "vm.swappiness=1\n-vm.swappiness\n", "exclusion-unsets", true},
      {"procps-4.0.2", "vm.swappiness=1\n-vm.swappiness\n", "exclusion-idle", true},
      {"systemd-252", "net.ipv4.conf.eth0.7.rp_filter=1\n", "vlan-dots", true},
      {"busybox-1.35.0", "net.ipv4.conf.eth0.7.rp_filter=1\n", "vlan-dots", false},
      {"busybox-1.35.0", "/tmp/x = 1\n", "creates-file", true},
      {"procps-4.0.2", "vm.swappiness = \"1\"\n", "quotes", true},
      {"procps-4.0.2", "vm.swappiness = 010\n", "leading-zero", true},
      {"procps-4.0.2", "vm.swappiness = 0\n", "leading-zero", false},
      {"procps-3.3.17", "net.ipv4.neigh.lo.retrans_time = 1\n", "deprecated-refused", true},
      {"systemd-252", "net.ipv4.route.flush = 1\n", "write-only-skipped", true},
      {"systemd-247", "net.ipv4.route.flush = 1\n", "write-only-skipped", false},
      {"procps-4.0.2", "vm.swappiness =\n", "empty-value", true},
      {"procps-4.0.2", "/proc/sys/vm/swappiness = 1\n", "full-path", true},
      {"busybox-1.35.0", "/proc/sys/vm/swappiness = 1\n", "full-path", false},
      {"procps-4.0.2", "vm.swap\xC2\xA0piness = 1\n", "odd-character", true},
      {"procps-4.0.2", "net.ipv4.tcp_rmem = 4096 87380 4194304 7\n", "extra-values", true},
      {"procps-4.0.2", "net/ipv4.ip_forward = 1\n", "mixed-separators", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.loader);
    CAPTURE(row.text);
    CAPTURE(row.kind);
    CHECK(has_note(run(row.loader, row.text), row.kind) == row.expected);
  }
}

TEST_CASE("a value that is cut at a page is told of") {
  std::string ports = "net.ipv4.ip_local_reserved_ports = 10001";
  for (int port = 10003; port < 12000; port += 2) ports += "," + std::to_string(port);
  CHECK(has_note(run("procps-4.0.2", ports + "\n"), "value-cut"));
  CHECK_FALSE(has_note(run("systemd-252", ports + "\n"), "value-cut"));
  CHECK(run("systemd-252", ports + "\n").writes.size() == 2);
}

TEST_CASE("a flood of lines is given up, and said so") {
  std::string text;
  for (uint32_t i = 0; i < load::kMostAssignments + 1000; ++i) text += "x=1\n";
  const LoadResult result = run("procps-4.0.2", text);
  REQUIRE(result.given_up);
  CHECK(result.given_up->line == load::kMostAssignments);
  CHECK(result.assignments.size() == load::kMostAssignments + 1);
  CHECK_FALSE(run("procps-4.0.2", "vm.swappiness=1\n").given_up);
}

TEST_CASE("a million bad lines keep a thousand notes") {
  std::string text;
  for (int i = 0; i < 200000; ++i) text += "x y\n";
  const LoadResult result = run("systemd-252", text);
  CHECK(result.notes.size() == load::kMostNotes);
  CHECK(result.dropped_notes == 200000 - load::kMostNotes);
}
