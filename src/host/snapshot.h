// A machine's facts, values and load as one document, to be looked at elsewhere.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "host/facts.h"
#include "host/procsys.h"
#include "host/readings.h"
#include "text/result.h"

namespace proctor::host {

/// The version of the document that this program writes, and the only one that it reads.
constexpr int kSnapshotVersion = 1;

struct Snapshot {
  std::string program;  ///< "proctor 0.1.0"
  std::string taken;    ///< UTC, "2026-07-02T10:00:00Z"; empty: not told.
  bool anonymous = false;
  Facts facts;
  /// All of /proc/sys: path -> text without the final newline. What is in neither map is not there.
  std::map<std::string, std::string> values;
  /// Files that are there and cannot be read: path -> reason.
  std::map<std::string, std::string> unreadable_values;
  Readings readings;
};

/// Reads everything. Values that are secrets (the key of TCP Fast Open, the secret of stable IPv6
/// addresses) are left out as unreadable.
Snapshot take_snapshot(ProcSys& procsys);

/// Replaces addresses by "address-1", ..., and names of hosts, domains, processes and control
/// groups by names that only tell them apart; ports, interfaces' names and numbers stay.
void anonymize(Snapshot& snapshot);

/// The document, indented, with a final newline. Bytes outside UTF-8 become U+FFFD.
std::string snapshot_to_json(const Snapshot& snapshot);

/// Reads snapshot_to_json()'s form. An error says where: not JSON, ends too early, another version,
/// a field that is missing or of another type, a value that no machine has.
Result<Snapshot> snapshot_from_json(std::string_view text);

/// The JSON Schema of the document.
std::string_view snapshot_schema();

}  // namespace proctor::host
