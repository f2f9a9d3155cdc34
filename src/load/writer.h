// Writes settings as a loader does, and books what the kernel answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "load/loader.h"
#include "load/notes.h"
#include "load/proc_tree.h"
#include "load/traits.h"

namespace proctor::load {

/// One setting on its way to the kernel.
struct Setting {
  uint32_t assignment = 0;  ///< Index into LoadResult::assignments.
  std::string path;         ///< As key_path() made it.
  bool ignore_failure = false;
};

/// "text: reason", or only the text.
std::string with_reason(std::string text, const std::string& reason);

class Writer {
 public:
  Writer(LoadResult& result, const ProcTree& tree, Notes& notes,
         const Configuration& configuration);

  /// Opens and writes one path of a setting.
  void write(const Setting& setting, const std::string& path);
  /// What the kernel itself does with an entry of its command line, before any loader runs.
  void write_parameter(const Setting& setting);
  /// The loader ended because the kernel refused a value.
  bool stopped() const { return stopped_; }
  /// A run of its own begins (busybox, file by file).
  void restart();
  /// A file, a line or a key contributes to the exit status.
  void add_status(int status) { status_ |= status; }
  int status() const { return status_; }
  void set_status(int status) { status_ = status; }
  /// An assignment that is not written, and why.
  void decide(uint32_t index, Status status, std::string reason);
  /// Statuses of all assignments, once everything is written.
  void finish(const kernel::State& start);

 private:
  /// The value with which procps 3.3.15 uses its buffer for a second time, and for the last time
  /// finds something in it (Traits::retry_keeps_old).
  static constexpr uint32_t kSecond = 2;

  /// What came of the writes of one assignment.
  struct Tally {
    uint32_t taken = 0;
    uint32_t failed = 0;
    uint32_t unknown = 0;
    std::optional<Status> decided;
  };

  Assignment& assignment(const Setting& setting) { return result_.assignments[setting.assignment]; }
  Tally& tally(uint32_t index);
  void fail(const Setting& setting, std::string reason);
  void doubt(const Setting& setting, const std::string& path, const kernel::Outcome& outcome);

  /// `other_error`: not ENOENT.
  void missing(const Setting& setting, bool other_error, const std::string& reason);
  void folder(const Setting& setting, bool is_root);
  void outside(const Setting& setting, const std::string& absolute);
  void create(const Setting& setting, const std::string& absolute);
  void open_failed(const Setting& setting, int error, const std::string& reason);
  void refused(const Setting& setting, const kernel::Outcome& outcome, bool while_formatting);

  bool in_force(const std::string& path, const std::string& value) const;
  void write_file(const Setting& setting, const std::string& path);
  /// One write(2). The outcome, or nullopt if the open failed, which is booked then.
  std::optional<kernel::Outcome> emit(const Setting& setting, const std::string& path,
                                      std::string_view bytes, uint64_t offset);
  /// Whether all of `bytes` was taken; `offset` moves on.
  bool write_all(const Setting& setting, const std::string& path, std::string_view bytes,
                 uint64_t& offset, bool while_formatting);
  void write_once(const Setting& setting, const std::string& path, std::string_view bytes);
  void write_retry(const Setting& setting, const std::string& path, std::string bytes);
  void write_buffered(const Setting& setting, const std::string& path, std::string_view bytes);
  void note_rest(const Setting& setting, std::string_view rest);

  void find_overrides(const kernel::State& start);
  void replay(const kernel::State& start, std::vector<uint32_t> changed);

  LoadResult& result_;
  const Traits& traits_;
  const ProcTree& tree_;
  Notes& notes_;
  bool at_boot_;
  bool stopped_ = false;
  int status_ = 0;
  std::optional<Origin> doubtful_;  ///< An earlier line that may have ended the run.
  uint32_t values_ = 0;             ///< procps: values that went through the buffer for writes,
  std::string first_value_;         ///< and the first of them.
  std::vector<Tally> tallies_;
};

}  // namespace proctor::load
