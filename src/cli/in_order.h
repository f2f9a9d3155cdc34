// Work on several threads whose results are taken in order, with few of them in memory.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace proctor::cli {

/// Calls produce(i) for i in [0, count) on `threads` threads, of which this is one, and
/// consume(result) in the order of i, never twice at a time: whoever makes the next result takes it
/// and those behind it that are there. At most 4 results a thread wait or are being made.
template <typename T, typename Produce, typename Consume>
void on_threads(size_t count, unsigned threads, const Produce& produce, const Consume& consume) {
  const size_t window = size_t{4} * threads;
  std::vector<std::optional<T>> ring(window);
  std::mutex mutex;
  std::condition_variable room;
  size_t claimed = 0;
  size_t taken = 0;
  bool taking = false;

  const auto take = [&](std::unique_lock<std::mutex>& lock) {
    taking = true;
    while (ring[taken % window]) {
      T result = *std::exchange(ring[taken % window], std::nullopt);
      ++taken;
      room.notify_all();
      lock.unlock();
      consume(std::move(result));
      lock.lock();
    }
    taking = false;
  };
  const auto work = [&] {
    std::unique_lock lock(mutex);
    while (true) {
      room.wait(lock, [&] { return claimed == count || claimed < taken + window; });
      if (claimed == count) return;
      const size_t index = claimed++;
      lock.unlock();
      T result = produce(index);
      lock.lock();
      ring[index % window] = std::move(result);
      if (!taking) take(lock);
    }
  };
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < threads; ++i) others.emplace_back(work);
  work();
}

/// The same, but with one thread, or one item, everything happens here. Of many items a thread
/// makes some at a time: a change of threads costs as much as a small file.
template <typename T, typename Produce, typename Consume>
void in_order(size_t count, unsigned threads, const Produce& produce, const Consume& consume) {
  if (threads < 2 || count < 2) {
    for (size_t i = 0; i < count; ++i) consume(produce(i));
    return;
  }
  constexpr size_t kBatches = 64;  // For a thread at least, if there are as many items.
  constexpr size_t kMost = 8;
  const size_t size = std::clamp<size_t>(count / (kBatches * threads), 1, kMost);
  const auto produce_batch = [&](size_t batch) {
    std::vector<T> results;
    results.reserve(size);
    const size_t end = std::min(count, (batch + 1) * size);
    for (size_t i = batch * size; i < end; ++i) results.push_back(produce(i));
    return results;
  };
  const auto consume_batch = [&](std::vector<T> results) {
    for (T& result : results) consume(std::move(result));
  };
  on_threads<std::vector<T>>((count + size - 1) / size, threads, produce_batch, consume_batch);
}

}  // namespace proctor::cli
