#include "cli/discover.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace proctor::cli {
namespace {

constexpr std::string_view kConf = ".conf";
constexpr std::array<const char*, 6> kRootPlaces = {
    "etc/sysctl.conf",        "etc/sysctl.d",     "run/sysctl.d",
    "usr/local/lib/sysctl.d", "usr/lib/sysctl.d", "lib/sysctl.d",
};
constexpr std::array<std::string_view, 3> kNeverEntered = {".git", ".hg", ".svn"};

bool is_loose_name(std::string_view name) {
  return name == "sysctl.conf" || name.ends_with(".sysctl.conf");
}

std::string join(std::string_view folder, std::string_view name) {
  if (folder == ".") return std::string(name);
  return fmt::format("{}{}{}", folder, folder.ends_with('/') ? "" : "/", name);
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// An open folder and its entries.
class Folder {
 public:
  Folder(int parent, const char* path, int flags) {
    const int fd = ::openat(parent, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | flags);
    if (fd < 0) {
      error_ = errno;
    } else if ((stream_ = ::fdopendir(fd)) == nullptr) {
      error_ = errno;
      ::close(fd);
    }
  }
  ~Folder() {
    if (stream_ != nullptr) ::closedir(stream_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  int error() const { return error_; }
  int fd() const { return ::dirfd(stream_); }

  /// Calls `visit(name, mode)` for each entry; mode is S_IFDIR, S_IFREG, S_IFLNK, ...
  template <typename Visit>
  void each(Visit visit) const {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread walks.
    while (const dirent* entry = ::readdir(stream_)) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      auto mode = static_cast<mode_t>(DTTOIF(entry->d_type));
      struct stat status {};
      if (entry->d_type == DT_UNKNOWN &&
          ::fstatat(fd(), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
        mode = status.st_mode & S_IFMT;
      }
      visit(name, mode);
    }
  }

 private:
  DIR* stream_ = nullptr;
  int error_ = 0;
};

class Walk {
 public:
  Walk(std::vector<Source>& found, std::vector<Diagnostic>& problems)
      : found_(found), problems_(problems) {}

  /// Depth is bounded by open descriptors: a folder is closed before those below it are entered.
  void look_below(const std::string& top) {
    std::vector<Place> open = {{top, false}};
    while (!open.empty()) {
      const Place place = std::move(open.back());
      open.pop_back();
      look(place, place.path == top ? 0 : O_NOFOLLOW, open);
    }
  }

 private:
  struct Place {
    std::string path;
    bool drop_in;  ///< Is, or is below, a sysctl.d.
  };

  void look(const Place& place, int flags, std::vector<Place>& open) {
    const Folder folder(AT_FDCWD, place.path.c_str(), flags);
    if (folder.error() != 0) {
      problems_.push_back({place.path,
                           {},
                           {},
                           // NOLINTNEXTLINE(concurrency-mt-unsafe)
                           fmt::format("cannot be read: {}", std::strerror(folder.error())),
                           ""});
      return;
    }
    bool has_drop_ins = false;
    folder.each([&](std::string_view name, mode_t mode) {
      if (S_ISDIR(mode)) {
        if (std::ranges::find(kNeverEntered, name) != kNeverEntered.end()) return;
        open.push_back({join(place.path, name), place.drop_in || name == "sysctl.d"});
      } else if (place.drop_in) {
        has_drop_ins = has_drop_ins || name.ends_with(kConf);
      } else if (is_loose_name(name)) {
        found_.push_back({Source::Kind::kFile, join(place.path, name)});
      }
    });
    if (has_drop_ins) found_.push_back({Source::Kind::kFolder, place.path});
  }

  std::vector<Source>& found_;
  std::vector<Diagnostic>& problems_;
};

bool is_root(const std::string& path) {
  return std::ranges::any_of(kRootPlaces, [&](const char* place) {
    const std::string full = fmt::format("{}{}{}", path, path.ends_with('/') ? "" : "/", place);
    return ::access(full.c_str(), F_OK) == 0;
  });
}

/// *.conf directly in it, none of a name that is looked for anywhere, and no folder.
bool is_flat_drop_in(const std::string& path) {
  const Folder folder(AT_FDCWD, path.c_str(), 0);
  if (folder.error() != 0) return false;
  bool any = false;
  bool other = false;
  folder.each([&](std::string_view name, mode_t mode) {
    any = any || name.ends_with(kConf);
    other = other || S_ISDIR(mode) || is_loose_name(name);
  });
  return any && !other;
}

bool is_folder(const Source& source) {
  return source.kind == Source::Kind::kFolder || source.kind == Source::Kind::kRoot;
}

/// By path; a folder's files sort as if its name ended in '/'.
int compare_places(const Source& a, const Source& b) {
  const size_t common = std::min(a.path.size(), b.path.size());
  const int start = std::string_view(a.path).substr(0, common).compare(
      std::string_view(b.path).substr(0, common));
  if (start != 0) return start;
  std::string left = a.path.substr(common);
  std::string right = b.path.substr(common);
  if (is_folder(a)) left += '/';
  if (is_folder(b)) right += '/';
  return left.compare(right);
}

bool is_below(const Source& source, const Source& folder) {
  if (!is_folder(folder)) return false;
  if (folder.path == ".") return true;
  return source.path.starts_with(folder.path) &&
         (folder.path.ends_with('/') || source.path.size() == folder.path.size() ||
          source.path[folder.path.size()] == '/');
}

void put_in_order(Discovery& discovery) {
  std::vector<Source>& sources = discovery.sources;
  std::ranges::sort(sources, [](const Source& a, const Source& b) {
    const int order = compare_places(a, b);
    return order != 0 ? order < 0 : a < b;
  });
  sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
  discovery.set_units();
}

}  // namespace

std::span<const Source> Discovery::unit(size_t index) const {
  const uint32_t end =
      index + 1 < units.size() ? units[index + 1] : static_cast<uint32_t>(sources.size());
  return std::span(sources).subspan(units[index], end - units[index]);
}

void Discovery::set_units() {
  units.clear();
  for (uint32_t i = 0; i < sources.size(); ++i) {
    if (!units.empty() && is_below(sources[i], sources[units.back()])) continue;
    units.push_back(i);
  }
}

std::span<const char* const> root_places() { return kRootPlaces; }

Discovery discover(const std::vector<std::string>& paths, const std::string& stdin_name) {
  Discovery discovery;
  std::vector<Source>& found = discovery.sources;
  for (std::string path : paths) {
    if (path == "-") {
      found.push_back({Source::Kind::kStandardInput, stdin_name});
      continue;
    }
    struct stat status {};
    const bool folder = ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    while (folder && path.size() > 1 && path.ends_with('/')) path.pop_back();
    if (!folder) {
      found.push_back({Source::Kind::kFile, path});
    } else if (is_root(path)) {
      found.push_back({Source::Kind::kRoot, path});
    } else if (base_name(path).ends_with(".d") || is_flat_drop_in(path)) {
      found.push_back({Source::Kind::kFolder, path});
    } else {
      const size_t before = found.size() + discovery.problems.size();
      Walk(found, discovery.problems).look_below(path);
      if (before == found.size() + discovery.problems.size()) {
        discovery.problems.push_back(
            {path,
             {},
             {},
             "holds no sysctl configuration; expected sysctl.conf, *.sysctl.conf, or *.conf below"
             " a sysctl.d",
             ""});
      }
    }
  }
  put_in_order(discovery);
  return discovery;
}

}  // namespace proctor::cli
