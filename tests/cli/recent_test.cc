// The last few reports, by what was judged.
#include "cli/recent.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace proctor;
using cli::Recent;

namespace {

Recent::Reports report(uint32_t assignments) {
  rules::Report made;
  made.assignments = assignments;
  return std::make_shared<const std::vector<rules::Told>>(
      std::vector<rules::Told>{{std::move(made), {0}}});
}

}  // namespace

TEST_CASE("a report is found by bytes, project, way of loading and targets") {
  const int project = 0;
  const int other = 0;
  Recent recent;
  CHECK(recent.find("a = 1\n", {&project, false, {0}}) == nullptr);
  recent.add("a = 1\n", {&project, false, {0}}, report(1));
  REQUIRE(recent.find("a = 1\n", {&project, false, {0}}) != nullptr);
  CHECK(recent.find("a = 1\n", {&project, false, {0}})->front().report.assignments == 1);
  CHECK(recent.find("a = 2\n", {&project, false, {0}}) == nullptr);
  CHECK(recent.find("a = 1\n", {&project, true, {0}}) == nullptr);
  CHECK(recent.find("a = 1\n", {&project, false, {0, 1}}) == nullptr);
  CHECK(recent.find("a = 1\n", {&other, false, {0}}) == nullptr);
}

TEST_CASE("only the last few are kept, and none of a long file") {
  const int project = 0;
  Recent recent;
  for (uint32_t i = 0; i < 1000; ++i) {
    recent.add("a = " + std::to_string(i), {&project, false, {0}}, report(i));
  }
  CHECK(recent.find("a = 0", {&project, false, {0}}) == nullptr);
  CHECK(recent.find("a = 999", {&project, false, {0}}) != nullptr);
  const std::string text(100000, '#');
  recent.add(text, {&project, false, {0}}, report(0));
  CHECK(recent.find(text, {&project, false, {0}}) == nullptr);
}
