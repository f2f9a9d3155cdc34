#include "text/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace proctor {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string reason(int number) { return std::strerror(number); }  // NOLINT(concurrency-mt-unsafe)

const char* refusal(mode_t mode) {
  if (S_ISDIR(mode)) return "is a directory, not a file";
  if (S_ISFIFO(mode)) return "is a FIFO, not a regular file";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "is a device, not a regular file";
  if (S_ISSOCK(mode)) return "is a socket, not a regular file";
  return nullptr;
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  // O_NONBLOCK: opening a FIFO without a writer must not hang.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) return Error{"cannot be read: " + reason(errno)};
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return Error{"cannot be read: " + reason(errno)};
  if (const char* why = refusal(status.st_mode)) return Error{why};
  constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max() - 1;
  if (static_cast<uint64_t>(status.st_size) > kMost) return Error{"is larger than 4 GiB"};

  // Files of /proc report size 0, those of /sys more than they have: only an ordinary file ends
  // where it says.
  std::string bytes;
  size_t filled = 0;
  bytes.resize(static_cast<size_t>(status.st_size) + 1);
  while (true) {
    if (filled == bytes.size()) bytes.resize(bytes.size() * 2 + 4096);
    const ssize_t got = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{"cannot be read: " + reason(errno)};
    if (got == 0) break;
    filled += static_cast<size_t>(got);
    if (filled > kMost) return Error{"is larger than 4 GiB"};
    if (filled > 0 && filled == static_cast<size_t>(status.st_size)) break;
  }
  bytes.resize(filled);
  return bytes;
}

FileWriter::FileWriter(const std::string& path) : target_(path) {
  // Renaming over a symlink would replace the link: write where it points.
  if (char* resolved = ::realpath(path.c_str(), nullptr)) {
    target_ = resolved;
    std::free(resolved);  // NOLINT(cppcoreguidelines-no-malloc)
  }
  open();
}

FileWriter::~FileWriter() {
  if (fd_ < 0) return;
  ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void FileWriter::fail(int number) {
  if (error_.empty()) error_ = "cannot be written: " + reason(number);
}

void FileWriter::open() {
  struct stat before {};
  if (::stat(target_.c_str(), &before) == 0 && !S_ISREG(before.st_mode)) {
    fd_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  } else {
    temporary_ = target_ + ".XXXXXX";
    fd_ = ::mkostemp(temporary_.data(), O_CLOEXEC);
  }
  if (fd_ < 0) {
    fail(errno);
    temporary_.clear();
  }
}

void FileWriter::append(std::string_view bytes) {
  while (!bytes.empty() && error_.empty()) {
    const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
    if (put >= 0) {
      bytes.remove_prefix(static_cast<size_t>(put));
    } else if (errno != EINTR) {
      fail(errno);
    }
  }
}

int FileWriter::finish_temporary() {
  struct stat before {};
  const bool existed = ::stat(target_.c_str(), &before) == 0;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  const mode_t mode = existed ? before.st_mode & 07777U : 0666U & ~mask;
  if (::fchmod(fd_, mode) != 0) return errno;
  // An unprivileged user cannot give a file away; the content matters more than the owner.
  if (existed && ::fchown(fd_, before.st_uid, before.st_gid) != 0 && errno != EPERM) return errno;
  if (::fsync(fd_) != 0) return errno;
  return ::rename(temporary_.c_str(), target_.c_str()) == 0 ? 0 : errno;
}

std::string FileWriter::commit() {
  if (error_.empty() && !temporary_.empty()) {
    const int failure = finish_temporary();
    if (failure != 0) fail(failure);
  }
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  if (!error_.empty() && !temporary_.empty()) ::unlink(temporary_.c_str());
  return error_;
}

std::string write_file(const std::string& path, std::string_view bytes) {
  FileWriter writer(path);
  writer.append(bytes);
  return writer.commit();
}

}  // namespace proctor
