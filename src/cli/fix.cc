// fix: the corrected file, as text, as a diff, or in place.
#include "advise/fix.h"

#include <fmt/core.h>

#include <algorithm>

#include "advise/diff.h"
#include "cli/commands.h"
#include "cli/host_values.h"
#include "cli/judging.h"
#include "cli/lists.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "cli/show_settings.h"
#include "cli/workspace.h"
#include "report/escape.h"
#include "text/file.h"

namespace proctor::cli {
namespace {

enum class Mode : uint8_t { kPrint, kDiff, kWrite, kFile };

class Fixer {
 public:
  Fixer(const Invocation& invocation, const Settings& settings, const Workspace& space, Mode mode)
      : settings_(settings),
        space_(space),
        unsafe_(invocation.has(OptionId::kUnsafe)),
        mode_(mode),
        path_(invocation.value(OptionId::kOut)),
        trouble_(!space.sound()) {}

  int run() {
    const Discovery& discovery = space_.discovery;
    for (const Diagnostic& problem : discovery.problems) fail(problem);
    if (single() && discovery.sources.size() > 1) return too_many(discovery.sources.size());
    for (size_t i = 0; i < discovery.sources.size(); ++i) {
      correct(discovery.sources[i], space_.assignments[i]);
    }
    const std::string error = out_.close();
    if (!error.empty()) {
      complain(error);
      trouble_ = true;
    }
    // A pipe gets the file alone; what was done in place is told to whoever watches.
    if (mode_ == Mode::kWrite) complain(summary());
    if (trouble_) return kTrouble;
    return mode_ == Mode::kDiff && differs_ ? kFindings : kClean;
  }

 private:
  /// The corrected text goes to one place.
  bool single() const { return mode_ == Mode::kPrint || mode_ == Mode::kFile; }

  void fail(const Diagnostic& problem) {
    complain(problem);
    trouble_ = true;
  }

  int too_many(size_t count) {
    complain(fmt::format("{} files cannot be printed as one; give --write or --diff", count));
    return kTrouble;
  }

  void correct(const Source& source, const Assignment& assignment) {
    std::vector<rules::Target> targets;
    for (const uint32_t target : assignment.targets) targets.push_back(space_.targets[target]);
    const LoadedSource loaded = load_source(source, targets.front().loader);
    for (const Diagnostic& error : loaded.errors) fail(error);
    const std::vector<load::SourceFile>& files = loaded.files.configuration.files;
    if (files.empty()) return;
    if (single() && files.size() > 1) {
      too_many(files.size());
      trouble_ = true;
      return;
    }
    const rules::RuleSet& rules = assignment.project->loaded.rules;
    for (rules::Target& target : targets) {
      if (settings_.host_values) add_host_values(rules, loaded.files.configuration, target);
    }
    const advise::FixResult result = advise::fix(rules, loaded.files.configuration, targets,
                                                 assignment.project->selection, unsafe_);
    for (const Diagnostic& defect : result.remaining.defects) fail(defect);
    std::vector<bool> done;
    for (size_t i = 0; i < files.size(); ++i) {
      done.push_back(files[i].document == nullptr || emit(*files[i].document, result.bytes[i]));
    }
    count(result, done);
  }

  /// `done`: by file, whether what was corrected is where it belongs.
  void count(const advise::FixResult& result, const std::vector<bool>& done) {
    for (const advise::AppliedFix& fix : result.applied) applied_ += done[fix.file] ? 1U : 0U;
    for (const rules::Finding& finding : result.remaining.findings) {
      ++left_;
      unsafe_left_ += !finding.fixes.empty() && !finding.fixes.front().safe ? 1U : 0U;
    }
  }

  /// False: the file could not be written.
  bool emit(const conf::Document& document, const std::string& bytes) {
    differs_ = differs_ || bytes != document.bytes();
    switch (mode_) {
      case Mode::kPrint:
        out_.write(bytes);
        return true;
      case Mode::kDiff:
        out_.write(advise::unified_diff(document.name(), document.bytes(), bytes));
        return true;
      case Mode::kWrite:
        return bytes == document.bytes() || write(document.name(), bytes);
      case Mode::kFile:
        break;
    }
    return write(path_, bytes);
  }

  bool write(const std::string& path, std::string_view bytes) {
    const std::string error = write_file(path, bytes);
    if (!error.empty()) fail({path, {}, {}, error, ""});
    return error.empty();
  }

  std::string summary() const {
    std::string out = fmt::format("{} made", report::counted(applied_, "fix", "fixes"));
    if (!unsafe_ && unsafe_left_ > 0) {
      out += fmt::format(", {} more with --unsafe", unsafe_left_);
    }
    if (left_ > 0) out += fmt::format(", {} left", report::counted(left_, "finding"));
    return out;
  }

  const Settings& settings_;
  const Workspace& space_;
  bool unsafe_;
  Mode mode_;
  std::string path_;
  bool trouble_;
  bool differs_ = false;
  StandardOutput out_;
  uint64_t applied_ = 0;
  uint64_t left_ = 0;
  uint64_t unsafe_left_ = 0;
};

std::string wrong_mode(const Invocation& invocation, Mode& mode) {
  const bool diff = invocation.has(OptionId::kDiff);
  const bool write = invocation.has(OptionId::kWrite);
  const bool out = invocation.has(OptionId::kOut);
  if (diff + write + out > 1) return "only one of --diff, --write and -o can be given";
  if (diff) mode = Mode::kDiff;
  if (write) mode = Mode::kWrite;
  if (out) mode = Mode::kFile;
  const bool input = std::ranges::count(invocation.operands, "-") > 0;
  if (write && input) return "--write cannot write standard input; leave it out for a filter";
  return {};
}

}  // namespace

int run_fix(const Invocation& invocation) {
  Mode mode = Mode::kPrint;
  if (const std::string wrong = wrong_mode(invocation, mode); !wrong.empty()) return misuse(wrong);
  const Result<Settings> settings = read_settings(invocation);
  if (!settings) return misuse(settings.error());
  std::vector<Diagnostic> problems;
  const Workspace space = open_workspace(invocation, *settings, problems);
  for (const Diagnostic& problem : problems) complain(problem);
  if (!problems.empty()) return kTrouble;
  if (settings->show_settings) return print(settings_text(space, *settings));
  return Fixer(invocation, *settings, space, mode).run();
}

}  // namespace proctor::cli
