// What several targets are told of one source becomes one list of entries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "report/part.h"
#include "rules/audience.h"

namespace proctor::cli {

/// What one target gave, put to what those before it gave: the same cause is one entry with a list
/// of targets.
class Merger {
 public:
  /// `count` of the targets are told. Entries are added to `part`; both must outlive this.
  Merger(const std::vector<rules::Target>& targets, size_t count, report::Part& part);

  /// `targets`, ascending, were told of the same findings.
  void add(std::vector<rules::Finding> findings, const rules::TargetSet& targets);
  void add(std::vector<rules::Undecided> undecided, const rules::TargetSet& targets);
  /// After the last target.
  void finish();

 private:
  /// An entry, whose text is of `speaker`.
  struct Known {
    size_t entry;
    uint32_t speaker;
    uint32_t last;  ///< Who was added last: none of its findings is added twice.
  };

  void gather();
  void gather_open();
  bool is_same(const rules::Finding& a, uint32_t for_a, const rules::Finding& b,
               uint32_t for_b) const;
  std::string neutral(std::string text, uint32_t target) const;
  bool is_before(uint32_t a, uint32_t b) const;
  uint32_t newest_of(const rules::TargetSet& targets) const;

  const std::vector<rules::Target>& targets_;
  const size_t count_;
  report::Part& part_;
  size_t first_entry_;
  size_t first_open_;
  std::map<std::tuple<uint32_t, Span, std::string>, std::vector<Known>> entries_;
  std::map<rules::Undecided, size_t> open_;
};

}  // namespace proctor::cli
