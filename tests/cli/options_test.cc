#include "cli/options.h"

#include <doctest/doctest.h>

#include <array>

namespace proctor::cli {
namespace {

constexpr std::array kIds = {OptionId::kHost,   OptionId::kKernel, OptionId::kMemory,
                             OptionId::kSelect, OptionId::kFormat, OptionId::kColor,
                             OptionId::kQuiet,  OptionId::kOutput};

CommandInfo command(uint8_t min = 0, uint8_t max = 255) {
  return {"check", "[PATH...]", min, max, "", "", kIds, nullptr};
}

/// "--kernel=6.1 --host | a b": options in their order, then operands.
std::string parsed(const std::vector<std::string>& arguments, const CommandInfo& info) {
  const Result<Invocation> invocation = parse_options(info, arguments);
  if (!invocation) return "error: " + invocation.error();
  std::string out;
  for (const OptionUse& use : invocation->options) {
    out += std::string(option_info(use.id).name);
    if (!use.value.empty()) out += "=" + use.value;
    out += ' ';
  }
  out += '|';
  for (const std::string& operand : invocation->operands) out += " " + operand;
  return out;
}

TEST_CASE("command lines") {
  struct Case {
    std::vector<std::string> arguments;
    std::string expected;
  };
  const std::vector<Case> cases = {
      {{}, "|"},
      {{"a", "b"}, "| a b"},
      {{"-"}, "| -"},
      {{"[a,b]", "x,y"}, "| [a,b] x,y"},
      {{"--", "--kernel", "-x"}, "| --kernel -x"},
      {{"--", "a", "--"}, "| a --"},
      // A value is one argument: the path behind it stays a path.
      {{"--select", "tcp/,key/", "--select", "load/", "file"},
       "--select=tcp/,key/ --select=load/ | file"},
      {{"--select=[a]", "[b]"}, "--select=[a] | [b]"},
      // Order is kept between options, which decides between facts.
      {{"--kernel", "6.1", "--host", "--kernel=5.10"}, "--kernel=6.1 --host --kernel=5.10 |"},
      {{"--host", "f", "--kernel", "6.1", "g"}, "--host --kernel=6.1 | f g"},
      {{"-q", "f"}, "--quiet | f"},
      {{"--memory", "-5"}, "--memory=-5 |"},
      {{"--memory", "--kernel"}, "--memory=--kernel |"},
      {{"--output", "sarif=a=b.json"}, "--output=sarif=a=b.json |"},
      {{"--kernel"}, "error: --kernel needs a value: VERSION"},
      {{"--kernel="}, "error: --kernel needs a value behind the '=': VERSION"},
      {{"--kernel=", "file"}, "error: --kernel needs a value behind the '=': VERSION"},
      {{"--host=yes"}, "error: --host takes no value, but '--host=yes' gives one"},
      {{"--kernl", "6.1"}, "error: unknown option '--kernl'; did you mean '--kernel'?"},
      {{"--memroy=8GiB"}, "error: unknown option '--memroy'; did you mean '--memory'?"},
      {{"-x"}, "error: unknown option '-x'; `proctor check --help` lists them"},
      {{"--unsafe"}, "error: '--unsafe' is no option of `proctor check`"},
      {{"--color", "alwys"},
       "error: --color: 'alwys' is none of auto|always|never; did you mean 'always'?"},
  };
  for (const Case& one : cases) {
    std::string shown;
    for (const std::string& argument : one.arguments) shown += argument + " ";
    CAPTURE(shown);
    CHECK_EQ(parsed(one.arguments, command()), one.expected);
  }
}

TEST_CASE("the number of operands") {
  CHECK_EQ(parsed({}, command(1, 1)), "error: `proctor check` needs [PATH...]");
  CHECK_EQ(parsed({"a", "b"}, command(1, 1)), "error: `proctor check` does not take 'b'");
  CHECK_EQ(parsed({"a"}, command(1, 1)), "| a");
  // Help is printed whatever else is wrong.
  CHECK_EQ(parsed({"--help"}, command(1, 1)), "--help |");
}

TEST_CASE("commands are found by their words, and near misses are named") {
  struct Case {
    std::vector<std::string> words;
    std::string expected;
  };
  const std::vector<Case> cases = {
      {{"explain", "x"}, "explain 1"},
      {{"keys", "list", "x"}, "keys list 2"},
      {{"explian"}, "error: unknown command 'explian'; did you mean 'explain'?"},
      {{"zzzzzz"}, "error: unknown command 'zzzzzz'"},
      {{"keys"}, "error: 'keys' needs one of: list, show"},
      {{"keys", "lst"}, "error: unknown command 'keys lst'; did you mean 'list'?"},
      {{"keys", "--help"}, "error: 'keys' needs one of: list, show"},
      {{"rules", "--format", "markdown"}, "rules list 1"},
      {{"explain", "--format", "json"}, "explain 1"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.words[0]);
    const Result<CommandMatch> match = find_command(one.words);
    const std::string shown =
        match ? std::string(match->command->name) + " " + std::to_string(match->words)
              : "error: " + match.error();
    CHECK_EQ(shown, one.expected);
  }
}

TEST_CASE("every command's help names each of its options once, and fits 80 columns") {
  for (const CommandInfo& info : command_table()) {
    CAPTURE(info.name);
    const std::string help = help_text(info);
    for (const OptionId id : info.options) {
      CHECK_NE(help.find(std::string(option_info(id).name)), std::string::npos);
    }
    for (size_t at = 0; at < help.size();) {
      const size_t end = help.find('\n', at);
      CHECK_LE(end - at, 100);
      at = end + 1;
    }
  }
}

}  // namespace
}  // namespace proctor::cli
