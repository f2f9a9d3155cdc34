// Prints what the loader models predict, as JSON, for the scripts that compare them with recorded
// and real runs. One JSON object a line in, one out:
//   {"loader": "procps-4.0.2", "layout": "alpine"?, "kernel": "6.18.44", "at_boot": false,
//    "files": [{"path": "/tmp/t.conf", "bytes": "..."}] or "root": "DIR", "credential": "..."?,
//    "start": {"net/ipv4/ip_forward": "0"}, "unreadable": [...]?, "closed": true?, "fresh": [...]?,
//    "interfaces": ["lo"], "modules":
//    [...]?, "watch":
//    [...]}
// Bytes are text whose code points are the bytes.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "kernel/catalog.h"
#include "load/files.h"
#include "load/loader.h"
#include "load/traits.h"

using namespace proctor;
using nlohmann::json;

namespace {

std::string to_bytes(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      out += text[i];
    } else {
      const auto next = static_cast<unsigned char>(text.at(++i));
      out += static_cast<char>(((byte & 0x1FU) << 6U) | (next & 0x3FU));
    }
  }
  return out;
}

std::string to_text(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xC0U | (byte >> 6U));
      out += static_cast<char>(0x80U | (byte & 0x3FU));
    }
  }
  return out;
}

/// Paths of the catalog that a machine may have: wildcards stand for its interfaces.
std::vector<std::string> candidates(const kernel::Key& key,
                                    const std::vector<std::string>& interfaces) {
  std::string name(key.name);
  const size_t star = name.find('*');
  if (star == std::string::npos) return {kernel::dotted_to_path(name)};
  std::vector<std::string> out;
  for (const std::string& interface : interfaces) {
    std::string path = name.substr(0, star);
    std::replace(path.begin(), path.end(), '.', '/');
    std::string rest = name.substr(star + 1);
    std::replace(rest.begin(), rest.end(), '.', '/');
    out.push_back(path + interface + rest);
  }
  return out;
}

/// What the job neither gives nor calls unreadable is absent, but for "fresh" paths: those are as
/// the kernel made them.
void close_state(const json& job, kernel::State& state) {
  std::vector<std::string> interfaces = job["interfaces"].get<std::vector<std::string>>();
  interfaces.insert(interfaces.end(), {"all", "default"});
  std::set<std::string> fresh;
  for (const json& path : job.value("fresh", json::array())) fresh.insert(path.get<std::string>());
  for (const kernel::Key& key : kernel::keys()) {
    for (const std::string& path : candidates(key, interfaces)) {
      if (!state.is_explicit(path) && !fresh.contains(path)) {
        state.set(path, kernel::Cell::absent());
      }
    }
  }
}

kernel::State start_state(const json& job) {
  kernel::Machine machine;
  machine.version = kernel::parse_version(job.at("kernel").get<std::string>()).value();
  if (job.contains("interfaces")) {
    machine.interfaces = job["interfaces"].get<std::vector<std::string>>();
  }
  if (job.contains("modules")) machine.modules = job["modules"].get<std::vector<std::string>>();
  if (job.contains("netns")) machine.initial_netns = !job["netns"].get<bool>();
  machine.page_size = 4096;
  kernel::State state(std::move(machine));
  state.set_complete(job.value("complete", false));
  for (const auto& [path, text] : job.at("start").items()) {
    state.set(to_bytes(path), kernel::Cell::known(to_bytes(text.get<std::string>())));
  }
  for (const json& path : job.value("unreadable", json::array())) {
    state.set(to_bytes(path.get<std::string>()), kernel::Cell::unknown({}));
  }
  if (job.value("closed", false)) close_state(job, state);
  return state;
}

load::FileSet source_files(const json& job, const load::Loader& loader) {
  load::FileSet set;
  if (job.contains("root")) {
    set = load::find_files(loader, job["root"].get<std::string>());
  } else {
    set.configuration.at_boot = job.value("at_boot", false);
    for (const json& file : job.at("files")) {
      const auto path = file.at("path").get<std::string>();
      set.documents.push_back(std::make_unique<conf::Document>(
          conf::Document::parse(path, to_bytes(file.at("bytes").get<std::string>()))));
      load::SourceFile source;
      source.document = set.documents.back().get();
      source.path = path;
      set.configuration.files.push_back(std::move(source));
    }
  }
  if (job.contains("credential") && loader.traits->credential) {
    set.documents.push_back(std::make_unique<conf::Document>(
        conf::Document::parse("sysctl.extra", to_bytes(job["credential"].get<std::string>()))));
    load::SourceFile source;
    source.document = set.documents.back().get();
    source.path = "sysctl.extra";
    source.kind = load::SourceKind::kCredential;
    set.configuration.files.push_back(std::move(source));
  }
  set.configuration.templates = false;
  return set;
}

const char* status_name(load::Status status) {
  switch (status) {
    case load::Status::kApplied:
      return "applied";
    case load::Status::kOverridden:
      return "overridden";
    case load::Status::kIgnored:
      return "ignored";
    case load::Status::kFailed:
      return "failed";
    case load::Status::kUnknown:
      return "unknown";
  }
  return "";
}

json describe(const load::Write& write) {
  const kernel::Outcome& outcome = write.outcome;
  json out = {{"path", to_text(write.path)}, {"bytes", to_text(write.bytes)}, {"errno", nullptr}};
  if (outcome.result == kernel::WriteResult::kRejected) {
    out["errno"] = kernel::errno_name(outcome.error);
  }
  out["taken"] = outcome.taken ? json(*outcome.taken) : json(nullptr);
  out["unknown"] = outcome.result == kernel::WriteResult::kUnknown;
  return out;
}

json answer(const json& job) {
  const auto found = load::find_loader(job.at("loader").get<std::string>());
  if (!found.ok()) return {{"error", found.error()}};
  load::Loader loader = *found.value();
  load::Traits traits = *loader.traits;
  const std::string layout = job.value("layout", "");
  if (layout == "alpine") traits.folders = load::Folders::kAlpine;
  if (layout == "openwrt") traits.folders = load::Folders::kOpenWrt;
  loader.traits = &traits;
  const load::FileSet files = source_files(job, loader);
  const load::LoadResult result = load::run(loader, files.configuration, start_state(job));
  json out = {{"exit", result.exit_status}, {"exit_known", result.exit_known}};
  out["writes"] = json::array();
  for (const load::Write& write : result.writes) out["writes"].push_back(describe(write));
  out["assignments"] = json::array();
  for (const load::Assignment& line : result.assignments) {
    out["assignments"].push_back({{"file", line.origin.file},
                                  {"line", line.origin.line + 1},
                                  {"path", to_text(line.path)},
                                  {"value", to_text(line.value)},
                                  {"status", status_name(line.status)},
                                  {"reason", to_text(line.reason)},
                                  {"open_ended", line.open_ended}});
  }
  out["notes"] = json::array();
  for (const load::Note& note : result.notes) {
    out["notes"].push_back(
        {{"kind", note.kind}, {"line", note.origin.line + 1}, {"text", note.text}});
  }
  out["values"] = json::object();
  for (const json& path : job.value("watch", json::array())) {
    const kernel::Cell& cell = result.final_state.read(path.get<std::string>());
    const bool known = cell.status == kernel::Cell::Status::kKnown;
    out["values"][path.get<std::string>()] = known ? json(to_text(cell.text)) : json(nullptr);
  }
  return out;
}

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    fmt::print("{}\n", answer(json::parse(line)).dump());
  }
  return 0;
}
