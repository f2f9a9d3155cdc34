// How far a long run is, on standard error.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>

namespace proctor::cli {

/// One line that is written over and erased in the end. Only if standard error is a terminal, and
/// only once the run takes longer than half a second.
class Progress {
 public:
  explicit Progress(size_t total);
  ~Progress() { stop(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// One more of the total is done.
  void step();

  /// While there is one, the line is erased and the terminal is the caller's.
  class Pause {
   public:
    explicit Pause(Progress& progress) : progress_(progress) { progress_.pause(true); }
    ~Pause() { progress_.pause(false); }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    Progress& progress_;
  };

  /// Erases the line for good.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;

  void run(const std::stop_token& stop);
  void pause(bool paused);
  void draw();
  void erase();

  size_t total_;
  Clock::time_point start_ = Clock::now();
  std::mutex mutex_;
  std::condition_variable_any ended_;
  size_t done_ = 0;
  bool paused_ = false;
  bool shown_ = false;
  std::jthread ticker_;  ///< Last: it uses all of the above.
};

}  // namespace proctor::cli
