#include "load/outcome_notes.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/catalog.h"
#include "load/key_path.h"
#include "load/proc_tree.h"
#include "load/traits.h"
#include "text/text.h"

namespace proctor::load {

namespace {

using kernel::ValueType;
using kernel::WriteResult;

bool is_numeric(ValueType type) {
  return type != ValueType::kString && type != ValueType::kPortBitmap && type != ValueType::kMask &&
         type != ValueType::kOther;
}

/// Where a comment seems to begin in a value: a '#' or ';' behind a blank, or a '#' right behind a
/// number.
size_t find_comment(std::string_view value) {
  for (size_t i = 1; i < value.size(); ++i) {
    const bool blank = value[i - 1] == ' ' || value[i - 1] == '\t';
    if ((value[i] == '#' || value[i] == ';') && blank) return i;
    if (value[i] == '#' &&
        value.substr(0, i).find_first_not_of("0123456789-x \t") == std::string_view::npos) {
      return i;
    }
  }
  return std::string_view::npos;
}

/// net/ipv4/conf/eth0/100/rp_filter, read as an interface eth0.100; empty if that makes no key.
std::string as_dotted_interface(std::string_view path) {
  for (const std::string_view folder :
       {"net/ipv4/conf/", "net/ipv6/conf/", "net/ipv4/neigh/", "net/ipv6/neigh/"}) {
    if (!path.starts_with(folder)) continue;
    const std::string_view rest = path.substr(folder.size());
    const size_t last = rest.rfind('/');
    if (last == std::string_view::npos || rest.find('/') == last) return {};
    std::string interface(rest.substr(0, last));
    std::replace(interface.begin(), interface.end(), '/', '.');
    std::string candidate = std::string(folder) + interface + std::string(rest.substr(last));
    return ProcTree::is_catalogued(candidate) ? candidate : std::string();
  }
  return {};
}

/// A word of two or more digits that begins with 0, or something like it.
bool may_be_octal(std::string_view value) {
  for (size_t i = 0; i + 1 < value.size(); ++i) {
    const bool begins = i == 0 || value[i - 1] < '0' || value[i - 1] > '9';
    if (value[i] == '0' && begins && value[i + 1] >= '0' && value[i + 1] <= '9') return true;
  }
  return false;
}

bool has_quote(std::string_view value) {
  return !value.empty() && (value.front() == '"' || value.front() == '\'');
}

class OutcomeNotes {
 public:
  OutcomeNotes(const Configuration& configuration, const LoadResult& result, Notes& notes)
      : configuration_(configuration),
        result_(result),
        traits_(*result.loader->traits),
        name_(result.loader->name),
        notes_(notes) {}

  void note(const Assignment& line) {
    const SourceFile& file = configuration_.files[line.origin.file];
    if (file.kind == SourceKind::kCommandLine || file.document == nullptr || file.masked) return;
    line_ = &line;
    document_ = file.document;
    write_ = line.writes.empty() ? nullptr : &result_.writes[line.writes.front()];
    comment_ = find_comment(line.value);
    const bool plain = line.status != Status::kFailed && line.status != Status::kUnknown &&
                       !line.glob && comment_ == std::string_view::npos &&
                       !may_be_octal(line.value) && !has_quote(line.value) &&
                       !stopped_before(std::string_view::npos);
    if (plain) return;
    parts_ = document_->lines()[line.origin.line];
    if (parts_.kind != conf::LineKind::kAssignment) return;
    inline_comment();
    quotes();
    leading_zero();
    extra_values();
    spelling();
    failure();
    if (line.glob && line.writes.empty() && !line.open_ended && line.status == Status::kIgnored &&
        line.reason == "no key matches") {
      add("glob-no-match", parts_.key,
          fmt::format("{} finds no key that matches and says nothing.", name_));
    }
  }

 private:
  void add(std::string_view kind, Span span, std::string text) {
    notes_.add(kind, line_->origin, span, std::move(text));
  }

  bool accepted() const {
    return write_ != nullptr && (write_->outcome.result == WriteResult::kAccepted ||
                                 write_->outcome.result == WriteResult::kAltered);
  }
  bool rejected() const {
    return write_ != nullptr && write_->outcome.result == WriteResult::kRejected;
  }
  std::string error() const { return kernel::errno_name(write_->outcome.error); }

  /// Whether the kernel took less than the value, and less than `limit` bytes of it.
  bool stopped_before(size_t limit) const {
    return accepted() && write_->outcome.taken && *write_->outcome.taken < write_->bytes.size() &&
           *write_->outcome.taken <= limit;
  }

  void inline_comment() {
    if (comment_ == std::string_view::npos) return;
    std::string text;
    if (stopped_before(comment_)) {
      text = fmt::format(
          "{} sends the comment along; this key takes the number before it and drops "
          "the rest.",
          name_);
    } else if (accepted()) {
      text = fmt::format("{} sends the comment along, and it becomes part of the value.", name_);
    } else if (rejected()) {
      text = fmt::format(
          "{} sends the comment along, and the kernel refuses the whole value with "
          "{}.",
          name_, error());
    } else {
      text = fmt::format("{} takes the comment for part of the value.", name_);
    }
    const auto length = static_cast<uint32_t>(line_->value.size() - comment_);
    const uint32_t end = parts_.value.end;
    const uint32_t begin = parts_.value.size() >= length ? end - length : parts_.value.begin;
    add("inline-comment", {begin, end}, std::move(text));
  }

  void quotes() {
    const std::string_view value = line_->value;
    const std::string_view key = document_->text(parts_.key);
    if (key.starts_with('"') || key.starts_with('\'')) {
      add("quotes", parts_.key,
          fmt::format("{} takes the quotes for part of the key, which is unknown then.", name_));
    }
    if (value.size() < 2 || (value.front() != '"' && value.front() != '\'') ||
        value.back() != value.front()) {
      return;
    }
    std::string text;
    if (rejected()) {
      text = fmt::format("{} sends the quotes along, and the kernel refuses the value with {}.",
                         name_, error());
    } else if (accepted()) {
      text = fmt::format("{} sends the quotes along, and they become part of the value.", name_);
    } else {
      text = fmt::format("{} takes the quotes for part of the value.", name_);
    }
    add("quotes", parts_.value, std::move(text));
  }

  void leading_zero() {
    const auto ref = kernel::find_path(write_ != nullptr ? write_->path : line_->path);
    if (!ref || !is_numeric(ref->key->type)) return;
    const std::string_view value =
        std::string_view(line_->value)
            .substr(0, comment_ == std::string_view::npos ? line_->value.size() : comment_);
    for (std::string_view word : split_blanks(value)) {
      const std::string_view whole = word;
      if (word.starts_with('-')) word.remove_prefix(1);
      if (word.size() < 2 || word[0] != '0' ||
          word.find_first_not_of("0123456789") != std::string_view::npos) {
        continue;
      }
      const bool octal = word.find_first_of("89") == std::string_view::npos;
      add("leading-zero", parts_.value,
          octal
              ? fmt::format("The kernel reads {} as an octal number.", whole)
              : fmt::format("The kernel reads a number that begins with 0 as octal and refuses {}.",
                            whole));
      return;
    }
  }

  void extra_values() {
    if (comment_ != std::string_view::npos || write_ == nullptr) return;
    const auto ref = kernel::find_path(write_->path);
    if (!ref || !is_numeric(ref->key->type) || !stopped_before(write_->bytes.size())) return;
    const std::string_view rest =
        trim(write_->bytes)
            .substr(std::min<size_t>(*write_->outcome.taken, trim(write_->bytes).size()));
    if (rest.empty()) return;
    add("extra-values", parts_.value,
        fmt::format("{} sends the whole value, but the kernel takes what the key has room for and "
                    "drops '{}'.",
                    name_, quoted(rest)));
  }

  void spelling() {
    const std::string_view key = document_->text(parts_.key);
    if (line_->status != Status::kFailed && line_->status != Status::kUnknown) return;
    if (line_->glob) return;
    constexpr std::string_view kProcSys = "/proc/sys/";
    if (key.starts_with(kProcSys)) {
      if (!traits_.creates_files) {
        add("full-path", parts_.key,
            fmt::format("{} looks for the key below /proc/sys, where there is none of this name.",
                        name_));
      }
      return;
    }
    const bool swaps =
        traits_.separators == Separators::kSwap || traits_.separators == Separators::kSwapSimplify;
    const bool all_dots = key.find('/') == std::string_view::npos;
    if (swaps && all_dots) {
      const std::string intended = as_dotted_interface(line_->path);
      if (!intended.empty()) {
        add("vlan-dots", parts_.key,
            fmt::format("{} takes every dot for a separator and finds no interface of this name; "
                        "{} is understood by every loader.",
                        name_, intended));
      }
      return;
    }
    mixed_separators(key);
  }

  /// A key with dots and slashes that the loader does not find, though another reading exists.
  void mixed_separators(std::string_view key) {
    if (key.find('/') == std::string_view::npos || key.find('.') == std::string_view::npos) return;
    if (ProcTree::is_catalogued(line_->path)) return;
    std::string slashes(key);
    std::replace(slashes.begin(), slashes.end(), '.', '/');
    const std::string swapped = swap_separators(key);
    const std::string& meant = ProcTree::is_catalogued(slashes) ? slashes : swapped;
    if (!ProcTree::is_catalogued(meant)) return;
    add("mixed-separators", parts_.key,
        fmt::format(
            "{} reads the key as {}, which does not exist; {} is understood by every loader.",
            name_, quoted(line_->path), quoted(meant)));
  }

  void failure() {
    if (line_->status != Status::kFailed) return;
    if (rejected() && traits_.stops_at_refusal) {
      add("stops-here", parts_.value,
          fmt::format(
              "{} ends at a value that the kernel refuses and does not read the rest of the "
              "file.",
              name_));
      return;
    }
    const bool missing = write_ == nullptr && result_.loader->program == Program::kProcps;
    if (missing && configuration_.at_boot && traits_.boot_hides_missing) {
      add("silent-failure", parts_.key,
          fmt::format("{} --system says nothing of a key that does not exist.", name_));
    } else if (missing && parts_.dash && traits_.dash) {
      add("dash-missing", parts_.key,
          fmt::format("The '-' does not keep {} from failing at a key that does not exist.",
                      name_));
    }
    if (result_.loader->program != Program::kSystemd) return;
    const bool permission = write_ == nullptr ? line_->reason.starts_with("EACCES") ||
                                                    line_->reason.starts_with("EPERM") ||
                                                    line_->reason.starts_with("EROFS")
                                              : error() == "EPERM" || error() == "EACCES";
    if (permission || (parts_.dash && traits_.dash)) {
      add("silent-failure", parts_.key,
          fmt::format("{} says nothing of this failure, and its exit status is 0.", name_));
    }
  }

  const Configuration& configuration_;
  const LoadResult& result_;
  const Traits& traits_;
  std::string_view name_;
  Notes& notes_;
  const Assignment* line_ = nullptr;
  const conf::Document* document_ = nullptr;
  conf::Line parts_;
  const Write* write_ = nullptr;
  size_t comment_ = std::string_view::npos;
};

}  // namespace

void note_outcomes(const Configuration& configuration, const LoadResult& result, Notes& notes) {
  OutcomeNotes outcome(configuration, result, notes);
  for (const Assignment& line : result.assignments) outcome.note(line);
}

}  // namespace proctor::load
