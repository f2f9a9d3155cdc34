#include "load/alike.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "kernel/catalog.h"
#include "load/traits.h"

namespace proctor::load {

namespace {

using kernel::WriteResult;

/// The longest line that no loader cuts.
constexpr uint32_t kShortest = 4000;

/// Traits without those that only say which files are read.
Traits of_contents(const Traits& traits) {
  Traits t = traits;
  t.folders = Folders::kNone;
  t.lib_folder = false;
  t.reads_conf = false;
  t.wants_conf = false;
  t.hidden_files = false;
  t.globs_file_names = false;
  t.credential = false;
  return t;
}

bool is_key_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

/// Bytes that every loader sends as they are.
bool is_value_byte(char c) {
  return c >= ' ' && c < 0x7F && c != '\\' && c != '"' && c != '\'' && c != '#' && c != ';';
}

template <typename Test>
bool all_of(std::string_view text, Test test) {
  return std::all_of(text.begin(), text.end(), test);
}

/// Traits without those that make no difference where every loader takes the lines for the same
/// settings: how lines and keys are read, and what an error does to the exit status.
Traits of_writes(const Traits& traits) {
  Traits t;
  t.separators = traits.separators;  // busybox looks for the folders of a key that is missing.
  t.one_entry_per_key = traits.one_entry_per_key;
  t.writes = traits.writes;
  t.buffer_size = traits.buffer_size;
  t.retry_keeps_old = traits.retry_keeps_old;
  t.newline = traits.newline;
  t.skips_equal = traits.skips_equal;
  t.stops_at_refusal = traits.stops_at_refusal;
  t.file_by_file = traits.file_by_file;
  return t;
}

/// Whether every loader takes the lines of a file for the same settings of the same keys.
class PlainReader {
 public:
  /// Whether no key is set twice, as far as the files are plain.
  bool is_distinct() const { return distinct_; }

  bool is_plain(const conf::Document& document) {
    if (document.has_bom()) return false;
    for (const conf::Line& line : document.lines()) {
      if (!is_plain(document, line)) return false;
    }
    return true;
  }

 private:
  bool is_plain(const conf::Document& document, const conf::Line& line) {
    const std::string_view text = document.text(line.text);
    if (text.size() > kShortest || line.template_marker) return false;
    if (!all_of(text, [](char c) { return c == '\t' || (c >= ' ' && c < 0x7F && c != '\\'); })) {
      return false;
    }
    switch (line.kind) {
      case conf::LineKind::kBlank:
        return true;
      case conf::LineKind::kComment:
        return document.text(line.comment).front() == '#';
      case conf::LineKind::kBare:
        return false;
      case conf::LineKind::kAssignment:
        break;
    }
    const std::string_view value = document.text(line.value);
    const std::string_view key = document.text(line.key);
    return !line.dash && !value.empty() && value.front() != '=' &&
           all_of(value, [](char c) { return c == '\t' || is_value_byte(c); }) && is_plain_key(key);
  }

  bool is_plain_key(std::string_view key) {
    if (key.empty() || !all_of(key, is_key_byte)) return false;
    std::string path = kernel::dotted_to_path(key);
    const auto ref = kernel::find_path(path);
    if (!ref || ref->key->write_only) return false;
    if (path.ends_with("/base_reachable_time") || path.ends_with("/retrans_time")) return false;
    distinct_ = seen_.insert(std::move(path)).second && distinct_;
    return true;
  }

  std::unordered_set<std::string> seen_;
  bool distinct_ = true;
};

/// How far loaders agree about a configuration before the kernel is asked.
enum class Reading : uint8_t {
  kDiffers,
  kAlike,     ///< The same settings of the same keys.
  kDistinct,  ///< ... and no key twice.
};

Reading reading_of(const Configuration& configuration) {
  PlainReader reader;
  for (const SourceFile& file : configuration.files) {
    if (file.kind == SourceKind::kUnread) continue;
    if (file.document == nullptr || file.masked || file.kind != SourceKind::kFile) {
      return Reading::kDiffers;
    }
    if (!reader.is_plain(*file.document)) return Reading::kDiffers;
  }
  return reader.is_distinct() ? Reading::kDistinct : Reading::kAlike;
}

/// Whether the kernel takes everything, so that no loader has an error to treat in its own way.
bool is_taken(const LoadResult& result) {
  for (const Write& write : result.writes) {
    const kernel::Outcome& outcome = write.outcome;
    if (outcome.result != WriteResult::kAccepted && outcome.result != WriteResult::kAltered) {
      return false;
    }
    if (outcome.taken && *outcome.taken != write.bytes.size()) return false;
  }
  for (const Assignment& line : result.assignments) {
    if (line.status == Status::kFailed || line.status == Status::kUnknown) return false;
  }
  return result.notes.empty();
}

bool any_in_force(const LoadResult& result, const kernel::State& start) {
  return std::any_of(
      result.assignments.begin(), result.assignments.end(), [&](const Assignment& line) {
        const kernel::Cell& cell = start.read(line.path);
        return cell.status == kernel::Cell::Status::kKnown && cell.text == line.value;
      });
}

/// Which loaders do the same, given how they read the files and what the first one met.
class Sameness {
 public:
  explicit Sameness(Reading reading) : reading_(reading) {}

  void learn(const LoadResult& first, const kernel::State& start) {
    taken_ = reading_ == Reading::kDistinct && is_taken(first);
    in_force_ = any_in_force(first, start);
  }

  bool operator()(const Traits& a, const Traits& b) const {
    if (taken_) return !in_force_ || a.skips_equal == b.skips_equal;
    if (reading_ == Reading::kDiffers) return of_contents(a) == of_contents(b);
    return of_writes(a) == of_writes(b);
  }

 private:
  Reading reading_;
  bool taken_ = false;
  bool in_force_ = false;
};

}  // namespace

std::vector<Alike> run_alike(std::span<const Loader* const> loaders,
                             const Configuration& configuration, const kernel::State& start) {
  std::vector<Alike> groups;
  Sameness same(loaders.size() > 1 ? reading_of(configuration) : Reading::kDiffers);
  for (const Loader* loader : loaders) {
    const auto found = std::find_if(groups.begin(), groups.end(), [&](const Alike& group) {
      return same(*group.loaders.front()->traits, *loader->traits);
    });
    if (found != groups.end()) {
      found->loaders.push_back(loader);
      continue;
    }
    groups.push_back({{loader}, run(*loader, configuration, start)});
    if (groups.size() == 1) same.learn(groups.front().result, start);
  }
  return groups;
}

}  // namespace proctor::load
