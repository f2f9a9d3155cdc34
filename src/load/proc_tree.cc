#include "load/proc_tree.h"

#include <algorithm>
#include <optional>

#include "kernel/catalog.h"
#include "kernel/catalog_folder.h"

namespace proctor::load {

namespace {

/// Longest path that the kernel looks up, with "/proc/sys/" before it and a NUL behind.
constexpr size_t kLongest = 4096 - 11;

std::string_view take_part(std::string_view& rest, char separator) {
  const size_t at = rest.find(separator);
  const std::string_view part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return part;
}

/// The folders whose names are network interfaces.
bool is_interface_pattern(std::string_view pattern) {
  return pattern.starts_with("net.ipv4.conf.*") || pattern.starts_with("net.ipv6.conf.*") ||
         pattern.starts_with("net.ipv4.neigh.*") || pattern.starts_with("net.ipv6.neigh.*");
}

bool has_all(std::string_view pattern) { return pattern.substr(8).starts_with(".conf."); }

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

kernel::Existence existence_on(const kernel::Key& key, const kernel::Machine& machine) {
  const kernel::Existence existence = kernel::existence(key, machine.version);
  if (existence != kernel::Existence::kNeedsModule || !machine.modules) return existence;
  return contains(*machine.modules, key.module) ? kernel::Existence::kPresent
                                                : kernel::Existence::kAbsent;
}

void add_name(Listing& listing, std::string_view name) {
  const auto at = std::lower_bound(listing.names.begin(), listing.names.end(), name);
  if (at == listing.names.end() || *at != name) listing.names.insert(at, std::string(name));
}

template <typename Cells>
auto first_from(const Cells& cells, std::string_view path) {
  return std::lower_bound(cells.begin(), cells.end(), path,
                          [](const auto& cell, std::string_view at) { return cell.first < at; });
}

}  // namespace

std::string shorten(std::string_view absolute) {
  std::vector<std::string_view> parts;
  while (!absolute.empty()) {
    const std::string_view part = take_part(absolute, '/');
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
  }
  std::string out;
  for (const std::string_view part : parts) {
    out += '/';
    out += part;
  }
  return out.empty() ? "/" : out;
}

ProcTree::ProcTree(const kernel::State& state) : state_(state) {
  const auto named = state.interfaces();
  if (named) {
    interfaces_ = *named;
    interfaces_open_ = false;
  }
  // Every network namespace has its loopback device.
  if (!contains(interfaces_, "lo")) interfaces_.emplace_back("lo");
}

const ProcTree::Cells& ProcTree::cells() const {
  if (!cells_) {
    cells_.emplace();
    for (auto& [path, cell] : state_.cells()) {
      cells_->emplace_back(path, cell.status != kernel::Cell::Status::kAbsent);
    }
  }
  return *cells_;
}

bool ProcTree::has_dotted_interface() const {
  return std::any_of(interfaces_.begin(), interfaces_.end(),
                     [](const std::string& name) { return name.find('.') != std::string::npos; });
}

bool ProcTree::is_catalogued(std::string_view path) { return kernel::find_path(path).has_value(); }

Node ProcTree::resolve(std::string_view path) const {
  if (path.size() > kLongest) return {NodeKind::kTooLong, {}};
  const bool plain = !path.starts_with('/') && !path.ends_with('/') && !path.empty() &&
                     path.find("//") == std::string_view::npos && !path.starts_with("./") &&
                     path.find("/.") == std::string_view::npos && path != "." &&
                     !path.starts_with("..");
  if (plain) return {NodeKind::kUnknown, std::string(path)};
  std::vector<std::string_view> parts;
  std::string_view rest = path;
  const auto joined = [&parts] {
    std::string out;
    for (const std::string_view part : parts) {
      if (!out.empty()) out += '/';
      out += part;
    }
    return out;
  };
  while (!rest.empty()) {
    const std::string_view part = take_part(rest, '/');
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
      continue;
    }
    if (parts.empty()) {
      const std::string outside = shorten("/proc/sys/../" + std::string(rest));
      constexpr std::string_view kProcSys = "/proc/sys/";
      if (!outside.starts_with(kProcSys)) return {NodeKind::kOutside, outside};
      return resolve(std::string_view(outside).substr(kProcSys.size()));
    }
    // "x/.." needs a folder x.
    const std::string before = joined();
    const NodeKind kind = look(before);
    if (kind == NodeKind::kFile) return {NodeKind::kBelowFile, before};
    if (kind != NodeKind::kFolder && kind != NodeKind::kUnknown) return {kind, before};
    parts.pop_back();
  }
  std::string canonical = joined();
  if (path.ends_with('/') || path.ends_with("/.")) {
    const NodeKind kind = look(canonical);
    if (kind == NodeKind::kFile) return {NodeKind::kBelowFile, std::move(canonical)};
  }
  return {NodeKind::kUnknown, std::move(canonical)};
}

NodeKind ProcTree::look(std::string_view path) const {
  const auto known = nodes_.find(path);
  if (known != nodes_.end()) return known->second;
  const NodeKind kind = look_uncached(path);
  nodes_.emplace(std::string(path), kind);
  return kind;
}

NodeKind ProcTree::look_uncached(std::string_view path) const {
  if (path.empty()) return NodeKind::kFolder;
  const Cells& known = cells();
  const auto cell = first_from(known, path);
  if (cell != known.end() && cell->first == path) {
    return cell->second ? NodeKind::kFile : NodeKind::kMissing;
  }
  const std::string prefix = std::string(path) + "/";
  const auto inside = first_from(known, prefix);
  if (inside != known.end() && inside->first.starts_with(prefix)) return NodeKind::kFolder;

  bool perhaps = false;
  if (!state_.complete()) {
    if (const auto ref = kernel::find_path(path)) {
      const std::string_view star =
          ref->wildcards.empty() ? std::string_view() : std::string_view(ref->wildcards.back());
      const Presence presence = presence_of(*ref->key, star);
      if (presence == Presence::kYes) return NodeKind::kFile;
      perhaps = presence == Presence::kPerhaps;
    }
    bool folder = false;
    kernel::visit_below(path, [&](const kernel::KeyBelow& below) {
      const Presence presence = presence_of(below.key, below.star);
      folder = presence == Presence::kYes;
      perhaps = perhaps || presence == Presence::kPerhaps;
      return !folder;
    });
    if (folder) return NodeKind::kFolder;
  }
  if (perhaps) return NodeKind::kUnknown;
  for (size_t slash = path.rfind('/'); slash != std::string_view::npos && slash > 0;
       slash = path.rfind('/', slash - 1)) {
    const NodeKind above = look(path.substr(0, slash));
    if (above == NodeKind::kFile || above == NodeKind::kBelowFile) return NodeKind::kBelowFile;
    if (above == NodeKind::kFolder) break;
  }
  return NodeKind::kMissing;
}

const Listing& ProcTree::list(const std::string& folder) const {
  const auto known = listings_.find(folder);
  if (known != listings_.end()) return known->second;
  return listings_.emplace(folder, list_uncached(folder)).first->second;
}

Listing ProcTree::list_uncached(std::string_view folder) const {
  Listing listing;
  if (!state_.complete()) add_catalogued(folder, listing);
  const std::string prefix = folder.empty() ? std::string() : std::string(folder) + "/";
  for (auto cell = first_from(cells(), prefix);
       cell != cells().end() && cell->first.starts_with(prefix); ++cell) {
    std::string_view rest = std::string_view(cell->first).substr(prefix.size());
    const std::string name(take_part(rest, '/'));
    if (cell->second) {
      add_name(listing, name);
    } else if (rest.empty()) {
      std::erase(listing.names, name);
    }
  }
  return listing;
}

void ProcTree::add_catalogued(std::string_view folder, Listing& listing) const {
  kernel::visit_below(folder, [&](const kernel::KeyBelow& below) {
    const Presence presence = presence_of(below.key, below.star);
    if (presence == Presence::kPerhaps) listing.open_ended = true;
    if (presence != Presence::kYes) return true;
    std::string_view rest = below.rest;
    const std::string_view part = take_part(rest, '.');
    if (part != "*") {
      add_name(listing, part);
    } else {
      add_wildcard(below.key.name, listing);
    }
    return true;
  });
}

/// Whether a key is there, `star` being what the path has for its '*'.
ProcTree::Presence ProcTree::presence_of(const kernel::Key& key, std::string_view star) const {
  const kernel::Existence existence = existence_on(key, state_.machine());
  if (existence == kernel::Existence::kAbsent) return Presence::kNo;
  bool certain = existence == kernel::Existence::kPresent;
  if (!star.empty() && is_interface_pattern(key.name)) {
    const bool always = star == "default" || (star == "all" && has_all(key.name));
    const bool named = always || contains(interfaces_, star);
    if (!named && !interfaces_open_) return Presence::kNo;
    certain = certain && named;
  } else if (!star.empty()) {
    certain = false;
  }
  return certain ? Presence::kYes : Presence::kPerhaps;
}

void ProcTree::add_wildcard(std::string_view pattern, Listing& listing) const {
  if (!is_interface_pattern(pattern)) {
    listing.open_ended = true;
    return;
  }
  if (has_all(pattern)) add_name(listing, "all");
  add_name(listing, "default");
  for (const std::string& name : interfaces_) add_name(listing, name);
  listing.open_ended = listing.open_ended || interfaces_open_;
}

}  // namespace proctor::load
