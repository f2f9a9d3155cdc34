// The one file that includes CLI11. Its exceptions end here.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "cli/options.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

/// CLI11 takes the next argument where `--name=` gives an empty value, and `--flag=no` as a use of
/// the flag.
std::string wrong_equals(const CommandInfo& command, const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    const size_t equals = argument.find('=');
    if (!argument.starts_with("--") || equals == std::string::npos) continue;
    const std::string_view name = std::string_view(argument).substr(0, equals);
    for (const OptionId id : command.options) {
      const OptionInfo& option = option_info(id);
      if (option.name != name) continue;
      if (option.value.empty()) {
        return fmt::format("{} takes no value, but '{}' gives one", name, escape_bytes(argument));
      }
      if (equals + 1 == argument.size()) {
        return fmt::format("{} needs a value behind the '=': {}", name, option.value);
      }
    }
  }
  return {};
}

std::string unknown_option(const CommandInfo& command, const std::string& argument) {
  const std::string name = argument.substr(0, argument.find('='));
  std::vector<std::string_view> names = {"--help"};
  for (const OptionId id : command.options) names.push_back(option_info(id).name);
  const std::string near = did_you_mean(name, names);
  if (!near.empty()) return fmt::format("unknown option '{}'{}", escape_bytes(name), near);
  const auto known = std::ranges::find(option_table(), name, &OptionInfo::name);
  if (known != option_table().end()) {
    return fmt::format("'{}' is no option of `proctor {}`", name, command.name);
  }
  return fmt::format("unknown option '{}'; `proctor {} --help` lists them", escape_bytes(name),
                     command.name);
}

std::string wrong_choice(const OptionInfo& option, std::string_view value) {
  const std::vector<std::string_view> choices = split(option.choices, '|');
  if (option.choices.empty() || std::ranges::find(choices, value) != choices.end()) return {};
  return fmt::format("{}: '{}' is none of {}{}", option.name, escape_bytes(value), option.choices,
                     did_you_mean(value, choices));
}

/// Operands and unknown options, which CLI11 leaves over in their order; behind "--" all are
/// operands.
std::string take_rest(std::vector<std::string> rest, Invocation& invocation) {
  bool operands_only = false;
  for (std::string& argument : rest) {
    if (!operands_only && argument == "--") {
      operands_only = true;
    } else if (!operands_only && argument.size() > 1 && argument[0] == '-') {
      return unknown_option(*invocation.command, argument);
    } else {
      invocation.operands.push_back(std::move(argument));
    }
  }
  return {};
}

std::string wrong_count(const Invocation& invocation) {
  const CommandInfo& command = *invocation.command;
  if (invocation.operands.size() < command.min_operands) {
    return fmt::format("`proctor {}` needs {}", command.name, command.operands);
  }
  if (command.max_operands == 255 || invocation.operands.size() <= command.max_operands) return {};
  return fmt::format("`proctor {}` does not take '{}'", command.name,
                     escape_bytes(invocation.operands[command.max_operands]));
}

/// CLI11 throws where the last option lacks its value; its text begins with the option's name.
std::string describe(const CommandInfo& command, std::string_view text) {
  for (const OptionId id : command.options) {
    const OptionInfo& option = option_info(id);
    if (option.value.empty()) continue;
    const std::string_view name = text.substr(0, text.find_first_of(": ,"));
    if (name == option.name || (!option.letter.empty() && name == option.letter)) {
      return fmt::format("{} needs a value: {}", option.name, option.value);
    }
  }
  return std::string(text);
}

}  // namespace

Result<Invocation> parse_options(const CommandInfo& command,
                                 const std::vector<std::string>& arguments) {
  if (std::string wrong = wrong_equals(command, arguments); !wrong.empty()) return Error{wrong};
  Invocation invocation;
  invocation.command = &command;
  try {
    CLI::App app;
    app.set_help_flag();
    app.allow_extras();
    std::map<const CLI::Option*, OptionId> ids;
    const auto declare = [&](OptionId id) {
      const OptionInfo& info = option_info(id);
      std::string names(info.name);
      if (!info.letter.empty()) names.append(",").append(info.letter);
      CLI::Option* option = info.value.empty() ? app.add_flag(names)
                                               : app.add_option(names)->type_size(1)->expected(1);
      // Every value of every occurrence is kept: the order of facts counts.
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(false);
      ids[option] = id;
    };
    for (const OptionId id : command.options) declare(id);
    declare(OptionId::kHelp);
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(std::move(reversed));
    std::map<const CLI::Option*, size_t> seen;
    for (const CLI::Option* option : app.parse_order()) {
      const OptionInfo& info = option_info(ids.at(option));
      std::string value = info.value.empty() ? "" : option->results().at(seen[option]++);
      if (std::string wrong = wrong_choice(info, value); !wrong.empty()) return Error{wrong};
      invocation.options.push_back({info.id, std::move(value)});
    }
    if (std::string wrong = take_rest(app.remaining(), invocation); !wrong.empty()) {
      return Error{wrong};
    }
  } catch (const CLI::ParseError& error) {
    return Error{describe(command, error.what())};
  }
  if (invocation.has(OptionId::kHelp)) return invocation;
  if (std::string wrong = wrong_count(invocation); !wrong.empty()) return Error{wrong};
  return invocation;
}

}  // namespace proctor::cli
