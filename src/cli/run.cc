#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/version.h"

namespace proctor::cli {
namespace {

int misuse(std::string_view what, std::string_view help) {
  complain(what);
  if (!help.empty()) complain(fmt::format("`proctor {}--help` tells how it is used", help));
  return kTrouble;
}

}  // namespace

int run(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    complain("a command is missing");
    print(help_text());
    return kTrouble;
  }
  std::vector<std::string> words = arguments;
  if (words[0] == "--version") return print(fmt::format("proctor {}\n", kVersion));
  if (words[0] == "--help" || words[0] == "-h") return print(help_text());
  if (words[0] == "help") {
    words.erase(words.begin());
    if (words.empty()) return print(help_text());
    words.emplace_back("--help");
  }
  if (words[0].starts_with('-')) {
    return misuse(fmt::format("'{}' stands before the command; options come after it", words[0]),
                  "");
  }
  const Result<CommandMatch> match = find_command(words);
  if (!match) return misuse(match.error(), "");
  const CommandInfo& command = *match->command;
  const std::vector<std::string> rest(words.begin() + static_cast<ptrdiff_t>(match->words),
                                      words.end());
  const Result<Invocation> invocation = parse_options(command, rest);
  if (!invocation) {
    return misuse(invocation.error(), fmt::format("{} ", command.name));
  }
  if (invocation->has(OptionId::kHelp)) return print(help_text(command));
  return command.run(*invocation);
}

}  // namespace proctor::cli
