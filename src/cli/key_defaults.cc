#include "cli/key_defaults.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "cli/settings.h"
#include "kernel/state.h"
#include "report/escape.h"

namespace proctor::cli {
namespace {

/// An interface key's initial value is that of `default`.
std::string path_of(const kernel::Key& key) {
  std::string name(key.name);
  const size_t star = name.find('*');
  if (star != std::string::npos) name.replace(star, 1, "default");
  return kernel::dotted_to_path(name);
}

constexpr std::string_view kDepends = "it depends: give ";

/// "4096", or which options would tell; empty: nothing would.
std::string value_text(const kernel::Key& key, const host::Facts& facts,
                       const kernel::Version& version) {
  kernel::Machine machine = facts.machine(version);
  if (!key.module.empty() && !machine.modules) machine.modules = {std::string(key.module)};
  const kernel::Cell cell = kernel::initial_value(path_of(key), machine);
  if (cell.status == kernel::Cell::Status::kKnown) {
    std::string text = cell.text;
    std::ranges::replace(text, '\t', ' ');
    return text.empty() ? "empty" : report::printable(text);
  }
  std::string needs;
  for (const std::string& need : cell.needs) {
    const std::string option = option_for_need(need);
    if (!option.empty()) needs += (needs.empty() ? "" : " and ") + option;
  }
  return needs.empty() ? std::string() : std::string(kDepends) + needs;
}

struct Era {
  std::string text;
  kernel::Version from;
  kernel::Version to;
};

/// Whether no series lies between two versions.
bool follows(const kernel::Version& before, const kernel::Version& after) {
  if (before.major == after.major) return after.minor <= before.minor + 1;
  return after.major == before.major + 1 && after.minor == 0;
}

std::string era_text(const Era& era) {
  constexpr uint16_t kOpen = 65535;
  const bool open_start = era.from.major == 0;
  const bool open_end = era.to.major == kOpen;
  if (open_start && open_end) return era.text;
  if (open_start) return fmt::format("{} up to {}", era.text, era.to.to_string());
  if (open_end) return fmt::format("{} since {}", era.text, era.from.to_string());
  if (era.from == era.to) return fmt::format("{} in {}", era.text, era.from.to_string());
  return fmt::format("{} from {} to {}", era.text, era.from.to_string(), era.to.to_string());
}

}  // namespace

std::string defaults_text(const kernel::Key& key, const host::Facts& facts) {
  const auto range = facts.kernel();
  if (range && range->is_single()) {
    const std::string text = value_text(key, facts, range->from);
    return text.empty() ? text : fmt::format("{} in {}", text, range->from.to_string());
  }
  std::vector<Era> eras;
  for (const kernel::InitialRow& row : kernel::initial_rows(path_of(key))) {
    if (range && (row.to < range->from || range->to < row.from)) continue;
    constexpr uint16_t kOpen = 65535;
    const kernel::Version inside =
        row.to.major != kOpen ? row.to : std::max(row.from, kernel::maintained_kernels().back());
    Era era{value_text(key, facts, inside), row.from, row.to};
    if (era.text.empty()) continue;
    const bool open = era.text.starts_with(kDepends);  // Then it says nothing of those between.
    if (!eras.empty() && eras.back().text == era.text &&
        (open || follows(eras.back().to, era.from))) {
      eras.back().to = era.to;
    } else {
      eras.push_back(std::move(era));
    }
  }
  std::string out;
  for (const Era& era : eras) out += (out.empty() ? "" : "; ") + era_text(era);
  return out;
}

}  // namespace proctor::cli
