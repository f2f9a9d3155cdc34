// The examples of rules, run as tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rules/engine.h"
#include "text/diagnostic.h"

namespace proctor::advise {

struct ExamplesReport {
  uint32_t rules = 0;  ///< With at least one example.
  uint32_t fires = 0;  ///< Examples of each kind.
  uint32_t silent = 0;
  uint32_t undecided = 0;
  uint32_t fixed = 0;                ///< Examples that also give the text after the fix.
  std::vector<Diagnostic> failures;  ///< At the example in its rule file, in order.

  uint32_t total() const { return fires + silent + undecided; }
};

/// Judges each example with its rule alone and compares: fires (on the line), silent, undecided,
/// and the text after all fixes. `files` limits it to rules of these rule files; empty: all rules.
ExamplesReport run_examples(const rules::RuleSet& rules, const std::vector<std::string>& files);

}  // namespace proctor::advise
