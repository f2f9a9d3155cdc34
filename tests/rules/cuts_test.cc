// What is said of a range of kernels is true for each of them.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "judging.h"
#include "random_files.h"

using namespace proctor;
using namespace proctor::rules;

namespace {

using Said = std::set<std::string>;  ///< Rule and line.

std::string name_of(const std::string& rule, const Files& files, Span span) {
  return rule + ":" + std::to_string(files.documents.front().position(span.begin).line);
}

/// Of a range it says what others say of the kernels that lack a key.
const std::string kOnlyOlder = "key/only-older-kernels";

struct Verdict {
  Said holds;
  Said open;  ///< For some of the kernels, or undecided.
};

Verdict verdict_of(const RuleSet& rules, const Files& files, const std::string& kernel) {
  const Target asked = target("kernel=" + kernel + " memory=8GiB");
  const Report report = judge(rules, files.configuration, asked, {});
  Verdict out;
  for (const Finding& one : report.findings) {
    out.holds.insert(name_of(one.rule, files, one.span));
    // It speaks for the others of its topic, of which a range may have fewer.
    for (const Related& other : one.related) {
      if (other.message == "this line too") out.holds.insert(name_of(one.rule, files, other.span));
    }
  }
  for (const Undecided& one : report.undecided) out.open.insert(name_of(one.rule, files, one.span));
  return out;
}

}  // namespace

TEST_CASE("what is said of a range holds for each of its kernels") {
  const RuleSet rules = RuleSet::builtin();
  RandomFiles files(11);
  for (int round = 0; round < 12; ++round) {
    const std::string text = files.next();
    CAPTURE(text);
    const Files file(text);
    const Verdict range = verdict_of(rules, file, "4.4..6.12");
    for (const std::string kernel : {"4.4", "4.11", "4.14", "5.0", "5.2", "5.4", "5.10", "5.16",
                                     "5.17", "6.1", "6.2", "6.6", "6.12"}) {
      CAPTURE(kernel);
      const Verdict one = verdict_of(rules, file, kernel);
      for (const std::string& what : range.holds) {
        CAPTURE(what);
        if (what.starts_with(kOnlyOlder)) continue;
        CHECK((one.holds.contains(what) || one.open.contains(what)));
      }
      for (const std::string& what : one.holds) {
        CAPTURE(what);
        if (range.holds.contains(kOnlyOlder + what.substr(what.find(':')))) continue;
        CHECK((range.holds.contains(what) || range.open.contains(what)));
      }
    }
  }
}
