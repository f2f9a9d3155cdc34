// Small configurations and rules, judged: what the engine's tests share.
#pragma once

#include <list>
#include <string>
#include <utility>
#include <vector>

#include "rules/engine.h"
#include "text/file.h"

namespace proctor::rules {

/// A configuration that owns its documents.
struct Files {
  explicit Files(const std::string& text) { add("/etc/sysctl.d/50-test.conf", text); }
  Files(std::initializer_list<std::pair<std::string, std::string>> files) {
    for (const auto& [path, text] : files) add(path, text);
  }
  void add(const std::string& path, const std::string& text);

  std::list<conf::Document> documents;
  load::Configuration configuration;
};

/// "--kernel", "--memory", "--loader", "--role", "--fact NAME=VALUE", "KEY=VALUE" as running value;
/// separated by blanks: "kernel=4.4..6.12 memory=8GiB role=relay running:vm.swappiness=60".
Target target(const std::string& given);

/// Rules of one text; a mistake in it fails the test.
RuleSet ruleset(const std::string& yaml);
/// A rule `test/rule` with some fields given as YAML lines of their own, the others filled in.
RuleSet rule(const std::string& fields);
/// The generic rules and roles that are shipped.
const RuleSet& generic();

/// "LINE severity rule: message" for each finding, "LINE rule ? needs; holds for ..." for each that
/// is undecided, one a line.
std::string verdict(const RuleSet& rules, const Files& files, const std::string& given,
                    const Selection& selection = {});

}  // namespace proctor::rules
