// One maker a format; the table of them is in format.cc.
#pragma once

#include <memory>

#include "report/format.h"

namespace proctor::report {

std::unique_ptr<Format> make_text(const Run& run);
std::unique_ptr<Format> make_concise(const Run& run);
std::unique_ptr<Format> make_json(const Run& run);
std::unique_ptr<Format> make_jsonl(const Run& run);
std::unique_ptr<Format> make_sarif(const Run& run);
std::unique_ptr<Format> make_github(const Run& run);
std::unique_ptr<Format> make_gitlab(const Run& run);
std::unique_ptr<Format> make_junit(const Run& run);
std::unique_ptr<Format> make_checkstyle(const Run& run);
std::unique_ptr<Format> make_tap(const Run& run);
std::unique_ptr<Format> make_markdown(const Run& run);

}  // namespace proctor::report
