// Lines, keys and patterns, piece by piece.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "load/glob.h"
#include "load/key_path.h"
#include "load/lines.h"
#include "load/loader.h"
#include "load/parse.h"
#include "load/proc_tree.h"

using namespace proctor;
using load::NodeKind;

namespace {

const load::Traits& traits(const char* name) { return *load::find_loader(name).value()->traits; }

std::vector<std::string> cut(const char* name, const std::string& bytes) {
  load::LineReader reader(bytes, traits(name));
  std::vector<std::string> lines;
  load::LogicalLine line;
  while (reader.next(line)) lines.emplace_back(line.text);
  return lines;
}

kernel::State state() {
  kernel::Machine machine;
  machine.version = kernel::parse_version("6.12").value();
  machine.interfaces = std::vector<std::string>{"eth0", "eth0.7", "lo"};
  return kernel::State(machine);
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("each loader's lines") {
  CHECK(cut("procps-4.0.2", "a\nb\r\nc") == Lines{"a\n", "b\r\n", "c"});
  CHECK(cut("systemd-252", "a\r\nb\rc\n\rd") == Lines{"a", "b", "c", "d"});
  CHECK(cut("systemd-252", std::string("a\0b\n\0\nc", 7)) == Lines{"a", "b", "", "c"});
  CHECK(cut("systemd-252", "a\n\nb") == Lines{"a", "", "b"});
  CHECK(cut("busybox-1.35.0", "a\\\nb\\\n\nc\\") == Lines{"ab", "c"});
  CHECK(cut("busybox-1.35.0", "a\\\\\n\nb") == Lines{"ab"});
  CHECK(cut("procps-3.3.10", std::string(4095, 'x') + "y\n") ==
        Lines{std::string(4095, 'x'), "y\n"});
}

TEST_CASE("a line too long for systemd ends the file") {
  const std::string bytes = "a\n" + std::string(1U << 20U, 'x') + "\nb\n";
  load::LineReader reader(bytes, traits("systemd-252"));
  load::LogicalLine line;
  REQUIRE(reader.next(line));
  CHECK_FALSE(reader.next(line));
  CHECK(reader.overflow());
}

TEST_CASE("the spans of lines cover the file") {
  const std::string bytes("a\r\nb\rc\n\r\0d\\\ne\n\nf", 17);
  for (const load::Loader& loader : load::loaders()) {
    CAPTURE(loader.name);
    load::LineReader reader(bytes, *loader.traits);
    load::LogicalLine line;
    uint32_t at = 0;
    while (reader.next(line)) {
      CHECK(line.span.begin == at);
      at = line.span.end;
    }
    CHECK(at == bytes.size());
  }
}

TEST_CASE("procps 3 finds earlier lines behind a bare key") {
  load::LineParser parser(traits("procps-3.3.17"));
  CHECK(parser.parse("net.ipv4.ip_default_ttl=65\n").value == "65");
  const load::ParsedLine line = parser.parse("net.ipv4.ip_forward\n");
  CHECK(line.leftover);
  CHECK(line.key == "net.ipv4.ip_forward");
  CHECK(line.value == "=tl=65");
  load::LineParser fresh(traits("procps-3.3.17"));
  CHECK(fresh.parse("net.ipv4.ip_forward\n").value == "=");
  CHECK(fresh.parse(" net.ipv4.ip_forward\n").result == load::LineResult::kBad);
}

TEST_CASE("keys become paths") {
  const kernel::State predicted = state();
  const load::ProcTree tree(predicted);
  struct Row {
    const char* loader;
    const char* key;
    const char* path;
  };
  const std::vector<Row> rows = {
      {"procps-4.0.2", "net.ipv4.ip_forward", "net/ipv4/ip_forward"},
      {"procps-4.0.2", "net.ipv4.conf.eth0/7.rp_filter", "net/ipv4/conf/eth0.7/rp_filter"},
      {"procps-4.0.2", "net/ipv4/conf/eth0.7/rp_filter", "net/ipv4/conf/eth0.7/rp_filter"},
      {"procps-4.0.2", "net..ipv4.", "net//ipv4/"},
      {"systemd-252", "net..ipv4.", "net/ipv4"},
      {"systemd-252", "/net/./ipv4//x/", "net/ipv4/x"},
      {"busybox-1.35.0", "net.ipv4.conf.eth0.7.rp_filter", "net/ipv4/conf/eth0.7/rp_filter"},
      {"busybox-1.35.0", "net.ipv4.conf.eth0/7.rp_filter", "net/ipv4/conf/eth0.7/rp_filter"},
      {"busybox-1.30.1", "net.ipv4.conf.eth0/7.rp_filter", "net/ipv4/conf/eth0/7.rp_filter"},
      {"busybox-1.30.1", "net.ipv4/ip_forward", "net/ipv4/ip_forward"},
      {"busybox-1.35.0", "net/ipv4.ip_forward", "net/ipv4/ip_forward"},
      {"busybox-1.35.0", "nosuch.key", "nosuch.key"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.loader);
    CAPTURE(row.key);
    CHECK(load::key_path(row.key, traits(row.loader), tree) == row.path);
  }
}

TEST_CASE("what a predicted /proc/sys has") {
  const kernel::State predicted = state();
  const load::ProcTree tree(predicted);
  CHECK(tree.look("net/ipv4/ip_forward") == NodeKind::kFile);
  CHECK(tree.look("net/ipv4/conf") == NodeKind::kFolder);
  CHECK(tree.look("net/ipv4/conf/eth0.7") == NodeKind::kFolder);
  CHECK(tree.look("net/ipv4/conf/eth9") == NodeKind::kMissing);
  CHECK(tree.look("net/ipv4/ip_forward/x") == NodeKind::kBelowFile);
  CHECK(tree.look("net/nosuch/x") == NodeKind::kMissing);
  CHECK(tree.resolve("net//ipv4/./x").path == "net/ipv4/x");
  CHECK(tree.resolve("net/../vm/swappiness").path == "vm/swappiness");
  CHECK(tree.resolve("../../tmp/x").kind == NodeKind::kOutside);
  CHECK(tree.resolve("../../tmp/x").path == "/tmp/x");
  CHECK(tree.resolve("../sys/vm/swappiness").path == "vm/swappiness");
  CHECK(tree.resolve("nosuch/../vm").kind == NodeKind::kMissing);
  CHECK(tree.list("net/ipv4/conf").names ==
        std::vector<std::string>{"all", "default", "eth0", "eth0.7", "lo"});
}

TEST_CASE("patterns match as fnmatch() does") {
  struct Row {
    const char* pattern;
    const char* text;
    bool part, whole;
  };
  for (const Row& row : std::vector<Row>{
           {"*", "eth0", true, true},
           {"*", ".x", false, true},
           {"?th[01]", "eth1", true, true},
           {"[!e]*", "lo", true, true},
           {"[^e]*", "eth0", false, false},
           {"[]a]", "]", true, true},
           {"[a-", "[a-", true, true},
           {"\\*", "*", true, true},
           {"\\*", "x", false, false},
           {"[[:digit:]]x", "3x", true, true},
           {"a*b*c", "aXbYbc", true, true},
           {"a*b*c", "aXbYb", false, false},
           {"", "", true, true},
           {"e[0", "e[0", true, true},
       }) {
    CAPTURE(row.pattern);
    CAPTURE(row.text);
    CHECK(load::match_pattern(row.pattern, row.text, true) == row.part);
    CHECK(load::match_pattern(row.pattern, row.text, false) == row.whole);
  }
  CHECK(load::match_pattern("net/*/rp", "net/a/b/rp", false));
}

TEST_CASE("braces, and patterns that never end") {
  CHECK(load::expand_braces("a{b,c}d", 10) == Lines{"abd", "acd"});
  CHECK(load::expand_braces("a{b,c{d,e}}", 10) == Lines{"ab", "acd", "ace"});
  CHECK(load::expand_braces("a{}b", 10) == Lines{"a{}b"});
  CHECK(load::expand_braces("a{b", 10) == Lines{"a{b"});
  std::string many;
  for (int i = 0; i < 40; ++i) many += "{a,b}";
  CHECK(load::expand_braces(many, 100).size() <= 100);

  const kernel::State predicted = state();
  const load::ProcTree tree(predicted);
  const load::GlobResult found =
      load::glob(tree, "net/ipv4/{conf,neigh}/eth*/*time_ms", true, false);
  CHECK(found.paths.size() == 6);
  std::string deep = "net/ipv4/conf";
  for (int i = 0; i < 300; ++i) deep += "/*/..";
  CHECK(load::glob(tree, deep + "/all", false, true).open_ended);
}
