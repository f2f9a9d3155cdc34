// One GNU-style line a finding: what editors and problem matchers parse.
#include <fmt/core.h>

#include "report/escape.h"
#include "report/formats.h"
#include "report/place.h"

namespace proctor::report {
namespace {

class Concise : public Format {
 public:
  using Format::Format;

  Piece render(const Part& part) const override {
    Piece piece;
    for (const Entry& entry : part.entries) {
      const rules::Finding& finding = entry.finding;
      const Place place = place_of(part, finding.file, finding.span);
      piece.text += fmt::format("{}:{}:{}: {}: {} [{}]\n", printable(place.file), place.begin.line,
                                place.begin.column, rules::to_string(finding.severity),
                                printable(message_of(run(), entry)), finding.rule);
    }
    return piece;
  }
};

}  // namespace

std::unique_ptr<Format> make_concise(const Run& run) { return std::make_unique<Concise>(run); }

}  // namespace proctor::report
