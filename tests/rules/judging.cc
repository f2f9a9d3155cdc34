#include "judging.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "text/text.h"
#include "text/units.h"

namespace proctor::rules {
namespace {

std::string source(const std::string& path) {
  const char* root = std::getenv("PROCTOR_SOURCE_ROOT");
  const auto text =
      read_file((root == nullptr ? std::string(".") : std::string(root)) + "/" + path);
  REQUIRE_MESSAGE(text.ok(), path);
  return *text;
}

std::string_view word(Severity severity) { return to_string(severity); }

}  // namespace

void Files::add(const std::string& path, const std::string& text) {
  documents.push_back(conf::Document::parse(path, text));
  load::SourceFile file;
  file.document = &documents.back();
  file.path = path;
  configuration.files.push_back(std::move(file));
}

Target target(const std::string& given) {
  Target out;
  std::vector<std::string> roles;
  for (const std::string_view part : split_blanks(given)) {
    const size_t equals = part.find('=');
    REQUIRE(equals != std::string_view::npos);
    const std::string name(part.substr(0, equals));
    const std::string value(part.substr(equals + 1));
    if (name == "kernel") {
      const auto range = kernel::parse_version_range(value);
      REQUIRE(range.ok());
      out.facts.set("kernel", *range);
    } else if (name == "loader") {
      const auto loader = load::find_loader(value);
      REQUIRE(loader.ok());
      out.loader = *loader;
    } else if (name == "role") {
      roles.push_back(value);
    } else if (name.starts_with("running:")) {
      out.running[kernel::dotted_to_path(name.substr(8))] = value;
    } else {
      auto fact = host::parse_fact(std::string(part));
      REQUIRE_MESSAGE(fact.ok(), std::string(part));
      out.facts.set(fact->first, fact->second);
    }
  }
  if (!roles.empty()) out.facts.set("roles", roles);
  return out;
}

RuleSet ruleset(const std::string& yaml) {
  RuleSet rules;
  std::vector<Diagnostic> problems;
  rules.add_yaml("roles.yaml", source("rules/roles.yaml"), problems);
  rules.add_yaml("test.yaml", yaml, problems);
  rules.link(problems);
  for (const Diagnostic& problem : problems) {
    // The tests' rules have no examples.
    CHECK_MESSAGE(problem.message.find("example") != std::string::npos, problem.to_text());
  }
  return rules;
}

namespace {

/// `text` with every line moved in.
std::string indented(const std::string& text) {
  std::string out;
  for (const std::string_view line : split(text, '\n')) {
    if (!line.empty()) out += "    " + std::string(line) + "\n";
  }
  return out;
}

}  // namespace

RuleSet rule(const std::string& fields) {
  std::string yaml = "rules:\n  - id: test/rule\n    title: t\n";
  const auto fill = [&](const std::string& field, const std::string& value) {
    if (("\n" + fields).find("\n" + field + ":") == std::string::npos) {
      yaml += "    " + field + ": " + value + "\n";
    }
  };
  fill("severity", "warning");
  fill("category", "harmful");
  fill("message", "it fires");
  fill("why", "w");
  fill("evidence", "[e]");
  yaml += indented(fields);
  yaml +=
      "    examples:\n"
      "      - { name: a, conf: \"x\", expect: fires }\n"
      "      - { name: b, conf: \"x\", expect: silent }\n";
  return ruleset(yaml);
}

const RuleSet& generic() {
  static const RuleSet kRules = [] {
    RuleSet rules;
    std::vector<Diagnostic> problems;
    for (const char* name :
         {"roles", "generic-key", "generic-load", "generic-syntax", "generic-value"}) {
      const std::string file = "rules/" + std::string(name) + ".yaml";
      rules.add_yaml(file, source(file), problems);
    }
    rules.link(problems);
    for (const Diagnostic& problem : problems) CHECK_MESSAGE(false, problem.to_text());
    return rules;
  }();
  return kRules;
}

std::string verdict(const RuleSet& rules, const Files& files, const std::string& given,
                    const Selection& selection) {
  const Report report = judge(rules, files.configuration, target(given), selection);
  for (const Diagnostic& defect : report.defects) CHECK_MESSAGE(false, defect.to_text());
  const auto line = [&](uint32_t file, const Span& span) {
    const conf::Document& document = *files.configuration.files[file].document;
    const std::string number = std::to_string(document.position(span.begin).line);
    return file == 0 ? number : std::to_string(file) + ":" + number;
  };
  std::string out;
  for (const Finding& finding : report.findings) {
    out += line(finding.file, finding.span) + " ";
    out += word(finding.severity);
    out += " " + finding.rule + ": " + finding.message + "\n";
  }
  for (const Undecided& undecided : report.undecided) {
    out += line(undecided.file, undecided.span) + " " + undecided.rule + " ?";
    for (const std::string& need : undecided.needs) out += " " + need;
    if (!undecided.holds_for.empty()) out += "; holds for " + undecided.holds_for;
    out += "\n";
  }
  return out;
}

}  // namespace proctor::rules
