// Notes on what came of the lines, once everything is written.
#pragma once

#include "load/loader.h"
#include "load/notes.h"

namespace proctor::load {

/// Kinds: inline-comment, quotes, leading-zero, extra-values, vlan-dots, mixed-separators,
/// full-path, dash-missing, glob-no-match, stops-here, silent-failure.
void note_outcomes(const Configuration& configuration, const LoadResult& result, Notes& notes);

}  // namespace proctor::load
