// Whether a fix leaves the kernel in the same state.
#pragma once

#include "rules/engine.h"
#include "rules/finding.h"
#include "rules/scenario.h"

namespace proctor::rules {

/// The configuration with other bytes in its files. Not copied: the documents are its own.
struct Edited {
  std::vector<conf::Document> documents;  ///< By file; empty where there is none.
  load::Configuration configuration;
};

/// The configuration after `edits`; nullopt: they overlap or lie outside of a file. The result's
/// `configuration` points to its `documents`, also after a move.
std::optional<Edited> edited(const load::Configuration& configuration,
                             const std::vector<FileEdit>& edits);

/// Whether `after`, run as `before` was, leaves the same state for every kernel and loader. What is
/// unknown before and after counts as the same only if the same writes made it.
bool same_states(const Scenarios& before, const load::Configuration& after);

/// The same for two configurations of the same files, for every kernel that the target names.
bool same_states(const load::Configuration& before, const load::Configuration& after,
                 const Target& target);

/// Whether `fix` keeps the state: by what its lines did in `before` where that is enough, else by
/// running the edited configuration.
bool keeps_state(const Scenarios& before, const load::Configuration& configuration, const Fix& fix);

}  // namespace proctor::rules
