#include "cli/paths.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <set>

#include "text/text.h"

namespace proctor::cli {
namespace {

constexpr std::string_view kAnyDepth = "**";

/// Parts without "" and "."; ".." takes the part before it away, where there is one.
std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else {
      parts.push_back(part);
    }
  }
  return parts;
}

std::string joined(const std::vector<std::string_view>& parts, size_t from) {
  std::string out;
  for (size_t i = from; i < parts.size(); ++i) {
    if (!out.empty()) out += '/';
    out += parts[i];
  }
  return out;
}

bool is_never_entered(std::string_view name) {
  return name == ".git" || name == ".hg" || name == ".svn";
}

/// Follows a pattern through folders.
class Expansion {
 public:
  explicit Expansion(std::vector<std::string_view> pattern) : pattern_(std::move(pattern)) {}

  std::vector<std::string> run(std::string_view folder) {
    open_.push_back({std::string(folder), 0});
    while (!open_.empty()) {
      const Place place = std::move(open_.back());
      open_.pop_back();
      if (seen_.insert(place).second) follow(place);
    }
    return outermost();
  }

 private:
  struct Place {
    std::string path;
    size_t next = 0;  ///< Part of the pattern that what is in it must fit.
    friend auto operator<=>(const Place&, const Place&) = default;
  };

  std::vector<std::string> outermost() {
    // What is in a folder comes right behind it.
    std::ranges::sort(found_, [](std::string_view a, std::string_view b) {
      return std::ranges::lexicographical_compare(a, b, {}, &rank, &rank);
    });
    std::vector<std::string> out;
    for (std::string& path : found_) {
      const size_t size = out.empty() ? 0 : out.back().size();
      const bool inside = !out.empty() && path.starts_with(out.back()) &&
                          (path.size() == size || path[size] == '/');
      if (!inside) out.push_back(std::move(path));
    }
    return out;
  }

  static int rank(char c) { return c == '/' ? -1 : static_cast<unsigned char>(c); }

  void follow(const Place& place) {
    if (place.next == pattern_.size()) {
      found_.push_back(place.path);
      return;
    }
    const std::string_view part = pattern_[place.next];
    if (part == kAnyDepth) {
      // At the end it is the folder with all that is in it.
      open_.push_back({place.path, place.next + 1});
      if (place.next + 1 < pattern_.size()) list(place, part);
    } else if (is_path_pattern(part)) {
      list(place, part);
    } else if (std::string path = join_path(place.path, part); ::access(path.c_str(), F_OK) == 0) {
      open_.push_back({std::move(path), place.next + 1});
    }
  }

  void list(const Place& place, std::string_view part) {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(place.path.c_str()), &::closedir);
    if (folder == nullptr) return;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread starts.
    while (const dirent* entry = ::readdir(folder.get())) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      std::string path = join_path(place.path, name);
      if (part == kAnyDepth) {
        if (!is_never_entered(name) && is_folder(path)) {
          open_.push_back({std::move(path), place.next});
        }
      } else if (glob_match(part, name)) {
        open_.push_back({std::move(path), place.next + 1});
      }
    }
  }

  static bool is_folder(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
  }

  std::vector<std::string_view> pattern_;
  std::vector<Place> open_;
  std::set<Place> seen_;
  std::vector<std::string> found_;
};

}  // namespace

std::string absolute_path(std::string_view path) {
  std::string whole;
  if (!path.starts_with('/')) {
    const std::unique_ptr<char, void (*)(void*)> here(::getcwd(nullptr, 0), &::free);
    if (here != nullptr) whole = here.get();
    whole += '/';
  }
  whole += path;
  std::vector<std::string_view> parts = parts_of(whole);
  // There is nothing above '/'.
  std::erase(parts, "..");
  return '/' + joined(parts, 0);
}

std::string relative_path(std::string_view path, std::string_view folder) {
  const std::vector<std::string_view> to = parts_of(path);
  const std::vector<std::string_view> from = parts_of(folder);
  const size_t common = static_cast<size_t>(
      std::mismatch(to.begin(), to.end(), from.begin(), from.end()).first - to.begin());
  std::string out;
  for (size_t i = common; i < from.size(); ++i) out += out.empty() ? ".." : "/..";
  const std::string rest = joined(to, common);
  if (!out.empty() && !rest.empty()) out += '/';
  out += rest;
  return out.empty() ? "." : out;
}

std::string join_path(std::string_view folder, std::string_view name) {
  if (folder.empty() || folder == "." || name.starts_with('/')) return std::string(name);
  std::string out(folder);
  if (!out.ends_with('/')) out += '/';
  return out.append(name);
}

bool path_matches(std::string_view pattern, std::string_view path) {
  const std::vector<std::string_view> wanted = parts_of(pattern);
  // reached[i]: the first i parts of the pattern fit the parts of the path so far.
  std::vector<bool> reached(wanted.size() + 1, false);
  const auto skip_depths = [&] {
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i] == kAnyDepth && reached[i]) reached[i + 1] = true;
    }
  };
  reached[0] = true;
  skip_depths();
  for (const std::string_view part : parts_of(path)) {
    if (reached.back()) return true;
    for (size_t i = wanted.size() + 1; i-- > 0;) {
      const bool stays = i < wanted.size() && wanted[i] == kAnyDepth && reached[i];
      const bool fits =
          i > 0 && wanted[i - 1] != kAnyDepth && reached[i - 1] && glob_match(wanted[i - 1], part);
      reached[i] = stays || fits;
    }
    skip_depths();
  }
  return reached.back();
}

bool is_path_pattern(std::string_view text) {
  return text.find_first_of("*?") != std::string_view::npos;
}

std::vector<std::string> expand_path(std::string_view pattern, std::string_view folder) {
  return Expansion(parts_of(pattern)).run(folder.empty() ? "." : folder);
}

}  // namespace proctor::cli
