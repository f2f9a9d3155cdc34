// The way back from a tuned file.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "kernel/state.h"

namespace proctor::advise {

/// A line of the undo file, or why there is none.
struct UndoLine {
  std::string key;      ///< Dotted.
  std::string value;    ///< As it is now.
  std::string why_not;  ///< Not empty: the value cannot be restored, or is not known.
};

/// Lines that bring everything back that writing `lines` (dotted key, value) changes in `now`, the
/// side effects on other keys included, as far as the kernel model knows them. They are in an order
/// in which the kernel takes each; what cannot be undone comes last.
std::vector<UndoLine> undo_lines(const kernel::State& now,
                                 const std::vector<std::pair<std::string, std::string>>& lines);

}  // namespace proctor::advise
