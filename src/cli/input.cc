#include "cli/input.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>

#include "text/file.h"

namespace proctor::cli {

namespace {

Result<std::string> read_all(int fd) {
  std::string bytes;
  size_t filled = 0;
  while (true) {
    if (filled == bytes.size()) bytes.resize(std::max<size_t>(65536, bytes.size() * 2));
    const ssize_t got = ::read(fd, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    if (got < 0) return Error{fmt::format("cannot be read: {}", std::strerror(errno))};
    if (got == 0) break;
    filled += static_cast<size_t>(got);
    if (filled >= std::numeric_limits<uint32_t>::max()) return Error{"is larger than 4 GiB"};
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace

Result<std::string> read_standard_input() { return read_all(STDIN_FILENO); }

Result<std::string> read_option_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISFIFO(status.st_mode)) return read_file(path);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  if (fd < 0) return Error{fmt::format("cannot be read: {}", std::strerror(errno))};
  Result<std::string> bytes = read_all(fd);
  ::close(fd);
  return bytes;
}

}  // namespace proctor::cli
