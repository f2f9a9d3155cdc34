// The public conformance suite of CEL, as JSON in ../shared/cel.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "expr/json.h"
#include "test_host.h"
#include "text/file.h"

namespace proctor::expr {
namespace {

using Json = nlohmann::ordered_json;

struct SuiteFile {
  std::string_view name;
  bool core;
};

constexpr SuiteFile kFiles[] = {
    {"basic", true},      {"comparisons", true},  {"conversions", true}, {"fields", true},
    {"fp_math", true},    {"integer_math", true}, {"lists", true},       {"logic", true},
    {"macros", true},     {"macros2", true},      {"namespace", true},   {"parse", true},
    {"plumbing", true},   {"string", true},       {"math_ext", false},   {"string_ext", false},
    {"optionals", false}, {"bindings_ext", false}};

/// The only reason for a case not to be run; what expects an error needs no feature.
std::string_view missing_feature(const Json& test) {
  const auto expression = test["expr"].get<std::string>();
  if (test.value("expect_error", false)) return {};
  for (const std::string_view call : {"timestamp(", "duration("}) {
    if (expression.find(call) != std::string::npos) return "timestamps and durations";
  }
  return {};
}

bool same(const Value& a, const Value& b);

bool same_lists(const List& a, const List& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!same(a[i], b[i])) return false;
  }
  return true;
}

bool same_maps(const MapEntries& a, const MapEntries& b) {
  if (a.size() != b.size()) return false;
  for (const auto& [key, value] : a) {
    const Value* other = find_key(b, key);
    if (other == nullptr || !same(value, *other)) return false;
  }
  return true;
}

/// As the suite compares: kinds must agree, NaN is NaN, maps have no order.
bool same(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  if (const List* list = a.as_list()) return same_lists(*list, *b.as_list());
  if (const MapEntries* map = a.as_map()) return same_maps(*map, *b.as_map());
  if (const auto* real = a.get_if<double>(); real != nullptr && std::isnan(*real)) {
    return std::isnan(*b.get_if<double>());
  }
  return equals(a, b);
}

/// Empty if the case passes, else what happened instead.
std::string run_case(const Json& test) {
  TestHost host;
  const bool unchecked = test.value("disable_check", false);
  if (unchecked) host.open();
  for (const Json& binding : test.value("bindings", Json::array())) {
    const Result<Value> value = value_from_json(binding[1].dump());
    if (!value) return "binding: " + value.error();
    host.bind(binding[0].get<std::string>(), *value);
  }
  const auto expression = test["expr"].get<std::string>();
  const Value result = evaluate(expression, host, unchecked ? Checking::kLoose : Checking::kTyped,
                                test.value("container", std::string()));
  if (test.value("expect_error", false)) {
    return result.is_error() ? std::string() : "no error but " + to_text(result);
  }
  const Result<Value> expected = value_from_json(test["expect"].dump());
  if (!expected) return "expectation: " + expected.error();
  return same(result, *expected) ? std::string()
                                 : to_text(result) + " instead of " + to_text(*expected);
}

struct Counts {
  size_t passed = 0;
  size_t skipped = 0;
  size_t total = 0;
};

Counts run_file(const std::string& path, std::string_view name) {
  const Result<std::string> text = read_file(path);
  REQUIRE_MESSAGE(text.ok(), path);
  Counts counts;
  for (const Json& test : Json::parse(*text)) {
    ++counts.total;
    const std::string failure = run_case(test);
    const std::string_view feature = missing_feature(test);
    const std::string label = std::string(name) + " " + test["section"].get<std::string>() + "/" +
                              test["name"].get<std::string>() + ": " +
                              test["expr"].get<std::string>();
    if (feature.empty()) {
      counts.passed += failure.empty() ? 1 : 0;
      CHECK_MESSAGE(failure.empty(), label << " gives " << failure);
    } else {
      ++counts.skipped;
      CHECK_MESSAGE(!failure.empty(), label << " passes but is skipped");
    }
  }
  return counts;
}

TEST_CASE("CEL conformance suite") {
  const char* shared = std::getenv("PROCTOR_SHARED");
  const std::string folder = std::string(shared != nullptr ? shared : "") + "/cel";
  if (shared == nullptr || !std::filesystem::exists(folder)) {
    MESSAGE("skipped: no " << folder);
    return;
  }
  Counts core;
  for (const SuiteFile& file : kFiles) {
    const Counts counts = run_file(folder + "/" + std::string(file.name) + ".json", file.name);
    std::printf("cel %-14s %4zu of %4zu pass, %zu skipped\n", std::string(file.name).c_str(),
                counts.passed, counts.total, counts.skipped);
    if (!file.core) continue;
    core.passed += counts.passed;
    core.skipped += counts.skipped;
    core.total += counts.total;
  }
  std::printf("cel core           %4zu of %4zu pass, %zu skipped\n", core.passed, core.total,
              core.skipped);
  CHECK(core.total == 1062);
  CHECK(core.skipped * 50 <= core.total);
}

}  // namespace
}  // namespace proctor::expr
