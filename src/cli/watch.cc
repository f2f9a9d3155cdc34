#include "cli/watch.h"

#include <fmt/core.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "cli/settings_file.h"

namespace proctor::cli {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE |
                             IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr std::array<std::string_view, 3> kNeverEntered = {".git", ".hg", ".svn"};

std::string reason(int number) { return std::strerror(number); }  // NOLINT(concurrency-mt-unsafe)

std::string parent_of(const std::string& path) {
  return path.substr(0, std::max<size_t>(path.rfind('/'), 1));
}

/// The folder, or the closest one above it that exists.
std::string existing(std::string folder) {
  std::error_code ignored;
  while (folder != "/" && !fs::is_directory(folder, ignored)) folder = parent_of(folder);
  return folder;
}

void add_tree(const std::string& top, std::set<std::string>& folders) {
  folders.insert(top);
  std::error_code error;
  fs::recursive_directory_iterator walk(top, fs::directory_options::skip_permission_denied, error);
  // A folder that goes while it is walked ends the walk; its parent has told of it.
  for (; !error && walk != fs::recursive_directory_iterator(); walk.increment(error)) {
    std::error_code gone;
    if (!walk->is_directory(gone) || walk->is_symlink(gone)) continue;
    const std::string name = walk->path().filename().string();
    if (std::ranges::find(kNeverEntered, name) != kNeverEntered.end()) {
      walk.disable_recursion_pending();
    } else {
      folders.insert(walk->path().string());
    }
  }
}

bool is_rule_file(std::string_view name) {
  return name.ends_with(".yaml") || name.ends_with(".yml");
}

}  // namespace

Watcher::Watcher() : fd_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {}

Watcher::~Watcher() {
  if (fd_ >= 0) ::close(fd_);
}

std::string Watcher::watch(Watched watched) {
  if (fd_ < 0) return fmt::format("--watch: inotify gives no instance: {}", reason(errno));
  watched_ = std::move(watched);
  all_trees_.clear();
  for (const std::string& top : watched_.trees) add_tree(top, all_trees_);
  const std::set<std::string> wanted = folders_to_watch();
  std::erase_if(descriptors_, [&](const auto& known) {
    if (wanted.contains(known.first)) return false;
    ::inotify_rm_watch(fd_, known.second);
    folder_of_.erase(known.second);
    return true;
  });
  for (const std::string& folder : wanted) {
    if (std::string error = add(folder); !error.empty()) return error;
  }
  return {};
}

std::set<std::string> Watcher::folders_to_watch() const {
  std::set<std::string> wanted;
  for (const std::string& file : watched_.files) wanted.insert(existing(parent_of(file)));
  for (const auto* folders : {&watched_.folders, &watched_.rules, &all_trees_}) {
    for (const std::string& folder : *folders) wanted.insert(existing(folder));
  }
  return wanted;
}

std::string Watcher::add(const std::string& folder) {
  // A folder that came back under its name is another one: it is asked for again.
  const int descriptor = ::inotify_add_watch(fd_, folder.c_str(), kEvents);
  if (descriptor >= 0) {
    descriptors_[folder] = descriptor;
    folder_of_[descriptor] = folder;
    return {};
  }
  // It is gone again, or not to be read: nothing that is judged is in it.
  if (errno == ENOENT || errno == ENOTDIR || errno == EACCES) return {};
  if (errno == ENOSPC) {
    return fmt::format(
        "--watch: {} folders cannot be watched, fs.inotify.max_user_watches is too low",
        descriptors_.size() + 1);
  }
  return fmt::format("--watch: {} cannot be watched: {}", folder, reason(errno));
}

bool Watcher::is_awaited(const std::string& folder) const {
  const auto leads_to = [&](const std::string& path) {
    return path == folder || path.starts_with(folder + "/");
  };
  return std::ranges::any_of(watched_.files, leads_to) ||
         std::ranges::any_of(watched_.folders, leads_to) ||
         std::ranges::any_of(watched_.trees, leads_to) ||
         std::ranges::any_of(watched_.rules, leads_to);
}

bool Watcher::counts(const std::string& folder, std::string_view name, uint32_t mask) const {
  if ((mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF)) != 0) return true;
  if ((mask & IN_IGNORED) != 0) return false;
  const std::string path = fmt::format("{}{}{}", folder, folder.ends_with('/') ? "" : "/", name);
  if (watched_.outputs.contains(path)) return false;
  if (watched_.files.contains(path)) return true;
  const bool in_tree = all_trees_.contains(folder);
  const bool listed = in_tree || watched_.folders.contains(folder);
  if ((mask & IN_ISDIR) != 0) {
    const bool entered = std::ranges::find(kNeverEntered, name) == kNeverEntered.end();
    return is_awaited(path) || (listed && entered);
  }
  if (watched_.rules.contains(folder) && is_rule_file(name)) return true;
  return listed && (name.ends_with(".conf") || (in_tree && name == kSettingsName));
}

std::string Watcher::read_events() {
  alignas(inotify_event) std::array<char, 65536> buffer{};
  std::string first;
  while (true) {
    const ssize_t got = ::read(fd_, buffer.data(), buffer.size());
    if (got <= 0) return first;
    for (size_t at = 0; at < static_cast<size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const std::string_view name =
          event.len > 0 ? std::string_view(buffer.data() + at + sizeof event) : std::string_view();
      at += sizeof event + event.len;
      const auto folder = folder_of_.find(event.wd);
      const std::string where = folder == folder_of_.end() ? "/" : folder->second;
      if (folder == folder_of_.end() && (event.mask & IN_Q_OVERFLOW) == 0) continue;
      if (!first.empty() || !counts(where, name, event.mask)) continue;
      first = name.empty() ? where : fmt::format("{}{}{}", where, where == "/" ? "" : "/", name);
    }
  }
}

bool Watcher::wait_for_events(int milliseconds) const {
  pollfd waiting{fd_, POLLIN, 0};
  return ::poll(&waiting, 1, milliseconds) > 0;
}

Result<std::string> Watcher::wait() {
  std::string changed;
  while (changed.empty()) {
    if (!wait_for_events(-1) && errno != EINTR) {
      return Error{fmt::format("--watch: inotify cannot be asked: {}", reason(errno))};
    }
    changed = read_events();
  }
  // An editor writes in several steps, and `git checkout` many files.
  constexpr int kQuiet = 50;
  constexpr std::chrono::seconds kLongest{1};
  const auto end = std::chrono::steady_clock::now() + kLongest;
  while (std::chrono::steady_clock::now() < end && wait_for_events(kQuiet)) read_events();
  return changed;
}

}  // namespace proctor::cli
