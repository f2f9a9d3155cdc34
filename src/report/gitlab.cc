// GitLab's code quality report.
#include <fmt/core.h>

#include <algorithm>

#include "report/escape.h"
#include "report/fingerprint.h"
#include "report/formats.h"
#include "report/place.h"

namespace proctor::report {
namespace {

std::string_view gitlab_severity(rules::Severity severity) {
  switch (severity) {
    case rules::Severity::kError:
      return "major";
    case rules::Severity::kWarning:
      return "minor";
    case rules::Severity::kInfo:
      break;
  }
  return "info";
}

class Gitlab : public Format {
 public:
  using Format::Format;

  void begin(Sink& sink) override { sink.write("["); }

  Piece render(const Part& part) const override {
    Piece piece;
    const std::vector<Fingerprint> prints = fingerprints(part);
    for (size_t i = 0; i < part.entries.size(); ++i) {
      const rules::Finding& finding = part.entries[i].finding;
      const Place place = place_of(part, finding.file, finding.span);
      // GitLab does not show check_name, so that the description names the rule.
      piece.text +=
          object(fmt::format("{}: {}", finding.rule, message_of(run(), part.entries[i])),
                 finding.rule, fmt::format("{}-{}", prints[i].hex(), prints[i].ordinal),
                 gitlab_severity(finding.severity), place.file, place.begin.line, finding.why);
    }
    for (const Diagnostic& error : part.errors) {
      piece.text += object(error.message, "error", fmt::format("error-{}", error.file), "major",
                           error.file, std::max(error.begin.line, 1U), "");
    }
    return piece;
  }

  void add(const Piece& piece, Sink& sink) override {
    if (piece.text.empty()) return;
    sink.write(any_ ? piece.text : piece.text.substr(1));
    any_ = true;
  }

  void end(const Totals& /*totals*/, Sink& sink) override { sink.write(any_ ? "\n]\n" : "]\n"); }

 private:
  std::string object(std::string_view description, std::string_view check,
                     std::string_view fingerprint, std::string_view severity, std::string_view path,
                     uint32_t line, std::string_view body) const {
    return fmt::format(
        ",\n  {{\"description\": {}, \"check_name\": {}, \"fingerprint\": {}, \"severity\": \"{}\","
        " \"location\": {{\"path\": {}, \"lines\": {{\"begin\": {}}}}}{}}}",
        json_string(description), json_string(check), json_string(fingerprint), severity,
        json_string(in_project(path)), line,
        body.empty() ? "" : fmt::format(R"(, "content": {{"body": {}}})", json_string(body)));
  }

  /// Relative to the project, without "./".
  std::string_view in_project(std::string_view path) const {
    const std::string_view project = run().project_folder;
    if (!project.empty() && path.starts_with(project) && path.size() > project.size() &&
        path[project.size()] == '/') {
      path.remove_prefix(project.size() + 1);
    }
    while (path.starts_with("./")) path.remove_prefix(2);
    return path;
  }

  bool any_ = false;
};

}  // namespace

std::unique_ptr<Format> make_gitlab(const Run& run) { return std::make_unique<Gitlab>(run); }

}  // namespace proctor::report
