// Findings that are known, and those that are new.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "report/baseline_file.h"
#include "report/cause.h"
#include "report/part.h"

namespace proctor::report {

/// Whether a file that a baseline names exists.
using IsThere = std::function<bool(const std::string& file)>;

/// Whether this run would have found an entry of a file that it judged, or that is gone.
using MaySay = std::function<bool(const Known& known, bool gone)>;

/// Takes what is known out of the parts of a run. A finding is known if its file holds the cause no
/// oftener than the baseline says. What is left over of an entry goes
/// - to the same line in another file of the part: it was moved;
/// - if its file is gone, to the same cause in any file: it was renamed.
class Baseline {
 public:
  Baseline(std::vector<Known> known, const IsThere& is_there);

  /// How many findings were taken out. The parts come in the order of the report. `files` are what
  /// the baseline calls the files of the part; empty: another baseline holds for it.
  size_t take_known(Part& part, std::span<const std::string> files);

  /// An entry that holds for more findings than there are.
  struct Stale {
    const Known* known = nullptr;
    uint32_t count = 0;  ///< What it holds for, and what of that there is.
    uint32_t found = 0;
    bool gone = false;  ///< The file does not exist.
  };
  /// After the last part, in the order of the file.
  std::vector<Stale> stale(const MaySay& may_say) const;

 private:
  struct Count {
    uint32_t known = 0;
    uint32_t moved = 0;  ///< Of `known`, found elsewhere.
    bool gone = false;
  };

  bool take_moved(const CauseInFile& cause, std::span<const std::string> files);
  uint32_t left(const CauseInFile& cause, const Count& count) const;

  std::vector<Known> known_;
  std::map<CauseInFile, Count> counts_;
  std::map<Cause, std::vector<std::string>> files_of_;  ///< Of all entries.
  Tally tally_;
};

/// Collects the findings of a run for a new baseline. The entries of the old one stay where this
/// run says nothing of them.
class BaselineWriter {
 public:
  BaselineWriter(std::vector<Known> old, IsThere is_there)
      : old_(std::move(old)), is_there_(std::move(is_there)) {}

  /// Takes all that can be known out of the part and returns how many that were.
  size_t take_all(Part& part, std::span<const std::string> files);

  /// The text of the file.
  std::string text(const MaySay& may_say) const;

 private:
  std::vector<Known> old_;
  IsThere is_there_;
  Tally tally_;
};

}  // namespace proctor::report
