// Whole outputs of every format against reviewed files in tests/report/golden.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "report/escape.h"
#include "report/spool.h"
#include "sample.h"
#include "text/file.h"

namespace proctor::report {
namespace {

std::string golden_path(const std::string& name) {
  return std::string(std::getenv("PROCTOR_SOURCE_ROOT")) + "/tests/report/golden/" + name;
}

/// With PROCTOR_UPDATE set the file is written instead: review it.
void check_golden(const std::string& name, const std::string& text) {
  const std::string path = golden_path(name);
  if (std::getenv("PROCTOR_UPDATE") != nullptr) {
    REQUIRE_EQ(write_file(path, text), "");
  }
  const Result<std::string> expected = read_file(path);
  REQUIRE_MESSAGE(expected.ok(), path << " " << (expected.ok() ? "" : expected.error()));
  CHECK_EQ(text, *expected);
}

TEST_CASE("every format prints the sample as reviewed") {
  const Sample given = sample();
  const Run run = sample_run();
  for (const FormatInfo& format : formats()) {
    CAPTURE(format.name);
    check_golden("sample." + std::string(format.name), print(run, format.name, {&given.part}));
  }
}

TEST_CASE("every format prints nothing found as reviewed") {
  Sample given;
  given.file("clean.conf", "vm.swappiness = 10\n");
  given.part.assignments = 1;
  Run run = sample_run();
  run.targets[0] = {};
  for (const FormatInfo& format : formats()) {
    CAPTURE(format.name);
    check_golden("clean." + std::string(format.name), print(run, format.name, {&given.part}));
  }
}

TEST_CASE("several parts join to one report, and equal input gives equal bytes") {
  const Sample first = sample();
  Sample second;
  second.file("z.conf", "\n");
  const Sample again = sample();
  for (const FormatInfo& format : formats()) {
    CAPTURE(format.name);
    const Run run = sample_run();
    const std::string text = print(run, format.name, {&second.part, &first.part, &again.part});
    CHECK_EQ(text, print(run, format.name, {&second.part, &first.part, &again.part}));
    check_golden("parts." + std::string(format.name), text);
  }
}

TEST_CASE("text in colour, with statistics, of several targets, and quiet") {
  Sample given = sample();
  Run run = sample_run();
  run.style.color = true;
  run.style.statistics = true;
  run.targets.push_back(run.targets[0]);
  run.targets[0].name = "web";
  run.targets[1].name = "db";
  for (Entry& entry : given.part.entries) entry.for_all = false;
  check_golden("targets.text", print(run, "text", {&given.part}));
  for (const std::string name : {"concise", "github", "junit", "markdown", "tap"}) {
    check_golden("targets." + name, print(run, name, {&given.part}));
  }
  run.style = {};
  run.style.quiet = true;
  run.style.width = 50;
  check_golden("quiet.text", print(run, "text", {&given.part}));
}

TEST_CASE("colour adds nothing that the text lacks") {
  const Sample given = sample();
  Run run = sample_run();
  const std::string plain = print(run, "text", {&given.part});
  run.style.color = true;
  const std::string colored = print(run, "text", {&given.part});
  std::string stripped;
  for (size_t at = 0; at < colored.size(); ++at) {
    if (colored[at] == '\x1B') {
      at = colored.find('m', at);
    } else {
      stripped += colored[at];
    }
  }
  CHECK_NE(colored, plain);
  CHECK_EQ(stripped, plain);
}

TEST_CASE("the order of a report is file, line, column, rule; exact repeats are dropped") {
  Sample given = sample();
  const std::string before = print(sample_run(), "concise", {&given.part});
  given.part.entries.push_back(given.part.entries[1]);
  std::reverse(given.part.entries.begin(), given.part.entries.end());
  sort_part(given.part);
  CHECK_EQ(print(sample_run(), "concise", {&given.part}), before);
}

TEST_CASE("escapes") {
  CHECK_EQ(printable("a\tb\x1B[0m\xFF\xC2\x9B\xE6\xBC\xA2\\"),
           "a\\x09b\\x1b[0m\\xff\\xc2\\x9b\xE6\xBC\xA2\\");
  CHECK_EQ(json_string(std::string_view("\"\\\n\r\t\x01\x00\xFF\xE6\xBC", 10)),
           "\"\\\"\\\\\\n\\r\\t\\u0001\\u0000\\\\xff\\\\xe6\\\\xbc\"");
  CHECK_EQ(xml_text("<a b='\"&'>\n\x0B\xFF"), "&lt;a b=&apos;&quot;&amp;&apos;&gt;&#10;\\x0b\\xff");
  CHECK_EQ(counted(1, "error"), "1 error");
  CHECK_EQ(counted(0, "error"), "0 errors");
  CHECK_EQ(counted(1234, "entry", "entries"), "1,234 entries");
  CHECK_EQ(wrap("one two  three\nfour", 9, ". "), "one two\n. three\n. four");
  CHECK_EQ(wrap("a-word-that-is-too-long b", 4, ""), "a-word-that-is-too-long\nb");
}

TEST_CASE("plain prose is wrapped like any other text") {
  const std::string text =
      "Until the module is loaded the path does not exist, and a loader that runs earlier skips "
      "the-line-of-a-key-with-a-very-long-name without a message.";
  // Two blanks are one to wrap(), but such a text is no plain prose.
  std::string spread = text;
  spread.replace(spread.find(' '), 1, "  ");
  for (unsigned width = 1; width < text.size() + 2; ++width) {
    CAPTURE(width);
    CHECK_EQ(wrap(text, width, " | "), wrap(spread, width, " | "));
  }
}

TEST_CASE("a spool gives back what was written, from memory and from its file") {
  for (const size_t size : {size_t{10}, size_t{3} << 20U}) {
    Spool spool;
    std::string written;
    while (written.size() < size) {
      const std::string piece(size / 7 + 1, static_cast<char>('a' + written.size() % 26));
      spool.write(piece);
      written += piece;
    }
    StringSink sink;
    spool.copy_to(sink);
    CHECK(sink.text() == written);
  }
}

}  // namespace
}  // namespace proctor::report
