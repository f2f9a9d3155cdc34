#include "load/writer.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "load/key_path.h"
#include "text/text.h"

namespace proctor::load {

namespace {

using kernel::Outcome;
using kernel::WriteResult;

bool is_permission(int error) { return error == EPERM || error == EACCES || error == EROFS; }

std::string with_reason(std::string text, const std::string& reason) {
  if (!reason.empty()) text += ": " + reason;
  return text;
}

std::string last_part(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

/// systemd refuses what path_is_normalized() does not pass.
bool is_odd(std::string_view path) {
  constexpr size_t kNameMax = 255;
  for (size_t at = 0; at <= path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    if (part == ".." || part.size() > kNameMax) return true;
    at = end + 1;
  }
  return false;
}

}  // namespace

Writer::Writer(LoadResult& result, const ProcTree& tree, Notes& notes, bool at_boot)
    : result_(result),
      traits_(*result.loader->traits),
      tree_(tree),
      notes_(notes),
      at_boot_(at_boot) {}

void Writer::restart() {
  stopped_ = false;
  doubtful_.reset();
}

Writer::Tally& Writer::tally(uint32_t index) {
  if (tallies_.size() <= index) tallies_.resize(index + 1);
  return tallies_[index];
}

void Writer::decide(uint32_t index, Status status, std::string reason) {
  tally(index).decided = status;
  result_.assignments[index].reason = std::move(reason);
}

void Writer::fail(const Setting& setting, std::string reason) {
  ++tally(setting.assignment).failed;
  if (assignment(setting).reason.empty()) assignment(setting).reason = std::move(reason);
}

void Writer::doubt(const Setting& setting, const std::string& path, const Outcome& outcome) {
  ++tally(setting.assignment).unknown;
  std::string& reason = assignment(setting).reason;
  if (reason.empty()) reason = outcome.reason;
  const bool about_presence = tree_.look(path) == NodeKind::kUnknown;
  const bool boot_hides = at_boot_ && traits_.boot_hides_missing;
  if (about_presence ? traits_.missing_status != 0 && !boot_hides : traits_.refused_status != 0) {
    result_.exit_known = false;
  }
  if (traits_.stops_at_refusal && !about_presence && !doubtful_) {
    doubtful_ = assignment(setting).origin;
  }
}

void Writer::write(const Setting& setting, const std::string& path) {
  if (doubtful_) assignment(setting).unless_refused = doubtful_;
  const std::string last = last_part(path);
  if (traits_.refuses_deprecated && (last == "base_reachable_time" || last == "retrans_time")) {
    fail(setting, "procps 3 refuses this deprecated key");
    return;
  }
  if (traits_.refuses_odd_paths && is_odd(path)) {
    open_failed(setting, EINVAL, "systemd takes no path with '..' or a part above 255 bytes");
    return;
  }
  if (traits_.creates_files && path.starts_with('/')) {
    const std::string absolute = shorten(path);
    constexpr std::string_view kProcSys = "/proc/sys/";
    if (!absolute.starts_with(kProcSys)) {
      create(setting, absolute);
    } else {
      write_file(setting, absolute.substr(kProcSys.size()));
    }
    return;
  }
  const Node node = tree_.resolve(path);
  switch (node.kind) {
    case NodeKind::kOutside:
      outside(setting, node.path);
      return;
    case NodeKind::kBelowFile:
      // With O_CREAT a final slash is EISDIR whatever is there.
      traits_.creates_files ? folder(setting) : missing(setting, true, "a file is no folder");
      return;
    case NodeKind::kMissing:
      missing(setting, false, "there is no such key");
      return;
    default:
      write_file(setting, node.path);
  }
}

void Writer::missing(const Setting& setting, bool below_file, const std::string& reason) {
  fail(setting, reason.empty() ? "there is no such key" : reason);
  if (at_boot_ && traits_.boot_hides_missing) return;
  if (setting.ignore_failure && traits_.dash_hides_missing) return;
  // To systemd "Not a directory" is an error like any other.
  const bool passes = traits_.enoent_passes && !below_file;
  add_status(traits_.enoent_passes ? (passes ? 0 : traits_.open_error_status)
                                   : traits_.missing_status);
}

void Writer::folder(const Setting& setting) {
  fail(setting, "it is a folder");
  if (result_.loader->program == Program::kProcps) {
    add_status(traits_.confined && assignment(setting).path.empty() ? 1
                                                                    : traits_.unwritable_status);
  } else if (!setting.ignore_failure) {
    add_status(traits_.open_error_status);
  }
}

void Writer::outside(const Setting& setting, const std::string& absolute) {
  if (traits_.creates_files) {
    create(setting, absolute);
    return;
  }
  const std::string where = "the key leads out of /proc/sys to " + escape_bytes(absolute);
  if (traits_.confined) {
    fail(setting, where + ", which procps refuses");
    if (is_usual_folder(absolute) || !at_boot_) {
      add_status(1);
    } else {
      result_.exit_known = false;
    }
    return;
  }
  if (is_usual_folder(absolute)) {
    folder(setting);
    return;
  }
  ++tally(setting.assignment).unknown;
  assignment(setting).reason = where;
  if (traits_.missing_status != 0 && !at_boot_) add_status(traits_.missing_status);
  result_.exit_known = false;
}

void Writer::create(const Setting& setting, const std::string& absolute) {
  const std::string above = absolute.substr(0, std::max<size_t>(1, absolute.rfind('/')));
  const Assignment& line = assignment(setting);
  if (absolute == "/" || is_usual_folder(absolute)) {
    folder(setting);
  } else if (absolute.starts_with("/proc/") || absolute.starts_with("/sys/")) {
    missing(setting, false, "there is no such file");
  } else if (!is_usual_folder(above)) {
    ++tally(setting.assignment).unknown;
    assignment(setting).reason = "busybox would create or empty the file " +
                                 escape_bytes(absolute) + " if its folder exists";
  } else {
    Outcome outcome;
    outcome.result = WriteResult::kAccepted;
    outcome.taken = line.value.size();
    outcome.reason = "an ordinary file, not a sysctl";
    fail(setting, "busybox creates or empties the file " + escape_bytes(absolute));
    if (line.value.empty()) return;
    Write write;
    write.path = absolute;
    write.bytes = line.value;
    write.origin = line.origin;
    write.assignment = setting.assignment;
    write.outcome = std::move(outcome);
    write.order = static_cast<uint32_t>(result_.writes.size());
    assignment(setting).writes.push_back(write.order);
    result_.writes.push_back(std::move(write));
  }
}

void Writer::open_failed(const Setting& setting, int error, const std::string& reason) {
  fail(setting, with_reason(kernel::errno_name(error), reason));
  if (is_permission(error)) {
    if (traits_.privilege_errors_pass) return;
    // procps looks at the mode first; a key that nobody may write is not a permission problem.
    if (error == EACCES) {
      add_status(traits_.unwritable_status);
    } else if (!setting.ignore_failure) {
      add_status(traits_.no_permission_status);
    }
    return;
  }
  if (!setting.ignore_failure) add_status(traits_.open_error_status);
}

void Writer::refused(const Setting& setting, const Outcome& outcome, bool while_formatting) {
  fail(setting,
       with_reason("the kernel answers " + kernel::errno_name(outcome.error), outcome.reason));
  if (traits_.stops_at_refusal) stopped_ = true;
  if (setting.ignore_failure && traits_.dash_hides_refused) return;
  if (traits_.privilege_errors_pass && is_permission(outcome.error)) return;
  if (traits_.enoent_passes && outcome.error == ENOENT) return;
  add_status(while_formatting ? traits_.buffered_refused_status : traits_.refused_status);
}

bool Writer::in_force(const std::string& path, const std::string& value) const {
  const kernel::Cell& cell = result_.final_state.read(path);
  return cell.status == kernel::Cell::Status::kKnown && cell.text == value;
}

void Writer::write_file(const Setting& setting, const std::string& path) {
  const std::string value = assignment(setting).value;
  if (path.empty()) {
    folder(setting);
    return;
  }
  if (traits_.reads_first) {
    const auto ref = kernel::find_path(path);
    if (ref && ref->key->write_only && tree_.look(path) == NodeKind::kFile) {
      open_failed(setting, EACCES, "systemd opens it for reading too, which this key refuses");
      return;
    }
  }
  if (traits_.skips_equal && in_force(path, value)) {
    decide(setting.assignment, Status::kIgnored, "the value is in force already");
    return;
  }
  if (traits_.empty_is_no_write && value.empty()) {
    decide(setting.assignment, Status::kIgnored, "busybox writes nothing for an empty value");
    return;
  }
  const std::string bytes = traits_.newline ? value + "\n" : value;
  uint64_t offset = 0;
  switch (traits_.writes) {
    case WriteStyle::kOnce:
      write_once(setting, path, bytes);
      break;
    case WriteStyle::kOnceRetry:
      write_retry(setting, path, bytes);
      break;
    case WriteStyle::kAll:
      write_all(setting, path, bytes, offset, false);
      break;
    case WriteStyle::kBuffered:
      write_buffered(setting, path, bytes);
      break;
  }
}

void Writer::write_parameter(const Setting& setting) {
  const int before = status_;
  const Node node = tree_.resolve(setting.path);
  if (node.kind == NodeKind::kUnknown && !node.path.empty()) {
    const std::string value = assignment(setting).value;
    const std::optional<Outcome> outcome = emit(setting, node.path, value, 0);
    if (outcome && outcome->result == WriteResult::kUnknown) {
      ++tally(setting.assignment).unknown;
      assignment(setting).reason = outcome->reason;
    } else if (outcome && outcome->result == WriteResult::kRejected) {
      fail(setting, with_reason("the kernel answers " + kernel::errno_name(outcome->error),
                                outcome->reason));
    } else if (outcome) {
      ++tally(setting.assignment).taken;
    }
  } else {
    fail(setting, "there is no such key");
  }
  // The kernel's messages are no loader's errors.
  status_ = before;
}

std::optional<Outcome> Writer::emit(const Setting& setting, const std::string& path,
                                    std::string_view bytes, uint64_t offset) {
  Outcome outcome = kernel::write(result_.final_state, path, bytes, offset);
  if (outcome.result == WriteResult::kMissing) {
    const NodeKind kind = tree_.look(path);
    if (kind == NodeKind::kFolder) {
      folder(setting);
    } else {
      missing(setting, kind == NodeKind::kBelowFile, outcome.reason);
    }
    return std::nullopt;
  }
  if (outcome.result == WriteResult::kRejected && outcome.at_open) {
    open_failed(setting, outcome.error, outcome.reason);
    return std::nullopt;
  }
  Write write;
  write.path = path;
  write.bytes = bytes;
  write.origin = assignment(setting).origin;
  write.assignment = setting.assignment;
  write.outcome = outcome;
  write.order = static_cast<uint32_t>(result_.writes.size());
  write.offset = offset;
  assignment(setting).writes.push_back(write.order);
  result_.writes.push_back(std::move(write));
  return outcome;
}

void Writer::note_rest(const Setting& setting, std::string_view rest) {
  const Assignment& line = assignment(setting);
  if (trim(rest).empty()) return;
  const std::string number = fmt::format("{}", rest.size() - (traits_.newline ? 1 : 0));
  notes_.add("value-cut", line.origin, line.span,
             fmt::format("The kernel takes only the first part of the value, and {} does not write "
                         "the remaining {} bytes, without a message.",
                         notes_.loader(), number));
}

void Writer::write_once(const Setting& setting, const std::string& path, std::string_view bytes) {
  const std::optional<Outcome> outcome = emit(setting, path, bytes, 0);
  if (!outcome) return;
  if (outcome->result == WriteResult::kUnknown) {
    doubt(setting, path, *outcome);
  } else if (outcome->result == WriteResult::kRejected) {
    refused(setting, *outcome, false);
  } else {
    ++tally(setting.assignment).taken;
    note_rest(setting, bytes.substr(std::min<uint64_t>(outcome->taken.value_or(bytes.size()),
                                                       bytes.size())));
  }
}

bool Writer::write_all(const Setting& setting, const std::string& path, std::string_view bytes,
                       uint64_t& offset, bool while_formatting) {
  while (!bytes.empty()) {
    const std::optional<Outcome> outcome = emit(setting, path, bytes, offset);
    if (!outcome) return false;
    if (outcome->result == WriteResult::kUnknown) {
      doubt(setting, path, *outcome);
      return false;
    }
    if (outcome->result == WriteResult::kRejected) {
      refused(setting, *outcome, while_formatting);
      return false;
    }
    const uint64_t taken = std::min<uint64_t>(outcome->taken.value_or(bytes.size()), bytes.size());
    if (taken == 0) break;
    bytes.remove_prefix(taken);
    offset += taken;
  }
  if (!while_formatting) ++tally(setting.assignment).taken;
  return true;
}

/// stdio: whole blocks of a long text go straight out, the rest and the newline when the file is
/// closed.
void Writer::write_buffered(const Setting& setting, const std::string& path,
                            std::string_view bytes) {
  const size_t text = bytes.size() - 1;
  const size_t blocks = text - text % traits_.buffer_size;
  uint64_t offset = 0;
  if (blocks > 0 && !write_all(setting, path, bytes.substr(0, blocks), offset, true)) return;
  write_all(setting, path, bytes.substr(blocks), offset, false);
}

/// What procps does in procio.c: a refused value is tried again, in pieces that end at a comma if
/// it is longer than a page. A short write is a success.
void Writer::write_retry(const Setting& setting, const std::string& path, std::string bytes) {
  constexpr size_t kPiece = 4096;
  std::optional<Outcome> outcome = emit(setting, path, bytes, 0);
  if (!outcome) return;
  if (outcome->result != WriteResult::kRejected || outcome->error != EINVAL) {
    if (outcome->result == WriteResult::kUnknown) {
      doubt(setting, path, *outcome);
    } else if (outcome->result == WriteResult::kRejected) {
      refused(setting, *outcome, false);
    } else {
      ++tally(setting.assignment).taken;
      const uint64_t taken = outcome->taken.value_or(bytes.size());
      note_rest(setting, std::string_view(bytes).substr(std::min<uint64_t>(taken, bytes.size())));
    }
    return;
  }
  size_t base = 0;
  uint64_t position = 0;
  while (base < bytes.size()) {
    const size_t left = bytes.size() - base;
    const std::string_view window =
        std::string_view(bytes).substr(base, left > kPiece ? kPiece : left);
    const size_t cut = window.rfind(left > kPiece ? ',' : '\n');
    if (cut == std::string_view::npos) {
      refused(setting, *outcome, false);
      return;
    }
    bytes[base + cut] = '\n';
    if (base > 0) ++position;
    outcome = emit(setting, path, std::string_view(bytes).substr(base, cut + 1), position);
    if (!outcome) return;
    if (outcome->result == WriteResult::kRejected) {
      refused(setting, *outcome, false);
      return;
    }
    const uint64_t taken = outcome->taken.value_or(cut + 1);
    if (taken < 1 || taken >= left) break;
    position += taken;
    base += taken;
  }
  ++tally(setting.assignment).taken;
}

void Writer::finish(const kernel::State& start) {
  for (uint32_t i = 0; i < result_.assignments.size(); ++i) {
    const Tally& counts = tally(i);
    Assignment& line = result_.assignments[i];
    if (counts.decided && counts.taken + counts.failed + counts.unknown == 0) {
      line.status = *counts.decided;
    } else if (counts.taken > 0) {
      line.status = Status::kApplied;
    } else if (counts.unknown > 0) {
      line.status = Status::kUnknown;
    } else {
      line.status = counts.failed > 0 ? Status::kFailed : Status::kIgnored;
    }
    if (line.open_ended && line.writes.empty()) line.status = Status::kUnknown;
  }
  find_overrides(start);
}

void Writer::find_overrides(const kernel::State& start) {
  std::map<std::string_view, uint32_t> last;  // Path -> its last write that was taken.
  for (const Write& write : result_.writes) {
    const WriteResult taken = write.outcome.result;
    if (taken == WriteResult::kAccepted || taken == WriteResult::kAltered) {
      last[write.path] = write.order;
    }
  }
  std::vector<uint32_t> changed;  // Assignments whose value is no longer there at the end.
  for (uint32_t i = 0; i < result_.assignments.size(); ++i) {
    Assignment& line = result_.assignments[i];
    if (line.status != Status::kApplied) continue;
    bool standing = false;
    bool differs = false;
    std::optional<Origin> by;
    for (const uint32_t order : line.writes) {
      const Write& write = result_.writes[order];
      const auto winner = last.find(write.path);
      if (winner == last.end()) continue;
      const Write& final_write = result_.writes[winner->second];
      if (final_write.assignment != i) {
        if (!by) by = final_write.origin;
        continue;
      }
      standing = true;
      const kernel::Cell& cell = result_.final_state.read(write.path);
      differs = differs || (write.outcome.reads_back && order == winner->second &&
                            cell.status == kernel::Cell::Status::kKnown &&
                            cell.text != *write.outcome.reads_back);
    }
    if (!standing && by) {
      line.status = Status::kOverridden;
      line.by = by;
    } else if (differs) {
      changed.push_back(i);
    }
  }
  if (!changed.empty()) replay(start, std::move(changed));
}

/// Loads everything once more to see which later write changed each of these on its way.
void Writer::replay(const kernel::State& start, std::vector<uint32_t> changed) {
  kernel::State state = start;
  for (const Write& write : result_.writes) {
    if (write.path.starts_with('/')) continue;
    kernel::write(state, write.path, write.bytes, write.offset);
    std::erase_if(changed, [&](uint32_t index) {
      Assignment& line = result_.assignments[index];
      const uint32_t own = line.writes.back();
      if (own >= write.order) return false;
      const Write& mine = result_.writes[own];
      const kernel::Cell& cell = state.read(mine.path);
      if (cell.status != kernel::Cell::Status::kKnown || !mine.outcome.reads_back ||
          cell.text == *mine.outcome.reads_back) {
        return false;
      }
      line.status = Status::kOverridden;
      line.by = write.origin;
      line.reason = "a later write changes it as a side effect";
      return true;
    });
  }
}

}  // namespace proctor::load
