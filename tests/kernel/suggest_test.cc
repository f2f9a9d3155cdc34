#include <doctest/doctest.h>

#include <chrono>
#include <string>

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

TEST_CASE("a suggestion costs less than a millisecond") {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) {
    CHECK(suggest_key("net.netfilter.nf_conntrack_tcp_timeout_establish").size() > 10);
  }
  const auto taken = std::chrono::steady_clock::now() - begin;
  MESSAGE("one suggestion: ",
          std::chrono::duration_cast<std::chrono::microseconds>(taken).count() / 20, " us");
#ifdef NDEBUG
  CHECK(taken < std::chrono::milliseconds(20));
#endif
}
