#include "load/key_path.h"

#include <algorithm>

#include "kernel/catalog.h"
#include "text/scan.h"

namespace proctor::load {

namespace {

/// busybox looks for existing files under prefixes of the key, each time from its end: nothing that
/// exists has a longer name.
constexpr size_t kLongestProbed = 512;
/// Folders that every Linux system has, for keys that lead out of /proc/sys.
constexpr std::string_view kUsualFolders[] = {
    "/",          "/bin",      "/boot",      "/dev",     "/etc",     "/home",    "/lib",
    "/media",     "/mnt",      "/opt",       "/proc",    "/root",    "/run",     "/sbin",
    "/srv",       "/sys",      "/tmp",       "/usr",     "/var",     "/usr/bin", "/usr/lib",
    "/usr/local", "/usr/sbin", "/usr/share", "/var/lib", "/var/log", "/var/tmp", "/proc/sys"};

std::string swap_if_dotted(std::string_view key) {
  const size_t first = find_any<'.', '/'>(key);
  if (first == std::string_view::npos || key[first] == '/') return std::string(key);
  return swap_separators(key);
}

/// path_simplify() of systemd, then one leading slash off.
std::string simplify(std::string_view path) {
  if (path.empty()) return {};
  std::string out = path.starts_with('/') ? "/" : "";
  const size_t base = out.size();
  size_t at = 0;
  while (at < path.size()) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    if (!part.empty() && part != ".") {
      if (out.size() > base) out += '/';
      out += part;
    }
    at = end + 1;
  }
  if (out.empty()) out = ".";
  if (out.size() > 1 && out.starts_with('/')) out.erase(0, 1);
  return out;
}

/// access(path, F_OK) from within /proc/sys.
bool exists(const std::string& path, std::string_view rest, const ProcTree& tree) {
  if (path.empty()) return false;
  std::string below = path;
  if (path.starts_with('/')) {
    const std::string absolute = shorten(path);
    constexpr std::string_view kProcSys = "/proc/sys/";
    if (!absolute.starts_with(kProcSys)) return is_usual_folder(absolute);
    below = absolute.substr(kProcSys.size());
  }
  Node node = tree.resolve(below);
  if (node.kind == NodeKind::kOutside) return is_usual_folder(node.path);
  if (node.kind == NodeKind::kUnknown) node.kind = tree.look(node.path);
  if (node.kind == NodeKind::kFile || node.kind == NodeKind::kFolder) return true;
  if (node.kind != NodeKind::kUnknown) return false;
  // Any name may be an interface; take it for one where that makes a key of the catalog.
  const std::string key = rest.empty() ? node.path : node.path + "/" + std::string(rest);
  return ProcTree::is_catalogued(key);
}

/// A key in dots that is one of the catalog once every dot is a slash. Looking for longer names
/// from the right finds nothing else, as only names of interfaces have dots.
bool is_plain_key(std::string_view key, const std::string& slashes, const ProcTree& tree) {
  if (key.find('/') != std::string_view::npos) return false;
  const auto ref = kernel::find_path(slashes);
  return ref && (ref->wildcards.empty() || !tree.has_dotted_interface());
}

std::string probe(std::string_view key, const ProcTree& tree) {
  std::string name(key);
  if (std::string slashes = swap_separators(key); is_plain_key(key, slashes, tree)) return slashes;
  if (name.size() > kLongestProbed) return name;
  size_t good = 0;  // Dots before this are settled.
  for (bool again = true; again;) {
    again = false;
    for (size_t at = name.size() + 1; at-- > good;) {
      const bool whole = at == name.size();
      if (!whole && name[at] != '.') continue;
      const std::string_view rest =
          whole ? std::string_view() : std::string_view(name).substr(at + 1);
      if (!exists(name.substr(0, at), rest, tree)) continue;
      if (whole) return name;
      name[at] = '/';
      good = at + 1;
      again = true;
      break;
    }
  }
  return name;
}

}  // namespace

bool is_usual_folder(std::string_view absolute) {
  return std::find(std::begin(kUsualFolders), std::end(kUsualFolders), absolute) !=
         std::end(kUsualFolders);
}

std::string swap_separators(std::string_view key) {
  std::string out(key);
  for (char& c : out) c = c == '.' ? '/' : c == '/' ? '.' : c;
  return out;
}

std::string key_path(std::string_view key, const Traits& traits, const ProcTree& tree) {
  switch (traits.separators) {
    case Separators::kSwap:
      return swap_if_dotted(key);
    case Separators::kSwapSimplify:
      return simplify(swap_if_dotted(key));
    case Separators::kSwapOrProbe: {
      const size_t slash = key.find('/');
      if (slash != std::string_view::npos && key.find('.') < slash) return swap_separators(key);
      return probe(key, tree);
    }
    case Separators::kProbe:
      return probe(key, tree);
  }
  return std::string(key);
}

}  // namespace proctor::load
