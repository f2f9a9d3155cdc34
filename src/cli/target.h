// Settings as the engine and the reports want them.
#pragma once

#include <string>
#include <vector>

#include "cli/settings.h"
#include "cli/workspace.h"
#include "report/part.h"
#include "rules/engine.h"

namespace proctor::cli {

rules::Target make_target(const Settings& settings);
report::TargetInfo describe(const rules::Target& target);

/// "5.10 to 6.18": the kernels that are meant when none is given.
std::string assumed_kernels();

/// "8 GiB, 4 CPUs, Linux 6.1": the machine that the facts are of, as far as they tell.
std::string machine_text(const host::Facts& facts);

/// The kernels that are meant, ascending: the one given, the ends of a range with the maintained
/// ones between, or the maintained ones.
std::vector<kernel::Version> versions_of(const host::Facts& facts);

/// The rules that may speak for a target of the workspace, by id. With a baseline one speaks of it,
/// whatever is selected.
std::vector<report::RuleInfo> rule_infos(const Workspace& space, bool has_baseline);

}  // namespace proctor::cli
