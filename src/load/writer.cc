#include "load/writer.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "load/key_path.h"

namespace proctor::load {

namespace {

using kernel::Outcome;
using kernel::WriteResult;

bool is_permission(int error) { return error == EPERM || error == EACCES || error == EROFS; }

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

std::string with_reason(std::string text, const std::string& reason) {
  if (!reason.empty()) text += ": " + reason;
  return text;
}

Writer::Writer(LoadResult& result, const ProcTree& tree, Notes& notes,
               const Configuration& configuration)
    : result_(result),
      traits_(*result.loader->traits),
      tree_(tree),
      notes_(notes),
      at_boot_(configuration.at_boot),
      values_(configuration.elsewhere.written ? kSecond : 0) {}

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
  if (result_.writes.size() >= kMostWrites) {
    if (!result_.given_up) result_.given_up = assignment(setting).origin;
    decide(setting.assignment, Status::kUnknown, "there is too much before it");
    return;
  }
  if (doubtful_) assignment(setting).unless_refused = doubtful_;
  const std::string last = last_part(path);
  if (traits_.refuses_deprecated && (last == "base_reachable_time" || last == "retrans_time")) {
    fail(setting, "procps 3 refuses this deprecated key");
    notes_.add(
        "deprecated-refused", assignment(setting).origin, assignment(setting).span,
        fmt::format("{} says that {} is deprecated and does not set it; its exit status is 0.",
                    notes_.loader(), last));
    return;
  }
  if (traits_.refuses_odd_paths && is_odd(path)) {
    open_failed(setting, EINVAL, "systemd takes no path with '..' or a part above 255 bytes");
    notes_.add("path-outside", assignment(setting).origin, assignment(setting).span,
               fmt::format("{} refuses a key with '..' or with a part of more than 255 bytes.",
                           notes_.loader()));
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
      traits_.creates_files ? folder(setting, false)
                            : missing(setting, true, "a file is no folder");
      return;
    case NodeKind::kTooLong:
      missing(setting, true, "the path is too long");
      return;
    case NodeKind::kMissing:
      missing(setting, false, "there is no such key");
      return;
    default:
      write_file(setting, node.path);
  }
}

void Writer::missing(const Setting& setting, bool other_error, const std::string& reason) {
  fail(setting, reason.empty() ? "there is no such key" : reason);
  if (at_boot_ && traits_.boot_hides_missing) return;
  if (setting.ignore_failure && traits_.dash_hides_missing) return;
  // To systemd "Not a directory" and "File name too long" are errors like any other.
  const bool passes = traits_.enoent_passes && !other_error;
  add_status(traits_.enoent_passes ? (passes ? 0 : traits_.open_error_status)
                                   : traits_.missing_status);
}

void Writer::folder(const Setting& setting, bool is_root) {
  fail(setting, "it is a folder");
  if (result_.loader->program == Program::kProcps) {
    // realpath() of /proc/sys itself does not lead below it.
    add_status(traits_.confined && is_root ? 1 : traits_.unwritable_status);
  } else if (!setting.ignore_failure) {
    add_status(traits_.open_error_status);
  }
}

void Writer::outside(const Setting& setting, const std::string& absolute) {
  if (traits_.creates_files) {
    create(setting, absolute);
    return;
  }
  const std::string where = "the key leads out of /proc/sys to " + quoted(absolute);
  notes_.add("path-outside", assignment(setting).origin, assignment(setting).span,
             fmt::format("{} {} the key out of /proc/sys to {}.", notes_.loader(),
                         traits_.confined ? "does not follow" : "follows", quoted(absolute)));
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
    folder(setting, false);
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
    folder(setting, false);
  } else if (absolute.starts_with("/proc/") || absolute.starts_with("/sys/")) {
    missing(setting, false, "there is no such file");
  } else if (!is_usual_folder(above)) {
    ++tally(setting.assignment).unknown;
    assignment(setting).reason =
        "busybox would create or empty the file " + quoted(absolute) + " if its folder exists";
  } else {
    Outcome outcome;
    outcome.result = WriteResult::kAccepted;
    outcome.taken = line.value.size();
    outcome.reason = "an ordinary file, not a sysctl";
    fail(setting, "busybox creates or empties the file " + quoted(absolute));
    notes_.add("creates-file", line.origin, line.span,
               fmt::format("{} opens {} itself, outside /proc/sys, creates the file if it does not "
                           "exist and empties it if it does.",
                           notes_.loader(), quoted(absolute)));
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
    folder(setting, true);
    return;
  }
  if (traits_.reads_first) {
    const auto ref = kernel::find_path(path);
    if (ref && ref->key->write_only && tree_.look(path) == NodeKind::kFile) {
      open_failed(setting, EACCES, "systemd opens it for reading too, which this key refuses");
      notes_.add(
          "write-only-skipped", assignment(setting).origin, assignment(setting).span,
          fmt::format("{} opens the key for reading too, which a key that can only be written "
                      "refuses: it is not set, without a message.",
                      notes_.loader()));
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

}  // namespace proctor::load
