// The ways in which loaders write a value: once, until all is taken, through stdio, in pieces.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "load/writer.h"
#include "text/text.h"

namespace proctor::load {

using kernel::Outcome;
using kernel::WriteResult;

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
      folder(setting, false);
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
  const bool second = ++values_ == kSecond;
  if (values_ == 1) first_value_ = bytes;
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
  if (traits_.retry_keeps_old && second && bytes.size() < first_value_.size()) {
    const std::string_view left = std::string_view(first_value_).substr(0, kPiece);
    const size_t last = left.rfind('\n');
    if (last != std::string_view::npos && last >= bytes.size()) {
      bytes += left.substr(bytes.size(), last + 1 - bytes.size());
    }
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

}  // namespace proctor::load
