#include "cli/progress.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "cli/output.h"
#include "report/escape.h"

namespace proctor::cli {
namespace {

constexpr std::chrono::milliseconds kFirst{500};
constexpr std::chrono::milliseconds kEach{100};
constexpr std::string_view kErase = "\r\x1b[K";

bool is_shown() {
  const char* term = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): before any thread.
  return ::isatty(STDERR_FILENO) == 1 && term != nullptr && std::string_view(term) != "dumb";
}

/// A line that wraps cannot be erased.
void cut_to_terminal(std::string& line) {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return;
  if (line.size() >= size.ws_col) line.resize(size.ws_col - 1U);
}

}  // namespace

Progress::Progress(size_t total) : total_(total) {
  if (is_shown()) ticker_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Progress::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  std::chrono::milliseconds wait = kFirst;
  while (!ended_.wait_for(lock, stop, wait, [&] { return stop.stop_requested(); })) {
    if (stop.stop_requested()) return;
    if (!paused_) draw();
    wait = kEach;
  }
}

void Progress::draw() {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start_);
  std::string line = fmt::format("{} of {} judged, {} s", done_,
                                 report::counted(total_, "configuration"), seconds.count());
  cut_to_terminal(line);
  write_error_text(std::string(kErase) + line);
  shown_ = true;
}

void Progress::erase() {
  if (shown_) write_error_text(kErase);
  shown_ = false;
}

void Progress::step() {
  const std::lock_guard lock(mutex_);
  ++done_;
}

void Progress::pause(bool paused) {
  const std::lock_guard lock(mutex_);
  paused_ = paused;
  if (paused) erase();
}

void Progress::stop() {
  if (!ticker_.joinable()) return;
  ticker_.request_stop();
  ticker_.join();
  const std::lock_guard lock(mutex_);
  erase();
}

}  // namespace proctor::cli
