// Values in JSON.
#include "expr/json.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

namespace proctor::expr {
namespace {

TEST_CASE("values there and back") {
  const char* table[] = {
      R"({"null":null})",
      R"({"bool":true})",
      R"({"int":"-9223372036854775808"})",
      R"({"uint":"18446744073709551615"})",
      R"({"double":"1.5"})",
      R"({"double":"Infinity"})",
      R"({"double":"-Infinity"})",
      R"({"double":"NaN"})",
      R"({"string":"a\"b\n\u0001é"})",
      R"({"bytes":"00ff"})",
      R"({"type":"int"})",
      R"({"list":[{"int":"1"},{"list":[]}]})",
      R"({"map":[[{"string":"b"},{"int":"1"}],[{"bool":true},{"map":[]}]]})",
      R"({"optional":null})",
      R"({"optional":{"int":"1"}})",
      R"({"unknown":["a","b"]})",
      R"({"error":"broken"})",
  };
  for (const char* json : table) {
    CAPTURE(json);
    const Result<Value> value = value_from_json(json);
    REQUIRE(value.ok());
    CHECK(to_json(*value) == json);
  }
}

TEST_CASE("other spellings of values") {
  CHECK(to_json(*value_from_json(R"({"int": 3})")) == R"({"int":"3"})");
  CHECK(to_json(*value_from_json(R"({"double": 3})")) == R"({"double":"3"})");
  CHECK(to_json(*value_from_json(R"({"double": "inf"})")) == R"({"double":"Infinity"})");
  CHECK(to_json(*value_from_json(R"({"unknown": ["b", "a", "b"]})")) == R"({"unknown":["a","b"]})");
  CHECK(to_json(Value::string("a\xFFz")) == R"({"string":"a\\xffz"})");
  CHECK(to_json(Value::opaque("version", 1, "6.1")) == R"({"version":"6.1"})");
}

TEST_CASE("results") {
  CHECK(result_to_json(Value::of(int64_t{3})) == R"({"value":{"int":"3"}})");
  CHECK(result_to_json(Value::error("no")) == R"({"error":"no"})");
  CHECK(result_to_json(Value::unknown({"host.memory"})) == R"({"unknown":["host.memory"]})");
}

TEST_CASE("what is no value") {
  struct Row {
    std::string json;
    std::string error;
  };
  const Row table[] = {
      {"", "the JSON is wrong at byte 1"},
      {"{\"int\": ", "the JSON is wrong at byte 9"},
      {"3", "a value is an object with one member, such as {\"int\": \"3\"}"},
      {R"({"int": "1", "uint": "1"})",
       "a value is an object with one member, such as {\"int\": \"3\"}"},
      {R"({"integer": "1"})", "\"integer\" is no kind of value"},
      {R"({"int": "1.5"})", "{\"int\": ...} holds no int"},
      {R"({"int": 1.5})", "{\"int\": ...} holds no int"},
      {R"({"int": "9223372036854775808"})", "{\"int\": ...} holds no int"},
      {R"({"uint": "-1"})", "{\"uint\": ...} holds no uint"},
      {R"({"bool": "true"})", "{\"bool\": ...} holds no bool"},
      {R"({"bytes": "0"})", "{\"bytes\": ...} holds no bytes"},
      {R"({"bytes": "0g"})", "{\"bytes\": ...} holds no bytes"},
      {R"({"list": {}})", "{\"list\": ...} holds no list"},
      {R"({"map": [[{"int": "1"}]]})", "a map's entry is [key, value]"},
      {R"({"map": [[{"null": null}, {"null": null}]]})",
       "a map's key is bool, int, uint or string"},
      {R"({"map": [[{"int": "1"}, {"null": null}], [{"uint": "1"}, {"null": null}]]})",
       "a map has the key 1u twice"},
      {R"({"unknown": [1]})", "{\"unknown\": ...} holds no unknown"},
  };
  for (const Row& row : table) {
    CAPTURE(row.json);
    const Result<Value> value = value_from_json(row.json);
    REQUIRE(!value.ok());
    CHECK(value.error() == row.error);
  }
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "{\"list\":[";
  CHECK(!value_from_json(deep).ok());
  for (int i = 0; i < 100000; ++i) deep += "]}";
  CHECK(value_from_json(deep).error() == "a value is nested too deeply");
}

TEST_CASE("bindings") {
  const auto bindings = bindings_from_json(R"({"b": {"int": "1"}, "a.b": {"string": "x"}})");
  REQUIRE(bindings.ok());
  REQUIRE(bindings->size() == 2);
  CHECK((*bindings)[0].first == "b");
  CHECK(to_text((*bindings)[1].second) == "\"x\"");
  CHECK(bindings_from_json("[]").error() == "bindings are a JSON object of names to values");
  CHECK(bindings_from_json(R"({"a": 1})").error() ==
        "`a`: a value is an object with one member, such as {\"int\": \"3\"}");
}

}  // namespace
}  // namespace proctor::expr
