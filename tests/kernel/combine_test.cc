#include "kernel/combine.h"

#include <doctest/doctest.h>

using namespace proctor::kernel;

namespace {

std::optional<int64_t> v4(const char* name, std::optional<int64_t> all, std::optional<int64_t> own,
                          const char* version = "6.1",
                          std::optional<bool> forwarding = std::nullopt) {
  return combine(Family::kIpv4, name, {all, own, forwarding}, *parse_version(version));
}

std::optional<int64_t> v6(const char* name, std::optional<int64_t> all,
                          std::optional<int64_t> own) {
  return combine(Family::kIpv6, name, {all, own, std::nullopt}, *parse_version("6.1"));
}

constexpr std::nullopt_t kOpen = std::nullopt;

}  // namespace

TEST_CASE("IPv4: maximum") {
  for (const char* name : {"rp_filter", "arp_announce", "arp_ignore", "arp_notify"}) {
    CAPTURE(name);
    CHECK(v4(name, 1, 2) == 2);
    CHECK(v4(name, 1, 0) == 1);
    CHECK(v4(name, 0, 0) == 0);
    CHECK(v4(name, 1, kOpen) == kOpen);
  }
}

TEST_CASE("IPv4: or") {
  for (const char* name :
       {"accept_local", "src_valid_mark", "log_martians", "proxy_arp", "shared_media",
        "send_redirects", "secure_redirects", "promote_secondaries", "route_localnet",
        "ignore_routes_with_linkdown", "arp_filter", "disable_policy", "disable_xfrm",
        "drop_gratuitous_arp", "drop_unicast_in_l2_multicast"}) {
    CAPTURE(name);
    CHECK(v4(name, 1, 0) == 1);
    CHECK(v4(name, 0, 1) == 1);
    CHECK(v4(name, 0, 0) == 0);
    CHECK(v4(name, 1, kOpen) == 1);
    CHECK(v4(name, 0, kOpen) == kOpen);
  }
}

TEST_CASE("IPv4: and") {
  for (const char* name : {"accept_source_route", "bootp_relay", "mc_forwarding",
                           "arp_evict_nocarrier", "bc_forwarding"}) {
    CAPTURE(name);
    CHECK(v4(name, 1, 1) == 1);
    CHECK(v4(name, 1, 0) == 0);
    CHECK(v4(name, 0, kOpen) == 0);
    CHECK(v4(name, kOpen, 1) == kOpen);
  }
}

TEST_CASE("IPv4: keys with rules of their own") {
  CHECK(v4("accept_redirects", 0, 1, "6.1", true) == 0);
  CHECK(v4("accept_redirects", 0, 1, "6.1", false) == 1);
  CHECK(v4("accept_redirects", 0, 1) == kOpen);
  CHECK(v4("accept_redirects", 0, 0) == 0);
  CHECK(v4("accept_redirects", 1, 1) == 1);
  CHECK(v4("arp_accept", 1, 2, "5.19") == 1);
  CHECK(v4("arp_accept", 1, 2, "6.0") == 2);
  CHECK(v4("proxy_arp_pvlan", 1, 0, "5.10") == 0);
  CHECK(v4("proxy_arp_pvlan", 1, 0, "5.11") == 1);
  CHECK(v4("forwarding", 1, 0) == 0);
  CHECK(v4("medium_id", 1, 5) == 5);
  CHECK(v4("force_igmp_version", 0, 1) == 1);
  CHECK(v4("force_igmp_version", 2, 1) == 1);
  CHECK(v4("force_igmp_version", 2, 3) == 2);
  CHECK(v4("force_igmp_version", 3, 0) == 3);
  CHECK(v4("force_igmp_version", 2, kOpen) == kOpen);
  CHECK(v4("no_such_key", 1, 1) == kOpen);
}

TEST_CASE("IPv6") {
  CHECK(v6("forwarding", 1, 0) == 1);
  CHECK(v6("accept_dad", 0, 1) == 1);
  CHECK(v6("accept_dad", 0, -1) == 0);
  CHECK(v6("optimistic_dad", 0, 1) == 1);
  CHECK(v6("accept_source_route", 0, -1) == -1);
  CHECK(v6("seg6_enabled", 1, 0) == 0);
  CHECK(v6("ndisc_evict_nocarrier", 1, 0) == 0);
  CHECK(v6("keep_addr_on_down", 1, 0) == 1);
  CHECK(v6("keep_addr_on_down", 0, -1) == -1);
  CHECK(v6("accept_ra", 0, 2) == 2);
  CHECK(v6("accept_redirects", 0, 1) == 1);
  CHECK(v6("hop_limit", 64, 32) == 32);
}
