// Any bytes are a profile: its mistakes are told, or it is evaluated for a machine, and what it
// writes is read again as settings and comments.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "advise/profile.h"
#include "advise/tune_file.h"
#include "advise/tuning.h"
#include "conf/document.h"

using namespace proctor;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

advise::TuneRequest request_for(const advise::Profile& profile) {
  advise::TuneRequest request;
  request.profile = &profile;
  request.target.facts.set("kernel", kernel::parse_version_range("6.1").value());
  request.target.facts.set("memory", int64_t{8} << 30U);
  return request;
}

void check_file(std::string text) {
  const conf::Document document = conf::Document::parse("fuzz.conf", std::move(text));
  for (const conf::Line& line : document.lines()) {
    require(line.kind == conf::LineKind::kAssignment || line.kind == conf::LineKind::kComment ||
            line.kind == conf::LineKind::kBlank);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  advise::base_name(text);
  std::vector<Diagnostic> problems;
  const advise::Profile profile = advise::compile_profile("fuzz", "fuzz.toml", text, {}, problems);
  for (const Diagnostic& problem : problems) require(!problem.to_text().empty());
  if (!problems.empty()) return 0;
  const advise::Tuning tuning = advise::tune(request_for(profile));
  advise::TuneFileInfo info;
  info.omitted = true;
  info.advice = true;
  check_file(advise::tune_file(profile, tuning, info));
  return 0;
}
