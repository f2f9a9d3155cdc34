#include "cli/judging.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "cli/host_values.h"
#include "cli/input.h"
#include "text/file.h"

namespace proctor::cli {
namespace {

Diagnostic unreadable(std::string path, std::string why) {
  return {std::move(path), {}, {}, std::move(why), ""};
}

load::FileSet single(const std::string& name, std::string bytes) {
  load::FileSet files;
  files.documents.push_back(
      std::make_unique<conf::Document>(conf::Document::parse(name, std::move(bytes))));
  load::SourceFile file;
  file.document = files.documents.back().get();
  file.path = name;
  files.configuration.files.push_back(std::move(file));
  return files;
}

/// What makes findings of two targets the same.
auto cause(const rules::Finding& finding) {
  return std::tuple(finding.file, finding.span, std::string_view(finding.rule),
                    std::string_view(finding.message));
}

auto cause(const rules::Undecided& undecided) {
  return std::tuple(undecided.file, undecided.span, std::string_view(undecided.rule),
                    undecided.needs, std::string_view(undecided.holds_for));
}

/// Adds what one target gave; what an earlier one gave too gets another target.
template <typename Made, typename Entry, typename Member>
void merge(std::vector<Made> made, uint32_t target, size_t from, std::vector<Entry>& entries,
           Member member) {
  for (Made& one : made) {
    const auto same = std::find_if(
        entries.begin() + static_cast<ptrdiff_t>(from), entries.end(),
        [&](const Entry& entry) { return target > 0 && cause(entry.*member) == cause(one); });
    if (same != entries.end()) {
      if (same->targets.back() != target) same->targets.push_back(target);
    } else {
      entries.push_back({std::move(one), {target}});
    }
  }
}

}  // namespace

LoadedSource load_source(const Source& source, const load::Loader* loader) {
  LoadedSource loaded;
  const load::Loader& order = loader != nullptr ? *loader : **load::find_loader("systemd");
  switch (source.kind) {
    case Source::Kind::kFile:
    case Source::Kind::kStandardInput: {
      Result<std::string> bytes =
          source.kind == Source::Kind::kFile ? read_file(source.path) : read_standard_input();
      if (bytes) {
        loaded.files = single(source.path, std::move(bytes).value());
      } else {
        loaded.errors.push_back(unreadable(source.path, bytes.error()));
      }
      return loaded;
    }
    case Source::Kind::kFolder:
      loaded.files = load::find_drop_ins(order, source.path);
      break;
    case Source::Kind::kRoot:
      loaded.files = load::find_files(order, source.path);
      break;
  }
  for (const load::FileSet::Unreadable& file : loaded.files.unreadable) {
    loaded.errors.push_back(unreadable(file.path, file.why));
  }
  return loaded;
}

void Judge::add(const load::Configuration& configuration, report::Part& part) const {
  const auto first_file = static_cast<uint32_t>(part.files.size());
  const size_t first_entry = part.entries.size();
  const size_t first_open = part.open.size();
  for (uint32_t target = 0; target < targets_.size(); ++target) {
    rules::Target with_values;
    const rules::Target* judged_for = &targets_[target];
    if (host_values_) {
      with_values = targets_[target];
      add_host_values(rules_, configuration, with_values);
      judged_for = &with_values;
    }
    rules::Report report = rules::judge(rules_, configuration, *judged_for, selection_);
    for (rules::Finding& finding : report.findings) {
      finding.file += first_file;
      for (rules::Related& related : finding.related) related.file += first_file;
      for (rules::Fix& fix : finding.fixes) {
        for (rules::FileEdit& edit : fix.edits) edit.file += first_file;
      }
    }
    for (rules::Undecided& undecided : report.undecided) undecided.file += first_file;
    merge(std::move(report.findings), target, first_entry, part.entries, &report::Entry::finding);
    merge(std::move(report.undecided), target, first_open, part.open,
          &report::OpenEntry::undecided);
    std::ranges::move(report.defects, std::back_inserter(part.errors));
    if (target == 0) part.assignments += report.assignments;
  }
  for (const load::SourceFile& file : configuration.files) part.files.push_back(file.document);
}

JudgedUnit Judge::judge(std::span<const Source> unit) const {
  JudgedUnit judged;
  for (const Source& source : unit) {
    judged.sources.push_back(load_source(source, targets_.front().loader));
    LoadedSource& loaded = judged.sources.back();
    std::ranges::move(loaded.errors, std::back_inserter(judged.part.errors));
    if (!loaded.files.configuration.files.empty()) add(loaded.files.configuration, judged.part);
  }
  report::sort_part(judged.part);
  return judged;
}

}  // namespace proctor::cli
