// rulec: rule files -> the table that is compiled into the program.
//
//   rulec --check PATH...                    reports every mistake; nothing is written
//   rulec --output OUT --depfile DEP DIR     writes the rules of a folder as C++
//   rulec --schema                           prints the JSON Schema of rule files
//
// A folder stands for the *.yaml in it. Files that refer to each other's rules and roles are given
// together. Exit status: 0, 1 if a file has a mistake, 2 for wrong usage or a file that cannot be
// read or written.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "rules/ruleset.h"
#include "rules/schema.h"
#include "text/file.h"

namespace {

using proctor::Diagnostic;
using proctor::Result;
using proctor::rules::RuleSet;

namespace fs = std::filesystem;

constexpr std::string_view kUsage =
    "usage: rulec --check PATH...\n"
    "       rulec --output OUT --depfile DEP DIR\n"
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

/// The *.yaml of a folder by name, or the file itself.
std::vector<std::string> files_of(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<std::string> files;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".yaml") files.push_back(entry->path().string());
  }
  std::ranges::sort(files);
  return files;
}

/// Loads and links; mistakes go to standard error. With `base` rules remember their files' names
/// below it, so that the table does not depend on where it was built.
int load(RuleSet& rules, const std::vector<std::string>& files, const std::string& base = {}) {
  std::vector<Diagnostic> problems;
  int status = 0;
  for (const std::string& file : files) {
    const Result<std::string> text = proctor::read_file(file);
    if (!text.ok()) {
      print(stderr, file + ": " + text.error() + "\n");
      status = 2;
      continue;
    }
    rules.add_yaml(std::string_view(file).substr(base.size()), *text, problems);
  }
  rules.link(problems);
  for (Diagnostic& problem : problems) {
    problem.file = base + problem.file;
    print(stderr, problem.to_text());
  }
  return !problems.empty() && status == 0 ? 1 : status;
}

int write(const std::string& path, std::string_view bytes) {
  const std::string error = proctor::write_file(path, bytes);
  if (error.empty()) return 0;
  print(stderr, path + ": " + error + "\n");
  return 2;
}

int check(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    const std::vector<std::string> found = files_of(path);
    files.insert(files.end(), found.begin(), found.end());
  }
  RuleSet rules;
  return load(rules, files);
}

/// The folder is a dependency as well: a new file changes its time.
int compile(const std::string& output, const std::string& depfile, const std::string& folder) {
  const std::vector<std::string> files = files_of(folder);
  const std::string name = fs::path(folder).filename().string();
  RuleSet rules;
  const int status = load(rules, files, folder.substr(0, folder.size() - name.size()));
  if (status != 0) return status;
  std::string dependencies = output + ": " + folder;
  for (const std::string& file : files) dependencies += " " + file;
  const int written = write(output, source_of(rules.pack()));
  return written != 0 ? written : write(depfile, dependencies + "\n");
}

int run(const std::vector<std::string>& arguments) {
  if (arguments == std::vector<std::string>{"--schema"}) {
    print(stdout, proctor::rules::rule_schema());
    return 0;
  }
  if (arguments.size() > 1 && arguments[0] == "--check") {
    return check({arguments.begin() + 1, arguments.end()});
  }
  if (arguments.size() == 5 && arguments[0] == "--output" && arguments[2] == "--depfile") {
    return compile(arguments[1], arguments[3], arguments[4]);
  }
  print(stderr, kUsage);
  return 2;
}

}  // namespace

int main(int argc, char** argv) { return run(std::vector<std::string>(argv + 1, argv + argc)); }
