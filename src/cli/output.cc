#include "cli/output.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cli/options.h"
#include "report/escape.h"

namespace proctor::cli {
namespace {

/// errno of the failure, or 0.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    text.remove_prefix(static_cast<size_t>(put));
  }
  return 0;
}

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::string_view() : std::string_view(value);
}

bool use_color(std::string_view when) {
  if (when == "always") return true;
  if (when == "never" || !environment("NO_COLOR").empty()) return false;
  const std::string_view force = environment("CLICOLOR_FORCE");
  if (!force.empty() && force != "0") return true;
  return ::isatty(STDOUT_FILENO) == 1 && environment("TERM") != "dumb";
}

}  // namespace

void StandardOutput::write(std::string_view text) {
  buffer_ += text;
  constexpr size_t kMostBuffered = 65536;
  if (buffer_.size() < kMostBuffered) return;
  // Whole lines, so that a line of standard error never stands within one.
  const size_t end = buffer_.rfind('\n') + 1;
  flush(end == 0 ? buffer_.size() : end);
}

void StandardOutput::flush(size_t size) {
  if (error_ == 0) error_ = write_all(STDOUT_FILENO, std::string_view(buffer_).substr(0, size));
  buffer_.erase(0, size);
}

std::string StandardOutput::close() {
  flush(buffer_.size());
  if (error_ == 0) return {};
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  return fmt::format("standard output cannot be written: {}", std::strerror(error_));
}

std::string FileOutput::open_error() const {
  return writer_.error().empty() ? std::string()
                                 : fmt::format("--output: {} {}", path_, writer_.error());
}

std::string FileOutput::close() {
  writer_.commit();
  return open_error();
}

void write_error_text(std::string_view text) { write_all(STDERR_FILENO, text); }

void complain(std::string_view text) {
  write_all(STDERR_FILENO, fmt::format("proctor: {}\n", report::printable(text)));
}

void complain(const Diagnostic& problem) {
  if (problem.file.empty()) {
    complain(problem.message);
    return;
  }
  Diagnostic shown = problem;
  shown.file = report::printable(problem.file);
  shown.message = report::printable(problem.message);
  write_all(STDERR_FILENO, shown.to_text());
}

int print(std::string_view text, int status) {
  StandardOutput out;
  out.write(text);
  const std::string error = out.close();
  if (error.empty()) return status;
  complain(error);
  return kTrouble;
}

Terminal terminal(std::string_view when) {
  constexpr unsigned kUnknownWidth = 80;
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return {use_color(when), known ? size.ws_col : kUnknownWidth};
}

}  // namespace proctor::cli
