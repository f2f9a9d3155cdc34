#include "text/text.h"

#include <doctest/doctest.h>

#include <array>

#include "text/diagnostic.h"
#include "text/span.h"
#include "text/units.h"

using namespace proctor;

TEST_CASE("sizes and durations") {
  struct Row {
    const char* text;
    uint64_t bytes;
  };
  for (const Row& row :
       {Row{"0", 0}, Row{"4096", 4096}, Row{"8GiB", 8589934592}, Row{"8 GiB", 8589934592},
        Row{"1k", 1024}, Row{"1kB", 1000}, Row{"1TiB", 1099511627776}}) {
    CAPTURE(row.text);
    const auto size = parse_size(row.text);
    REQUIRE(size.ok());
    CHECK(*size == row.bytes);
  }
  for (const char* bad :
       {"", "8X", "-1", "GiB", "8GiBs", "99999999999999999999", "17179869184GiB", "0x10"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_size(bad).ok());
  }
  CHECK(*parse_duration("5s") == 5000);
  CHECK(*parse_duration("250ms") == 250);
  CHECK(*parse_duration("2m") == 120000);
  CHECK_FALSE(parse_duration("5x").ok());
  CHECK(format_size(8589934592) == "8 GiB");
  CHECK(format_size(1000) == "1000 B");
  CHECK(format_size(81931000) == "78.14 MiB");
  CHECK(format_count(131072) == "131,072");
  CHECK(format_count(-1000) == "-1,000");
  CHECK(format_count(999) == "999");
}

TEST_CASE("positions are code points and survive a round trip") {
  const std::string_view text = "ab\n\xC3\xA9x\xFF\n";
  const LineIndex index(text);
  CHECK(index.line_count() == 3);
  CHECK(index.position(0) == Position{1, 1});
  CHECK(index.position(3) == Position{2, 1});
  CHECK(index.position(5) == Position{2, 2});
  CHECK(index.position(6) == Position{2, 3});
  CHECK(index.position(7) == Position{2, 4});
  CHECK(index.position(8) == Position{3, 1});
  for (const uint32_t offset : {0U, 1U, 2U, 3U, 5U, 6U, 7U, 8U}) {
    CHECK(index.offset(index.position(offset)) == offset);
  }
}

TEST_CASE("excerpts put the caret under the text") {
  CHECK(excerpt("net.a = 1", {9, 1}, {9, 6}, "gone") == "   |\n 9 | net.a = 1\n   | ^~~~~ gone\n");
  CHECK(excerpt("\tx = 1", {12, 2}, {12, 3}, "") == "    |\n 12 | \tx = 1\n    | \t^\n");
  CHECK(excerpt("\xE4\xB8\xAD=1", {1, 2}, {1, 4}, "") == "   |\n 1 | \xE4\xB8\xAD=1\n   |   ^~\n");
  CHECK(excerpt("a", {1, 9}, {1, 10}, "") == "   |\n 1 | a\n");
  const std::string longline = std::string(300, 'a') + "B" + std::string(300, 'c');
  const std::string shown = excerpt(longline, {1, 301}, {1, 302}, "", 60);
  CHECK(shown.find("...") != std::string::npos);
  CHECK(shown.find('B') != std::string::npos);
}

TEST_CASE("suggestions") {
  constexpr std::array<std::string_view, 3> kNames = {"tcp_timestamps", "tcp_sack", "tcp_rmem"};
  CHECK(nearest("tcp_timestamp", kNames) == "tcp_timestamps");
  CHECK(nearest("tcp_mrem", kNames) == "tcp_rmem");
  CHECK(nearest("vm_swappiness", kNames).empty());
  CHECK(edit_distance("abcd", "acbd", 3) == 1);
  CHECK(edit_distance("abc", "xyz", 1) == 2);
}

TEST_CASE("globs, escapes, splitting") {
  CHECK(glob_match("net.*.x", "net.a.b.x"));
  CHECK_FALSE(glob_match("net.?", "net.ab"));
  CHECK(glob_match("*", ""));
  CHECK(escape_bytes(std::string_view("a\0\n\xC3\xA9\xFF", 6)) == "a\\x00\\n\xC3\xA9\\xff");
  CHECK(split_blanks("  a\tb  c ").size() == 3);
  CHECK(split("a,,b", ',').size() == 3);
}
