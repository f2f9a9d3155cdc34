// Running values of this machine, read as far as a configuration needs them.
#pragma once

#include "load/loader.h"
#include "rules/engine.h"
#include "rules/ruleset.h"

namespace proctor::cli {

/// Adds to `target` what /proc/sys gives for the keys that `configuration` writes, for those that
/// the rules on them read, and for those on which the kernel's answer depends; nothing else is
/// opened. A key that is not there is absent, one that may not be read stays unknown. Keys of
/// single interfaces are read for the interfaces in the facts.
void add_host_values(const rules::RuleSet& rules, const load::Configuration& configuration,
                     rules::Target& target);

/// The same, and the keys of every rule that speaks: what an audit asks about.
void add_audit_values(const rules::RuleSet& rules, const rules::Selection& selection,
                      const load::Configuration& configuration, rules::Target& target);

/// The same for every key that can be read: for an expression, whose keys have no configuration.
void add_all_host_values(rules::Target& target);

}  // namespace proctor::cli
