#include "cli/in_order.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <vector>

namespace proctor::cli {
namespace {

TEST_CASE("results come in order, whatever the number of threads") {
  for (const unsigned threads : {1U, 2U, 7U}) {
    for (const size_t count : {size_t{0}, size_t{1}, size_t{2}, size_t{500}}) {
      CAPTURE(threads);
      CAPTURE(count);
      std::vector<size_t> taken;
      in_order<std::string>(
          count, threads,
          [](size_t i) {
            // Earlier items take longer.
            for (std::atomic<size_t> spin = (i * 7919) % 1000; spin > 0;) --spin;
            return std::to_string(i);
          },
          [&](const std::string& text) { taken.push_back(std::stoul(text)); });
      REQUIRE_EQ(taken.size(), count);
      for (size_t i = 0; i < count; ++i) CHECK_EQ(taken[i], i);
    }
  }
}

TEST_CASE("only a few results exist at a time") {
  // Eight batches of two threads, and the one that is being taken.
  struct Case {
    size_t count;
    int limit;
  };
  for (const Case& one : {Case{100, 9}, Case{1000, 9 * 7}, Case{100000, 9 * 8}}) {
    CAPTURE(one.count);
    std::atomic<int> alive = 0;
    std::atomic<int> most = 0;
    in_order<int>(
        one.count, 2,
        [&](size_t) {
          const int now = ++alive;
          for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
          }
          return 0;
        },
        [&](int) { --alive; });
    CHECK_LE(most, one.limit);
  }
}

}  // namespace
}  // namespace proctor::cli
