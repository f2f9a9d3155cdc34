#include "advise/fix.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "rules/proof.h"
#include "text/text.h"

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
        std::span<const rules::Target> targets, const rules::Selection& selection, bool unsafe)
      : rules_(rules), targets_(targets), selection_(selection), unsafe_(unsafe) {
    current_ = *rules::edited(configuration, {});
    current_.configuration = configuration;
    reports_ = judge(current_);
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
    result_.remaining = common(std::move(reports_));
    return std::move(result_);
  }

 private:
  /// By target.
  std::vector<Report> judge(const rules::Edited& edited) const {
    std::vector<Report> reports;
    for (const rules::Target& target : targets_) {
      reports.push_back(rules::judge(rules_, edited.configuration, target, selection_));
    }
    return reports;
  }

  static Report common(std::vector<Report> reports) {
    Report all = std::move(reports.front());
    for (size_t i = 1; i < reports.size(); ++i) {
      for (Finding& finding : reports[i].findings) {
        if (!is_among(finding, all.findings)) all.findings.push_back(std::move(finding));
      }
      std::ranges::move(reports[i].undecided, std::back_inserter(all.undecided));
      std::ranges::move(reports[i].defects, std::back_inserter(all.defects));
    }
    sort_unique(all.undecided);
    sort_unique(all.defects);
    return all;
  }

  /// Whether one of `findings` says the same and offers the same.
  static bool is_among(const Finding& finding, const std::vector<Finding>& findings) {
    return std::ranges::any_of(findings, [&](const Finding& other) {
      if (other.rule != finding.rule || other.file != finding.file || other.span != finding.span) {
        return false;
      }
      if (other.fixes.empty() || finding.fixes.empty()) {
        return other.fixes.empty() && finding.fixes.empty();
      }
      return other.fixes.front().edits == finding.fixes.front().edits &&
             other.fixes.front().safe == finding.fixes.front().safe;
    });
  }

  bool is_for_all(const Finding& finding) const {
    return std::all_of(reports_.begin() + 1, reports_.end(),
                       [&](const Report& report) { return is_among(finding, report.findings); });
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
    for (const Finding& finding : reports_.front().findings) {
      if (finding.fixes.empty()) continue;
      const rules::Fix& fix = finding.fixes.front();
      if ((!unsafe_ && !fix.safe) || banned_.contains(mark(finding))) continue;
      const bool free = std::ranges::none_of(fix.edits, [&](const FileEdit& edit) {
        return std::ranges::any_of(taken,
                                   [&](const FileEdit& other) { return overlaps(edit, other); });
      });
      if (!free || !is_for_all(finding)) continue;
      taken.insert(taken.end(), fix.edits.begin(), fix.edits.end());
      out.push_back(&finding);
    }
    // A comment about rules first: what it then silences is not to be changed.
    const auto is_comment = [](const Finding* one) {
      return one->rule.starts_with("suppression/");
    };
    if (std::ranges::any_of(out, is_comment)) std::erase_if(out, std::not_fn(is_comment));
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
    if (safe && batch.size() > 1 && !keeps_states(*next)) return false;
    std::vector<Report> reports = judge(*next);
    if (makes_worse(batch, reports)) return false;
    record(batch);
    seen_.insert(contents(*next));
    reports_ = std::move(reports);
    current_ = *std::move(next);
    return true;
  }

  bool keeps_states(const rules::Edited& next) const {
    return std::ranges::all_of(targets_, [&](const rules::Target& target) {
      return rules::same_states(current_.configuration, next.configuration, target);
    });
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

  /// What was wrong with a key may be cured by the value that the kernel has by itself: the line is
  /// then redundant, which is no harm.
  static bool is_cured_by_default(const Finding& made, const std::vector<const Finding*>& batch) {
    if (made.category != rules::Category::kRedundant) return false;
    return std::ranges::any_of(batch, [&](const Finding* cured) {
      return cured->category != rules::Category::kRedundant &&
             std::ranges::find_first_of(cured->keys, made.keys) != cured->keys.end();
    });
  }

  bool makes_worse(const std::vector<const Finding*>& batch,
                   const std::vector<Report>& after) const {
    rules::Severity least = rules::Severity::kError;
    for (const Finding* finding : batch) least = std::min(least, finding->severity);
    for (size_t target = 0; target < after.size(); ++target) {
      std::map<Identity, int> balance;
      for (const Finding& finding : reports_[target].findings) --balance[identity(finding)];
      for (const Finding& finding : after[target].findings) {
        if (++balance[identity(finding)] > 0 && finding.severity >= least &&
            !is_cured_by_default(finding, batch)) {
          return true;
        }
      }
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
  std::span<const rules::Target> targets_;
  const rules::Selection& selection_;
  bool unsafe_;
  rules::Edited current_;
  std::vector<Report> reports_;  ///< By target.
  std::set<std::string> banned_;
  std::set<std::string> seen_;
  FixResult result_;
};

}  // namespace

FixResult fix(const rules::RuleSet& rules, const load::Configuration& configuration,
              std::span<const rules::Target> targets, const rules::Selection& selection,
              bool unsafe) {
  return Fixer(rules, configuration, targets, selection, unsafe).run();
}

}  // namespace proctor::advise
