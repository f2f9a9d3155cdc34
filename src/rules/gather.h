// One finding for all lines of which a rule says the same.
#pragma once

#include <cstdint>
#include <vector>

#include "rules/finding.h"

namespace proctor::rules {

/// Whether one finding can speak for both: they have the same rule, topic and severity.
bool go_together(const Finding& a, const Finding& b);

/// Makes `first` speak of the lines of `other`, too. REQUIRES: go_together().
void take_up(Finding& first, const Finding& other);

/// The last step for a finding with a topic: its message says how many lines it speaks of. Does
/// nothing to others.
void close_topic(Finding& finding);

/// Lets the message tell of further lines of the file with the same, if there are any.
void say_more(Finding& finding, uint32_t lines);

/// All of it, for findings that hold together. They keep their order.
void gather(std::vector<Finding>& findings);
/// The first of each rule and topic stands for the others.
void gather(std::vector<Undecided>& undecided);
/// Whether one can stand for both.
bool go_together(const Undecided& a, const Undecided& b);

}  // namespace proctor::rules
