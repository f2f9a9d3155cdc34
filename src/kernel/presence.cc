#include "kernel/presence.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace proctor::kernel {
namespace {

using Answer = Presence::Answer;

Presence no(std::string reason) { return {Answer::kNo, {}, std::move(reason)}; }

Presence unknown(std::vector<std::string> needs) {
  return {Answer::kUnknown, std::move(needs), {}};
}

bool same_module(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char one, char other) {
    return one == other || (one == '-' && other == '_') || (one == '_' && other == '-');
  });
}

Presence by_module(const Key& key, const Machine& machine) {
  const auto& loaded = machine.modules ? *machine.modules : machine.assumed_modules;
  const bool has = std::any_of(loaded.begin(), loaded.end(), [&](const std::string& name) {
    return same_module(name, key.module);
  });
  if (has) return {Answer::kYes, {}, {}};
  if (!machine.modules) return unknown({"host.modules"});
  return no("the module " + std::string(key.module) + " is not loaded");
}

/// Folders of interfaces. conf has all, default and every interface, neigh has no all.
Presence by_interface(const Key& key, const std::string& name, const Machine& machine) {
  const bool neighbours = key.name.substr(8).starts_with(".neigh.");
  if (key.scope == Scope::kInitNetnsDefault && name != "default") {
    return no("it belongs to the whole table: only neigh.default has it");
  }
  if (name == "default" || name == "lo") return {Answer::kYes, {}, {}};
  if (name == "all") return neighbours ? no("neigh has no 'all'") : Presence{Answer::kYes, {}, {}};
  if (!machine.interfaces) return unknown({"host.interfaces"});
  const auto& names = *machine.interfaces;
  if (std::find(names.begin(), names.end(), name) != names.end()) return {Answer::kYes, {}, {}};
  return no("there is no interface " + name);
}

/// net.netfilter.nf_log.N: one for each protocol family. NFPROTO_NUMPROTO was 13 and is 11 since
/// DECnet (12) went; the dumps of 5.10 and 6.1 bracket the change.
Presence by_family(const std::string& name, const Version& version) {
  unsigned family = 0;
  const char* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, family);
  if (error != std::errc() || rest != end || family > 12) return no("no such protocol family");
  const Version series = version.series();
  if (family <= 10 || series <= Version{5, 10, 0, false}) return {Answer::kYes, {}, {}};
  if (series < Version{6, 1, 0, false}) return unknown({});
  return no("no such protocol family");
}

/// What stands for '*' decides after all else.
Presence by_wildcard(const KeyRef& ref, const Machine& machine) {
  if (ref.wildcards.empty()) return {Answer::kYes, {}, {}};
  const std::string_view name = ref.key->name;
  if (name.starts_with("net.ipv4.") || name.starts_with("net.ipv6.")) {
    return by_interface(*ref.key, ref.wildcards.front(), machine);
  }
  if (name.starts_with("net.netfilter.nf_log.")) {
    return by_family(ref.wildcards.front(), machine.version);
  }
  return unknown({});
}

bool hidden_in_netns(const Key& key) {
  return key.scope == Scope::kInitNetns || key.scope == Scope::kInitNetnsDefault;
}

std::string absence_reason(const Key& key, const Version& version) {
  const auto removed = parse_version(key.removed_in);
  if (removed.ok() && version.series() >= removed->series()) {
    return "removed in " + std::string(key.removed_in);
  }
  return "it arrives in " + std::string(key.first_seen);
}

}  // namespace

Presence presence(std::string_view path, const Machine& machine) {
  const std::optional<KeyRef> ref = find_path(path);
  if (!ref) return no("no kernel has this key");
  if (machine.initial_netns == false && hidden_in_netns(*ref->key)) {
    return no("it exists in the initial network namespace only");
  }
  Presence wild = by_wildcard(*ref, machine);
  if (wild.answer == Answer::kNo) return wild;
  switch (existence(*ref->key, machine.version)) {
    case Existence::kAbsent:
      return no(absence_reason(*ref->key, machine.version));
    case Existence::kUnknown:
      return unknown({});
    case Existence::kPresent:
      return wild;
    case Existence::kNeedsModule:
      break;
  }
  Presence module = by_module(*ref->key, machine);
  if (module.answer != Answer::kUnknown || wild.answer == Answer::kYes) {
    return module.answer == Answer::kYes ? wild : module;
  }
  module.needs.insert(module.needs.end(), wild.needs.begin(), wild.needs.end());
  std::sort(module.needs.begin(), module.needs.end());
  return module;
}

}  // namespace proctor::kernel
