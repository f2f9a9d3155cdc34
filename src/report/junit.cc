// JUnit: a suite a file, a case a finding. What is below --fail-on passes, undecided is skipped.
#include <fmt/core.h>

#include <iterator>
#include <map>

#include "report/escape.h"
#include "report/formats.h"
#include "report/place.h"

namespace proctor::report {
namespace {

struct Suite {
  std::string cases;
  unsigned tests = 0;
  unsigned failures = 0;
  unsigned errors = 0;
  unsigned skipped = 0;
};

class Junit : public Format {
 public:
  using Format::Format;

  void begin(Sink& sink) override {
    sink.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"proctor\">\n");
  }

  Piece render(const Part& part) const override {
    std::map<std::string_view, Suite> suites;
    for (const conf::Document* file : part.files) suites[file->name()];
    for (const Entry& entry : part.entries) {
      add_finding(part, entry, suites[part.files[entry.finding.file]->name()]);
    }
    for (const OpenEntry& entry : part.open) {
      add_undecided(part, entry.undecided, suites[part.files[entry.undecided.file]->name()]);
    }
    for (const Diagnostic& error : part.errors) add_error(error, suites[error.file]);
    Piece piece;
    for (const auto& [file, suite] : suites) piece.text += suite_text(file, suite);
    return piece;
  }

  void end(const Totals& /*totals*/, Sink& sink) override { sink.write("</testsuites>\n"); }

 private:
  static void open_case(Suite& suite, std::string_view file, std::string_view name) {
    ++suite.tests;
    fmt::format_to(std::back_inserter(suite.cases), "    <testcase classname=\"{}\" name=\"{}\">",
                   xml_text(file), xml_text(name));
  }

  void add_finding(const Part& part, const Entry& entry, Suite& suite) const {
    const rules::Finding& finding = entry.finding;
    const Place place = place_of(part, finding.file, finding.span);
    open_case(suite, place.file,
              fmt::format("{} at {}:{}", finding.rule, place.begin.line, place.begin.column));
    const bool fails = run().fail_on && finding.severity >= *run().fail_on;
    const std::string message = message_of(run(), entry);
    std::string body = fmt::format("{}:{}:{}: {}: {}", place.file, place.begin.line,
                                   place.begin.column, rules::to_string(finding.severity), message);
    if (!finding.why.empty()) body += "\n" + finding.why;
    if (fails) {
      ++suite.failures;
      fmt::format_to(std::back_inserter(suite.cases),
                     "<failure type=\"{}\" message=\"{}\">{}</failure>",
                     rules::to_string(finding.severity), xml_text(message), xml_text(body));
    } else {
      fmt::format_to(std::back_inserter(suite.cases), "<system-out>{}</system-out>",
                     xml_text(body));
    }
    suite.cases += "</testcase>\n";
  }

  static void add_undecided(const Part& part, const rules::Undecided& undecided, Suite& suite) {
    const Place place = place_of(part, undecided.file, undecided.span);
    open_case(suite, place.file, fmt::format("{} at {}", undecided.rule, place.begin.line));
    std::string needs;
    for (const std::string& need : undecided.needs) needs += (needs.empty() ? "" : ", ") + need;
    ++suite.skipped;
    fmt::format_to(std::back_inserter(suite.cases), "<skipped message=\"{}\"/></testcase>\n",
                   xml_text(needs.empty() ? "undecided" : "undecided, needs " + needs));
  }

  static void add_error(const Diagnostic& error, Suite& suite) {
    open_case(suite, error.file, "read");
    ++suite.errors;
    fmt::format_to(std::back_inserter(suite.cases),
                   "<error type=\"error\" message=\"{}\"/></testcase>\n", xml_text(error.message));
  }

  static std::string suite_text(std::string_view file, Suite suite) {
    if (suite.tests == 0) {
      open_case(suite, file, "no findings");
      suite.cases += "</testcase>\n";
    }
    return fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n{}"
        "  </testsuite>\n",
        xml_text(file), suite.tests, suite.failures, suite.errors, suite.skipped, suite.cases);
  }
};

}  // namespace

std::unique_ptr<Format> make_junit(const Run& run) { return std::make_unique<Junit>(run); }

}  // namespace proctor::report
