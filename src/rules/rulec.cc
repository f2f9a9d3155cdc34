// rulec: rule files -> the table that is compiled into the program.
//
//   rulec --check FILE...         reports every mistake; nothing is written
//   rulec --output OUT FILE...    writes the table as C++
//   rulec --schema                prints the JSON Schema of rule files
//
// Files that refer to each other's rules and roles are given together. Exit status: 0, 1 if a file
// has a mistake, 2 for wrong usage or a file that cannot be read or written.
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "rules/ruleset.h"
#include "text/file.h"

namespace {

using proctor::Diagnostic;
using proctor::Result;
using proctor::rules::RuleSet;

constexpr std::string_view kUsage =
    "usage: rulec --check FILE...\n"
    "       rulec --output OUT FILE...\n"
    "       rulec --schema\n";

void print(std::FILE* to, std::string_view text) { std::fwrite(text.data(), 1, text.size(), to); }

/// The bytes as a string literal: the form that compilers read fastest.
std::string source_of(std::string_view table) {
  std::string out =
      "// Made by rulec from rules/*.yaml.\n"
      "#include \"rules/builtin.h\"\n\n"
      "#if defined(__clang__)\n"
      "#pragma clang diagnostic ignored \"-Woverlength-strings\"\n"
      "#endif\n"
      "namespace proctor::rules {\n"
      "const size_t kBuiltinRulesSize = " +
      std::to_string(table.size()) + ";\nalignas(8) const char kBuiltinRules[] =";
  constexpr size_t kLine = 96;
  for (size_t at = 0; at < table.size(); at += kLine) {
    out += "\n    \"";
    for (const char c : table.substr(at, kLine)) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\' || c == '?') {
        out += '\\';
        out += c;
      } else if (byte >= 0x20 && byte < 0x7F) {
        out += c;
      } else {
        // Three digits always, so that a digit that follows is none of it.
        out += '\\';
        for (unsigned shift = 9; shift > 0; shift -= 3) {
          out += static_cast<char>('0' + (byte >> (shift - 3) & 7U));
        }
      }
    }
    out += '"';
  }
  if (table.empty()) out += " \"\"";
  return out + ";\n}  // namespace proctor::rules\n";
}

/// Adds up mistakes of all files; false if there is one.
bool load(RuleSet& rules, const std::vector<std::string>& files, int& status) {
  std::vector<Diagnostic> problems;
  for (const std::string& file : files) {
    const Result<std::string> text = proctor::read_file(file);
    if (!text.ok()) {
      problems.push_back({file, {}, {}, text.error(), {}});
      status = 2;
      continue;
    }
    rules.add_yaml(file, *text, problems);
  }
  rules.link(problems);
  for (const Diagnostic& problem : problems) print(stderr, problem.to_text());
  if (!problems.empty() && status == 0) status = 1;
  return problems.empty();
}

int run(const std::vector<std::string>& arguments) {
  const bool check = arguments.size() > 1 && arguments[0] == "--check";
  const bool output = arguments.size() > 2 && arguments[0] == "--output";
  if (!check && !output) {
    print(stderr, kUsage);
    return 2;
  }
  const std::vector<std::string> files(arguments.begin() + (check ? 1 : 2), arguments.end());
  RuleSet rules;
  int status = 0;
  if (!load(rules, files, status)) return status;
  if (check) return 0;
  const std::string error = proctor::write_file(arguments[1], source_of(rules.pack()));
  if (error.empty()) return 0;
  print(stderr, arguments[1] + ": " + error + "\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) { return run(std::vector<std::string>(argv + 1, argv + argc)); }
