// Running several loaders at the price of those that differ.
#pragma once

#include <span>
#include <vector>

#include "load/loader.h"

namespace proctor::load {

/// Loaders that make the same of a configuration, and what they make of it.
struct Alike {
  std::vector<const Loader*> loaders;  ///< In the order asked for.
  /// What the first of them does. Of the others, assignments, statuses, reasons, final state and
  /// kinds of notes are the same; their writes may end in a newline or not; in the texts of notes
  /// the name is that of the first; their exit status may be another if something was refused.
  LoadResult result;
};

/// Groups in the order of their first loaders. Loaders with equal traits are one group; where a
/// file is plain (no byte or form on which loaders differ), so are those that write alike; where no
/// key comes twice and all of it is taken, those that do the same with values that are in force;
/// and those that do the same with the lines that are not settled (load/settled.h). `tree` shows
/// `start`.
std::vector<Alike> run_alike(std::span<const Loader* const> loaders,
                             const Configuration& configuration, const kernel::State& start,
                             const ProcTree& tree);
std::vector<Alike> run_alike(std::span<const Loader* const> loaders,
                             const Configuration& configuration, const kernel::State& start);

}  // namespace proctor::load
