// The last few reports, by what was judged.
#include "cli/recent.h"

#include <doctest/doctest.h>

#include <string>

using namespace proctor;
using cli::Recent;

namespace {

std::shared_ptr<const rules::Report> report(uint32_t assignments) {
  auto made = std::make_shared<rules::Report>();
  made->assignments = assignments;
  return made;
}

}  // namespace

TEST_CASE("a report is found by bytes, project and target") {
  const int project = 0;
  const int other = 0;
  Recent recent;
  CHECK(recent.find("a = 1\n", {&project, 0}) == nullptr);
  recent.add("a = 1\n", {&project, 0}, report(1));
  REQUIRE(recent.find("a = 1\n", {&project, 0}) != nullptr);
  CHECK(recent.find("a = 1\n", {&project, 0})->assignments == 1);
  CHECK(recent.find("a = 2\n", {&project, 0}) == nullptr);
  CHECK(recent.find("a = 1\n", {&project, 1}) == nullptr);
  CHECK(recent.find("a = 1\n", {&other, 0}) == nullptr);
}

TEST_CASE("only the last few are kept, and none of a long file") {
  const int project = 0;
  Recent recent;
  for (uint32_t i = 0; i < 1000; ++i) {
    recent.add("a = " + std::to_string(i), {&project, 0}, report(i));
  }
  CHECK(recent.find("a = 0", {&project, 0}) == nullptr);
  CHECK(recent.find("a = 999", {&project, 0}) != nullptr);
  const std::string text(100000, '#');
  recent.add(text, {&project, 0}, report(0));
  CHECK(recent.find(text, {&project, 0}) == nullptr);
}
