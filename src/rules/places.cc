#include "rules/places.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "text/text.h"

namespace proctor::rules {

bool Places::hold(const Report& report) const {
  const auto holds = [&](Span span) { return hold(span); };
  for (const Finding& finding : report.findings) {
    if (!holds(finding.span) || !std::ranges::all_of(finding.related, holds, &Related::span)) {
      return false;
    }
    for (const Fix& fix : finding.fixes) {
      for (const FileEdit& edit : fix.edits) {
        if (!holds(edit.edit.span)) return false;
      }
    }
  }
  return std::ranges::all_of(report.undecided, holds, &Undecided::span);
}

void Places::move(Report& report) const {
  for (Finding& finding : report.findings) {
    move(finding.span);
    for (Related& related : finding.related) move(related.span);
    for (Fix& fix : finding.fixes) {
      for (FileEdit& edit : fix.edits) move(edit.edit.span);
    }
  }
  for (Undecided& undecided : report.undecided) move(undecided.span);
}

bool Places::hold(Span span) const {
  const size_t line = line_of(span);
  return span.end <= (line + 1 < begins_.size() ? begins_[line + 1] : size_);
}

void Places::move(Span& span) const {
  const size_t line = line_of(span);
  span = {in_file_[line] + span.begin - begins_[line], in_file_[line] + span.end - begins_[line]};
}

/// An insertion between two lines belongs to the first: it follows a line.
size_t Places::line_of(Span span) const {
  const auto after = span.empty() && span.begin > 0 ? std::ranges::lower_bound(begins_, span.begin)
                                                    : std::ranges::upper_bound(begins_, span.begin);
  return static_cast<size_t>(after - begins_.begin()) - 1;
}

void append(Report& whole, Report piece) {
  std::ranges::move(piece.findings, std::back_inserter(whole.findings));
  std::ranges::move(piece.undecided, std::back_inserter(whole.undecided));
  std::ranges::move(piece.defects, std::back_inserter(whole.defects));
}

void sort(Report& report) {
  std::ranges::stable_sort(report.findings, {}, [](const Finding& finding) {
    return std::tie(finding.file, finding.span.begin, finding.rule, finding.span.end);
  });
  sort_unique(report.undecided);
  sort_unique(report.defects);
}

}  // namespace proctor::rules
