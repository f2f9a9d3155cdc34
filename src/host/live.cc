#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <ctime>
#include <utility>

#include "host/procsys.h"

namespace proctor::host {
namespace {

/// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Reading failure(int error) { return Reading{.bytes = std::nullopt, .error = error}; }

/// A key of /proc/sys comes in one piece: what is shorter than the buffer is the whole.
bool comes_in_one_piece(const std::string& path) { return path.starts_with("/proc/sys/"); }

Reading read_all(int fd, size_t limit, bool one_piece) {
  std::string bytes;
  std::array<char, 8192> buffer;
  while (bytes.size() < limit) {
    const size_t want = std::min(buffer.size(), limit - bytes.size());
    const ssize_t got = ::read(fd, buffer.data(), want);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure(errno);
    if (got == 0) break;
    bytes.append(buffer.data(), static_cast<size_t>(got));
    if (one_piece && static_cast<size_t>(got) < buffer.size()) break;
  }
  return Reading{.bytes = std::move(bytes), .error = 0};
}

int split_file(int fd, const ProcSys::EachLine& each) {
  std::vector<char> buffer(size_t{64} << 10);
  size_t filled = 0;
  while (true) {
    // A line longer than the buffer is none that anybody reads here.
    if (filled == buffer.size()) filled = 0;
    const ssize_t got = ::read(fd, buffer.data() + filled, buffer.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) break;
    filled += static_cast<size_t>(got);
    std::string_view rest(buffer.data(), filled);
    for (size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      each(rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
    std::copy(rest.begin(), rest.end(), buffer.begin());
    filled = rest.size();
  }
  if (filled > 0) each(std::string_view(buffer.data(), filled));
  return 0;
}

class Live : public ProcSys {
 public:
  using ProcSys::read;

  Reading read(const std::string& path, size_t limit) override {
    const Place at = enter(path);
    // O_NONBLOCK: a FIFO in a strange /etc must not stop us.
    const Descriptor file(::openat(at.folder, at.name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    return file.open() ? read_all(file.get(), limit, comes_in_one_piece(path)) : failure(errno);
  }

  Listing list(const std::string& path) override {
    const Place at = enter(path);
    Descriptor fd(::openat(at.folder, at.name.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
    if (!fd.open()) return Listing{.names = std::nullopt, .error = errno};
    DIR* stream = ::fdopendir(fd.get());
    if (stream == nullptr) return Listing{.names = std::nullopt, .error = errno};
    fd.release();
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(stream)) {
      const std::string_view entry_name = entry->d_name;
      if (entry_name != "." && entry_name != "..") names.emplace_back(entry_name);
    }
    const int error = errno;
    ::closedir(stream);
    if (error != 0) return Listing{.names = std::nullopt, .error = error};
    std::ranges::sort(names);
    return Listing{.names = std::move(names), .error = 0};
  }

  Reading link(const std::string& path) override {
    const Place at = enter(path);
    std::array<char, PATH_MAX> target;
    const ssize_t length = ::readlinkat(at.folder, at.name.c_str(), target.data(), target.size());
    if (length < 0) return failure(errno);
    return Reading{.bytes = std::string(target.data(), static_cast<size_t>(length)), .error = 0};
  }

  int each_line(const std::string& path, const EachLine& each) override {
    const Place at = enter(path);
    const Descriptor file(::openat(at.folder, at.name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    return file.open() ? split_file(file.get(), each) : errno;
  }

  Count count(const std::string& path) override {
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
    if (!fd.open()) return Count{.entries = 0, .error = errno};
    struct stat status {};
    // Since Linux 6.2 the size of /proc/PID/fd is the number of its entries; before, it is 0.
    const bool told = ::fstat(fd.get(), &status) == 0 && status.st_size > 0;
    if (told && path.starts_with("/proc/")) return Count{.entries = status.st_size, .error = 0};
    const Listing listing = list(path);
    if (!listing.names) return Count{.entries = 0, .error = listing.error};
    return Count{.entries = static_cast<int64_t>(listing.names->size()), .error = 0};
  }

  int each_socket(SocketTable table, const EachSocket& each) override {
    bool any = false;
    const int error = read_sockets_diag(table, [&](const SocketRow& row) {
      any = true;
      each(row);
    });
    // Rows that were given cannot be taken back, so the fallback is for a table that gave none.
    return error == 0 || any ? error : read_sockets_proc(*this, table, each);
  }

  Platform platform() override {
    Platform out;
    utsname names{};
    if (::uname(&names) == 0) out.machine = names.machine;
    out.page_size = ::sysconf(_SC_PAGESIZE);
    timespec tick{};
    if (::clock_getres(CLOCK_MONOTONIC_COARSE, &tick) == 0 && tick.tv_sec == 0) {
      out.tick_ns = tick.tv_nsec;
    }
    return out;
  }

 private:
  /// What the ...at() calls take.
  struct Place {
    int folder;
    std::string name;
  };

  /// Paths come sorted, so one open folder serves many files and the kernel need not walk from the
  /// root for each.
  Place enter(const std::string& path) {
    const size_t slash = path.rfind('/');
    const std::string parent = slash == 0 ? "/" : path.substr(0, slash);
    if (parent != parent_) {
      parent_ = parent;
      folder_ = Descriptor(::open(parent.c_str(), O_PATH | O_CLOEXEC | O_DIRECTORY));
    }
    // Without the folder the whole path gives the true errno.
    if (!folder_.open()) return Place{.folder = AT_FDCWD, .name = path};
    return Place{.folder = folder_.get(), .name = path.substr(slash + 1)};
  }

  std::string parent_;
  Descriptor folder_;
};

}  // namespace

std::unique_ptr<ProcSys> live() { return std::make_unique<Live>(); }

}  // namespace proctor::host
