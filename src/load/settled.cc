#include "load/settled.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <utility>

#include "kernel/catalog.h"
#include "load/footprint.h"
#include "load/traits.h"

namespace proctor::load {
namespace {

using kernel::WriteResult;

/// The longest line that no loader cuts.
constexpr uint32_t kShortest = 4000;

bool is_key_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

/// Bytes that every loader sends as they are.
bool is_value_byte(char c) {
  return c == '\t' ||
         (c >= ' ' && c < 0x7F && c != '\\' && c != '"' && c != '\'' && c != '#' && c != ';');
}

bool is_plain_byte(char c) { return c == '\t' || (c >= ' ' && c < 0x7F && c != '\\'); }

bool is_plain_key(std::string_view key) {
  if (key.empty() || !std::ranges::all_of(key, is_key_byte)) return false;
  const std::string path = kernel::dotted_to_path(key);
  const auto ref = kernel::find_path(path);
  return ref && !ref->key->write_only && !path.ends_with("/base_reachable_time") &&
         !path.ends_with("/retrans_time");
}

bool is_taken(const Write& write) {
  const kernel::Outcome& outcome = write.outcome;
  const bool accepted =
      outcome.result == WriteResult::kAccepted || outcome.result == WriteResult::kAltered;
  return accepted && (!outcome.taken || *outcome.taken == write.bytes.size());
}

/// How many lines name, change or rest on each path.
class Census {
 public:
  explicit Census(const LoadResult& run) : run_(run) {
    for (const Assignment& line : run.assignments) {
      odd_ = odd_ || is_odd_path(line);
      visit_footprint(run, line, [&](std::string_view path) {
        speaks_of_all_ = speaks_of_all_ || path == kernel::kEveryInterface;
        speaks_of_one_ = speaks_of_one_ || is_of_interface(path);
        auto [user, fresh] = users_.try_emplace(path, &line);
        if (!fresh && user->second != &line) user->second = nullptr;
      });
    }
  }

  /// A pattern may match any key.
  bool any_odd() const { return odd_; }

  bool is_alone(const Assignment& line) const {
    bool alone = true;
    visit_footprint(run_, line, [&](std::string_view path) {
      if (path == kernel::kEveryInterface) {
        alone = alone && !speaks_of_one_;
      } else {
        alone = alone && users_.at(path) == &line && !(speaks_of_all_ && is_of_interface(path));
      }
    });
    return alone;
  }

 private:
  const LoadResult& run_;
  std::unordered_map<std::string_view, const Assignment*> users_;  ///< Null: several.
  bool odd_ = false;
  bool speaks_of_all_ = false;
  bool speaks_of_one_ = false;
};

/// Whether no line could have kept the loader from the end.
bool reaches_the_end(const LoadResult& run) {
  const bool all_taken = std::ranges::all_of(run.writes, [](const Write& write) {
    return write.outcome.result == WriteResult::kAccepted ||
           write.outcome.result == WriteResult::kAltered;
  });
  return all_taken && std::ranges::none_of(run.assignments, [](const Assignment& line) {
           return line.unless_refused || line.reason == kEndedBefore;
         });
}

bool is_ordinary(const SourceFile& file) {
  return file.kind == SourceKind::kFile && file.document != nullptr && !file.masked &&
         !file.document->has_bom() &&
         // At a line's end it may join the next one to it.
         file.document->bytes().find('\\') == std::string::npos;
}

}  // namespace

bool is_odd_path(const Assignment& line) {
  return line.glob || line.open_ended || line.path.starts_with('/') ||
         line.path.find_first_of("*?[{") != std::string::npos;
}

bool is_of_interface(std::string_view path) {
  static constexpr std::array<std::string_view, 4> kFolders{"net/ipv4/conf/", "net/ipv6/conf/",
                                                            "net/ipv4/neigh/", "net/ipv6/neigh/"};
  return std::ranges::any_of(kFolders, [&](std::string_view folder) {
    if (!path.starts_with(folder)) return false;
    const std::string_view name = path.substr(folder.size());
    return !name.starts_with("all/") && !name.starts_with("default/");
  });
}

bool any_refused(const LoadResult& run) {
  return std::ranges::any_of(run.writes, [](const Write& write) {
    return write.outcome.result == WriteResult::kRejected;
  });
}

bool ignores_newline(const Write& write, const kernel::State& start) {
  std::string other = write.bytes;
  if (other.ends_with('\n')) {
    other.pop_back();
  } else {
    other += '\n';
  }
  kernel::State a = start;
  kernel::State b = start;
  const kernel::Outcome with = kernel::write(a, write.path, write.bytes);
  const kernel::Outcome without = kernel::write(b, write.path, other);
  return with.result == without.result && with.error == without.error &&
         with.reads_back == without.reads_back;
}

bool any_stops(std::span<const Loader* const> loaders) {
  return std::ranges::any_of(loaders,
                             [](const Loader* loader) { return loader->traits->stops_at_refusal; });
}

bool ends_loaders(const Write& write) {
  return write.outcome.result == WriteResult::kRejected && !write.outcome.at_open;
}

bool is_plain(const conf::Document& document, const conf::Line& line) {
  const std::string_view text = document.text(line.text);
  if (text.size() > kShortest || line.template_marker) return false;
  if (!std::ranges::all_of(text, is_plain_byte)) return false;
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
  return !line.dash && !value.empty() && value.front() != '=' &&
         std::ranges::all_of(value, is_value_byte) && is_plain_key(document.text(line.key));
}

LineSet no_lines(const Configuration& configuration) {
  LineSet lines;
  for (const SourceFile& file : configuration.files) {
    lines.emplace_back(file.document == nullptr ? 0 : file.document->lines().size());
  }
  return lines;
}

Settled::Settled(const Configuration& configuration, const LoadResult& run,
                 const kernel::State& start)
    : configuration_(configuration), lines_(no_lines(configuration)) {
  if (!run.given_up) choose(run, start);
}

void Settled::choose(const LoadResult& run, const kernel::State& start) {
  const Census census(run);
  if (census.any_odd()) return;
  // What procps 3.3.15 does with a refused value depends on the first two that it writes
  // (Traits::retry_keeps_old).
  uint32_t kept = 2;
  const auto is_noted = [&](const Origin& origin) {
    const auto note = std::ranges::lower_bound(run.notes, origin, {}, &Note::origin);
    return note != run.notes.end() && note->origin == origin;
  };
  for (const Assignment& line : run.assignments) {
    const SourceFile& file = configuration_.files[line.origin.file];
    if (line.status != Status::kApplied || line.by || line.writes.empty() || !is_ordinary(file)) {
      continue;
    }
    const bool taken = std::ranges::all_of(
        line.writes, [&](uint32_t index) { return is_taken(run.writes[index]); });
    if (!taken || !census.is_alone(line)) continue;
    if (is_noted(line.origin) || !ignores_newline(run.writes[line.writes.front()], start)) continue;
    if (!is_plain(*file.document, file.document->lines()[line.origin.line])) continue;
    if (kept > 0) {
      --kept;
      continue;
    }
    add(run, line);
    const kernel::Cell& before = start.read(line.path);
    any_in_force_ = any_in_force_ ||
                    (before.status == kernel::Cell::Status::kKnown && before.text == line.value);
  }
}

void Settled::add(const LoadResult& run, const Assignment& line) {
  lines_[line.origin.file][line.origin.line] = true;
  ++count_;
  visit_footprint(run, line, [&](std::string_view path) {
    speaks_of_all_ = speaks_of_all_ || path == kernel::kEveryInterface;
    speaks_of_one_ = speaks_of_one_ || is_of_interface(path);
    if (path != kernel::kEveryInterface) paths_.insert(path);
  });
}

bool Settled::keep_apart(const LoadResult& rest) const {
  if (rest.given_up) return false;
  if (rest.loader->traits->stops_at_refusal && !reaches_the_end(rest)) return false;
  return std::ranges::none_of(rest.assignments, [&](const Assignment& line) {
    bool meets = is_odd_path(line);
    visit_footprint(rest, line, [&](std::string_view path) {
      meets = meets || paths_.contains(path) ||
              (path == kernel::kEveryInterface && speaks_of_one_) ||
              (speaks_of_all_ && is_of_interface(path));
    });
    return meets;
  });
}

namespace {

/// `dropped`: by line, whether it goes.
void count_without(const std::vector<bool>& dropped, Elsewhere::End& end) {
  if (end.read == Elsewhere::kAll) return;
  const auto last = dropped.begin() + std::min<ptrdiff_t>(end.read, std::ssize(dropped));
  end.read -= static_cast<uint32_t>(std::count(dropped.begin(), last, true));
}

}  // namespace

Rest::Rest(const Configuration& configuration, const LineSet& without) : rest_(configuration) {
  kept_.resize(rest_.files.size());
  for (size_t index = 0; index < rest_.files.size(); ++index) {
    const std::vector<bool>& dropped = without[index];
    if (std::ranges::find(dropped, true) == dropped.end()) continue;
    SourceFile& file = rest_.files[index];
    const conf::Lines lines = file.document->lines();
    std::string bytes;
    kept_[index].emplace();
    // Of a configuration of one file.
    count_without(dropped, rest_.elsewhere.end);
    for (auto& [from, end] : rest_.elsewhere.later) count_without(dropped, end);
    for (size_t line = 0; line < lines.size(); ++line) {
      if (dropped[line]) continue;
      const Span whole = lines.whole(line);
      kept_[index]->push_back({whole, static_cast<uint32_t>(bytes.size())});
      bytes += file.document->text(whole);
    }
    documents_.push_back(std::make_unique<conf::Document>(
        conf::Document::parse(file.document->name(), std::move(bytes))));
    file.document = documents_.back().get();
  }
}

std::optional<Span> Rest::map(uint32_t file, Span span) const {
  if (!kept_[file]) return span;
  const auto line = std::ranges::find_if(*kept_[file], [&](const Kept& one) {
    return one.whole.begin <= span.begin && span.end <= one.whole.end;
  });
  if (line == kept_[file]->end()) return std::nullopt;
  return Span{span.begin - line->whole.begin + line->at, span.end - line->whole.begin + line->at};
}

}  // namespace proctor::load
