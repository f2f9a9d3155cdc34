#include "kernel/version.h"

#include <doctest/doctest.h>

#include <string>

using namespace proctor;
using namespace proctor::kernel;

TEST_CASE("versions as people and kernels write them") {
  struct Case {
    const char* text;
    const char* expected;
    bool series;
  };
  const Case cases[] = {
      {"6.1", "6.1", true},
      {"6.1.176", "6.1.176", false},
      {"v6.12-rc3", "6.12", true},
      {"6.1.0-50-amd64", "6.1", true},
      {"5.15.0-91-generic", "5.15", true},
      {"6.12.107-1", "6.12.107", false},
      {"5.14.0", "5.14.0", false},
      {"2.6.39", "2.6.39", false},
      {"2.6.39.4", "2.6.39", false},
      {"2.6.32-5-amd64", "2.6.32", false},
      {" 4.19 ", "4.19", true},
      {"6.18.44+", "6.18.44", false},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    const Result<Version> version = parse_version(one.text);
    REQUIRE(version.ok());
    CHECK(version->to_string() == one.expected);
    CHECK(version->is_series() == one.series);
  }
}

TEST_CASE("what is no version") {
  for (const char* text : {"", "6", "6.", "six.one", "6.1.x", "6.1.2.3.4x", "6..1", "-1.2", "6.1 2",
                           "99999999999.1", "6.70000", "6.1.99999999", "\xff"}) {
    CAPTURE(std::string(text));
    CHECK(!parse_version(text).ok());
  }
  CHECK(parse_version("8X").error() ==
        "not a kernel version: '8X', expected one like 6.1, 6.1.176 or 2.6.32");
}

TEST_CASE("order and series") {
  const Version series = *parse_version("6.1");
  const Version release = *parse_version("6.1.176");
  CHECK(series < release);
  CHECK(*parse_version("6.1.9") < release);
  CHECK(release < *parse_version("6.2"));
  CHECK(*parse_version("2.6.39") < *parse_version("3.0"));
  CHECK(release.in_series(series));
  CHECK(!release.in_series(*parse_version("6.10")));
  CHECK(parse_version("2.6.39")->in_series(*parse_version("2.6.39")));
  CHECK(parse_version("2.6.39")->in_series(*parse_version("2.6")));
}

TEST_CASE("ranges") {
  struct Case {
    const char* range;
    const char* version;
    bool inside;
  };
  const Case cases[] = {
      {"4.19..6.12", "4.19", true},
      {"4.19..6.12", "6.12.107", true},
      {"4.19..6.12", "6.13", false},
      {"4.19..6.12", "4.18.20", false},
      {"..6.0", "2.6.18", true},
      {"..6.0", "6.0.19", true},
      {"..6.0", "6.1", false},
      {"5.4..", "7.2.13", true},
      {"5.4..", "5.3.18", false},
      {"6.1", "6.1.5", true},
      {"6.1", "6.2", false},
      {"6.1.5..6.1.9", "6.1.9", true},
      {"6.1.5..6.1.9", "6.1.10", false},
      {"2.6.24..4.8", "2.6.18", false},
  };
  for (const Case& one : cases) {
    CAPTURE(one.range);
    CAPTURE(one.version);
    const Result<VersionRange> range = parse_version_range(one.range);
    REQUIRE(range.ok());
    CHECK(range->contains(*parse_version(one.version)) == one.inside);
    CHECK(range->to_string() == one.range);
  }
  CHECK(!parse_version_range("6.12..4.19").ok());
  CHECK(!parse_version_range("6.1...6.2").ok());
  CHECK(!parse_version_range("a..b").ok());
  CHECK(parse_version_range("6.1.5..6.1").ok());
}
