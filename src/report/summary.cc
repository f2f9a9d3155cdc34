#include "report/summary.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "report/escape.h"
#include "report/place.h"
#include "text/units.h"

namespace proctor::report {
namespace {

std::string findings_text(const Run& run, const Totals& totals) {
  std::string out;
  const auto append = [&](uint64_t count, std::string_view word) {
    if (count > 0) out += (out.empty() ? "" : ", ") + counted(count, word);
  };
  append(totals.error, "error");
  append(totals.warning, "warning");
  append(totals.info, "note");
  if (!out.empty()) return out;
  if (totals.known == 0) return "No findings";
  return run.baseline == Run::Baseline::kWritten ? "No other findings" : "No new findings";
}

std::string fixes_text(const Totals& totals) {
  if (totals.safe == 0 && totals.unsafe == 0) return ".";
  const std::string safe = format_count(static_cast<int64_t>(totals.safe));
  const std::string unsafe = format_count(static_cast<int64_t>(totals.unsafe));
  if (totals.unsafe == 0) return fmt::format("; {} can be fixed with `proctor fix`.", safe);
  if (totals.safe == 0)
    return fmt::format("; {} can be fixed with `proctor fix --unsafe`.", unsafe);
  return fmt::format("; {} can be fixed with `proctor fix`, {} more with --unsafe.", safe, unsafe);
}

/// "--memory 8GiB"; several facts are needed together: "--memory 8GiB with --cpus 4".
std::string options_for(const Run& run, const std::vector<std::string>& needs) {
  std::string out;
  for (const std::string& need : needs) {
    std::string option = run.option_of != nullptr ? run.option_of(need) : std::string();
    if (option.empty()) option = need;
    out += (out.empty() ? "" : " with ") + option;
  }
  return out;
}

std::string undecided_text(const Run& run, const Totals& totals) {
  if (totals.undecided == 0) return {};
  struct Group {
    std::string options;
    uint64_t count;
  };
  std::vector<Group> groups;
  uint64_t hopeless = 0;
  for (const auto& [needs, count] : totals.needs) {
    if (needs.empty()) {
      hopeless += count;
    } else {
      groups.push_back({options_for(run, needs), count});
    }
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const Group& a, const Group& b) { return a.count > b.count; });
  std::string out = counted(totals.undecided, "rule") + " undecided";
  std::string_view separator = ": ";
  for (const Group& group : groups) {
    fmt::format_to(std::back_inserter(out), "{}{} decides {}", separator, group.options,
                   format_count(static_cast<int64_t>(group.count)));
    separator = ", ";
  }
  if (hopeless > 0) {
    fmt::format_to(std::back_inserter(out), "{}no option decides {}", separator,
                   format_count(static_cast<int64_t>(hopeless)));
  }
  return out + ".";
}

std::string kernel_text(const Run& run, const TargetInfo& target) {
  if (target.kernel.empty()) return fmt::format("Kernels {} (none given)", run.assumed_kernels);
  const bool range = target.kernel.find("..") != std::string::npos;
  return fmt::format("Kernel{} {}", range ? "s" : "", target.kernel);
}

std::string target_text(const Run& run) {
  if (run.targets.size() != 1) return counted(run.targets.size(), "target") + ".";
  const TargetInfo& target = run.targets.front();
  return fmt::format("{}, {}.", kernel_text(run, target),
                     target.loader.empty() ? "any loader" : target.loader);
}

}  // namespace

std::string summary_text(const Run& run, const Totals& totals) {
  const unsigned width = std::max(run.style.width, 40U);
  std::string first = fmt::format("{} in {} of {}{}", findings_text(run, totals),
                                  counted(totals.assignments, "assignment"),
                                  counted(totals.files, "file"), fixes_text(totals));
  if (totals.failures > 0) {
    first +=
        fmt::format(" {} kept something from being judged.", counted(totals.failures, "problem"));
  }
  if (totals.known > 0) {
    const bool one = totals.known == 1;
    first += run.baseline == Run::Baseline::kWritten
                 ? fmt::format(" {} {} to the baseline.", counted(totals.known, "finding"),
                               one ? "goes" : "go")
                 : fmt::format(" {} {} in the baseline.", counted(totals.known, "known finding"),
                               one ? "is" : "are");
  }
  std::string out = wrap(first, width, "") + "\n";
  const std::string undecided = undecided_text(run, totals);
  if (!undecided.empty()) out += wrap(undecided, width, "  ") + "\n";
  if (run.targets.empty()) return out;
  std::string last = target_text(run);
  if (totals.findings() > 0) last += " `proctor explain RULE` gives the evidence.";
  return out + wrap(last, width, "") + "\n";
}

std::string statistics_table(const Totals& totals) {
  std::vector<std::pair<std::string_view, const Totals::PerRule*>> rows;
  for (const auto& [id, rule] : totals.rules) rows.emplace_back(id, &rule);
  if (rows.empty()) return {};
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second->count > b.second->count; });
  size_t widest = 4;
  for (const auto& [id, rule] : rows) widest = std::max(widest, id.size());
  std::string out = fmt::format("{:>7}  {:<{}}  {:<8}  {:>7}  {:>9}\n", "count", "rule", widest,
                                "severity", "fixable", "undecided");
  for (const auto& [id, rule] : rows) {
    out += fmt::format("{:>7}  {:<{}}  {:<8}  {:>7}  {:>9}\n", rule->count, id, widest,
                       rule->count > 0 ? rules::to_string(rule->severity) : "",
                       rule->safe + rule->unsafe, rule->undecided);
  }
  return out + "\n";
}

}  // namespace proctor::report
