#include "rules/pieces.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <tuple>

#include "load/footprint.h"
#include "load/settled.h"
#include "rules/detection.h"
#include "rules/places.h"
#include "text/text.h"

namespace proctor::rules {
namespace {

/// A file whose every line stands for itself, unless it meets another.
bool is_ordinary(const load::SourceFile& file) {
  const conf::Document& document = *file.document;
  return !document.has_bom() && document.bytes().ends_with('\n') &&
         document.bytes().find("proctor:") == std::string::npos;
}

/// Sets of settings that grow together.
class Groups {
 public:
  explicit Groups(size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), uint32_t{0});
  }

  uint32_t find(uint32_t one) {
    while (parent_[one] != one) one = parent_[one] = parent_[parent_[one]];
    return one;
  }
  /// The first stays the root, so that sets are in the order of their first members.
  void join(uint32_t a, uint32_t b) {
    a = find(a);
    b = find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<uint32_t> parent_;
};

}  // namespace

std::optional<Report> Pieces::judge(const RuleSet& rules, const load::SourceFile& file,
                                    const Target& target, const Selection& selection,
                                    Starts& starts) {
  constexpr int kRounds = 5;
  if (file.document->bytes().size() > kLongestFile || !is_ordinary(file)) return std::nullopt;
  // Other lines cut the range elsewhere: less of a piece may be known of a stretch of kernels.
  if (target.facts.kernel() && !range_of(target).is_single()) return std::nullopt;
  auto settings = this->settings(*file.document);
  if (!settings) return std::nullopt;
  if (paths_.size() > kMostPaths) forget();
  const Joints& joints = this->joints(rules);
  Work work{asked(rules, target, selection), *file.document, starts, *std::move(settings), {}, {}};
  for (int round = 0; round < kRounds; ++round) {
    work.parts = parts(work.settings, joints);
    work.pieces.clear();
    for (const Part& part : work.parts) {
      work.pieces.push_back(piece(work, part, false));
      if (work.pieces.back() == nullptr) return std::nullopt;
    }
    if (learn(work)) continue;
    if (!refusals(work)) return std::nullopt;
    return compose(work);
  }
  return std::nullopt;
}

Pieces::Asked& Pieces::asked(const RuleSet& rules, const Target& target,
                             const Selection& selection) {
  const auto found = std::ranges::find_if(asked_, [&](const std::unique_ptr<Asked>& one) {
    return one->rules == &rules && one->target == &target && one->selection == &selection;
  });
  if (found != asked_.end()) return **found;
  asked_.push_back(std::make_unique<Asked>(Asked{&rules, &target, &selection, {}, {}}));
  return *asked_.back();
}

void Pieces::forget() {
  asked_.clear();
  paths_.clear();
  path_keys_.clear();
  touched_.clear();
}

const Joints& Pieces::joints(const RuleSet& rules) {
  std::unique_ptr<Joints>& joints = joints_[&rules];
  if (!joints) joints = std::make_unique<Joints>(rules);
  return *joints;
}

Pieces::Line Pieces::read(std::string_view text) {
  const auto document = conf::Document::parse({}, std::string(text));
  const conf::Line line = document.lines()[0];
  if (!load::is_plain(document, line)) return {};
  if (line.kind != conf::LineKind::kAssignment) return {nullptr, true};
  const std::string path = kernel::dotted_to_path(document.text(line.key));
  // Rules go from interface to interface, of those that the file names, too.
  if (load::is_of_interface(path)) return {};
  return {kernel::find_path(path)->key, true};
}

Pieces::Line Pieces::line(std::string_view text) {
  if (text.size() > kLongestLine) return read(text);
  if (lines_.size() >= kMostLines) lines_.clear();
  const auto [at, fresh] = lines_.try_emplace(std::string(text));
  if (fresh) at->second = read(text);
  return at->second;
}

/// nullopt: a line may mean something to others that it does not name.
std::optional<std::vector<Pieces::Setting>> Pieces::settings(const conf::Document& document) {
  // What Run::is_dump() looks at.
  constexpr size_t kManySettings = 200;
  constexpr size_t kManyReadOnly = 10;
  std::vector<Setting> settings;
  size_t read_only = 0;
  const conf::Lines lines = document.lines();
  for (uint32_t number = 0; number < lines.size(); ++number) {
    const Span whole = lines.whole(number);
    const Line known = line(document.text(whole));
    if (!known.plain) return std::nullopt;
    if (known.key == nullptr) continue;
    read_only += known.key->read_only ? 1 : 0;
    settings.push_back({whole, number, known.key});
  }
  if (settings.size() >= kManySettings || read_only >= kManyReadOnly) return std::nullopt;
  return settings;
}

std::vector<Pieces::Part> Pieces::parts(const std::vector<Setting>& settings,
                                        const Joints& joints) {
  Groups groups(settings.size());
  std::unordered_map<uint32_t, uint32_t> first;  // By joint, or by path behind the joints.
  for (uint32_t i = 0; i < settings.size(); ++i) {
    const auto join = [&](uint32_t number) {
      const auto [at, fresh] = first.try_emplace(number, i);
      if (!fresh) groups.join(at->second, i);
    };
    std::ranges::for_each(joints.of(*settings[i].key), join);
    const auto touched = touched_.find(index_of(*settings[i].key));
    if (touched == touched_.end()) continue;
    for (const uint32_t path : touched->second) {
      join(joints.count() + path);
      // A rule may ask what this line changes by the way.
      if (path_keys_[path] != nullptr) std::ranges::for_each(joints.of(*path_keys_[path]), join);
    }
  }
  std::vector<Part> parts;
  std::vector<uint32_t> place(settings.size());
  for (uint32_t i = 0; i < settings.size(); ++i) {
    const uint32_t root = groups.find(i);
    if (root == i) {
      place[i] = static_cast<uint32_t>(parts.size());
      parts.emplace_back();
    }
    parts[place[root]].push_back(i);
  }
  return parts;
}

/// nullptr: its report does not tell enough. `lost`: loaders that end at a refused value do not
/// come to these lines.
Pieces::PiecePtr Pieces::piece(Work& work, const Part& part, bool lost) {
  std::string text;
  for (const uint32_t index : part) text += work.document.text(work.settings[index].whole);
  const bool single = part.size() == 1;
  Known& known = (single ? work.asked.single : work.asked.several)[lost ? 1 : 0];
  if (known.size() >= (single ? kMostSingle : kMostSeveral)) known.clear();
  const load::Elsewhere elsewhere{lost, true, 0};
  const auto [at, fresh] = known.try_emplace(std::move(text));
  if (fresh) at->second = judged(work, at->first, elsewhere);
  const PiecePtr& piece = at->second;
  return piece != nullptr && piece->names_lines ? spread(work, part, elsewhere) : piece;
}

/// With the other lines left blank, lines have the numbers that they have in the file.
Pieces::PiecePtr Pieces::spread(Work& work, const Part& part, const load::Elsewhere& elsewhere) {
  std::string text;
  uint32_t number = 0;
  for (const uint32_t index : part) {
    const Setting& setting = work.settings[index];
    text.append(setting.number - number, '\n');
    text += work.document.text(setting.whole);
    number = setting.number + 1;
  }
  return judged(work, std::move(text), elsewhere, true);
}

Pieces::PiecePtr Pieces::judged(Work& work, std::string text, const load::Elsewhere& elsewhere,
                                bool spread) {
  const auto document = conf::Document::parse({}, std::move(text));
  load::Configuration configuration;
  configuration.files.emplace_back();
  configuration.files.front().document = &document;
  configuration.elsewhere = elsewhere;
  const Asked& asked = work.asked;
  PieceFacts facts;
  auto piece = std::make_shared<Piece>();
  piece->report =
      judge_piece(*asked.rules, configuration, *asked.target, *asked.selection, work.starts, facts);
  const conf::Lines lines = document.lines();
  auto fates = this->fates(facts.scenarios, lines.size());
  if (!fates) return nullptr;
  piece->fates = *std::move(fates);
  for (size_t i = 0; i < lines.size(); ++i) piece->begins.push_back(lines.whole(i).begin);
  const auto size = static_cast<uint32_t>(document.bytes().size());
  if (!Places(piece->begins, {}, size).hold(piece->report)) return nullptr;
  piece->hits = std::move(facts.hits);
  piece->names_lines = facts.names_lines;
  piece->spread = spread;
  return piece;
}

/// nullopt: what becomes of other lines cannot be told.
std::optional<std::vector<Pieces::Fate>> Pieces::fates(const Scenarios& scenarios, size_t lines) {
  std::vector<Fate> fates(lines);
  for (Fate& fate : fates) fate.written = true;
  for (const Group& group : scenarios.groups) {
    const bool stops = load::any_stops(group.loaders);
    for (const auto& run : group.runs) {
      if (!add_fates(run->result(), stops, fates)) return std::nullopt;
    }
  }
  for (Fate& fate : fates) sort_unique(fate.footprint);
  return fates;
}

bool Pieces::add_fates(const load::LoadResult& result, bool stops, std::vector<Fate>& fates) {
  if (result.given_up) return false;
  for (const load::Assignment& line : result.assignments) {
    if (load::is_odd_path(line)) return false;
    Fate& fate = fates[line.origin.line];
    load::visit_footprint(
        result, line, [&](std::string_view path) { fate.footprint.push_back(path_number(path)); });
    if (line.reason == load::kEndedBefore) continue;
    bool ends = false;
    for (const uint32_t index : line.writes) {
      const load::Write& write = result.writes[index];
      fate.refused = fate.refused || write.outcome.result == kernel::WriteResult::kRejected;
      ends = ends || load::ends_loaders(write);
    }
    fate.written = fate.written && !line.writes.empty();
    if (stops) (ends ? fate.ends : fate.goes_on) = true;
  }
  return true;
}

const Pieces::Fate& Pieces::Work::fate(size_t part, size_t line) const {
  const Piece& piece = *pieces[part];
  return piece.fates[piece.spread ? settings[parts[part][line]].number : line];
}

uint32_t Pieces::path_number(std::string_view path) {
  const auto next = static_cast<uint32_t>(paths_.size());
  const auto [at, fresh] = paths_.try_emplace(std::string(path), next);
  if (fresh) {
    const auto found = kernel::find_path(path);
    path_keys_.push_back(found ? found->key : nullptr);
  }
  return at->second;
}

/// Whether lines turned out to touch more than was known of their keys: they may meet others.
bool Pieces::learn(const Work& work) {
  bool news = false;
  std::unordered_map<uint32_t, std::pair<size_t, const kernel::Key*>> users;  // By path.
  const auto touch = [&](const kernel::Key* key, uint32_t path) {
    std::vector<uint32_t>& touched = touched_[index_of(*key)];
    const auto at = std::ranges::lower_bound(touched, path);
    if (at != touched.end() && *at == path) return;
    touched.insert(at, path);
    news = true;
  };
  for (size_t i = 0; i < work.parts.size(); ++i) {
    for (size_t j = 0; j < work.parts[i].size(); ++j) {
      const kernel::Key* mine = work.settings[work.parts[i][j]].key;
      for (const uint32_t path : work.fate(i, j).footprint) {
        if (path_keys_[path] != mine) touch(mine, path);
        const auto [user, fresh] = users.try_emplace(path, i, mine);
        if (fresh || user->second.first == i) continue;
        touch(user->second.second, path);
        touch(mine, path);
      }
    }
  }
  return news;
}

/// Where the kernel refuses a value, busybox ends: the pieces that lie behind are judged again, and
/// those around the end together. False: only a look at the whole file can tell.
bool Pieces::refusals(Work& work) {
  std::vector<const Fate*> fates(work.settings.size());
  for (size_t i = 0; i < work.parts.size(); ++i) {
    for (size_t j = 0; j < work.parts[i].size(); ++j) fates[work.parts[i][j]] = &work.fate(i, j);
  }
  const auto refused = std::ranges::find_if(fates, &Fate::refused);
  if (refused == fates.end()) return true;
  const auto written =
      std::count_if(fates.begin(), refused, [](const Fate* f) { return f->written; });
  size_t edits = 0;
  for (const PiecePtr& piece : work.pieces) {
    for (const Finding& finding : piece->report.findings) {
      for (const Fix& fix : finding.fixes) edits = std::max(edits, fix.edits.size());
    }
  }
  // Of the first two that it writes procps 3.3.15 makes something else (Traits::retry_keeps_old),
  // and an edit may make others the first.
  if (static_cast<size_t>(written) < 2 + edits) return false;
  const auto end = std::ranges::find_if(fates, &Fate::ends);
  if (end == fates.end() || end + 1 == fates.end()) return true;
  if ((*end)->goes_on) return false;
  return part_at_end(work, static_cast<uint32_t>(end - fates.begin()));
}

bool Pieces::part_at_end(Work& work, uint32_t end) {
  Part around;
  std::vector<Part> parts;
  std::vector<PiecePtr> pieces;
  for (size_t i = 0; i < work.parts.size(); ++i) {
    Part& part = work.parts[i];
    // The first line behind carries the finding on all that are lost.
    const bool across = part.front() <= end + 1 && part.back() >= end;
    if (across) {
      around.insert(around.end(), part.begin(), part.end());
      continue;
    }
    pieces.push_back(part.front() > end ? piece(work, part, true) : std::move(work.pieces[i]));
    if (pieces.back() == nullptr) return false;
    parts.push_back(std::move(part));
  }
  std::ranges::sort(around);
  const auto behind = [&](const Part& part) {
    return part.end() - std::ranges::upper_bound(part, end);
  };
  const size_t all = work.settings.size() - end - 1;
  const auto here = static_cast<size_t>(behind(around));
  const load::Elsewhere elsewhere{false, true, static_cast<uint32_t>(all - here)};
  pieces.push_back(spread(work, around, elsewhere));
  parts.push_back(std::move(around));
  work.parts = std::move(parts);
  work.pieces = std::move(pieces);
  return work.pieces.back() != nullptr;
}

/// nullopt: a rule says so much that judge() would sum it up.
std::optional<Report> Pieces::compose(const Work& work) {
  const RuleSet& rules = *work.asked.rules;
  std::map<uint32_t, size_t> hits;
  for (const PiecePtr& piece : work.pieces) {
    for (const auto& [rule, count] : piece->hits) hits[rule] += count;
  }
  for (const auto& [rule, count] : hits) {
    if (count > Sink::kMaxPerFile) return std::nullopt;
    // One hit may speak of several lines.
    if (count > 1 && rules.rule(rule).detect == "loader-difference") return std::nullopt;
  }
  Report whole;
  const conf::Lines lines = work.document.lines();
  for (size_t i = 0; i < work.parts.size(); ++i) {
    const Piece& piece = *work.pieces[i];
    std::vector<uint32_t> in_file;
    for (size_t j = 0; j < piece.begins.size(); ++j) {
      in_file.push_back(piece.spread ? lines.whole(j).begin
                                     : work.settings[work.parts[i][j]].whole.begin);
    }
    Report report = piece.report;
    Places(piece.begins, std::move(in_file), 0).move(report);
    append(whole, std::move(report));
  }
  sort(whole);
  whole.assignments = static_cast<uint32_t>(work.settings.size());
  return whole;
}

}  // namespace proctor::rules
