#include "kernel/combine.h"

#include <algorithm>
#include <string>

#include "kernel/catalog.h"

namespace proctor::kernel {
namespace {

using Value = std::optional<int64_t>;

Value logical_or(const Value& a, const Value& b) {
  if ((a && *a != 0) || (b && *b != 0)) return 1;
  if (a && b) return 0;
  return std::nullopt;
}

Value logical_and(const Value& a, const Value& b) {
  if ((a && *a == 0) || (b && *b == 0)) return 0;
  if (a && b) return 1;
  return std::nullopt;
}

Value greatest(const Value& a, const Value& b) {
  if (!a || !b) return std::nullopt;
  return std::max(*a, *b);
}

Value least(const Value& a, const Value& b) {
  if (!a || !b) return std::nullopt;
  return std::min(*a, *b);
}

/// force_igmp_version: 1 from either side is version 1, else 2 from either side is version 2.
Value either(const Value& a, const Value& b) {
  for (const int64_t forced : {1, 2}) {
    if (a == forced || b == forced) return forced;
    if (!a || !b) return std::nullopt;
  }
  return std::max(*a, *b);
}

/// accept_redirects of IPv4: a router needs both, a host one of them.
Value redirects(const ConfValues& values) {
  const Value host = logical_or(values.all, values.own);
  const Value router = logical_and(values.all, values.own);
  if (!values.forwarding) return host == router ? host : std::nullopt;
  return *values.forwarding ? router : host;
}

bool since(const Version& version, uint16_t major, uint16_t minor) {
  return version.series() >= Version{major, minor, 0, false};
}

}  // namespace

std::optional<int64_t> combine(Family family, std::string_view name, const ConfValues& values,
                               const Version& version) {
  const std::string pattern =
      (family == Family::kIpv4 ? "net.ipv4.conf.*." : "net.ipv6.conf.*.") + std::string(name);
  const Key* key = find_pattern(pattern);
  if (key == nullptr) return std::nullopt;
  const std::string_view rule = key->combines;
  if (rule == "iface") return values.own;
  if (rule == "all") return values.all;
  if (rule == "or") return logical_or(values.all, values.own);
  if (rule == "and") return logical_and(values.all, values.own);
  if (rule == "max") return greatest(values.all, values.own);
  if (rule == "min") return least(values.all, values.own);
  if (rule == "either") return either(values.all, values.own);
  if (rule == "and-or-forwarding") return redirects(values);
  if (rule == "all-nonzero") {
    if (!values.all) return std::nullopt;
    return *values.all != 0 ? values.all : values.own;
  }
  if (rule == "or-max-6.0") {
    return since(version, 6, 0) ? greatest(values.all, values.own)
                                : logical_or(values.all, values.own);
  }
  if (rule == "iface-or-5.11") {
    return since(version, 5, 11) ? logical_or(values.all, values.own) : values.own;
  }
  return std::nullopt;
}

}  // namespace proctor::kernel
