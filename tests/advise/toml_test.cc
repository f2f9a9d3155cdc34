#include "advise/toml.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "expr/literal.h"

namespace proctor::advise {
namespace {

TEST_CASE("a letter that may stand in strings only is a mistake with its place") {
  for (uint32_t code = 0xA1; code <= 0x10FFFF; code += code < 0x3100 ? 1 : 97) {
    if (code >= 0xD800 && code <= 0xDFFF) continue;
    std::string letter;
    expr::append_utf8(letter, code);
    std::vector<rules::YamlProblem> problems;
    parse_toml("ti" + letter + "le = 1\n", problems);
    CAPTURE(code);
    // A line or paragraph separator and the like are white space to the library.
    if (problems.empty()) continue;
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].span.begin == 2);
    problems.clear();
    const rules::YamlNode tree = parse_toml("title = \"" + letter + "\"\n", problems);
    REQUIRE(problems.empty());
    CHECK(tree.items[1].text == letter);
  }
}

}  // namespace
}  // namespace proctor::advise
