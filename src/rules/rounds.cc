#include "rules/rounds.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace proctor::rules {

std::vector<Interface> interfaces_of(const Target& target, const Scenarios& scenarios) {
  std::set<std::string> names;
  if (const auto* given = target.facts.strings("interfaces")) {
    names.insert(given->begin(), given->end());
  }
  const auto add = [&](std::string_view path) {
    static constexpr std::string_view kRoots[] = {"net/ipv4/conf/", "net/ipv6/conf/"};
    for (const std::string_view root : kRoots) {
      if (!path.starts_with(root)) continue;
      const std::string_view name =
          path.substr(root.size(), path.find('/', root.size()) - root.size());
      if (name != "all" && name != "default" && name.find_first_of("*?[") == name.npos) {
        names.emplace(name);
      }
    }
  };
  for (const auto& [path, text] : target.running) add(path);
  for (const Group& group : scenarios.groups) {
    for (const auto& run : group.runs) std::ranges::for_each(run->paths(), add);
  }
  std::vector<Interface> out;
  out.reserve(names.size() + 1);
  for (const std::string& name : names) out.push_back(Interface::named(name));
  const bool complete = target.running_complete || target.facts.strings("interfaces") != nullptr;
  if (!complete) out.push_back(Interface::open());
  return out;
}

void fold_interfaces(const RuleSet& rules, std::span<const Interface> rounds,
                     std::vector<Finding>& findings) {
  std::map<std::tuple<std::string_view, uint32_t, Span>, size_t> first;
  std::vector<Finding> kept;
  std::vector<std::string> others;
  for (size_t i = 0; i < findings.size(); ++i) {
    Finding& finding = findings[i];
    const Interface& round = rounds[i];
    if (round.kind == Interface::Kind::kNone) {
      kept.push_back(std::move(finding));
      others.emplace_back();
      continue;
    }
    const auto rule = rules.id(*rules.find(finding.rule));
    const auto [at, fresh] = first.try_emplace({rule, finding.file, finding.span}, kept.size());
    if (fresh) {
      kept.push_back(std::move(finding));
      others.emplace_back();
    } else {
      std::string& names = others[at->second];
      if (!names.empty()) names += ", ";
      names += round.kind == Interface::Kind::kNamed ? round.name : "every other interface";
    }
  }
  for (size_t i = 0; i < kept.size(); ++i) {
    if (!others[i].empty()) kept[i].message += " (also: " + others[i] + ")";
  }
  findings = std::move(kept);
}

}  // namespace proctor::rules
