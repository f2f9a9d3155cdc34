#include "advise/fix.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "rules/proof.h"

namespace proctor::advise {
namespace {

using rules::FileEdit;
using rules::Finding;
using rules::Report;

/// Rules that undo each other are caught by what was seen before; this bounds what that misses.
constexpr unsigned kMaxRounds = 100;

/// What makes two findings of different rounds the same: the line may have moved.
using Identity = std::pair<std::string, std::string>;

Identity identity(const Finding& finding) {
  return {finding.rule, finding.keys.empty() ? std::to_string(finding.file) : finding.keys.front()};
}

/// What makes two fixes of different rounds the same.
std::string mark(const Finding& finding) {
  std::string out = finding.rule;
  for (const std::string& key : finding.keys) out += " " + key;
  for (const FileEdit& edit : finding.fixes.front().edits) out += "\n" + edit.edit.text;
  return out;
}

bool overlaps(const FileEdit& a, const FileEdit& b) {
  if (a.file != b.file) return false;
  const Span& x = a.edit.span;
  const Span& y = b.edit.span;
  return x == y || (x.begin < y.end && y.begin < x.end);
}

class Fixer {
 public:
  Fixer(const rules::RuleSet& rules, const load::Configuration& configuration,
        const rules::Target& target, const rules::Selection& selection, bool unsafe)
      : rules_(rules), target_(target), selection_(selection), unsafe_(unsafe) {
    current_ = *rules::edited(configuration, {});
    current_.configuration = configuration;
    report_ = judge(current_);
    seen_.insert(contents(current_));
  }

  FixResult run() {
    for (unsigned round = 0; round < kMaxRounds; ++round) {
      std::vector<const Finding*> batch = choose();
      if (batch.empty()) break;
      // Where all together do harm, half of them is tried, down to one that is then given up.
      while (!apply(batch)) {
        if (batch.size() == 1) {
          banned_.insert(mark(*batch.front()));
          ++result_.dropped;
          break;
        }
        batch.resize(batch.size() / 2);
      }
    }
    for (const load::SourceFile& file : current_.configuration.files) {
      result_.bytes.push_back(file.document == nullptr ? std::string() : file.document->bytes());
    }
    result_.remaining = std::move(report_);
    return std::move(result_);
  }

 private:
  Report judge(const rules::Edited& edited) const {
    return rules::judge(rules_, edited.configuration, target_, selection_);
  }

  static std::string contents(const rules::Edited& edited) {
    std::string all;
    for (const load::SourceFile& file : edited.configuration.files) {
      if (file.document != nullptr) all += file.document->bytes();
      all += '\0';
    }
    return all;
  }

  /// The fixes of this round: in order, without those that touch the same bytes.
  std::vector<const Finding*> choose() const {
    std::vector<const Finding*> out;
    std::vector<FileEdit> taken;  // Sorted; no two overlap.
    for (const Finding& finding : report_.findings) {
      if (finding.fixes.empty()) continue;
      const rules::Fix& fix = finding.fixes.front();
      if ((!unsafe_ && !fix.safe) || banned_.contains(mark(finding))) continue;
      const bool free = std::ranges::none_of(fix.edits, [&](const FileEdit& edit) {
        return std::ranges::any_of(taken,
                                   [&](const FileEdit& other) { return overlaps(edit, other); });
      });
      if (!free) continue;
      taken.insert(taken.end(), fix.edits.begin(), fix.edits.end());
      out.push_back(&finding);
    }
    return out;
  }

  /// Makes the fixes of `batch` unless they do harm.
  bool apply(const std::vector<const Finding*>& batch) {
    std::vector<FileEdit> edits;
    bool safe = true;
    for (const Finding* finding : batch) {
      const rules::Fix& fix = finding->fixes.front();
      edits.insert(edits.end(), fix.edits.begin(), fix.edits.end());
      safe = safe && fix.safe;
    }
    auto next = rules::edited(current_.configuration, edits);
    if (!next) return false;
    keep_documents(*next);
    if (seen_.contains(contents(*next))) return false;
    // Each alone keeps the state; together they must as well.
    if (safe && batch.size() > 1 &&
        !rules::same_states(current_.configuration, next->configuration, target_)) {
      return false;
    }
    Report report = judge(*next);
    if (makes_worse(batch, report)) return false;
    record(batch);
    seen_.insert(contents(*next));
    report_ = std::move(report);
    current_ = *std::move(next);
    return true;
  }

  /// Documents that were not edited this time may belong to an earlier round: copy them over.
  void keep_documents(rules::Edited& next) const {
    std::vector<conf::Document> all;
    all.reserve(next.configuration.files.size());
    for (load::SourceFile& file : next.configuration.files) {
      if (file.document == nullptr) continue;
      all.push_back(*file.document);
      file.document = &all.back();
    }
    next.documents = std::move(all);
  }

  bool makes_worse(const std::vector<const Finding*>& batch, const Report& after) const {
    rules::Severity least = rules::Severity::kError;
    for (const Finding* finding : batch) least = std::min(least, finding->severity);
    std::map<Identity, int> balance;
    for (const Finding& finding : report_.findings) --balance[identity(finding)];
    for (const Finding& finding : after.findings) {
      if (++balance[identity(finding)] > 0 && finding.severity >= least) return true;
    }
    return false;
  }

  void record(const std::vector<const Finding*>& batch) {
    for (const Finding* finding : batch) {
      const rules::Fix& fix = finding->fixes.front();
      const conf::Document& document = *current_.configuration.files[finding->file].document;
      result_.applied.push_back({finding->rule, finding->file,
                                 document.position(finding->span.begin).line, fix.safe,
                                 fix.summary});
    }
  }

  const rules::RuleSet& rules_;
  const rules::Target& target_;
  const rules::Selection& selection_;
  bool unsafe_;
  rules::Edited current_;
  Report report_;
  std::set<std::string> banned_;
  std::set<std::string> seen_;
  FixResult result_;
};

}  // namespace

FixResult fix(const rules::RuleSet& rules, const load::Configuration& configuration,
              const rules::Target& target, const rules::Selection& selection, bool unsafe) {
  return Fixer(rules, configuration, target, selection, unsafe).run();
}

}  // namespace proctor::advise
