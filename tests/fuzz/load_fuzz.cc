// Any bytes, as one or more files, under every loader: no crash, no hang, and a result that holds
// together. The first byte picks the loader, the second what is known; 0x1E ends a file.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "load/loader.h"

using namespace proctor;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

kernel::State start(uint8_t known) {
  kernel::Machine machine;
  machine.version = kernel::parse_version((known & 1U) != 0 ? "6.12" : "5.10").value();
  if ((known & 2U) != 0) machine.interfaces = std::vector<std::string>{"eth0", "eth0.7", "e[0]"};
  if ((known & 4U) != 0) machine.modules = std::vector<std::string>{};
  return kernel::State(machine);
}

void check(const load::LoadResult& result, const load::Configuration& configuration) {
  for (uint32_t i = 0; i < result.writes.size(); ++i) {
    require(result.writes[i].order == i);
    require(result.writes[i].assignment < result.assignments.size());
  }
  const auto in_file = [&](load::Origin origin) {
    return origin.file < configuration.files.size() &&
           origin.line < configuration.files[origin.file].document->lines().size();
  };
  load::Origin before;
  for (const load::Assignment& line : result.assignments) {
    require(in_file(line.origin) && before <= line.origin);
    require(!line.by || in_file(*line.by));
    require((line.status == load::Status::kApplied || line.status == load::Status::kOverridden) <=
                !line.writes.empty() ||
            line.by.has_value());
    for (const uint32_t write : line.writes) require(write < result.writes.size());
    before = line.origin;
  }
  for (const load::Note& note : result.notes) {
    require(in_file(note.origin) && note.text.ends_with('.'));
    const conf::Document& document = *configuration.files[note.origin.file].document;
    require(note.span.begin <= note.span.end && note.span.end <= document.bytes().size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  std::vector<std::unique_ptr<conf::Document>> documents;
  load::Configuration configuration;
  const std::string all(reinterpret_cast<const char*>(data + 2), size - 2);
  for (size_t at = 0; at <= all.size();) {
    const size_t end = std::min(all.find('\x1E', at), all.size());
    documents.push_back(
        std::make_unique<conf::Document>(conf::Document::parse("fuzz", all.substr(at, end - at))));
    load::SourceFile file;
    file.document = documents.back().get();
    if ((data[1] & 8U) != 0 && at == 0) file.kind = load::SourceKind::kCommandLine;
    configuration.files.push_back(file);
    at = end + 1;
  }
  configuration.at_boot = (data[1] & 16U) != 0;
  configuration.templates = (data[1] & 32U) != 0;
  const load::Loader& loader = load::loaders()[data[0] % load::loaders().size()];
  check(load::run(loader, configuration, start(data[1])), configuration);
  return 0;
}
