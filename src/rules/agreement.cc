#include "rules/agreement.h"

#include <algorithm>
#include <array>
#include <functional>
#include <tuple>
#include <utility>

#include "kernel/catalog.h"
#include "kernel/predict.h"
#include "kernel/state.h"
#include "rules/cuts.h"
#include "rules/scenario.h"
#include "rules/selection.h"

namespace proctor::rules {
namespace {

/// Facts in which targets may differ and yet hear the same.
constexpr std::array<std::string_view, 4> kOpen = {"cpus", "kernel", "memory", "roles"};

bool same_but_open(const Target& a, const Target& b) {
  const auto closed = [](const host::Facts& facts) {
    auto all = facts.all();
    for (const std::string_view name : kOpen) {
      if (const auto at = all.find(name); at != all.end()) all.erase(at);
    }
    return all;
  };
  return a.loader == b.loader && a.running == b.running && a.running_absent == b.running_absent &&
         a.running_unreadable == b.running_unreadable && a.running_complete == b.running_complete &&
         a.audited == b.audited && closed(a.facts) == closed(b.facts);
}

bool same_fact(const Target& a, const Target& b, std::string_view name) {
  const host::FactValue* mine = a.facts.get(name);
  const host::FactValue* other = b.facts.get(name);
  if (mine == nullptr || other == nullptr) return mine == other;
  return *mine == *other;
}

/// By place in a list: the number of the first that is the same.
template <typename Same>
std::vector<uint32_t> numbered(size_t count, std::vector<uint32_t>& firsts, Same same) {
  std::vector<uint32_t> out;
  for (uint32_t i = 0; i < count; ++i) {
    const auto at = std::ranges::find_if(firsts, [&](uint32_t first) { return same(first, i); });
    out.push_back(static_cast<uint32_t>(at - firsts.begin()));
    if (at == firsts.end()) firsts.push_back(i);
  }
  return out;
}

/// Values to small numbers, in the order of their coming.
template <typename Value, typename Same = std::equal_to<>>
std::vector<uint16_t> classes(const std::vector<Value>& values, Same same = {}) {
  std::vector<const Value*> known;
  std::vector<uint16_t> out;
  for (const Value& value : values) {
    const auto at =
        std::ranges::find_if(known, [&](const Value* one) { return same(*one, value); });
    out.push_back(static_cast<uint16_t>(at - known.begin()));
    if (at == known.end()) known.push_back(&value);
  }
  return out;
}

}  // namespace

bool is_same(const kernel::Outcome& a, const kernel::Outcome& b) {
  return same_answer(a, b) && a.others == b.others;
}

Agreement::Agreement(const RuleSet& rules, std::span<const Target* const> targets,
                     const Selection& selection)
    : rules_(rules),
      targets_(targets.begin(), targets.end()),
      selection_(selection),
      by_key_(kernel::keys().size()),
      by_rule_(rules.size()),
      speaks_(rules.size()) {
  const auto number = [&](std::vector<uint32_t>& firsts, auto same) {
    return numbered(targets_.size(), firsts,
                    [&](uint32_t a, uint32_t b) { return same(*targets_[a], *targets_[b]); });
  };
  std::vector<uint32_t> groups;
  std::vector<uint32_t> kernels;
  std::vector<uint32_t> roles;
  group_of_ = number(groups, same_but_open);
  kernel_of_ =
      number(kernels, [](const Target& a, const Target& b) { return same_fact(a, b, "kernel"); });
  machine_of_ = number(machines_, [](const Target& a, const Target& b) {
    return same_fact(a, b, "kernel") && same_fact(a, b, "memory") && same_fact(a, b, "cpus") &&
           same_but_open(a, b);
  });
  roles_of_ = number(
      roles, [](const Target& a, const Target& b) { return a.facts.roles() == b.facts.roles(); });
  for (const uint32_t target : kernels) {
    const auto kernel = targets_[target]->facts.kernel();
    const bool single = kernel && kernel->is_single();
    kernels_.push_back(single ? std::optional(kernel->from) : std::nullopt);
  }
  for (const uint32_t target : roles) {
    auto expanded = rules.expand_roles(targets_[target]->facts.roles());
    roles_.push_back(expanded.ok() ? std::move(expanded).value() : std::vector<std::string>());
  }
}

bool Agreement::same_kernel(uint32_t a, uint32_t b) const { return kernel_of_[a] == kernel_of_[b]; }

bool Agreement::comparable(uint32_t a, uint32_t b) const {
  if (group_of_[a] != group_of_[b]) return false;
  return same_machine(a, b) || (kernels_[kernel_of_[a]] && kernels_[kernel_of_[b]]);
}

const Agreement::Classes& Agreement::of_key(const kernel::Key& key) {
  Classes& known = by_key_[kernel::index_of(key)];
  if (!known.empty()) return known;
  kernel::VersionRange all{{65535, 0, 0, false}, {}};
  all.to = {};
  for (const auto& version : kernels_) {
    if (!version) continue;
    all.from = std::min(all.from, *version);
    all.to = std::max(all.to, *version);
  }
  const std::vector<kernel::Version> changes = kernel::change_points(key, all);
  std::vector<std::pair<std::ptrdiff_t, kernel::Existence>> answers;
  for (const auto& version : kernels_) {
    const kernel::Version asked = version.value_or(kernel::Version{});
    const auto passed = std::ranges::upper_bound(changes, asked) - changes.begin();
    answers.emplace_back(passed, kernel::existence(key, asked));
  }
  return known = classes(answers);
}

bool Agreement::on_rule(uint32_t rule, uint32_t a, uint32_t b) {
  if (roles_of_[a] != roles_of_[b]) {
    std::vector<bool>& speaks = speaks_[rule];
    if (speaks.empty()) {
      for (const auto& roles : roles_) {
        speaks.push_back(rules::speaks(rules_.rule(rule), selection_, roles));
      }
    }
    if (speaks[roles_of_[a]] != speaks[roles_of_[b]]) return false;
  }
  if (same_kernel(a, b)) return true;
  Classes& known = by_rule_[rule];
  if (known.empty()) known = classes_of(rules_.rule(rule));
  return known[kernel_of_[a]] == known[kernel_of_[b]];
}

bool Agreement::on_detecting(uint32_t a, uint32_t b) {
  if (detecting_of_.empty()) {
    const std::span<const uint32_t> rules = rules_.detecting();
    std::vector<uint32_t> firsts;
    detecting_of_ = numbered(targets_.size(), firsts, [&](uint32_t one, uint32_t other) {
      return std::ranges::all_of(rules, [&](uint32_t rule) { return on_rule(rule, one, other); });
    });
  }
  return detecting_of_[a] == detecting_of_[b];
}

Agreement::Classes Agreement::classes_of(const Rule& rule) const {
  std::vector<std::tuple<std::ptrdiff_t, std::ptrdiff_t, bool>> answers;
  for (const auto& version : kernels_) {
    const kernel::Version asked = version.value_or(kernel::Version{});
    const auto [begin, end] = std::equal_range(rule.versions.begin(), rule.versions.end(), asked);
    answers.emplace_back(begin - rule.versions.begin(), end - rule.versions.begin(),
                         rule.kernel && rule.kernel->contains(asked));
  }
  return classes(answers);
}

bool Agreement::on_facts(const Reads& reads, uint32_t a, uint32_t b) const {
  if (!same_machine(a, b)) {
    for (const std::string_view name : {"memory", "cpus"}) {
      if (reads.facts.contains(name) && !same_fact(*targets_[a], *targets_[b], name)) return false;
    }
  }
  if (roles_of_[a] == roles_of_[b]) return true;
  if (reads.facts.contains("roles")) return false;
  const std::vector<std::string>& mine = roles_[roles_of_[a]];
  const std::vector<std::string>& other = roles_[roles_of_[b]];
  const auto same = [&](std::string_view role) {
    return std::ranges::binary_search(mine, role) == std::ranges::binary_search(other, role);
  };
  // Detectors ask for the one.
  return same("container") && std::ranges::all_of(reads.roles, same);
}

void Agreement::tidy() {
  if (by_path_.size() > kMostPaths) by_path_.clear();
  if (by_write_.size() > kMostWrites) by_write_.clear();
}

const Agreement::Classes& Agreement::of_initial(std::string_view path) {
  const auto [at, fresh] = by_path_.try_emplace(std::string(path));
  if (fresh) at->second = initial_classes(path);
  return at->second;
}

Agreement::Classes Agreement::initial_classes(std::string_view path) const {
  const auto found = kernel::find_path(path);
  std::vector<kernel::Cell> cells;
  for (const uint32_t target : machines_) {
    const auto version = kernels_[kernel_of_[target]];
    kernel::Machine machine = targets_[target]->facts.machine(version.value_or(kernel::Version{}));
    if (found && !found->key->module.empty()) {
      machine.assumed_modules.emplace_back(found->key->module);
    }
    cells.push_back(kernel::initial_value(path, machine));
  }
  return classes(cells);
}

const Agreement::Classes& Agreement::of_write(const std::string& path, const std::string& bytes,
                                              Starts& starts) {
  const auto [at, fresh] = by_write_.try_emplace(path + '\0' + bytes);
  if (fresh) at->second = write_classes(path, bytes, starts);
  return at->second;
}

Agreement::Classes Agreement::write_classes(const std::string& path, const std::string& bytes,
                                            Starts& starts) const {
  std::vector<std::string> modules;
  const auto found = kernel::find_path(path);
  if (found && !found->key->module.empty()) modules.emplace_back(found->key->module);
  std::vector<std::pair<kernel::Outcome, std::vector<kernel::Cell>>> answers;
  for (const uint32_t target : machines_) {
    auto& [outcome, after] = answers.emplace_back();
    const auto version = kernels_[kernel_of_[target]];
    if (!version) continue;
    kernel::State state = starts.get(*targets_[target], *version, modules)->state;
    outcome = kernel::write(state, path, bytes);
    after.push_back(state.read(path));
    for (const std::string& other : outcome.others) after.push_back(state.read(other));
  }
  return classes(answers, [](const auto& x, const auto& y) {
    return is_same(x.first, y.first) && x.second == y.second;
  });
}

}  // namespace proctor::rules
