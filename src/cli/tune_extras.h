// What tune gives beside the file itself.
#pragma once

#include <string>
#include <string_view>

#include "advise/tune_file.h"
#include "advise/tuning.h"
#include "cli/settings.h"

namespace proctor::cli {

/// Companion files as comments, for a look at them.
std::string companions_text(const advise::Tuning& tuning);
/// Writes them below `folder`, made where it is missing; an empty string, or what went wrong.
std::string write_companions(const advise::Tuning& tuning, std::string_view folder);

/// The file that restores what `request` says is running now; an error: nothing is known of it.
/// `name` is that of the undo file.
Result<std::string> undo_text(const advise::TuneRequest& request, const advise::Tuning& tuning,
                              std::string_view name, std::string_view machine);

/// The profile against the file `path`: kept, changed, added, dropped. An error: it cannot be read.
Result<std::string> comparison_text(const advise::TuneRequest& request,
                                    const advise::Tuning& tuning, const rules::RuleSet& rules,
                                    const std::string& path, const advise::TuneFileInfo& info,
                                    unsigned width);

}  // namespace proctor::cli
