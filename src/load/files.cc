#include "load/files.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <utility>

#include "load/glob.h"
#include "load/root_fs.h"
#include "load/traits.h"

namespace proctor::load {

namespace {

constexpr std::string_view kConf = "/etc/sysctl.conf";
constexpr std::string_view kEtc = "/etc/sysctl.d";
constexpr std::string_view kRun = "/run/sysctl.d";
constexpr std::string_view kUsrLib = "/usr/lib/sysctl.d";
constexpr std::string_view kLocalLib = "/usr/local/lib/sysctl.d";
constexpr std::string_view kLib = "/lib/sysctl.d";
constexpr std::string_view kAllFolders[] = {kEtc, kRun, kLocalLib, kUsrLib, kLib};
/// Where systemd finds a credential for its service.
constexpr std::string_view kCredentials[] = {
    "/run/credentials/systemd-sysctl.service/sysctl.extra", "/run/credentials/@system/sysctl.extra",
    "/etc/credstore/sysctl.extra", "/run/credstore/sysctl.extra",
    "/usr/lib/credstore/sysctl.extra"};

/// Gathers the sources of one loader.
class Gatherer {
 public:
  Gatherer(const Loader& loader, const std::string& root, std::string prefix)
      : traits_(*loader.traits), loader_(loader), fs_(root), prefix_(std::move(prefix)) {
    set_.configuration.at_boot = true;
  }

  FileSet finish() { return std::move(set_); }
  FileSet& set() { return set_; }
  RootFs& fs() { return fs_; }

  /// The *.conf names of a folder that the loader looks at, sorted bytewise.
  std::vector<std::string> names(std::string_view folder) {
    int error = 0;
    std::vector<std::string> found = fs_.list(folder, &error);
    if (error != 0) tell_folder(folder, error);
    std::erase_if(found, [this](const std::string& name) {
      return !name.ends_with(".conf") || (!traits_.hidden_files && name.starts_with('.'));
    });
    return found;
  }

  void merge(const std::vector<std::string_view>& folders);
  void add(const std::string& path);
  /// One file as it is named; false if it cannot be opened.
  bool add_one(const std::string& path);
  void add_masked(const std::string& path, const std::string& by);
  void add_conf();
  void add_credential();
  void add_loop(std::string_view folder, const std::vector<std::string_view>& stronger,
                bool status_ignored);
  void tell_never_read();
  /// The *.conf of one folder of the file system, called by `name`.
  void add_folder(const std::string& place, const std::string& name);

 private:
  SourceFile source(const std::string& path);
  std::string shown(std::string_view path) const {
    if (!place_.empty() && path.starts_with(place_)) {
      return prefix_ + std::string(path.substr(place_.size()));
    }
    return prefix_ + std::string(path);
  }
  std::vector<std::string> expand(const std::string& path) const;
  void tell_odd(const std::string& path, const RootFs::Content& content);
  void tell_folder(std::string_view folder, int error);

  const Traits& traits_;
  const Loader& loader_;
  RootFs fs_;
  std::string prefix_;  ///< Before the paths that people see.
  std::string place_;   ///< What `prefix_` stands for there, if anything.
  FileSet set_;
  std::map<std::string, const conf::Document*> documents_;  ///< By path in the root.
  std::set<std::string> read_;               ///< Real paths of what is read or hidden.
  std::set<std::string, std::less<>> told_;  ///< Folders of which something was said.
};

std::string consequence(const Loader& loader, int error) {
  const Traits& traits = *loader.traits;
  const std::string name(loader.name);
  if (loader.program == Program::kBusybox) return name + " reads nothing from it and goes on";
  if (error == EISDIR) {
    return name + (traits.folder_status != 0 ? " reports an error and fails"
                                             : " reads nothing from it, without a message");
  }
  if ((error == ENOENT && traits.vanished_passes) || (error == ELOOP && traits.loop_passes)) {
    return name + " skips it without a message";
  }
  return name + " cannot open it and fails";
}

void Gatherer::tell_odd(const std::string& path, const RootFs::Content& content) {
  std::string what = content.error == EISDIR   ? "it is a folder"
                     : content.error == ENOENT ? "the symlink leads nowhere"
                                               : "its symlinks lead in a circle";
  set_.odd.push_back({shown(path), what + "; " + consequence(loader_, content.error)});
}

/// No loader fails for a folder that it cannot open.
void Gatherer::tell_folder(std::string_view folder, int error) {
  if (!told_.emplace(folder).second) return;
  if (error != ELOOP && error != ENOENT && error != ENOTDIR) {
    set_.unreadable.push_back({shown(folder), std::strerror(error)});
    return;
  }
  const std::string_view what = error == ELOOP    ? "its symlinks lead in a circle"
                                : error == ENOENT ? "the symlink leads nowhere"
                                                  : "it is no folder";
  set_.odd.push_back({shown(folder), std::string(what) + "; " + std::string(loader_.name) +
                                         " reads nothing there and goes on"});
}

SourceFile Gatherer::source(const std::string& path) {
  SourceFile file;
  file.path = path;
  const auto known = documents_.find(path);
  if (known != documents_.end()) {
    file.document = known->second;
    return file;
  }
  RootFs::Content content = fs_.read(path);
  read_.insert(content.real_path);
  if (!content.bytes) {
    file.open_error = content.error;
    if (content.error == EISDIR || content.error == ENOENT || content.error == ELOOP) {
      tell_odd(path, content);
    } else {
      set_.unreadable.push_back({shown(path), content.why});
    }
    return file;
  }
  set_.documents.push_back(std::make_unique<conf::Document>(
      conf::Document::parse(shown(path), std::move(*content.bytes))));
  file.document = set_.documents.back().get();
  documents_[path] = file.document;
  return file;
}

bool Gatherer::add_one(const std::string& path) {
  set_.configuration.files.push_back(source(path));
  const SourceFile& file = set_.configuration.files.back();
  return file.document != nullptr || file.open_error == EISDIR;
}

/// The files that procps opens for a name: it hands every name to glob().
std::vector<std::string> Gatherer::expand(const std::string& path) const {
  if (!traits_.globs_file_names || path.find_first_of("*?[{\\") == std::string::npos) {
    return {path};
  }
  constexpr size_t kMostNames = 1000;
  std::vector<std::string> found;
  const size_t slash = path.rfind('/') + 1;
  for (const std::string& one : expand_braces(path.substr(slash), kMostNames)) {
    for (const std::string& name : fs_.list(path.substr(0, slash))) {
      if (match_pattern(one, name, true)) found.push_back(path.substr(0, slash) + name);
    }
  }
  if (found.empty()) found.push_back(path);
  return found;
}

void Gatherer::add(const std::string& path) {
  for (const std::string& one : expand(path)) {
    if (!add_one(one)) break;
  }
}

void Gatherer::add_masked(const std::string& path, const std::string& by) {
  RootFs::Content content = fs_.read(path);
  read_.insert(content.real_path);
  if (!content.bytes) return;
  SourceFile file = source(path);
  file.masked = true;
  file.masked_by = by;
  set_.configuration.files.push_back(std::move(file));
}

/// Folders, strongest first, merged by name: the strongest file of a name is read.
void Gatherer::merge(const std::vector<std::string_view>& folders) {
  std::map<std::string, std::vector<std::string>> by_name;  // Strongest path first.
  std::set<std::string> seen;
  for (const std::string_view folder : folders) {
    const RootFs::Place place = fs_.resolve(folder);
    if (place.error != 0 && !fs_.is_absent(folder)) tell_folder(folder, place.error);
    if (place.error != 0 || !seen.insert(place.path).second) continue;
    for (const std::string& name : names(folder)) {
      by_name[name].push_back(std::string(folder) + "/" + name);
    }
  }
  for (const auto& [name, paths] : by_name) {
    for (auto weaker = paths.rbegin(); weaker + 1 != paths.rend(); ++weaker) {
      add_masked(*weaker, paths.front());
    }
    add(paths.front());
  }
}

void Gatherer::add_conf() {
  const std::string path(kConf);
  if (fs_.is_regular(path)) {
    add(path);
  } else if (traits_.wants_conf && fs_.resolve(path).error != 0) {
    SourceFile file;
    file.path = path;
    file.open_error = fs_.resolve(path).error;
    set_.configuration.files.push_back(std::move(file));
    set_.odd.push_back({shown(path),
                        "there is no such file; procps 3.3.10 fails without it, after "
                        "it has loaded all others"});
  }
}

void Gatherer::add_credential() {
  for (const std::string_view path : kCredentials) {
    if (!fs_.is_regular(path)) continue;
    SourceFile file = source(std::string(path));
    if (file.document == nullptr) return;
    file.kind = SourceKind::kCredential;
    set_.configuration.files.push_back(std::move(file));
    return;
  }
}

/// `for f in FOLDER/*.conf`, without names that a stronger folder has as an ordinary file.
void Gatherer::add_loop(std::string_view folder, const std::vector<std::string_view>& stronger,
                        bool status_ignored) {
  for (const std::string& name : names(folder)) {
    const std::string path = std::string(folder) + "/" + name;
    const auto hides = std::find_if(stronger.begin(), stronger.end(), [&](std::string_view other) {
      return fs_.is_regular(std::string(other) + "/" + name);
    });
    if (hides != stronger.end()) {
      add_masked(path, std::string(*hides) + "/" + name);
    } else if (fs_.is_regular(path)) {
      add_one(path);
      set_.configuration.files.back().status_ignored = status_ignored;
    }
  }
}

void Gatherer::add_folder(const std::string& place, const std::string& name) {
  place_ = place == "/" ? "" : place;
  prefix_ = name == "/" ? "" : name;
  const std::string before = place_ + "/";
  for (const std::string& file : names(place)) add(before + file);
  for (SourceFile& file : set_.configuration.files) file.path = shown(file.path);
}

void Gatherer::tell_never_read() {
  const auto tell = [this](const std::string& path) {
    if (documents_.contains(path)) return;
    const RootFs::Place place = fs_.resolve(path);
    if (place.error == 0 && fs_.is_regular(path) && !read_.contains(place.path)) {
      set_.never_read.push_back(shown(path));
      SourceFile file = source(path);
      if (file.document == nullptr) return;
      file.kind = SourceKind::kUnread;
      set_.configuration.files.push_back(std::move(file));
    }
  };
  tell(std::string(kConf));
  std::set<std::string> seen;
  for (const std::string_view folder : kAllFolders) {
    const RootFs::Place place = fs_.resolve(folder);
    if (place.error != 0 || !seen.insert(place.path).second) continue;
    for (const std::string& name : fs_.list(folder)) {
      if (name.ends_with(".conf")) tell(std::string(folder) + "/" + name);
    }
  }
}

std::vector<std::string_view> folders_of(const Traits& traits) {
  std::vector<std::string_view> folders;
  if (traits.folders == Folders::kEtcFirst) folders = {kEtc, kRun, kLocalLib, kUsrLib};
  if (traits.folders == Folders::kRunFirst) folders = {kRun, kEtc, kLocalLib, kUsrLib};
  if (traits.lib_folder) folders.push_back(kLib);
  return folders;
}

}  // namespace

FileSet find_files(const Loader& loader, const std::string& root) {
  const Traits& traits = *loader.traits;
  std::string prefix = root;
  while (prefix.ends_with('/')) prefix.pop_back();
  Gatherer gatherer(loader, root, prefix);
  // On the machine itself every template is filled in.
  gatherer.set().configuration.templates = !prefix.empty();
  if (const int error = gatherer.fs().error(); error != 0) {
    gatherer.set().unreadable.push_back({root, std::strerror(error)});
    return gatherer.finish();
  }
  if (traits.folders == Folders::kAlpine) {
    gatherer.add_loop(kUsrLib, {kEtc, kRun}, true);
    gatherer.add_loop(kEtc, {kRun}, false);
    gatherer.add_conf();
    gatherer.add_loop(kRun, {}, false);
  } else if (traits.folders == Folders::kOpenWrt) {
    gatherer.add_loop(kEtc, {}, true);
    gatherer.add_conf();
    for (SourceFile& file : gatherer.set().configuration.files) file.status_ignored = true;
  } else {
    gatherer.merge(folders_of(traits));
    if (traits.reads_conf) gatherer.add_conf();
    if (traits.credential) gatherer.add_credential();
  }
  gatherer.tell_never_read();
  return gatherer.finish();
}

FileSet find_drop_ins(const Loader& loader, const std::string& folder) {
  // The folder's own symlinks are followed as the file system does; its name is kept.
  std::string name = folder;
  while (name.size() > 1 && name.ends_with('/')) name.pop_back();
  Gatherer gatherer(loader, "/", "");
  char* real = realpath(name.c_str(), nullptr);
  if (real == nullptr) {
    gatherer.set().unreadable.push_back({folder, "it cannot be opened"});
    return gatherer.finish();
  }
  const std::string place = real;
  free(real);
  gatherer.add_folder(place, name);
  return gatherer.finish();
}

void add_command_line(FileSet& files, std::string bytes) {
  files.documents.push_back(
      std::make_unique<conf::Document>(conf::Document::parse("/proc/cmdline", std::move(bytes))));
  SourceFile file;
  file.document = files.documents.back().get();
  file.path = "/proc/cmdline";
  file.kind = SourceKind::kCommandLine;
  files.configuration.files.insert(files.configuration.files.begin(), std::move(file));
}

}  // namespace proctor::load
