// A profile: what a kind of machine wants of sysctl, as formulas over facts and parameters.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/program.h"
#include "kernel/version.h"
#include "rules/rule.h"
#include "text/diagnostic.h"
#include "text/result.h"

namespace proctor::advise {

/// A CEL expression. Its variables are Profile::variables.
struct Formula {
  expr::Program program;
  std::string source;
};

enum class ParameterKind : uint8_t { kBool, kInt, kText, kNumbers, kTexts };

struct Parameter {
  std::string name;
  std::string description;
  std::string unit;  ///< Empty: none.
  ParameterKind kind = ParameterKind::kInt;
  expr::Value value;               ///< The default, unless it is computed.
  std::optional<Formula> formula;  ///< The default; a result beyond the bounds is moved to them.
  std::optional<int64_t> min;
  std::optional<int64_t> max;
  std::vector<std::string> one_of;  ///< Of kText; empty: any.
};

struct Let {
  std::string name;
  Formula formula;
};

/// What an id of rules::NameKind::kVariable means.
struct Variable {
  enum class Kind : uint8_t { kParameter, kLet } kind = Kind::kParameter;
  uint32_t index = 0;
};

/// A value for one key, or the same for several.
struct Setting {
  std::vector<std::string> keys;  ///< Dotted.
  std::string group;
  Formula value;
  std::optional<Formula> when;
  std::string reason;
  std::vector<std::string> evidence;
  std::string module;     ///< Brings the keys; empty: none is needed.
  bool asserted = false;  ///< Written although it is the kernel's default.
  std::string profile;    ///< The one that has it.
};

struct Companion {
  std::string path;
  std::vector<rules::Template> lines;
  std::optional<Formula> when;
  std::string reason;
};

struct Advice {
  std::string text;
  std::optional<Formula> when;
};

/// A key that lists for such machines often have, and that this one leaves alone.
struct Avoided {
  std::string key;
  std::string why;
};

struct Requirement {
  Formula condition;
  std::string message;
};

/// A role that a formula asks for.
struct AskedRole {
  std::string name;
  Diagnostic unknown;  ///< What to say if there is no such role.
};

struct Profile {
  std::string name;
  std::string title;
  std::string description;
  std::vector<std::string> bases;  ///< What it extends, the nearest first.
  std::vector<Parameter> parameters;
  std::vector<Let> lets;
  std::vector<Variable> variables;  ///< By order of declaration, those of bases first.
  std::vector<Setting> settings;    ///< Own ones before those of bases.
  std::vector<Companion> companions;
  std::vector<Advice> advice;
  std::vector<Avoided> avoided;
  std::vector<Requirement> requirements;
  std::set<std::string> patterns;      ///< Of the catalog: keys set or read.
  std::set<kernel::Version> versions;  ///< That its formulas name.
  std::vector<AskedRole> asked_roles;

  const Parameter* find_parameter(std::string_view parameter) const;
};

/// Reads one file over what it extends: a parameter or `let` of the same name replaces that of the
/// base, a setting all of the base's settings of its keys, a companion that of the same path. Every
/// mistake is reported; after one the profile is not to be used. `base` is empty, but for its name,
/// if the file extends nothing.
Profile compile_profile(std::string name, std::string_view file, std::string_view text,
                        Profile base, std::vector<Diagnostic>& problems);

expr::Type type_of(const Parameter& parameter);

/// The `extends` of a profile's text; empty: none, or the text has mistakes.
std::string base_name(std::string_view text);

/// The value of a parameter as --set gives it: true or false, numbers with the units of the
/// parameter, lists with commas. An error says what was expected.
Result<expr::Value> parse_parameter(const Parameter& parameter, std::string_view text);

/// The text of a profile compiled into the program.
struct BuiltinProfile {
  std::string_view name;
  std::string_view file;  ///< "profiles/relay.toml"
  std::string_view text;
};
std::span<const BuiltinProfile> builtin_profiles();  ///< Sorted by name; static.

/// A profile of the program, or the file of a path (a name with '/' or ending in ".toml") with what
/// it extends. Mistakes go to `problems`; an error: there is no such profile, or a file cannot be
/// read.
Result<Profile> load_profile(std::string_view name, std::vector<Diagnostic>& problems);

}  // namespace proctor::advise
