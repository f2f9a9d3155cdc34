// A tuned profile as a sysctl.d file.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "advise/tuning.h"

namespace proctor::advise {

/// What only the caller knows.
struct TuneFileInfo {
  std::string name;          ///< Of the file, without folders.
  std::string path;          ///< Where it is loaded from.
  std::string machine;       ///< "8 GiB, 4 CPUs, Linux 6.1".
  std::string command;       ///< That writes the same file.
  std::string undo_file;     ///< Empty: not written beside this file.
  std::string undo_command;  ///< That writes one.
  bool omitted = false;      ///< Also say what is not written and why.
  bool advice = false;       ///< Also say what no file can carry.
  bool asserts = false;      ///< Lines repeat the kernel's own values; a check is told why.
  /// How a user gives a fact: "host.memory" -> "--memory"; empty: not by options.
  std::function<std::string(std::string_view)> option_of;
};

/// "99-zz-proctor-exit-relay.conf": behind the files that distributions ship, so that it wins.
std::string tune_file_name(std::string_view profile);

/// The file: a header with what it is for and how to make it again, each group under its heading,
/// each line under its reason, and how to load it and to undo it.
std::string tune_file(const Profile& profile, const Tuning& tuning, const TuneFileInfo& info);

/// Whether a check of the file with the same facts says that lines repeat the kernel's own values.
bool asserts_defaults(const rules::RuleSet& rules, const TuneRequest& request,
                      const std::string& text);

/// "needs host.swap_kind (--fact swap_kind=...)", or why else a line is not written.
std::string omission(const TunedLine& line, const TuneFileInfo& info);

}  // namespace proctor::advise
