#include "load/alike.h"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "kernel/catalog.h"
#include "load/footprint.h"
#include "load/proc_tree.h"
#include "load/settled.h"
#include "load/traits.h"

namespace proctor::load {

namespace {

using kernel::WriteResult;

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

/// Of those, the ones that make a difference where the kernel takes every value at once: which
/// settings are written, and in what order.
Traits of_order(const Traits& traits) {
  Traits t;
  t.one_entry_per_key = traits.one_entry_per_key;
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

  bool all_plain(const conf::Document& document) {
    if (document.has_bom()) return false;
    for (const conf::Line& line : document.lines()) {
      if (!is_plain(document, line)) return false;
      if (line.kind != conf::LineKind::kAssignment) continue;
      const std::string_view key = document.text(line.key);
      distinct_ = seen_.insert(kernel::dotted_to_path(key)).second && distinct_;
    }
    return true;
  }

 private:
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
    if (!reader.all_plain(*file.document)) return Reading::kDiffers;
  }
  // Some loaders do not come to these lines.
  if (!configuration.elsewhere.reads_all()) return Reading::kAlike;
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
    const bool taken = reading_ != Reading::kDiffers && is_taken(first) &&
                       std::ranges::all_of(first.writes, [&](const Write& write) {
                         return ignores_newline(write, start);
                       });
    taken_ = taken && reading_ == Reading::kDistinct;
    if (taken) as_first_ = of_order(*first.loader->traits);
    in_force_ = any_in_force(first, start);
  }

  bool operator()(const Traits& a, const Traits& b) const {
    if (taken_) return !in_force_ || a.skips_equal == b.skips_equal;
    if (reading_ == Reading::kDiffers) return of_contents(a) == of_contents(b);
    if (as_first_ && of_order(a) == *as_first_ && of_order(b) == *as_first_) return true;
    return of_writes(a) == of_writes(b);
  }

 private:
  Reading reading_;
  bool taken_ = false;
  std::optional<Traits> as_first_;  ///< What loaders share to whose writes nothing happens, too.
  bool in_force_ = false;
};

std::string_view without_newline(std::string_view bytes) {
  if (bytes.ends_with('\n')) bytes.remove_suffix(1);
  return bytes;
}

bool any_failed(const LoadResult& result) {
  return std::ranges::any_of(result.assignments, [](const Assignment& line) {
    return line.status == Status::kFailed || line.status == Status::kUnknown;
  });
}

/// Whether two results are one for Alike.
bool is_same(const LoadResult& a, const LoadResult& b) {
  const auto same_assignment = [](const Assignment& x, const Assignment& y) {
    return x.origin == y.origin && x.path == y.path && x.value == y.value && x.status == y.status &&
           x.by == y.by && x.reason == y.reason && x.writes == y.writes && x.glob == y.glob &&
           x.open_ended == y.open_ended && x.unless_refused == y.unless_refused;
  };
  const auto same_write = [](const Write& x, const Write& y) {
    return x.origin == y.origin && x.path == y.path && x.assignment == y.assignment &&
           without_newline(x.bytes) == without_newline(y.bytes) &&
           x.outcome.result == y.outcome.result && x.outcome.error == y.outcome.error &&
           x.outcome.reads_back == y.outcome.reads_back && x.offset == y.offset;
  };
  const auto same_note = [](const Note& x, const Note& y) {
    return x.kind == y.kind && x.origin == y.origin;
  };
  return std::ranges::equal(a.assignments, b.assignments, same_assignment) &&
         std::ranges::equal(a.writes, b.writes, same_write) &&
         std::ranges::equal(a.notes, b.notes, same_note) &&
         (any_failed(a) || (a.exit_status == b.exit_status && a.exit_known == b.exit_known)) &&
         a.final_state.same_cells(b.final_state);
}

/// Puts loaders into groups: by their traits where these say that they do the same, else by what
/// they do with the lines that are not settled.
class Grouping {
 public:
  Grouping(const Configuration& configuration, const kernel::State& start, const ProcTree& tree,
           Reading reading, size_t loaders)
      : configuration_(configuration), start_(start), tree_(tree), same_(reading) {
    groups_.reserve(loaders);  // What is settled views the first one's result.
  }

  void add(const Loader& loader) {
    const auto known = std::ranges::find_if(
        members_, [&](const auto& member) { return same_(*member.first->traits, *loader.traits); });
    if (known != members_.end()) {
      groups_[known->second].loaders.push_back(&loader);
      return;
    }
    if (groups_.empty()) {
      open(loader);
      same_.learn(groups_.front().result, start_);
      return;
    }
    std::optional<LoadResult> rest = run_rest(loader);
    if (!rest) {
      open(loader);
      return;
    }
    const auto like = std::ranges::find_if(rests_, [&](const auto& other) {
      return (!settled_->any_in_force() ||
              other.result.loader->traits->skips_equal == loader.traits->skips_equal) &&
             is_same(other.result, *rest);
    });
    if (like != rests_.end()) {
      members_.emplace_back(&loader, like->group);
      groups_[like->group].loaders.push_back(&loader);
      return;
    }
    rests_.push_back({std::move(*rest), groups_.size()});
    open(loader);
  }

  std::vector<Alike> take() { return std::move(groups_); }

 private:
  /// Below, the run of the others costs about as much as they all.
  static constexpr size_t kWorthwhile = 8;

  /// What a group does with the lines that are not settled.
  struct Remainder {
    LoadResult result;
    size_t group;
  };

  void open(const Loader& loader) {
    members_.emplace_back(&loader, groups_.size());
    groups_.push_back({{&loader}, run(loader, configuration_, start_, tree_)});
  }

  /// What a loader does with the lines that are not settled; nullopt: it must see all.
  std::optional<LoadResult> run_rest(const Loader& loader) {
    if (groups_.front().result.assignments.size() < kWorthwhile) return std::nullopt;
    if (!settled_) {
      settled_.emplace(configuration_, groups_.front().result, start_);
      if (settled_->count() >= kWorthwhile) rest_.emplace(configuration_, settled_->lines());
      if (auto first = try_rest(*groups_.front().loaders.front())) {
        rests_.push_back({std::move(*first), 0});
      } else {
        rest_.reset();
      }
    }
    return try_rest(loader);
  }

  std::optional<LoadResult> try_rest(const Loader& loader) const {
    if (!rest_) return std::nullopt;
    LoadResult result = run(loader, rest_->configuration(), start_, tree_);
    if (!settled_->keep_apart(result)) return std::nullopt;
    return result;
  }

  const Configuration& configuration_;
  const kernel::State& start_;
  const ProcTree& tree_;
  Sameness same_;
  std::vector<Alike> groups_;
  std::vector<std::pair<const Loader*, size_t>> members_;  ///< With their groups.
  std::optional<Settled> settled_;                         ///< Views the first group's result.
  std::optional<Rest> rest_;
  std::vector<Remainder> rests_;
};

}  // namespace

std::vector<Alike> run_alike(std::span<const Loader* const> loaders,
                             const Configuration& configuration, const kernel::State& start,
                             const ProcTree& tree) {
  const Reading reading = loaders.size() > 1 ? reading_of(configuration) : Reading::kDiffers;
  Grouping grouping(configuration, start, tree, reading, loaders.size());
  for (const Loader* loader : loaders) grouping.add(*loader);
  return grouping.take();
}

std::vector<Alike> run_alike(std::span<const Loader* const> loaders,
                             const Configuration& configuration, const kernel::State& start) {
  return run_alike(loaders, configuration, start, ProcTree(start));
}

}  // namespace proctor::load
