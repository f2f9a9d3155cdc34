#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "kernel/presence.h"
#include "rules/detection.h"
#include "rules/foreign.h"
#include "rules/key_life.h"
#include "rules/place.h"
#include "rules/values.h"

namespace proctor::rules {
namespace {

using kernel::WriteResult;

/// Keys that can be tightened and never loosened again until the next boot, as semantics of the
/// kernel's handlers go (kernel/sysctl.c, security/yama/yama_lsm.c, kernel/bpf/syscall.c,
/// kernel/kexec_core.c).
constexpr std::array<std::string_view, 7> kOneWay{
    "kernel.kexec_load_disabled",       "kernel.kexec_load_limit_panic",
    "kernel.kexec_load_limit_reboot",   "kernel.modules_disabled",
    "kernel.unprivileged_bpf_disabled", "kernel.yama.ptrace_scope",
    "net.netfilter.nf_hooks_lwtunnel",
};

/// What stands for the '*' of a key with one wildcard, in path order.
std::string wildcard_of(const std::string& path) {
  const auto found = kernel::find_path(path);
  return found && !found->wildcards.empty() ? found->wildcards.front() : std::string();
}

/// Keys in no mainline kernel that Debian or Ubuntu carry in all their kernels of today.
constexpr std::array<std::string_view, 3> kCarried{
    "kernel.apparmor_restrict_unprivileged_io_uring",
    "kernel.apparmor_restrict_unprivileged_unconfined",
    "kernel.unprivileged_userns_clone",
};

class KeyDetector {
 public:
  KeyDetector(const View& view, Sink& sink, size_t group)
      : view_(view), sink_(sink), group_(group), run_(view.run(group)) {
    if (sink.wants("other-system")) foreign_ = files_of_other_systems(run_);
  }

  void run() {
    for (const load::Assignment& assignment : run_.result().assignments) {
      if (view_.line(assignment.origin).kind != conf::LineKind::kBare) line(assignment);
    }
    for (const auto& [file, hit] : foreign_hits_) sink_.emit("other-system", group_, hit);
  }

 private:
  /// The first answer of the kernel that is of interest: a refusal before what was taken.
  const load::Write* deciding_write(const load::Assignment& assignment) const {
    const load::Write* first = nullptr;
    for (const uint32_t index : assignment.writes) {
      const load::Write& write = run_.result().writes[index];
      if (first == nullptr || write.outcome.result == WriteResult::kRejected) first = &write;
      if (first->outcome.result == WriteResult::kRejected) break;
    }
    return first;
  }

  void line(const load::Assignment& assignment) {
    const load::Write* write = deciding_write(assignment);
    const std::string& path = write != nullptr ? write->path : assignment.path;
    const PathFacts* facts = run_.find(path);
    const kernel::Key* key = facts == nullptr ? nullptr : facts->key;
    if (path.find_first_of("*?[") != std::string::npos) return;
    if (key == nullptr) return unlisted(assignment, write, path);
    if ((key->scope == kernel::Scope::kGlobal || is_initial_only(*key)) && in_container()) {
      return emit("not-namespaced", assignment, path, {}, true);
    }
    if (key->vendor_only && !view_.target.running.contains(path)) {
      const bool carried = std::ranges::find(kCarried, key->name) != kCarried.end();
      return emit(carried ? "vendor-carried" : "vendor-only", assignment, path, {}, false);
    }
    if (const std::string_view build = rare_build(*key, view_.target.facts);
        !build.empty() && !view_.target.running.contains(path) &&
        kernel::existence(*key, view_.version()) == kernel::Existence::kUnknown) {
      return emit("rare-build", assignment, path, {std::string(build)}, true);
    }
    leaves(assignment, path, *key);
    if (const std::string better = replacement(*key, path);
        !better.empty() && run_.is_live(assignment)) {
      emit("deprecated", assignment, path, {better}, false);
    }
    if (write != nullptr) {
      listed(assignment, *write, *key);
    } else if (fails(assignment)) {
      not_opened(assignment, path, *key);
    }
  }

  /// An overridden line is never tried: it would fail where the one that is kept does.
  bool fails(const load::Assignment& assignment) const {
    if (assignment.status == load::Status::kFailed) return true;
    return assignment.status == load::Status::kOverridden &&
           run_.effective_write(assignment.path) == nullptr;
  }

  /// A key that the catalog does not have; a running system may know better.
  void unlisted(const load::Assignment& assignment, const load::Write* write,
                const std::string& path) {
    if (view_.target.running.contains(path)) return;
    const bool failed =
        write != nullptr ? write->outcome.result == WriteResult::kMissing : fails(assignment);
    if (!failed) return;
    if (foreign_.contains(assignment.origin.file)) return foreign(assignment, path);
    if (is_of_other_system(path)) return emit("unknown", assignment, path, {}, true);
    const std::string suggestion = kernel::suggest_key(kernel::path_to_dotted(path));
    if (suggestion.empty()) return emit("unknown", assignment, path, {}, true);
    Hit hit = hit_at(assignment, path, {suggestion}, true);
    rename(hit, assignment, suggestion);
    sink_.emit("misspelled", group_, hit);
  }

  /// One finding for all lines of a file that was not written for Linux.
  void foreign(const load::Assignment& assignment, const std::string& path) {
    const auto [at, fresh] = foreign_hits_.try_emplace(assignment.origin.file);
    Hit& hit = at->second;
    if (fresh) {
      hit = hit_at(assignment, path, {"0"}, true);
    } else {
      hit.paths.push_back(path);
    }
    hit.variables.back() = std::to_string(hit.paths.size());
  }

  /// The older of the kernels in question have the key, the newest does not: said of all of them.
  void leaves(const load::Assignment& assignment, const std::string& path, const kernel::Key& key) {
    const auto gone = version_of(key.removed_in);
    const std::vector<Segment>& segments = view_.scenarios.segments;
    if (!gone || segments.back().version < *gone || segments.front().version >= *gone) return;
    if (kernel::existence(key, segments.back().version) != kernel::Existence::kAbsent) return;
    if (kernel::existence(key, segments.front().version) == kernel::Existence::kAbsent) return;
    emit("only-older", assignment, path,
         {change_text(key.last_seen, key.removed_in), std::string(key.replaced_by)}, false);
  }

  void listed(const load::Assignment& assignment, const load::Write& write,
              const kernel::Key& key) {
    if (write.outcome.result != WriteResult::kMissing && assumes_module(key)) {
      module_missing(assignment, write.path, key, false);
    }
    switch (write.outcome.result) {
      case WriteResult::kMissing:
        return missing(assignment, write.path, key);
      case WriteResult::kRejected:
        return refused(assignment, write, key);
      case WriteResult::kUnknown:
        return open(assignment, write, key);
      case WriteResult::kAccepted:
      case WriteResult::kAltered:
        return;
    }
  }

  void refused(const load::Assignment& assignment, const load::Write& write,
               const kernel::Key& key) {
    const kernel::Outcome& outcome = write.outcome;
    if (std::ranges::binary_search(kOneWay, key.name) && !outcome.at_open &&
        is_thrown(assignment)) {
      return emit("one-way", assignment, write.path,
                  {assignment.value, kernel::errno_name(outcome.error), outcome.reason}, true);
    }
    if (!outcome.at_open) return;
    const bool foreign = !view_.target.facts.machine(view_.version()).initial_netns.value_or(true);
    if (foreign && key.scope != kernel::Scope::kNetns) {
      return emit("not-namespaced", assignment, write.path, {}, true);
    }
    read_only(assignment, write.path);
  }

  /// Whether a one-way switch stands where the line does not want it: a 0 that is refused while the
  /// value is 0 concerns a switch that nobody has thrown.
  bool is_thrown(const load::Assignment& assignment) const {
    const kernel::Cell& now = run_.state().read(assignment.path);
    return now.status == kernel::Cell::Status::kKnown &&
           fold_blanks(now.text) != fold_blanks(assignment.value);
  }

  void read_only(const load::Assignment& assignment, const std::string& path) {
    Hit hit = hit_at(assignment, path, {}, true);
    remove(hit, assignment);
    sink_.emit("read-only", group_, hit);
  }

  /// No write was made: there is no such file, or it cannot be opened for writing.
  void not_opened(const load::Assignment& assignment, const std::string& path,
                  const kernel::Key& key) {
    const auto presence = kernel::presence(path, run_.state().machine());
    const bool there = run_.state().read(path).status == kernel::Cell::Status::kKnown ||
                       presence.answer == kernel::Presence::Answer::kYes;
    // Refused where it is there, and not there else: the line fails either way.
    const bool may_be = there || presence.answer == kernel::Presence::Answer::kUnknown;
    if (may_be && key.read_only) return read_only(assignment, path);
    if (there) return;  // The loader gives up for a reason of its own: SyntaxDetector names it.
    missing(assignment, path, key);
  }

  void missing(const load::Assignment& assignment, const std::string& path,
               const kernel::Key& key) {
    switch (kernel::existence(key, view_.version())) {
      case kernel::Existence::kAbsent:
        return absent(assignment, path, key);
      case kernel::Existence::kNeedsModule:
        return module_missing(assignment, path, key, true);
      case kernel::Existence::kPresent:
        break;
      case kernel::Existence::kUnknown:
        return;
    }
    if (is_interface_key(key)) {
      return emit("later-interface", assignment, path, {wildcard_of(path)}, true);
    }
    if (key.scope != kernel::Scope::kNetns) emit("not-namespaced", assignment, path, {}, true);
  }

  void absent(const load::Assignment& assignment, const std::string& path, const kernel::Key& key) {
    const auto first = version_of(key.first_seen);
    if (first && view_.version() < *first && !view_.version().in_series(*first)) {
      return emit("not-yet", assignment, path, {change_text(key.absent_before, key.first_seen)},
                  true);
    }
    const std::string removed = change_text(key.last_seen, key.removed_in);
    const std::string better = replacement(key, path);
    Hit hit = hit_at(
        assignment, path,
        {removed, better.empty() ? std::string(key.replaced_by) : better, std::string(key.notes)},
        true);
    if (better.empty()) {
      remove(hit, assignment);
      return sink_.emit("removed", group_, hit);
    }
    rename(hit, assignment, better);
    sink_.emit("renamed", group_, hit);
  }

  /// The key that has taken the place of `key` and exists on this kernel, for the same interface;
  /// empty: none. The catalog also tells of replacements that are no keys.
  std::string replacement(const kernel::Key& key, const std::string& path) const {
    const kernel::Key* other = kernel::find_pattern(key.replaced_by);
    if (other == nullptr ||
        kernel::existence(*other, view_.version()) == kernel::Existence::kAbsent) {
      return {};
    }
    std::string dotted(other->name);
    if (const size_t star = dotted.find('*'); star != std::string::npos) {
      dotted.replace(star, 1, wildcard_of(path));
    }
    return dotted;
  }

  /// The outcome depends on facts that nobody gave.
  void open(const load::Assignment& assignment, const load::Write& write, const kernel::Key& key) {
    const auto& needs = write.outcome.needs;
    if (std::ranges::find(needs, "host.interfaces") != needs.end()) {
      // Refused with the interface, not there without it.
      if (key.read_only) return read_only(assignment, write.path);
      Hit hit = hit_at(assignment, write.path, {wildcard_of(write.path)}, true);
      hit.fires = false;
      hit.needs = {"host.interfaces"};
      sink_.emit("later-interface", group_, hit);
    }
  }

  /// Whether the line counts as written to a key whose module nobody said is loaded.
  bool assumes_module(const kernel::Key& key) const {
    return !run_.state().machine().modules &&
           kernel::existence(key, view_.version()) == kernel::Existence::kNeedsModule;
  }

  void module_missing(const load::Assignment& assignment, const std::string& path,
                      const kernel::Key& key, bool known) {
    Hit hit = hit_at(assignment, path, {std::string(key.module)}, known);
    hit.topic = key.module;
    if (!known) {
      sink_.emit("module-first", group_, hit);
      hit.fires = false;
      hit.needs = {"host.modules"};
    }
    sink_.emit("module-missing", group_, hit);
  }

  bool in_container() const {
    return view_.target.facts.boolean("container").value_or(false) ||
           std::ranges::binary_search(view_.roles, std::string("container"));
  }

  /// Whether only the initial network namespace can write it, and this is not known to be that one.
  bool is_initial_only(const kernel::Key& key) const {
    const bool elsewhere = !view_.target.facts.boolean("initial_netns").value_or(false);
    return elsewhere && (key.scope == kernel::Scope::kInitNetns ||
                         key.scope == kernel::Scope::kInitNetnsWrites ||
                         key.scope == kernel::Scope::kInitNetnsDefault);
  }

  static bool is_interface_key(const kernel::Key& key) {
    return key.name.starts_with("net.") && key.name.find(".*.") != std::string_view::npos;
  }

  Hit hit_at(const load::Assignment& assignment, const std::string& path,
             std::initializer_list<std::string> variables, bool kills) const {
    Hit hit;
    hit.origin = assignment.origin;
    hit.span = span_of_line(view_.configuration, assignment.origin, true);
    hit.paths = {path};
    hit.variables = {kernel::path_to_dotted(path), view_.scenarios.kernels_text()};
    hit.variables.insert(hit.variables.end(), variables);
    hit.kills = kills;
    return hit;
  }

  void emit(std::string_view detector, const load::Assignment& assignment, const std::string& path,
            std::initializer_list<std::string> variables, bool kills) {
    if (sink_.wants(detector)) {
      sink_.emit(detector, group_, hit_at(assignment, path, variables, kills));
    }
  }

  static void remove(Hit& hit, const load::Assignment& assignment) {
    hit.changes.push_back({Change::Kind::kRemoveLine, assignment.origin, {}, {}});
    hit.change_summary = "delete the line";
  }

  void rename(Hit& hit, const load::Assignment& assignment, const std::string& dotted) const {
    hit.changes.push_back(
        {Change::Kind::kReplace, assignment.origin, view_.line(assignment.origin).key, dotted});
    hit.change_summary = "rename it to " + dotted;
  }

  const View& view_;
  Sink& sink_;
  size_t group_;
  const Run& run_;
  std::set<uint32_t> foreign_;            ///< Files.
  std::map<uint32_t, Hit> foreign_hits_;  ///< By file.
};

}  // namespace

void detect_keys(const View& view, Sink& sink) {
  for (size_t group = 0; group < view.scenarios.groups.size(); ++group) {
    KeyDetector(view, sink, group).run();
  }
}

}  // namespace proctor::rules
