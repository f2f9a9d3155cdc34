#include "load/root_fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstring>
#include <utility>

namespace proctor::load {

namespace {

constexpr unsigned kMostLinks = 40;
constexpr std::string_view kNull = "/dev/null";

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

std::string relative(std::string_view path) {
  const size_t begin = path.find_first_not_of('/');
  return begin == std::string_view::npos ? "." : std::string(path.substr(begin));
}

/// The parts of a path still to walk, the next one last.
void push_parts(std::string_view path, std::vector<std::string>& pending) {
  std::vector<std::string> parts;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    if (end > at) parts.emplace_back(path.substr(at, end - at));
    at = end + 1;
  }
  pending.insert(pending.end(), std::make_move_iterator(parts.rbegin()),
                 std::make_move_iterator(parts.rend()));
}

std::string read_all(int fd, size_t size, int& error) {
  std::string bytes;
  char chunk[65536];
  for (;;) {
    const ssize_t n = ::read(fd, chunk, sizeof chunk);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) error = errno;
    if (n <= 0) break;
    bytes.append(chunk, static_cast<size_t>(n));
    // A file that says its size has ended there if less came than was asked for.
    if (bytes.size() == size && static_cast<size_t>(n) < sizeof chunk) break;
    if (bytes.size() > UINT32_MAX) {
      error = EFBIG;
      break;
    }
  }
  return bytes;
}

}  // namespace

RootFs::RootFs(const std::string& root)
    : root_(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)), error_(root_ < 0 ? errno : 0) {}

RootFs::~RootFs() {
  if (open_folder_ >= 0) close(open_folder_);
  if (root_ >= 0) close(root_);
}

/// Opens a path without symlinks: a symlink in its place, put there since, is refused.
int RootFs::open_place(const std::string& path, int flags) const {
  const size_t slash = path.rfind('/');
  const std::string parent = relative(path.substr(0, slash + 1));
  const std::string name = path == "/" ? "." : path.substr(slash + 1);
  if (open_folder_ < 0 || parent != open_path_) {
    if (open_folder_ >= 0) close(open_folder_);
    open_folder_ = openat(root_, parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (open_folder_ < 0) return -1;
    open_path_ = parent;
  }
  return openat(open_folder_, name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC);
}

RootFs::Place RootFs::resolve(std::string_view path) const {
  if (root_ < 0) return {std::string(path), ENOENT};
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return walk({}, path);
  const std::string_view folder = path.substr(0, slash);
  if (folder != folder_) {
    Place place = walk({}, folder);
    // What is in /dev is not looked up in the tree.
    if (place.error != 0 || place.path == "/" || place.path.starts_with("/dev")) {
      return walk({}, path);
    }
    folder_ = folder;
    real_folder_ = std::move(place.path);
  }
  return walk(real_folder_, path.substr(slash));
}

/// `done`: resolved so far, "/a/b" or empty for the root.
RootFs::Place RootFs::walk(std::string done, std::string_view path) const {
  std::vector<std::string> pending;
  push_parts(path, pending);
  unsigned links = 0;
  while (!pending.empty()) {
    const std::string part = std::move(pending.back());
    pending.pop_back();
    if (part == ".") continue;
    if (part == "..") {
      done.erase(done.empty() ? 0 : done.rfind('/'));
      continue;
    }
    std::string here = done;
    here += '/';
    here += part;
    // A tree of files has no devices, but the machine that it is for has.
    if (here == "/dev" && pending.size() == 1 && pending.front() == "null") {
      return {std::string(kNull), 0};
    }
    struct stat info {};
    if (fstatat(root_, relative(here).c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
      return {here, errno};
    }
    if (!S_ISLNK(info.st_mode)) {
      if (!pending.empty() && !S_ISDIR(info.st_mode)) return {here, ENOTDIR};
      done = here;
      continue;
    }
    if (++links > kMostLinks) return {here, ELOOP};
    char target[PATH_MAX];
    const ssize_t length = readlinkat(root_, relative(here).c_str(), target, sizeof target);
    if (length < 0) return {here, errno};
    const std::string_view to(target, static_cast<size_t>(length));
    if (to.starts_with('/')) done.clear();
    push_parts(to, pending);
  }
  return {done.empty() ? "/" : done, 0};
}

bool RootFs::is_absent(std::string_view path) const {
  const size_t slash = path.rfind('/');
  const Place parent = walk({}, path.substr(0, slash));
  if (parent.error != 0) return parent.error == ENOENT;
  struct stat info {};
  const std::string here =
      (parent.path == "/" ? "" : parent.path) + std::string(path.substr(slash));
  return fstatat(root_, relative(here).c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
}

std::vector<std::string> RootFs::list(std::string_view path, int* error) const {
  std::vector<std::string> names;
  const Place place = resolve(path);
  if (error != nullptr) *error = place.error;
  if (place.error != 0 || place.path == kNull) return names;
  const int fd = open_place(place.path, O_RDONLY | O_DIRECTORY);
  DIR* folder = fd < 0 ? nullptr : fdopendir(fd);
  if (folder == nullptr) {
    if (error != nullptr) *error = errno;
    if (fd >= 0) close(fd);
    return names;
  }
  while (const dirent* entry = readdir(folder)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  closedir(folder);
  std::sort(names.begin(), names.end());
  return names;
}

RootFs::Content RootFs::read(std::string_view path) const {
  Content content;
  Place place = resolve(path);
  content.real_path = std::move(place.path);
  content.error = place.error;
  if (place.error == 0 && content.real_path == kNull) {
    content.bytes.emplace();
    return content;
  }
  if (place.error == 0) {
    // O_NONBLOCK: a FIFO must not hold us up.
    const Fd file(open_place(content.real_path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
    struct stat info {};
    if (!file.ok() || fstat(file.get(), &info) != 0) {
      content.error = errno;
    } else if (S_ISDIR(info.st_mode)) {
      content.error = EISDIR;
    } else if (!S_ISREG(info.st_mode)) {
      content.error = EINVAL;
      content.why = S_ISFIFO(info.st_mode) ? "it is a FIFO" : "it is a device or a socket";
    } else {
      std::string bytes = read_all(file.get(), static_cast<size_t>(info.st_size), content.error);
      if (content.error == 0) content.bytes = std::move(bytes);
    }
  }
  if (content.error != 0 && content.why.empty()) content.why = std::strerror(content.error);
  return content;
}

bool RootFs::is_regular(std::string_view path) const {
  const Place place = resolve(path);
  if (place.error != 0 || place.path == kNull) return false;
  struct stat info {};
  return fstatat(root_, relative(place.path).c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG(info.st_mode);
}

}  // namespace proctor::load
