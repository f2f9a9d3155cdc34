#include "rules/running.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "rules/values.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::rules {
namespace {

/// Whether a value can be a line's.
bool fits_a_line(std::string_view text) {
  return std::ranges::none_of(
      text, [](char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f; });
}

/// Numbers that are computed from the memory are a few percent off.
bool is_near(std::string_view a, std::string_view b) {
  const auto left = split_blanks(a);
  const auto right = split_blanks(b);
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i) {
    const Result<int64_t> x = parse_int(left[i]);
    const Result<int64_t> y = parse_int(right[i]);
    if (!x || !y || std::abs(*x / 8 - *y / 8) > std::max(*x, *y) / 64 + 1) return false;
  }
  return true;
}

bool is_kernels_own(const std::string& path, std::string_view value,
                    const kernel::Machine& machine) {
  const kernel::Cell initial = kernel::initial_value(path, machine);
  if (initial.status != kernel::Cell::Status::kKnown) return true;
  return fold_blanks(initial.text) == value ||
         (initial.approximate && is_near(initial.text, value));
}

}  // namespace

RunningLines::RunningLines(const Target& target) {
  std::string text;
  for (const auto& [path, value] : target.running) {
    if (!fits_a_line(value) || !kernel::find_path(path)) continue;
    paths_.push_back(path);
    values_.push_back(fold_blanks(value));
    text += kernel::path_to_dotted(path) + " = " + values_.back() + "\n";
  }
  document_ = std::make_unique<conf::Document>(conf::Document::parse("/proc/sys", std::move(text)));
  load::SourceFile file;
  file.document = document_.get();
  file.path = document_->name();
  configuration_.files.push_back(std::move(file));
}

template <typename Take>
std::shared_ptr<const Run> RunningLines::run(const Target& target, const kernel::Version& version,
                                             const Take& take) const {
  load::LoadResult result(load::loaders().back(), start_state(target, version));
  for (uint32_t line = 0; line < paths_.size(); ++line) {
    if (!take(paths_[line], values_[line], result.final_state.machine())) continue;
    const auto index = static_cast<uint32_t>(result.assignments.size());
    const conf::Line at = document_->lines()[line];
    load::Assignment assignment;
    assignment.origin = {0, line};
    assignment.span = {at.key.begin, at.value.end};
    assignment.path = paths_[line];
    assignment.value = values_[line];
    assignment.status = load::Status::kApplied;
    assignment.writes = {index};
    result.assignments.push_back(std::move(assignment));
    load::Write write;
    write.path = paths_[line];
    write.bytes = values_[line] + "\n";
    write.origin = {0, line};
    write.assignment = index;
    write.outcome.result = kernel::WriteResult::kAccepted;
    write.outcome.reads_back = values_[line];
    write.order = index;
    result.writes.push_back(std::move(write));
  }
  return std::make_shared<const Run>(std::move(result));
}

std::shared_ptr<const Run> RunningLines::all(const Target& target,
                                             const kernel::Version& version) const {
  return run(target, version,
             [](const std::string&, std::string_view, const kernel::Machine&) { return true; });
}

std::shared_ptr<const Run> RunningLines::written(const Target& target,
                                                 const kernel::Version& version,
                                                 const std::set<std::string>& set) const {
  return run(target, version,
             [&](const std::string& path, std::string_view value, const kernel::Machine& machine) {
               return set.contains(path) || !is_kernels_own(path, value, machine);
             });
}

}  // namespace proctor::rules
