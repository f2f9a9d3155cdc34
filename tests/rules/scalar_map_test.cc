// From the decoded text of a YAML scalar back to its place in the file, in every style.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rules/yaml.h"

namespace proctor::rules {
namespace {

/// The value of `key: VALUE`.
YamlNode value_of(std::string_view source) {
  std::vector<YamlProblem> problems;
  const YamlNode root = parse_yaml(source, problems);
  REQUIRE(problems.empty());
  const YamlNode* value = root.get("key");
  REQUIRE(value != nullptr);
  return *value;
}

struct Place {
  std::string_view source;
  std::string_view text;     ///< Decoded.
  std::string_view needle;   ///< Of the text, first occurrence.
  std::string_view written;  ///< The source that it came from.
  Position at;
};

TEST_CASE("a piece of a scalar is found in the file") {
  const std::vector<Place> places = {
      {"key: one two three\n", "one two three", "two", "two", {1, 10}},
      {"key: one\n  two\n\n  three\n", "one two\nthree", "three", "three", {4, 3}},
      {"key: one\n  two\n", "one two", "one two", "one\n  two", {1, 6}},
      {"key: # comment\n  one\n  two\n", "one two", "two", "two", {3, 3}},
      {"key: &anchor # comment\n  one two\n", "one two", "two", "two", {2, 7}},
      {"key: 'it''s two'\n", "it's two", "'s", "''s", {1, 9}},
      {"key: 'it''s two'\n", "it's two", "two", "two", {1, 13}},
      {"key: 'one\n\n  two'\n", "one\ntwo", "two", "two", {3, 3}},
      {R"(key: "one\ttwo")", "one\ttwo", "two", "two", {1, 12}},
      {R"(key: "one\ttwo")", "one\ttwo", "\t", "\\t", {1, 10}},
      {R"(key: "\x6f\u006e\U00000065 two")", "one two", "two", "two", {1, 28}},
      {R"(key: "\x6f\u006e\U00000065 two")", "one two", "ne", R"(\u006e\U00000065)", {1, 11}},
      {R"(key: "\u20ac \U0001F600 x")", "\u20ac \U0001F600 x", "x", "x", {1, 25}},
      {"key: \"\u20ac \\\"x\\\"\"\n", "\u20ac \"x\"", "x", "x", {1, 11}},
      {"key: \"one \\\n    two\"\n", "one two", "two", "two", {2, 5}},
      {"key: \"one\\\n    \\  two\"\n", "one  two", "two", "two", {2, 8}},
      {"key: \"one\n\n    two\"\n", "one\ntwo", "two", "two", {3, 5}},
      {"key: \"\\L\\Px\"\n", "\u2028\u2029x", "x", "x", {1, 11}},
      {"key: |\n  one\n    two\n  three\n", "one\n  two\nthree\n", "two", "two", {3, 5}},
      {"key: |\n  one\n    two\n  three\n", "one\n  two\nthree\n", "  two", "  two", {3, 3}},
      {"key: |+ # comment\n\n    one\n\n  \n", "\none\n\n\n", "one", "one", {3, 5}},
      {"key: |2-\n    one\n  two\n", "  one\ntwo", "two", "two", {3, 3}},
      {"key: >-\n  one\n  two\n\n  three\n    four\n",
       "one two\nthree\n  four",
       "three",
       "three",
       {5, 3}},
      {"key: >-\n  one\n  two\n\n  three\n    four\n",
       "one two\nthree\n  four",
       "four",
       "four",
       {6, 5}},
      {"key: >\r\n  one\r\n  two\r\n", "one two\n", "two", "two", {3, 3}},
      {"\xEF\xBB\xBFkey: one two\n", "one two", "two", "two", {1, 11}},
  };
  for (const Place& place : places) {
    CAPTURE(place.source);
    const YamlNode node = value_of(place.source);
    CHECK(node.text == place.text);
    const size_t at = node.text.find(place.needle);
    REQUIRE(at != std::string::npos);
    const ScalarMap map(place.source, node.begin, node.text);
    const Span span =
        map.span({static_cast<uint32_t>(at), static_cast<uint32_t>(at + place.needle.size())});
    CHECK(span.of(place.source) == place.written);
    CHECK(LineIndex(place.source).position(span.begin) == place.at);
  }
}

struct Whole {
  std::string_view source;
  std::string_view whole;
};

TEST_CASE("a whole scalar has its quotes and no header") {
  const std::vector<Whole> wholes = {
      {"key: one two # comment\n", "one two"},
      {"key: 'it''s' # comment\n", "'it''s'"},
      {"key: ''\n", "''"},
      {"key: \"a\\n\" # comment\n", "\"a\\n\""},
      {"key: \"a \\\n   \"\n", "\"a \\\n   \""},
      {"key: >-\n  one\n  two\n\n", "one\n  two"},
      {"key: |\n\nother: 1\n", "|"},
      {"{key: one, b: 2}\n", "one"},
  };
  for (const Whole& whole : wholes) {
    CAPTURE(whole.source);
    CHECK(span_of(whole.source, value_of(whole.source)).of(whole.source) == whole.whole);
  }
}

TEST_CASE("the end of an expression is the end of its last word") {
  const std::string_view source = "key: >\n  one +\n\nother: 1\n";
  const YamlNode node = value_of(source);
  const ScalarMap map(source, node.begin, node.text);
  const auto size = static_cast<uint32_t>(node.text.size());
  CHECK(LineIndex(source).position(map.span({size, size}).begin) == Position{2, 8});
}

}  // namespace
}  // namespace proctor::rules
