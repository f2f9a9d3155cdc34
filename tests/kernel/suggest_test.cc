#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/catalog.h"

using namespace proctor::kernel;

TEST_CASE("a misspelled key gets the one that was meant") {
  struct Case {
    const char* written;
    const char* meant;
  };
  const Case cases[] = {
      {"tcp_syncookies", "net.ipv4.tcp_syncookies"},
      {"ipv4.tcp_syncookies", "net.ipv4.tcp_syncookies"},
      {"net.tcp_syncookies", "net.ipv4.tcp_syncookies"},
      {"net.ipv4.tcp_timestamp", "net.ipv4.tcp_timestamps"},
      {"net.ipv4.tcp_fin_timeuot", "net.ipv4.tcp_fin_timeout"},
      {"net.ipv4.somaxconn", "net.core.somaxconn"},
      {"net.core.tcp_rmem", "net.ipv4.tcp_rmem"},
      {"net.ipv4.rmem_max", "net.core.rmem_max"},
      {"net.ipv6.tcp_mem", "net.ipv4.tcp_mem"},
      {"net.ipv4.netdev_max_backlog", "net.core.netdev_max_backlog"},
      {"sys.vm.swappiness", "vm.swappiness"},
      {"proc.sys.net.ipv4.ip_forward", "net.ipv4.ip_forward"},
      {"vm.swapiness", "vm.swappiness"},
      {"kernel.swappiness", "vm.swappiness"},
      {"vm.dirty_backgroud_ratio", "vm.dirty_background_ratio"},
      {"net.ipv4.conf.eth0.rp_filte", "net.ipv4.conf.eth0.rp_filter"},
      {"net.ipv4.conf.all.send_redirect", "net.ipv4.conf.all.send_redirects"},
      {"net.ipv4.rp_filter", "net.ipv4.conf.all.rp_filter"},
      {"net.ipv4.neigh.default.gc_thresh4", "net.ipv4.neigh.default.gc_thresh1"},
      {"net.ipv4.tcp_max_syn_backlogs", "net.ipv4.tcp_max_syn_backlog"},
      {"fs.file_max", "fs.file-max"},
      {"fs.inotify.max_user_watch", "fs.inotify.max_user_watches"},
      {"net.netfilter.nf_conntrack_tcp_timeout_establish",
       "net.netfilter.nf_conntrack_tcp_timeout_established"},
      {"net.ipv4.nf_conntrack_max", "net.netfilter.nf_conntrack_max"},
      {"net/ipv4/tcp_sackk", "net.ipv4.tcp_sack"},
      {"kernel.pid-max", "kernel.pid_max"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.written);
    CHECK(suggest_key(one.written) == one.meant);
  }
}

TEST_CASE("what resembles nothing gets nothing") {
  for (const char* written : {"", ".", "foo.bar.qqqqqqqq", "net.ipv4.zzzzzzzzzzzz", "x"}) {
    CAPTURE(written);
    CHECK(suggest_key(written).empty());
  }
  CHECK(suggest_key(std::string(100000, 'a')).empty());
  CHECK(suggest_key(std::string(100000, '.')).empty());
}

namespace {

size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t corner = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t changed = corner + (a[i] == b[j] ? 0 : 1);
      corner = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, corner + 1});
    }
  }
  return row.back();
}

template <typename Work>
std::chrono::nanoseconds time_of(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) work();
  return std::chrono::steady_clock::now() - begin;
}

}  // namespace

TEST_CASE("a suggestion costs less than a fifth of comparing with every key") {
  constexpr std::string_view kWritten = "net.netfilter.nf_conntrack_tcp_timeout_establish";
  const auto suggested = time_of([&] { CHECK(suggest_key(kWritten).size() > 10); });
  const auto compared = time_of([&] {
    size_t least = kWritten.size();
    for (const Key& key : keys()) least = std::min(least, distance(kWritten, key.name));
    CHECK(least > 0);
  });
  CHECK(suggested < compared / 5);
}
