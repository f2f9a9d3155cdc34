// A file that is judged in pieces, or for several targets at once, gets the report that it gets as
// a whole for each of them.
#include "rules/pieces.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "judging.h"
#include "random_files.h"
#include "rules/gather.h"
#include "rules/places.h"
#include "text/text.h"

using namespace proctor;
using namespace proctor::rules;

namespace {

/// `words`: with its texts.
std::string text_of(const Report& report, bool words = true) {
  std::string out;
  const auto span = [](uint32_t file, Span at) {
    return std::to_string(file) + "@" + std::to_string(at.begin) + "-" + std::to_string(at.end);
  };
  const auto list = [](std::span<const std::string> texts) {
    std::string all;
    for (const std::string& text : texts) all += text + ",";
    return all;
  };
  for (const Finding& one : report.findings) {
    out += one.rule + " " + std::string(to_string(one.severity)) +
           std::string(to_string(one.category)) + " " + span(one.file, one.span) + "\n  " +
           list(one.keys) + "|" + list(one.evidence) + "|" + list(one.also) + "\n";
    if (words) out += "  " + one.message + "\n  " + one.label + "\n  " + one.why + "\n";
    for (const Related& other : one.related) {
      out += "  " + span(other.file, other.span) + (words ? " " + other.message : "") + "\n";
    }
    for (const Fix& fix : one.fixes) {
      out += std::string(fix.safe ? "  safe " : "  unsafe ") + (words ? fix.summary : "") + "\n";
      for (const FileEdit& edit : fix.edits) {
        std::string text = edit.edit.text;
        // A line that is taken out leaves the message behind.
        const size_t message = text.find(one.message);
        if (!words && message != text.npos) text.erase(message, one.message.size());
        out += "    " + span(edit.file, edit.edit.span) + " " + text + "\n";
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

/// What one of the targets is told.
Report told_to(const std::vector<Told>& all, uint32_t target) {
  Report report;
  for (const Told& told : all) {
    if (!std::ranges::binary_search(told.targets, target)) continue;
    Report part = told.report;
    append(report, std::move(part));
  }
  sort(report);
  gather(report.findings);
  gather(report.undecided);
  return report;
}

/// Every target is told what judge() says of it; in the same words if it is the only one.
void check_told(const Audience& audience, const std::vector<Told>& told, const TargetSet& targets,
                const load::Configuration& configuration) {
  for (const uint32_t one : targets) {
    CAPTURE(one);
    Starts fresh;
    const Report whole = judge(audience.rules(), configuration, *audience.targets()[one],
                               audience.selection(), fresh);
    const bool words = audience.targets().size() == 1;
    CHECK(difference(text_of(whole, words), text_of(told_to(told, one), words)) == "");
  }
  // In the words of the one who speaks.
  for (const Told& part : told) {
    const TargetSet speaker{audience.speaker(part.targets)};
    if (part.report.findings.empty()) continue;
    Starts fresh;
    PieceFacts facts;
    const std::string whole =
        text_of(judge_piece(audience.rules(), configuration, *audience.targets()[speaker.front()],
                            audience.selection(), fresh, LineNames::kNumber, facts));
    for (const Finding& finding : part.report.findings) {
      CHECK(whole.find("  " + finding.message + "\n  " + finding.label + "\n  " + finding.why +
                       "\n") != std::string::npos);
    }
  }
}

/// Targets as a fleet has them, some of them alike.
std::vector<Target> fleet(std::mt19937& dice) {
  const std::vector<std::vector<std::string>> kChoices = {
      {"kernel=4.19", "kernel=5.10", "kernel=5.10.223", "kernel=6.1", "kernel=6.1.176",
       "kernel=6.6", "kernel=6.12", "kernel=7.2", "kernel=5.4..6.1", ""},
      {" memory=512MiB", " memory=8GiB", " memory=8GiB", " memory=1TiB", ""},
      {" cpus=2", "", "", ""},
      {" role=exit-relay", " role=web-server", " role=router", " role=container", "", ""},
      {" loader=busybox-1.35.0", " running:vm.swappiness=10", "", "", "", "", "", ""}};
  std::vector<Target> targets;
  const bool single = std::uniform_int_distribution<int>(0, 3)(dice) > 0;
  while (targets.size() < 10) {
    std::string given;
    for (const auto& choices : kChoices) {
      const size_t last = choices.size() - (single && &choices == &kChoices.front() ? 3 : 1);
      given += choices[std::uniform_int_distribution<size_t>(0, last)(dice)];
    }
    targets.push_back(target(given));
  }
  return targets;
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
    Audience audience(rules, {&asked}, selection, starts);
    PieceStore store;
    std::array<Pieces, 2> threads{Pieces(store), Pieces(store)};
    size_t composed = 0;
    for (size_t round = 0; round < 20; ++round) {
      Pieces& pieces = threads[round % 2];
      const std::string text = files.next();
      CAPTURE(text);
      Files file(text);
      file.configuration.at_boot = round % 3 == 0;
      const Pieces::Answer answer = pieces.judge(audience, file.configuration, starts);
      if (!answer.left.empty()) continue;
      ++composed;
      check_told(audience, answer.told, audience.all(), file.configuration);
    }
    CHECK(composed > 14);
  }
}

TEST_CASE("where busybox ends depends on the kernel, and none is given") {
  const RuleSet rules = RuleSet::builtin();
  const Target asked = target("");
  const Selection selection;
  Starts starts;
  Audience audience(rules, {&asked}, selection, starts);
  PieceStore store;
  Pieces pieces(store);
  const std::map<char, std::string_view> lines{
      {'l', "net.ipv4.tcp_shrink_window = 5\n"},  // Refused by newer kernels,
      {'a', "vm.swappiness = 300\n"},             // and by all.
      {'o', "kernel.panic = 10\nnet.core.rmem_max = 16777216\n"},
      {'1', "vm.swappiness = 10\n"},
      {'2', "vm.swappiness = 20\n"},
      {'d', "net.core.rmem_default = 100000\n"}};
  for (const std::string_view order : {"lo", "ol", "loao", "oal", "l1o2ao", "dloao"}) {
    std::string text;
    for (const char line : order) text += lines.at(line);
    CAPTURE(text);
    const Files file(text);
    const Pieces::Answer answer = pieces.judge(audience, file.configuration, starts);
    CHECK(answer.left.empty());
    check_told(audience, answer.told, audience.all(), file.configuration);
  }
}

TEST_CASE("several targets are told what each is told alone") {
  const RuleSet rules = RuleSet::builtin();
  RandomFiles files(11);
  std::mt19937 dice(3);
  size_t composed = 0;
  size_t shared = 0;
  for (int round = 0; round < 5; ++round) {
    CAPTURE(round);
    const std::vector<Target> targets = fleet(dice);
    std::vector<const Target*> places;
    places.reserve(targets.size());
    for (const Target& one : targets) places.push_back(&one);
    const Selection selection = round == 3 ? Selection{{"policy"}, {}} : Selection{};
    Starts starts;
    Audience audience(rules, places, selection, starts);
    PieceStore store;
    Pieces pieces(store);
    for (int i = 0; i < 4; ++i) {
      const std::string text = files.next();
      CAPTURE(text);
      Files file(text);
      file.configuration.at_boot = i % 2 == 0;
      std::vector<Told> whole;
      for (auto& heard :
           audience.judge(file.configuration, audience.all(), LineNames::kNumber, starts)) {
        shared += heard.told.targets.size() - 1;
        whole.push_back(std::move(heard.told));
      }
      check_told(audience, whole, audience.all(), file.configuration);
      const Pieces::Answer answer = pieces.judge(audience, file.configuration, starts);
      TargetSet told;
      std::ranges::set_difference(audience.all(), answer.left, std::back_inserter(told));
      composed += told.size();
      check_told(audience, answer.told, told, file.configuration);
    }
  }
  CHECK(composed > 80);
  CHECK(shared > 10);
}
