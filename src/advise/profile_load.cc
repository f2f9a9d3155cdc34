// Where profiles come from, and the values of their parameters.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "advise/profile.h"
#include "text/file.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::advise {
namespace {

/// Profiles that extend each other are fewer.
constexpr size_t kMostBases = 8;

/// One file that is read.
struct ProfileText {
  std::string name;
  std::string file;
  std::string text;
};

bool is_path(std::string_view name) {
  return name.find('/') != std::string_view::npos || name.ends_with(".toml");
}

std::string stem(std::string_view path) {
  path.remove_prefix(path.rfind('/') + 1);
  if (path.ends_with(".toml")) path.remove_suffix(5);
  return std::string(path);
}

Result<ProfileText> find_text(std::string_view name) {
  if (is_path(name)) {
    Result<std::string> text = read_file(std::string(name));
    if (!text) return Error{fmt::format("{}: {}", name, text.error())};
    return ProfileText{stem(name), std::string(name), std::move(text).value()};
  }
  std::vector<std::string_view> names;
  for (const BuiltinProfile& profile : builtin_profiles()) {
    if (profile.name == name) {
      return ProfileText{std::string(name), std::string(profile.file), std::string(profile.text)};
    }
    names.push_back(profile.name);
  }
  const std::string_view near = nearest(name, names);
  std::string hint = near.empty() ? "; `proctor profiles list` shows them"
                                  : fmt::format("; did you mean '{}'?", near);
  return Error{fmt::format("no profile is called '{}'{}", escape_bytes(name), hint)};
}

/// `extends` of a file names a profile of the program, or a file from its own folder on.
std::string resolve(const std::string& base, const std::string& file) {
  const size_t slash = file.rfind('/');
  if (!is_path(base) || base.starts_with('/') || slash == std::string::npos) return base;
  return file.substr(0, slash + 1) + base;
}

/// What to say of files that extend each other; the last extends the first.
std::string circle(std::span<const ProfileText> files) {
  std::string through;
  for (const ProfileText& file : files.subspan(1)) {
    through += fmt::format("{}{}", through.empty() ? ", by way of " : ", ", file.file);
  }
  return fmt::format("{}: extends itself{}", files.front().file, through);
}

Error expected(const Parameter& parameter, std::string_view text, std::string_view what) {
  return Error{fmt::format("'{}' is no value for {}; expected {}", escape_bytes(text),
                           parameter.name, what)};
}

Result<int64_t> parse_number(const Parameter& parameter, std::string_view text) {
  Result<int64_t> plain = parse_int(text);
  if (plain) return plain;
  Result<uint64_t> with_unit = Error{};
  std::string_view form = "a whole number";
  if (parameter.unit == "bytes" || parameter.unit == "bytes/s") {
    with_unit = parse_size(text);
    form = "a size such as 64MiB";
  } else if (parameter.unit == "bit/s") {
    with_unit = parse_bit_rate(text);
    form = "a speed such as 10Gbit/s";
  }
  if (!with_unit || *with_unit > static_cast<uint64_t>(INT64_MAX)) {
    return expected(parameter, text, form);
  }
  return static_cast<int64_t>(*with_unit);
}

std::string bounds_of(const Parameter& parameter) {
  const auto number = [&](int64_t value) {
    return parameter.unit.starts_with("bytes") && value >= 0
               ? format_size(static_cast<uint64_t>(value))
               : format_count(value);
  };
  if (parameter.min && parameter.max) {
    return fmt::format("{} to {}", number(*parameter.min), number(*parameter.max));
  }
  return parameter.min ? fmt::format("{} or more", number(*parameter.min))
                       : fmt::format("{} or less", number(*parameter.max));
}

Result<expr::Value> parse_list(const Parameter& parameter, std::string_view text) {
  expr::List list;
  if (trim(text).empty()) return expr::Value::list(std::move(list));
  for (const std::string_view part : split(text, ',')) {
    if (parameter.kind == ParameterKind::kTexts) {
      list.push_back(expr::Value::string(std::string(trim(part))));
      continue;
    }
    const Result<int64_t> number = parse_int(trim(part));
    if (!number) return expected(parameter, text, "whole numbers with a comma between them");
    list.push_back(expr::Value::of(*number));
  }
  return expr::Value::list(std::move(list));
}

}  // namespace

Result<expr::Value> parse_parameter(const Parameter& parameter, std::string_view text) {
  switch (parameter.kind) {
    case ParameterKind::kBool:
      if (text == "true" || text == "yes" || text == "1") return expr::Value::of(true);
      if (text == "false" || text == "no" || text == "0") return expr::Value::of(false);
      return expected(parameter, text, "true or false");
    case ParameterKind::kText: {
      const std::vector<std::string_view> choices(parameter.one_of.begin(), parameter.one_of.end());
      if (choices.empty() || std::ranges::find(choices, text) != choices.end()) {
        return expr::Value::string(std::string(text));
      }
      std::string list;
      for (const std::string_view choice : choices) {
        list += (list.empty() ? "" : ", ") + std::string(choice);
      }
      return expected(parameter, text, "one of " + list);
    }
    case ParameterKind::kNumbers:
    case ParameterKind::kTexts:
      return parse_list(parameter, text);
    case ParameterKind::kInt:
      break;
  }
  const Result<int64_t> number = parse_number(parameter, text);
  if (!number) return Error{number.error()};
  if ((parameter.min && *number < *parameter.min) || (parameter.max && *number > *parameter.max)) {
    return expected(parameter, text, bounds_of(parameter));
  }
  return expr::Value::of(*number);
}

Result<Profile> load_profile(std::string_view name, std::vector<Diagnostic>& problems) {
  std::vector<ProfileText> texts;
  std::string next(name);
  while (!next.empty()) {
    Result<ProfileText> found = find_text(next);
    if (!found) {
      if (texts.empty()) return Error{found.error()};
      return Error{fmt::format("{}: extends: {}", texts.back().file, found.error())};
    }
    if (texts.size() == kMostBases) {
      return Error{fmt::format("{}: extends more than {} profiles, one the other",
                               texts.front().file, kMostBases)};
    }
    const auto same = std::ranges::find(texts, found->file, &ProfileText::file);
    if (same != texts.end()) return Error{circle({same, texts.end()})};
    const std::string base = base_name(found->text);
    next = base.empty() ? base : resolve(base, found->file);
    texts.push_back(std::move(found).value());
  }
  Profile profile;
  for (auto text = texts.rbegin(); text != texts.rend(); ++text) {
    profile = compile_profile(text->name, text->file, text->text, std::move(profile), problems);
    if (!problems.empty()) break;
  }
  return profile;
}

}  // namespace proctor::advise
