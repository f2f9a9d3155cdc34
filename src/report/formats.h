// One maker a format; the table of them is in format.cc.
#pragma once

#include <memory>

#include "report/format.h"

namespace proctor::report {

std::unique_ptr<Format> make_text(const Run& run);
std::unique_ptr<Format> make_concise(const Run& run);
std::unique_ptr<Format> make_json(const Run& run);
std::unique_ptr<Format> make_jsonl(const Run& run);

}  // namespace proctor::report
