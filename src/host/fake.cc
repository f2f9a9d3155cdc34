#include <algorithm>
#include <cerrno>

#include "host/procsys.h"
#include "text/text.h"

namespace proctor::host {

void FakeProcSys::put(std::string path, std::string bytes) {
  files_.insert_or_assign(std::move(path), Reading{.bytes = std::move(bytes), .error = 0});
}

void FakeProcSys::put_link(std::string path, std::string target) {
  links_.insert_or_assign(std::move(path), std::move(target));
}

void FakeProcSys::put_folder(std::string path) { folders_.insert(std::move(path)); }

void FakeProcSys::fail(std::string path, int error) {
  files_.insert_or_assign(std::move(path), Reading{.bytes = std::nullopt, .error = error});
}

Reading FakeProcSys::read(const std::string& path, size_t limit) {
  reads_.push_back(path);
  const auto at = files_.find(path);
  if (at == files_.end()) return Reading{.bytes = std::nullopt, .error = ENOENT};
  Reading reading = at->second;
  if (reading.bytes && reading.bytes->size() > limit) reading.bytes->resize(limit);
  return reading;
}

ProcSys::Listing FakeProcSys::list(const std::string& path) {
  reads_.push_back(path);
  if (const auto at = files_.find(path); at != files_.end()) {
    return Listing{.names = std::nullopt, .error = at->second.bytes ? ENOTDIR : at->second.error};
  }
  const std::string prefix = path + "/";
  std::set<std::string> names;
  const auto add = [&](const std::string& known) {
    if (known.starts_with(prefix)) {
      names.insert(known.substr(prefix.size(), known.find('/', prefix.size()) - prefix.size()));
    }
  };
  for (const auto& [known, reading] : files_) add(known);
  for (const auto& [known, target] : links_) add(known);
  for (const std::string& known : folders_) add(known);
  if (names.empty() && !folders_.contains(path)) {
    return Listing{.names = std::nullopt, .error = ENOENT};
  }
  return Listing{.names = std::vector<std::string>(names.begin(), names.end()), .error = 0};
}

Reading FakeProcSys::link(const std::string& path) {
  reads_.push_back(path);
  if (const auto at = links_.find(path); at != links_.end()) {
    return Reading{.bytes = at->second, .error = 0};
  }
  const auto at = files_.find(path);
  if (at == files_.end()) return Reading{.bytes = std::nullopt, .error = ENOENT};
  return Reading{.bytes = std::nullopt, .error = at->second.bytes ? EINVAL : at->second.error};
}

int FakeProcSys::each_line(const std::string& path, const EachLine& each) {
  const Reading reading = read(path);
  if (!reading.bytes) return reading.error;
  std::vector<std::string_view> lines = split(*reading.bytes, '\n');
  if (lines.back().empty()) lines.pop_back();
  std::ranges::for_each(lines, each);
  return 0;
}

ProcSys::Count FakeProcSys::count(const std::string& path) {
  const Listing listing = list(path);
  if (!listing.names) return Count{.entries = 0, .error = listing.error};
  return Count{.entries = static_cast<int64_t>(listing.names->size()), .error = 0};
}

void FakeProcSys::put_socket(SocketTable table, SocketRow row) {
  sockets_.emplace_back(table, row);
}

int FakeProcSys::each_socket(SocketTable table, const EachSocket& each) {
  if (sockets_.empty()) return read_sockets_proc(*this, table, each);
  for (const auto& [of, row] : sockets_) {
    if (of == table) each(row);
  }
  return 0;
}

}  // namespace proctor::host
