// The declared facts, and how each is written as text.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>

#include "host/facts.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::host {
namespace {

constexpr int64_t kKiB = 1024;
constexpr int64_t kGiB = kKiB * kKiB * kKiB;
constexpr int64_t kTiB = kKiB * kGiB;

// Bounds are what the kernel can be built for or can report, so that a slip of units is caught:
// 8192 CPUs is the largest CONFIG_NR_CPUS, 24 to 1200 the span of CONFIG_HZ over architectures,
// 4096 TiB what five-level page tables address.
constexpr std::array kTable = {
    FactInfo{"arch", FactType::kString, FactUnit::kNone, 0, 0, "", "--fact arch=x86_64",
             "Machine name as uname -m prints it"},
    FactInfo{"container", FactType::kBool, FactUnit::kNone, 0, 0, "", "--fact container=true",
             "Whether the configuration is loaded inside a container rather than by the host"},
    FactInfo{"cpus", FactType::kInt, FactUnit::kNone, 1, 8192, "", "--cpus 4",
             "CPUs that are online"},
    FactInfo{"distro", FactType::kString, FactUnit::kNone, 0, 0, "", "--fact distro=debian-12",
             "ID and VERSION_ID of os-release, joined by a hyphen"},
    FactInfo{"hz", FactType::kInt, FactUnit::kNone, 24, 1200, "", "--fact hz=250",
             "Timer ticks per second that the kernel is built for (CONFIG_HZ)"},
    FactInfo{"initial_netns", FactType::kBool, FactUnit::kNone, 0, 0, "",
             "--fact initial_netns=false",
             "Whether the network namespace is the one that the kernel booted with"},
    FactInfo{"interfaces", FactType::kStringList, FactUnit::kNone, 0, 0, "",
             "--fact interfaces=lo,eth0", "Network interfaces, without all and default"},
    FactInfo{"ipv6", FactType::kBool, FactUnit::kNone, 0, 0, "", "--fact ipv6=true",
             "Whether the kernel offers IPv6 (false with ipv6.disable=1)"},
    FactInfo{"kdump", FactType::kBool, FactUnit::kNone, 0, 0, "", "--fact kdump=true",
             "Whether a crash kernel is loaded"},
    FactInfo{"kernel", FactType::kVersionRange, FactUnit::kNone, 0, 0, "", "--kernel 6.1",
             "Kernel version: a release, a series, or a range of them"},
    FactInfo{"link_speed", FactType::kInt, FactUnit::kBitsPerSecond, 1, 1'000'000'000'000'000, "",
             "--fact link_speed=10Gbit/s", "Speed of the fastest network link"},
    FactInfo{"listen_ports", FactType::kIntList, FactUnit::kNone, 1, 65535, "",
             "--fact listen_ports=443,9001", "TCP ports that programs listen on"},
    FactInfo{"memory", FactType::kInt, FactUnit::kBytes, kKiB* kKiB, 4096 * kTiB, "",
             "--memory 8GiB", "Memory that the kernel manages (MemTotal)"},
    FactInfo{"modules", FactType::kStringList, FactUnit::kNone, 0, 0, "",
             "--fact modules=nf_conntrack,br_netfilter", "Kernel modules, loaded or built in"},
    FactInfo{"numa_nodes", FactType::kInt, FactUnit::kNone, 1, 1024, "", "--fact numa_nodes=2",
             "NUMA nodes that are online"},
    FactInfo{"page_size", FactType::kInt, FactUnit::kBytes, 4096, 256 * kKiB, "",
             "--fact page_size=4096", "Size of a memory page"},
    FactInfo{"roles", FactType::kStringList, FactUnit::kNone, 0, 0, "", "--role exit-relay",
             "What the machine is for"},
    FactInfo{"swap", FactType::kInt, FactUnit::kBytes, 0, 4096 * kTiB, "", "--fact swap=2GiB",
             "Swap space of all kinds"},
    FactInfo{"swap_kind", FactType::kString, FactUnit::kNone, 0, 0, "none|disk|zram|zswap",
             "--fact swap_kind=zram", "Where the swap space of highest priority lies"},
    FactInfo{"thp", FactType::kString, FactUnit::kNone, 0, 0, "always|madvise|never",
             "--fact thp=always", "Transparent huge pages"},
    FactInfo{"virt", FactType::kString, FactUnit::kNone, 0, 0,
             "none|kvm|qemu|vmware|hyperv|xen|virtualbox|other", "--fact virt=kvm",
             "Hypervisor that the kernel runs on"},
};
static_assert(std::ranges::is_sorted(kTable, {}, &FactInfo::name));

constexpr auto kNames = [] {
  std::array<std::string_view, kTable.size()> names;
  std::ranges::transform(kTable, names.begin(), &FactInfo::name);
  return names;
}();

Error expected(const FactInfo& info, std::string_view text, std::string_view what) {
  return Error{fmt::format("'{}' is no value for fact {}; expected {}", escape_bytes(text),
                           info.name, what)};
}

std::string in_units(const FactInfo& info, int64_t value) {
  return info.unit == FactUnit::kBytes ? format_size(static_cast<uint64_t>(value))
                                       : format_count(value);
}

Result<int64_t> in_range(const FactInfo& info, std::string_view text, int64_t number) {
  if (number >= info.min && number <= info.max) return number;
  return expected(info, text,
                  fmt::format("{} to {}", in_units(info, info.min), in_units(info, info.max)));
}

Result<int64_t> parse_number(const FactInfo& info, std::string_view text) {
  if (info.unit == FactUnit::kNone) {
    const Result<int64_t> number = parse_int(text);
    if (!number) return expected(info, text, "a whole number");
    return in_range(info, text, *number);
  }
  const Result<uint64_t> number =
      info.unit == FactUnit::kBytes ? parse_size(text) : parse_bit_rate(text);
  if (!number) return Error{fmt::format("fact {}: {}", info.name, number.error())};
  constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
  return in_range(info, text, static_cast<int64_t>(std::min(*number, kMost)));
}

Result<FactValue> parse_bool(const FactInfo& info, std::string_view text) {
  constexpr std::array<std::string_view, 4> kTrue = {"true", "yes", "on", "1"};
  constexpr std::array<std::string_view, 4> kFalse = {"false", "no", "off", "0"};
  if (std::ranges::find(kTrue, text) != kTrue.end()) return FactValue(true);
  if (std::ranges::find(kFalse, text) != kFalse.end()) return FactValue(false);
  return expected(info, text, "true or false");
}

Result<FactValue> parse_string(const FactInfo& info, std::string_view text) {
  if (info.choices.empty()) return FactValue(std::string(text));
  const std::vector<std::string_view> choices = split(info.choices, '|');
  if (std::ranges::find(choices, text) != choices.end()) return FactValue(std::string(text));
  const std::string_view near = nearest(text, choices);
  std::string what = fmt::format("one of {}", info.choices);
  if (!near.empty()) what += fmt::format("; did you mean '{}'?", near);
  return expected(info, text, what);
}

/// Parts of a comma-separated list; "" is the empty list. nullopt: an empty part.
std::optional<std::vector<std::string_view>> list_parts(std::string_view text) {
  if (trim(text).empty()) return std::vector<std::string_view>();
  std::vector<std::string_view> parts = split(text, ',');
  for (std::string_view& part : parts) {
    part = trim(part);
    if (part.empty()) return std::nullopt;
  }
  return parts;
}

Result<FactValue> parse_int_list(const FactInfo& info, std::string_view text) {
  const auto parts = list_parts(text);
  if (!parts) return expected(info, text, "numbers with a comma between them");
  std::vector<int64_t> numbers;
  for (const std::string_view part : *parts) {
    const Result<int64_t> number = parse_number(info, part);
    if (!number) return Error{number.error()};
    numbers.push_back(*number);
  }
  return FactValue(std::move(numbers));
}

Result<FactValue> parse_string_list(const FactInfo& info, std::string_view text) {
  const auto parts = list_parts(text);
  if (!parts) return expected(info, text, "names with a comma between them");
  std::vector<std::string> names(parts->begin(), parts->end());
  // The kernel itself lists modules with underscores, whatever the file name is.
  if (info.name == "modules") {
    for (std::string& name : names) std::ranges::replace(name, '-', '_');
  }
  return FactValue(std::move(names));
}

struct ToText {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(const kernel::VersionRange& value) const { return value.to_string(); }
  template <typename T>
  std::string operator()(const std::vector<T>& values) const {
    std::string out;
    for (const T& value : values) {
      if (!out.empty()) out += ',';
      out += (*this)(value);
    }
    return out;
  }
};

}  // namespace

std::span<const FactInfo> fact_table() { return kTable; }

const FactInfo* find_fact(std::string_view name) {
  const auto at = std::ranges::lower_bound(kTable, name, {}, &FactInfo::name);
  return at != kTable.end() && at->name == name ? &*at : nullptr;
}

std::string unknown_fact(std::string_view name) {
  const std::string_view near = nearest(name, kNames);
  if (!near.empty()) {
    return fmt::format("unknown fact '{}'; did you mean '{}'?", escape_bytes(name), near);
  }
  std::string out = fmt::format("unknown fact '{}'; the facts are", escape_bytes(name));
  for (const std::string_view known : kNames) {
    out += known == kNames.front() ? " " : ", ";
    out += known;
  }
  return out;
}

Result<FactValue> parse_fact_value(const FactInfo& info, std::string_view text) {
  switch (info.type) {
    case FactType::kBool:
      return parse_bool(info, text);
    case FactType::kInt: {
      const Result<int64_t> number = parse_number(info, text);
      if (!number) return Error{number.error()};
      const bool power_of_two = (*number & (*number - 1)) == 0;
      if (info.name == "page_size" && !power_of_two) {
        return expected(info, text, "a power of two");
      }
      return FactValue(*number);
    }
    case FactType::kString:
      if (trim(text).empty()) return expected(info, text, "a word");
      return parse_string(info, text);
    case FactType::kIntList:
      return parse_int_list(info, text);
    case FactType::kStringList:
      return parse_string_list(info, text);
    case FactType::kVersionRange:
      break;
  }
  const Result<kernel::VersionRange> range = kernel::parse_version_range(text);
  if (!range) return Error{fmt::format("fact {}: {}", info.name, range.error())};
  return FactValue(*range);
}

Result<std::pair<std::string, FactValue>> parse_fact(std::string_view assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string_view::npos) {
    return Error{fmt::format("'{}' is not NAME=VALUE", escape_bytes(assignment))};
  }
  std::string_view name = trim(assignment.substr(0, equals));
  constexpr std::string_view kPrefix = "host.";
  if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
  const FactInfo* info = find_fact(name);
  if (info == nullptr) return Error{unknown_fact(name)};
  Result<FactValue> value = parse_fact_value(*info, trim(assignment.substr(equals + 1)));
  if (!value) return Error{value.error()};
  return std::pair(std::string(name), std::move(value).value());
}

std::string fact_to_text(const FactValue& value) { return std::visit(ToText{}, value); }

}  // namespace proctor::host
