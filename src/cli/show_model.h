// What a loader does with a configuration, merged over the kernels that are meant.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/version.h"
#include "load/files.h"
#include "load/loader.h"
#include "rules/engine.h"

namespace proctor::cli {

/// One assignment. Where kernels differ, the status is kUnknown and the kernel's answer is empty.
struct ShownAssignment {
  load::Origin origin;
  std::string key;  ///< Dotted.
  std::string value;
  load::Status status = load::Status::kUnknown;
  std::optional<load::Origin> by;
  std::string reason;
  struct Write {
    std::string path;
    std::string value;         ///< Without the newline that a loader appends.
    std::optional<int> error;  ///< errno; 0 is none; empty: not known.
    friend bool operator==(const Write&, const Write&) = default;
  };
  std::vector<Write> writes;
  /// What the kernel answers to the value; of several writes the worst.
  kernel::WriteResult result = kernel::WriteResult::kUnknown;
  int error = 0;
  std::optional<std::string> reads_back;
  friend bool operator==(const ShownAssignment&, const ShownAssignment&) = default;
};

struct Shown {
  const load::Loader* loader = nullptr;
  std::optional<int> exit_status;  ///< Empty: not known.
  std::vector<ShownAssignment> assignments;
  /// Dotted key -> value as read; empty: not known. Keys that are absent are left out.
  std::map<std::string, std::optional<std::string>> effective;
};

/// Runs `loader` on every one of `versions` (not empty) and merges.
Shown show_configuration(const load::Loader& loader, const load::Configuration& configuration,
                         const rules::Target& target, std::span<const kernel::Version> versions);

std::string_view status_name(load::Status status);
std::string_view result_name(kernel::WriteResult result);

/// Bytes outside of UTF-8, control bytes and backslashes as in the source: \xNN.
std::string show_json(const Shown& shown, const load::FileSet& files, std::string_view kernel);
std::string show_text(const Shown& shown, const load::FileSet& files, std::string_view kernel,
                      unsigned width);

/// What one loader does, with the files that it reads.
struct LoaderView {
  const Shown* shown = nullptr;
  const load::FileSet* files = nullptr;
};

/// The keys that end up differently under different loaders, and which loader leaves which value.
std::string differences_text(const std::vector<LoaderView>& views, std::string_view kernel);
std::string differences_json(const std::vector<LoaderView>& views, std::string_view kernel);

}  // namespace proctor::cli
