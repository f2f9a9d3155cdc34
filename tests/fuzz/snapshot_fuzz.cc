// Any bytes are a snapshot or an error; what was read is written and reads back the same, and can
// be made anonymous. Any bytes are a table of sockets.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "host/snapshot.h"

using namespace proctor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  host::FakeProcSys files;
  files.put("/proc/sys/net/ipv4/ip_local_port_range", "20000\t20599\n");
  files.put("/proc/net/tcp", bytes);
  files.put("/proc/net/udp", bytes);
  files.put("/proc/net/netstat", bytes);
  files.put("/proc/net/softnet_stat", bytes);
  files.put("/proc/net/stat/nf_conntrack", bytes);
  files.put("/proc/uptime", bytes);
  host::read_everything(files);

  Result<host::Snapshot> read = host::snapshot_from_json(bytes);
  if (!read) return 0;
  const std::string written = host::snapshot_to_json(*read);
  const Result<host::Snapshot> again = host::snapshot_from_json(written);
  if (!again || host::snapshot_to_json(*again) != written) std::abort();
  host::Snapshot snapshot = std::move(read).value();
  host::anonymize(snapshot);
  if (!host::snapshot_from_json(host::snapshot_to_json(snapshot))) std::abort();
  return 0;
}
