// Checkstyle's XML, which many review tools read.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "report/escape.h"
#include "report/formats.h"
#include "report/place.h"

namespace proctor::report {
namespace {

class Checkstyle : public Format {
 public:
  using Format::Format;

  void begin(Sink& sink) override {
    sink.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">\n");
  }

  Piece render(const Part& part) const override {
    std::map<std::string_view, std::string> files;
    for (const conf::Document* file : part.files) files[file->name()];
    for (const Entry& entry : part.entries) {
      const rules::Finding& finding = entry.finding;
      const Place place = place_of(part, finding.file, finding.span);
      files[place.file] += fmt::format(
          "    <error line=\"{}\" column=\"{}\" severity=\"{}\" message=\"{}\""
          " source=\"proctor.{}\"/>\n",
          place.begin.line, place.begin.column, rules::to_string(finding.severity),
          xml_text(message_of(run(), entry)), xml_text(finding.rule));
    }
    for (const Diagnostic& error : part.errors) {
      files[error.file] += fmt::format(
          "    <error line=\"{}\" severity=\"error\" message=\"{}\" source=\"proctor\"/>\n",
          std::max(error.begin.line, 1U), xml_text(error.message));
    }
    Piece piece;
    for (const auto& [file, errors] : files) {
      piece.text += fmt::format("  <file name=\"{}\">\n{}  </file>\n", xml_text(file), errors);
    }
    return piece;
  }

  void end(const Totals& /*totals*/, Sink& sink) override { sink.write("</checkstyle>\n"); }
};

}  // namespace

std::unique_ptr<Format> make_checkstyle(const Run& run) {
  return std::make_unique<Checkstyle>(run);
}

}  // namespace proctor::report
