// Work on several threads whose results are taken in order, with few of them in memory.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace proctor::cli {

/// Calls produce(i) for i in [0, count) on `threads` threads and consume(result) on this one, in
/// the order of i. At most 4 results a thread wait or are being made; they are taken when half of
/// that is there.
template <typename T, typename Produce, typename Consume>
void on_threads(size_t count, unsigned threads, const Produce& produce, const Consume& consume) {
  const size_t window = size_t{4} * threads;
  std::vector<std::optional<T>> ring(window);
  std::mutex mutex;
  std::condition_variable made;
  std::condition_variable taken;
  size_t claimed = 0;
  size_t ready = 0;
  size_t emitted = 0;
  const auto worthwhile = [&] {
    return ring[emitted % window].has_value() && (ready >= window / 2 || claimed == count);
  };

  const auto work = [&] {
    std::unique_lock lock(mutex);
    while (true) {
      taken.wait(lock, [&] { return claimed == count || claimed < emitted + window; });
      if (claimed == count) return;
      const size_t index = claimed++;
      if (worthwhile()) made.notify_one();
      lock.unlock();
      T result = produce(index);
      lock.lock();
      ring[index % window] = std::move(result);
      ++ready;
      if (worthwhile()) made.notify_one();
    }
  };
  std::vector<std::jthread> workers;
  for (unsigned i = 0; i < threads; ++i) workers.emplace_back(work);
  std::unique_lock lock(mutex);
  while (emitted < count) {
    std::optional<T>& slot = ring[emitted % window];
    if (!slot) made.wait(lock, worthwhile);
    T result = std::move(*slot);
    slot.reset();
    --ready;
    ++emitted;
    taken.notify_all();
    lock.unlock();
    consume(std::move(result));
    lock.lock();
  }
}

/// The same, but with one thread, or one item, everything happens here. Of many items a thread
/// takes some at a time: a change of threads costs as much as a small file.
template <typename T, typename Produce, typename Consume>
void in_order(size_t count, unsigned threads, const Produce& produce, const Consume& consume) {
  if (threads < 2 || count < 2) {
    for (size_t i = 0; i < count; ++i) consume(produce(i));
    return;
  }
  constexpr size_t kBatches = 64;  // For a thread at least, if there are as many items.
  constexpr size_t kMost = 8;
  const size_t size = std::clamp<size_t>(count / (kBatches * threads), 1, kMost);
  on_threads<std::vector<T>>((count + size - 1) / size, threads,
                             [&](size_t batch) {
                               std::vector<T> results;
                               results.reserve(size);
                               const size_t end = std::min(count, (batch + 1) * size);
                               for (size_t i = batch * size; i < end; ++i)
                                 results.push_back(produce(i));
                               return results;
                             },
                             [&](std::vector<T> results) {
                               for (T& result : results) consume(std::move(result));
                             });
}

}  // namespace proctor::cli
