// What a baseline takes out of a run, what it says is stale, and how its file is read and written.
#include "report/baseline.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "sample.h"

namespace proctor::report {
namespace {

/// A finding of the rule at every place of `text` in the file, for these targets.
struct Made {
  std::string rule;
  std::string text;
  std::vector<uint32_t> targets = {0};
};

/// A part with one file, and findings in it.
void add_file(Sample& sample, const std::string& name, const std::string& bytes,
              const std::vector<Made>& findings) {
  const uint32_t file = sample.file(name, bytes);
  for (const Made& made : findings) {
    for (size_t at = bytes.find(made.text); at != std::string::npos;
         at = made.text.empty() ? std::string::npos : bytes.find(made.text, at + 1)) {
      rules::Finding finding;
      finding.rule = made.rule;
      finding.file = file;
      finding.span = {static_cast<uint32_t>(at), static_cast<uint32_t>(at + made.text.size())};
      sample.part.entries.push_back({finding, made.targets});
    }
  }
  sort_part(sample.part);
}

Sample one_file(const std::string& name, const std::string& bytes,
                const std::vector<Made>& findings) {
  Sample sample;
  add_file(sample, name, bytes, findings);
  return sample;
}

std::vector<std::string> names_of(const Part& part) {
  std::vector<std::string> names;
  for (const conf::Document* file : part.files) names.push_back(file->name());
  return names;
}

bool yes(const Known& /*known*/, bool /*gone*/) { return true; }

/// The baseline of a run.
std::string written(Sample sample, std::vector<Known> old = {}) {
  BaselineWriter writer(std::move(old), [](const std::string&) { return true; });
  writer.take_all(sample.part, names_of(sample.part));
  return writer.text(yes);
}

std::vector<Known> known_of(const std::string& text) {
  BaselineRead read = read_baseline("b.json", text);
  REQUIRE_MESSAGE(!read.problem, read.problem->message);
  return std::move(read.known);
}

/// "LINE of FILE" of what is left and "RULE in FILE: FOUND of COUNT" of what is stale.
struct Outcome {
  std::vector<std::string> fresh;
  std::vector<std::string> stale;
};

Outcome against(const std::string& baseline, Sample sample,
                const std::set<std::string>& gone = {}) {
  Baseline known(known_of(baseline), [&](const std::string& file) { return !gone.contains(file); });
  const size_t before = sample.part.entries.size();
  const size_t taken = known.take_known(sample.part, names_of(sample.part));
  CHECK_EQ(taken + sample.part.entries.size(), before);
  Outcome outcome;
  for (const Entry& entry : sample.part.entries) {
    const conf::Document& file = *sample.part.files[entry.finding.file];
    outcome.fresh.push_back(std::to_string(file.position(entry.finding.span.begin).line) + " of " +
                            file.name());
  }
  for (const Baseline::Stale& stale : known.stale(yes)) {
    outcome.stale.push_back(stale.known->cause.second.rule + " in " + stale.known->cause.first +
                            ": " + std::to_string(stale.found) + " of " +
                            std::to_string(stale.count) + (stale.gone ? ", gone" : ""));
  }
  return outcome;
}

using Lines = std::vector<std::string>;

TEST_CASE("the same run again finds nothing new and nothing stale") {
  const std::vector<Made> findings = {{"a/x", "b = 1"}, {"a/y", "b = 1"}, {"file/z", ""}};
  const std::string bytes = "# head\nb = 1\nb = 1\nc = 2\n";
  const std::string text = written(one_file("f.conf", bytes, findings));
  CHECK_EQ(text, written(one_file("f.conf", bytes, findings)));
  CHECK_EQ(text, R"({
  "kind": "proctor-baseline",
  "version": 1,
  "findings": [
    {"file": "f.conf", "rule": "a/x", "line": "b = 1", "count": 2},
    {"file": "f.conf", "rule": "a/y", "line": "b = 1", "count": 2},
    {"file": "f.conf", "rule": "file/z", "keys": [], "count": 1}
  ]
}
)");
  CHECK_EQ(baseline_text(known_of(text)), text);
  const Outcome outcome = against(text, one_file("f.conf", bytes, findings));
  CHECK(outcome.fresh.empty());
  CHECK(outcome.stale.empty());
}

TEST_CASE("a changed run against a baseline") {
  struct Case {
    const char* name;
    std::string now;
    std::vector<Made> findings;
    Lines fresh;
    Lines stale;
  };
  const std::string baseline =
      written(one_file("f.conf", "a = 1\nb = 1\n", {{"r/x", "a = 1"}, {"r/file", ""}}));
  const Made whole{"r/file", ""};
  const std::vector<Case> cases = {
      {"a moved line", "# new\n\n b=1\na = 1\n", {{"r/x", "a = 1"}, whole}, {}, {}},
      {"other blanks", "b = 1\n  a=1\t\n", {{"r/x", "a=1"}, whole}, {}, {}},
      {"another rule at a known line",
       "a = 1\n",
       {{"r/x", "a = 1"}, {"r/y", "a = 1"}, whole},
       {"1 of f.conf"},
       {}},
      {"the same rule at another line",
       "a = 2\na = 1\n",
       {{"r/x", "a = "}, whole},
       {"1 of f.conf"},
       {}},
      {"once more", "a = 1\na = 1\n", {{"r/x", "a = 1"}, whole}, {"2 of f.conf"}, {}},
      {"corrected", "a = 9\n", {whole}, {}, {"r/x in f.conf: 0 of 1"}},
      {"corrected, and wrong in another way",
       "a = 9\n",
       {{"r/x", "a = 9"}, whole},
       {"1 of f.conf"},
       {"r/x in f.conf: 0 of 1"}},
      {"the whole file", "", {}, {}, {"r/file in f.conf: 0 of 1", "r/x in f.conf: 0 of 1"}},
  };
  for (const Case& each : cases) {
    CAPTURE(each.name);
    Outcome outcome = against(baseline, one_file("f.conf", each.now, each.findings));
    CHECK_EQ(outcome.fresh, each.fresh);
    std::sort(outcome.stale.begin(), outcome.stale.end());
    CHECK_EQ(outcome.stale, each.stale);
  }
}

TEST_CASE("one of several is left") {
  const std::string baseline =
      written(one_file("f.conf", "a = 1\na = 1\na = 1\n", {{"r/x", "a = 1"}}));
  const Outcome outcome = against(baseline, one_file("f.conf", "a = 1\n", {{"r/x", "a = 1"}}));
  CHECK(outcome.fresh.empty());
  CHECK_EQ(outcome.stale, Lines{"r/x in f.conf: 1 of 3"});
}

TEST_CASE("a line that goes to another file of its configuration stays known, once") {
  const std::string baseline = written(one_file("a.conf", "k = 1\n", {{"r/x", "k = 1"}}));
  Sample moved = one_file("a.conf", "# empty\n", {});
  add_file(moved, "b.conf", "k = 1\nk = 1\n", {{"r/x", "k = 1"}});
  const Outcome outcome = against(baseline, std::move(moved));
  CHECK_EQ(outcome.fresh, Lines{"2 of b.conf"});
  CHECK(outcome.stale.empty());

  Sample copied = one_file("a.conf", "k = 1\n", {{"r/x", "k = 1"}});
  add_file(copied, "b.conf", "k = 1\n", {{"r/x", "k = 1"}});
  CHECK_EQ(against(baseline, std::move(copied)).fresh, Lines{"1 of b.conf"});
}

TEST_CASE("a renamed file stays known; a copy of one that is still there does not") {
  const std::string baseline =
      written(one_file("old.conf", "k = 1\n", {{"r/x", "k = 1"}, {"r/file", ""}}));
  const std::vector<Made> findings = {{"r/x", "k = 1"}, {"r/file", ""}};
  const Outcome renamed =
      against(baseline, one_file("new.conf", "k = 1\n", findings), {"old.conf"});
  CHECK(renamed.fresh.empty());
  CHECK(renamed.stale.empty());
  CHECK_EQ(against(baseline, one_file("new.conf", "k = 1\n", findings)).fresh,
           Lines{"1 of new.conf", "1 of new.conf"});
  CHECK_EQ(against(baseline, one_file("new.conf", "# corrected\n", {}), {"old.conf"}).stale,
           Lines{"r/file in old.conf: 0 of 1, gone", "r/x in old.conf: 0 of 1, gone"});
}

TEST_CASE("targets that are told apart are one occurrence") {
  const std::vector<Made> both = {{"r/x", "a = 1", {0}}, {"r/x", "a = 1", {1}}};
  const std::string baseline = written(one_file("f.conf", "a = 1\n", {{"r/x", "a = 1", {0, 1}}}));
  CHECK_EQ(written(one_file("f.conf", "a = 1\n", both)), baseline);
  CHECK(against(baseline, one_file("f.conf", "a = 1\n", both)).fresh.empty());
  CHECK_EQ(against(baseline, one_file("f.conf", "a = 1\na = 1\n", both)).fresh,
           Lines{"2 of f.conf", "2 of f.conf"});
}

TEST_CASE("nothing follows from what was not judged or not decided") {
  const std::string baseline = written(one_file("f.conf", "a = 1\n", {{"r/x", "a = 1"}}));
  CHECK(against(baseline, one_file("other.conf", "b = 1\n", {})).stale.empty());
  Sample open = one_file("f.conf", "a = 1\n", {});
  open.part.open.push_back({{"r/x", 0, {0, 5}, {"host.memory"}, "", ""}, {0}});
  CHECK(against(baseline, std::move(open)).stale.empty());
}

TEST_CASE("what is wrong with a comment to the program is never known") {
  const std::vector<Made> findings = {{"suppression/no-reason", "# proctor"},
                                      {"suppression/unused", "# proctor"},
                                      {"baseline/stale", "# proctor"}};
  const std::string text = written(one_file("f.conf", "# proctor\n", findings));
  CHECK_EQ(known_of(text).size(), 1);
  CHECK_EQ(known_of(text)[0].cause.second.rule, "suppression/unused");
  CHECK_EQ(against(text, one_file("f.conf", "# proctor\n", findings)).fresh.size(), 2);
}

TEST_CASE("writing again keeps what this run says nothing of") {
  Sample both = one_file("a.conf", "a = 1\n", {{"r/x", "a = 1"}});
  add_file(both, "b.conf", "b = 1\n", {{"r/x", "b = 1"}});
  const std::string text = written(std::move(both));
  CHECK_EQ(written(one_file("a.conf", "a = 1\n", {{"r/x", "a = 1"}}), known_of(text)), text);
  CHECK_EQ(known_of(written(one_file("a.conf", "a = 9\n", {}), known_of(text))).size(), 1);
  const BaselineWriter untouched(known_of(text), [](const std::string&) { return false; });
  CHECK(known_of(untouched.text(yes)).empty());
  CHECK_EQ(untouched.text([](const Known&, bool) { return false; }), text);
}

TEST_CASE("long lines and odd bytes are held to what they say") {
  const std::string start = "k = " + std::string(500, 'x');
  const std::string odd = "o = \xFF\x01 \xE6\xBC\xA2\n";
  const std::string text =
      written(one_file("f.conf", start + "1\n" + odd, {{"r/x", start}, {"r/y", "o = "}}));
  CHECK_LT(text.size(), 500);
  CHECK_NE(text.find("o = \\\\xff\\\\x01 \xE6\xBC\xA2"), std::string::npos);
  CHECK(against(text, one_file("f.conf", start + "1\n" + odd, {{"r/x", start}, {"r/y", "o = "}}))
            .fresh.empty());
  CHECK_EQ(against(text, one_file("f.conf", start + "2\n", {{"r/x", start}})).fresh,
           Lines{"1 of f.conf"});
}

TEST_CASE("a baseline that cannot be used is one clear error") {
  const std::string good = written(one_file("f.conf", "a = 1\n", {{"r/x", "a = 1"}}));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  struct Case {
    std::string text;
    uint32_t line;  ///< 0: the file as a whole.
    const char* message;
  };
  const std::vector<Case> cases = {
      {"", 0, "is cut off"},
      {good.substr(0, good.size() / 2), 0, "is cut off"},
      {good.substr(0, good.size() - 3), 0, "is cut off"},
      {"vm.swappiness = 10\n", 1, "is no JSON"},
      {with("    {\"file\"", "<<<<<<< HEAD\n    {\"file\""), 5, "is no JSON"},
      {"[]", 0, "is no baseline"},
      {"{}", 0, "is no baseline"},
      {R"({"version": 1, "findings": []})", 0, "is no baseline"},
      {with("\"version\": 1,", ""), 0, "has no version"},
      {with("\"version\": 1,", "\"version\": 2,"), 0, "of version 2, and this program knows"},
      {with("\"version\": 1,", "\"version\": 1e3,"), 0, "has no version"},
      {with("\"findings\"", "\"finding\""), 0, "has no list of findings"},
      {with("\"file\": \"f.conf\"", "\"file\": \"\""), 5, "'file' holds no text"},
      {with("\"rule\": \"r/x\", ", ""), 5, "the field 'rule' is missing"},
      {with("\"line\": \"a = 1\", ", ""), 5, "one of 'line' and 'keys'"},
      {with("\"count\": 1", "\"count\": 0"), 5, "'count' is no number from 1 on"},
      {with("\"count\": 1", "\"count\": -1"), 5, "'count' is no number from 1 on"},
      {with("\"count\": 1", "\"count\": 5000000000"), 5, "'count' is no number from 1 on"},
      {with("\"count\": 1", "\"keys\": [1]"), 5, "'keys' is no list of texts"},
      {with("\"count\"", "\"cont\""), 5, "unknown field 'cont'"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.text);
    const BaselineRead read = read_baseline("b.json", each.text);
    REQUIRE(read.problem);
    CHECK_EQ(read.problem->file, "b.json");
    CHECK_EQ(read.problem->begin.line, each.line);
    CHECK_MESSAGE(read.problem->message.find(each.message) != std::string::npos,
                  read.problem->message);
  }
}

}  // namespace
}  // namespace proctor::report
