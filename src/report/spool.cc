#include "report/spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace proctor::report {
namespace {

constexpr size_t kMostInMemory = 1U << 20U;

int unlinked_file() {
  const char* folder = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe)
  if (folder == nullptr || *folder == '\0') folder = P_tmpdir;
  return ::open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

}  // namespace

Spool::~Spool() {
  if (fd_ >= 0) ::close(fd_);
}

void Spool::write(std::string_view text) {
  text_ += text;
  if (text_.size() > kMostInMemory && !failed_) failed_ = !spill();
}

bool Spool::spill() {
  if (fd_ < 0) fd_ = unlinked_file();
  if (fd_ < 0) return false;
  size_t done = 0;
  while (done < text_.size()) {
    const ssize_t put = ::write(fd_, text_.data() + done, text_.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) break;
    done += static_cast<size_t>(put);
  }
  // What did not fit stays in memory; it follows the file's text either way.
  text_.erase(0, done);
  return text_.empty();
}

void Spool::copy_to(Sink& sink) {
  std::array<char, 65536> buffer;
  off_t offset = 0;
  while (fd_ >= 0) {
    const ssize_t got = ::pread(fd_, buffer.data(), buffer.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    sink.write({buffer.data(), static_cast<size_t>(got)});
    offset += got;
  }
  sink.write(text_);
}

}  // namespace proctor::report
