#include "conf/document.h"

#include <doctest/doctest.h>

#include <chrono>
#include <random>
#include <string>
#include <vector>

using namespace proctor;
using conf::Document;
using conf::Edit;
using conf::Line;
using conf::LineKind;

namespace {

/// A NUL in the literal is kept.
template <size_t N>
std::string raw(const char (&literal)[N]) {
  return {literal, N - 1};
}

std::string joined(const Document& document) {
  std::string out;
  for (const Line& line : document.lines()) out += document.text(line.whole);
  return out;
}

}  // namespace

TEST_CASE("each part of a line has its span") {
  struct Row {
    std::string bytes;
    LineKind kind;
    bool dash;
    std::string text, key, value, comment;
  };
  const std::vector<Row> rows = {
      {"a.b=1\n", LineKind::kAssignment, false, "a.b=1", "a.b", "1", ""},
      {"  a.b \t=  1 2 \n", LineKind::kAssignment, false, "  a.b \t=  1 2 ", "a.b", "1 2", ""},
      {"a/b/eth0.100/c = 1", LineKind::kAssignment, false, "a/b/eth0.100/c = 1", "a/b/eth0.100/c",
       "1", ""},
      {"- a.* = 1\r\n", LineKind::kAssignment, true, "- a.* = 1", "a.*", "1", ""},
      {"--a=1\n", LineKind::kAssignment, true, "--a=1", "-a", "1", ""},
      {"a = b = c\n", LineKind::kAssignment, false, "a = b = c", "a", "b = c", ""},
      {"= 1\n", LineKind::kAssignment, false, "= 1", "", "1", ""},
      {"a=\n", LineKind::kAssignment, false, "a=", "a", "", ""},
      {"a = 1 # why\n", LineKind::kAssignment, false, "a = 1 # why", "a", "1 # why", ""},
      {"\t# x = 1 \n", LineKind::kComment, false, "\t# x = 1 ", "", "", "# x = 1 "},
      {";x\r\n", LineKind::kComment, false, ";x", "", "", ";x"},
      {"-net.a\n", LineKind::kBare, true, "-net.a", "net.a", "", ""},
      {"bad line\n", LineKind::kBare, false, "bad line", "bad line", "", ""},
      {"-\n", LineKind::kBare, true, "-", "", "", ""},
      {" \t\r\n", LineKind::kBlank, false, " \t", "", "", ""},
      {"\n", LineKind::kBlank, false, "", "", "", ""},
      {raw("a=1\0b=2\n"), LineKind::kAssignment, false, raw("a=1\0b=2"), "a", raw("1\0b=2"), ""},
      {"a=1\rb=2\n", LineKind::kAssignment, false, "a=1\rb=2", "a", "1\rb=2", ""},
      {"\xEF\xBB\xBF"
       "a=1\n",
       LineKind::kAssignment, false,
       "\xEF\xBB\xBF"
       "a=1",
       "a", "1", ""},
      {"\xEF\xBB\xBF# x\n", LineKind::kComment, false, "\xEF\xBB\xBF# x", "", "", "# x"},
      {"a = caf\xE9\xFF\n", LineKind::kAssignment, false, "a = caf\xE9\xFF", "a", "caf\xE9\xFF",
       ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    const Document document = Document::parse("x", row.bytes);
    REQUIRE(document.lines().size() == 1);
    const Line line = document.lines()[0];
    CHECK(line.kind == row.kind);
    CHECK(line.dash == row.dash);
    CHECK(document.text(line.text) == row.text);
    CHECK(document.text(line.key) == row.key);
    CHECK(document.text(line.value) == row.value);
    CHECK(document.text(line.comment) == row.comment);
    CHECK(document.text(line.equals) == (line.kind == LineKind::kAssignment ? "=" : ""));
    CHECK(document.has_bom() == row.bytes.starts_with("\xEF\xBB\xBF"));
  }
}

TEST_CASE("template markers") {
  for (const char* with :
       {"a = {{ x }}", "{% if x %}", "a=<%= @x %>", "a = ${x}", "a=@MAX@", "# {{ y }}"}) {
    CAPTURE(with);
    CHECK(Document::parse("x", with).lines()[0].template_marker);
  }
  for (const char* without :
       {"a = {x}", "a = %e.%p", "a=b@c", "a = $x", "a = {{ x", "a=@@", "m@x y@z", "a = }}{{"}) {
    CAPTURE(without);
    CHECK_FALSE(Document::parse("x", without).lines()[0].template_marker);
  }
}

TEST_CASE("positions") {
  const Document document = Document::parse("x", "ab\n\xC3\xA9x\xFF\n");
  CHECK(document.position(0) == Position{1, 1});
  CHECK(document.position(2) == Position{1, 3});
  CHECK(document.position(5) == Position{2, 2});
  CHECK(document.position(7) == Position{2, 4});
  CHECK(document.position(8) == Position{3, 1});
  CHECK(document.position(99) == Position{3, 1});
  CHECK(Document::parse("x", "").position(0) == Position{1, 1});
  CHECK(Document::parse("x", "ab").position(2) == Position{1, 3});
  CHECK(document.line_index(3) == 1);
  CHECK(document.line_index(8) == 1);
}

TEST_CASE("the line end in use") {
  CHECK(Document::parse("x", "").line_end() == "\n");
  CHECK(Document::parse("x", "a").line_end() == "\n");
  CHECK(Document::parse("x", "a\nb\r\n").line_end() == "\n");
  CHECK(Document::parse("x", "a\r\nb\n").line_end() == "\r\n");
}

TEST_CASE("edits touch only their span") {
  struct Row {
    std::vector<Edit> edits;
    const char* expected;  // nullptr: refused
  };
  const std::vector<Row> rows = {
      {{}, "abcdef"},
      {{{{1, 3}, "X"}}, "aXdef"},
      {{{{3, 4}, ""}, {{0, 1}, "Y"}}, "Ybcef"},
      {{{{2, 2}, "1"}, {{2, 2}, "2"}}, "ab12cdef"},
      {{{{2, 4}, "X"}, {{2, 2}, "<"}, {{4, 4}, ">"}}, "ab<X>ef"},
      {{{{6, 6}, "!"}}, "abcdef!"},
      {{{{1, 3}, "X"}, {{2, 4}, "Y"}}, nullptr},
      {{{{1, 4}, "X"}, {{2, 2}, "Y"}}, nullptr},
      {{{{5, 7}, "X"}}, nullptr},
      {{{{1, 2}, "X"}, {{1, 2}, "X"}}, nullptr},
  };
  for (const Row& row : rows) {
    std::string bytes = "abcdef";
    CHECK(conf::apply_edits(bytes, row.edits) == (row.expected != nullptr));
    CHECK(bytes == (row.expected != nullptr ? row.expected : "abcdef"));
  }
}

TEST_CASE("every byte comes back, whatever the bytes") {
  static constexpr char kBytes[] = "ab.=-#; \t\r\n\n\0\xEF\xBB\xBF\xE9\\{}%@$*/";
  constexpr std::string_view kAlphabet(kBytes, sizeof(kBytes) - 1);
  std::mt19937 random(7);
  std::uniform_int_distribution<size_t> pick(0, kAlphabet.size() - 1);
  std::uniform_int_distribution<size_t> size(0, 60);
  for (int round = 0; round < 5000; ++round) {
    std::string bytes(size(random), '\0');
    for (char& byte : bytes) byte = kAlphabet[pick(random)];
    const Document document = Document::parse("x", bytes);
    REQUIRE(joined(document) == bytes);
    // Replacing each value by itself, all at once, changes nothing.
    std::vector<Edit> edits;
    for (const Line& line : document.lines()) {
      edits.push_back({line.value, std::string(document.text(line.value))});
    }
    std::string edited = bytes;
    REQUIRE(conf::apply_edits(edited, edits));
    REQUIRE(edited == bytes);
  }
}

TEST_CASE("a hundred megabytes take linear time") {
  const auto seconds = [](const std::string& unit, size_t bytes) {
    std::string all;
    all.reserve(bytes);
    while (all.size() + unit.size() <= bytes) all += unit;
    const auto start = std::chrono::steady_clock::now();
    const Document document = Document::parse("x", std::move(all));
    size_t values = 0;
    for (const Line& line : document.lines()) values += line.value.size();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    CHECK(values < bytes);
    return took.count();
  };
  // One line, lines of usual length, nothing but line ends: a quadratic step would take minutes.
  constexpr size_t kSize = 100U << 20U;
  CHECK(seconds(std::string(1U << 20U, 'x'), kSize) < 10);
  CHECK(seconds("net.ipv4.tcp_syncookies = 1\n", kSize) < 20);
  CHECK(seconds("\n", kSize / 4) < 20);
}
