// The last lines of a report for people.
#pragma once

#include <string>

#include "report/part.h"

namespace proctor::report {

/// Counts, what fixes could do, which option decides how many undecided rules, and what the files
/// were judged for. Ends in LF.
std::string summary_text(const Run& run, const Totals& totals);

/// Rules by number of findings, then id: count, rule, severity, fixable, undecided. Ends in a blank
/// line; empty if there is nothing to count.
std::string statistics_table(const Totals& totals);

}  // namespace proctor::report
