// Whether a fix leaves the kernel in the same state.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rules/engine.h"
#include "rules/finding.h"
#include "rules/scenario.h"

namespace proctor::rules {

class Vicinity;

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

/// Whether what `a` and `b` know of a path is the same: the value, or where that is unknown the
/// writes that made it.
bool same_cell(const Run& a, const Run& b, const std::string& path);

/// What loaders make of edited files: those that do the same together.
struct AfterEdit {
  std::vector<const load::Loader*> loaders;
  std::unique_ptr<const Run> run;
};
using Afterwards = std::vector<AfterEdit>;

/// Proves that fixes of one configuration leave the state as it is.
class Prover {
 public:
  /// Both must outlive the prover.
  Prover(const Scenarios& before, const load::Configuration& configuration);
  ~Prover();
  Prover(const Prover&) = delete;
  Prover& operator=(const Prover&) = delete;

  /// By what the fix's lines did where that is enough, else by running those that they have to do
  /// with, else by running the edited configuration. In a file of very many lines only the first
  /// fixes are tried: what is not proved is not safe.
  bool keeps_state(const Fix& fix);

 private:
  bool keeps(const Fix& fix, size_t segment, size_t group);
  /// Without a shortcut.
  bool keeps_all(const Fix& fix, size_t segment, const Group& group);

  /// Lines times loaders that proofs may look at: thousands of proofs in a file that somebody
  /// wrote, a few in one of a hundred thousand lines.
  static constexpr size_t kMostWork = 5'000'000;

  /// Of so few lines it is as well to look at all.
  static constexpr size_t kFew = 8;

  const Scenarios& before_;
  const load::Configuration& configuration_;
  size_t work_ = 0;
  std::vector<std::vector<std::unique_ptr<Vicinity>>> vicinities_;  ///< By segment and group.
  /// Of the fix in question, if they were needed: the edited files, and what loaders make of them
  /// on the kernels of the segment in question.
  std::optional<std::optional<Edited>> edited_;
  std::optional<Afterwards> afterwards_;
};

}  // namespace proctor::rules
