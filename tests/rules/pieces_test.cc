// A file that is judged in pieces gets the report that it gets as a whole.
#include "rules/pieces.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "judging.h"
#include "random_files.h"
#include "text/text.h"

using namespace proctor;
using namespace proctor::rules;

namespace {

std::string text_of(const Report& report) {
  std::string out = std::to_string(report.assignments) + " assignments\n";
  const auto span = [](uint32_t file, Span at) {
    return std::to_string(file) + "@" + std::to_string(at.begin) + "-" + std::to_string(at.end);
  };
  const auto list = [](const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += text + ",";
    return all;
  };
  for (const Finding& one : report.findings) {
    out += one.rule + " " + std::string(to_string(one.severity)) +
           std::string(to_string(one.category)) + " " + span(one.file, one.span) + "\n  " +
           one.message + "\n  " + one.label + "\n  " + one.why + "\n  " + list(one.keys) + "|" +
           list(one.evidence) + "|" + list(one.tags) + "|" + list(one.also) + "\n";
    for (const Related& other : one.related) {
      out += "  " + span(other.file, other.span) + " " + other.message + "\n";
    }
    for (const Fix& fix : one.fixes) {
      out += std::string(fix.safe ? "  safe " : "  unsafe ") + fix.summary + "\n";
      for (const FileEdit& edit : fix.edits) {
        out += "    " + span(edit.file, edit.edit.span) + " " + edit.edit.text + "\n";
      }
    }
  }
  for (const Undecided& one : report.undecided) {
    out +=
        one.rule + " ? " + span(one.file, one.span) + " " + list(one.needs) + one.holds_for + "\n";
  }
  for (const Diagnostic& defect : report.defects) out += defect.message + "\n";
  return out;
}

/// What one text has and the other lacks.
std::string difference(const std::string& a, const std::string& b) {
  std::string out;
  const auto lines_only_in = [&](const std::string& in, const std::string& other, char mark) {
    for (const std::string_view line : split(in, '\n')) {
      if (other.find(line) == std::string::npos) out += mark + std::string(line) + "\n";
    }
  };
  lines_only_in(a, b, '-');
  lines_only_in(b, a, '+');
  return out.empty() && a != b ? "another order" : out;
}

}  // namespace

TEST_CASE("a file judged in pieces gets the report of the whole") {
  const RuleSet rules = RuleSet::builtin();
  RandomFiles files(7);
  for (const std::string& given : std::vector<std::string>{
           "kernel=6.1 memory=8GiB role=exit-relay", "", "kernel=7.2 role=router",
           "kernel=5.10 loader=busybox-1.35.0 role=container",
           "kernel=6.12 loader=systemd-252 memory=1GiB cpus=2 running:vm.swappiness=10"}) {
    CAPTURE(given);
    const Target asked = target(given);
    const Selection selection = given.empty() ? Selection{{"policy"}, {}} : Selection{};
    Starts starts;
    Pieces pieces;
    size_t composed = 0;
    for (int round = 0; round < 30; ++round) {
      const std::string text = files.next();
      CAPTURE(text);
      const Files file(text);
      const auto report =
          pieces.judge(rules, file.configuration.files.front(), asked, selection, starts);
      if (!report) continue;
      ++composed;
      Starts fresh;
      const Report whole = judge(rules, file.configuration, asked, selection, fresh);
      CHECK(difference(text_of(whole), text_of(*report)) == "");
    }
    CHECK(composed > 20);
  }
}
