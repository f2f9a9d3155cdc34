#include "rules/pieces.h"

#include <algorithm>
#include <iterator>
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
  const std::string_view bytes = file.document->bytes();
  return !file.document->has_bom() && bytes.ends_with('\n') &&
         bytes.find("proctor:") == bytes.npos && bytes.find(kLineMark) == bytes.npos;
}

/// Whether a key of interfaces is that for all of them, or the default for new ones.
bool is_of_all(std::string_view path) {
  return path.find("/all/") != std::string_view::npos ||
         path.find("/default/") != std::string_view::npos;
}

}  // namespace

const load::Elsewhere Pieces::kAmongOthers{{}, {}, true};
const load::Elsewhere Pieces::kLost{{0, false}, {}, true};

Pieces::Answer Pieces::judge(Audience& audience, const load::Configuration& configuration,
                             Starts& starts) {
  const load::SourceFile& file = configuration.files.front();
  Answer answer;
  // Other lines cut a range elsewhere: less of a piece may be known of a stretch of kernels.
  if (audience.any_range() || file.document->bytes().size() > kLongestFile || !is_ordinary(file)) {
    answer.left = audience.all();
    return answer;
  }
  if (memory_.renew()) {
    touched_.clear();
    lines_.clear();
  }
  auto settings = this->settings(*file.document);
  const bool known = settings.has_value();
  Work work{audience,
            *file.document,
            configuration.at_boot,
            starts,
            std::move(settings).value_or(std::vector<Setting>()),
            {}};
  auto hearing = known ? learned(work) : std::nullopt;
  if (!hearing) {
    answer.left = audience.all();
    return answer;
  }
  answer.assignments = static_cast<uint32_t>(work.settings.size());
  std::map<Bounds, Hearing> by_bounds;
  for (Hearing& one : divided(*std::move(hearing))) {
    const auto bounds = bounds_of(work, one);
    if (!bounds) {
      answer.left.insert(answer.left.end(), one.targets.begin(), one.targets.end());
      continue;
    }
    const auto [at, fresh] = by_bounds.try_emplace(*bounds, one);
    TargetSet& all = at->second.targets;
    if (!fresh) all.insert(all.end(), one.targets.begin(), one.targets.end());
  }
  std::vector<Telling> tellings;
  for (auto& [bounds, one] : by_bounds) {
    if (part_at(bounds, work, one) && !is_summed_up(one)) {
      add(one, tellings);
      tell_lost(work, bounds, one.targets, answer.told);
    } else {
      answer.left.insert(answer.left.end(), one.targets.begin(), one.targets.end());
    }
  }
  std::ranges::sort(answer.left);
  if (by_bounds.size() > 1) join(tellings);
  std::vector<Told> rest = told(work, std::move(tellings));
  answer.told.insert(answer.told.end(), std::move_iterator(rest.begin()),
                     std::move_iterator(rest.end()));
  return answer;
}

/// The pieces as everyone hears them, once it is known which lines meet; nullopt: it never is.
std::optional<Pieces::Hearing> Pieces::learned(Work& work) {
  constexpr int kRounds = 5;
  const Joints& joints = this->joints(work.audience.rules());
  for (int round = 0; round < kRounds; ++round) {
    Hearing hearing{work.audience.all(), parts(work.settings, joints), {}};
    const Bounds likely = likely_bounds(work, hearing);
    for (const Part& part : hearing.parts) {
      const load::Elsewhere elsewhere = this->elsewhere(likely, work.settings.size(), part);
      hearing.circles.push_back(circles(work, part, elsewhere, hearing.targets));
      if (hearing.circles.back() == nullptr) return std::nullopt;
    }
    if (!learn(work, hearing)) return hearing;
  }
  return std::nullopt;
}

/// By kernel the first line that ends busybox for everyone whatever stands above it. Another one
/// above it may end busybox, but no piece need be judged as if nothing did.
Pieces::Bounds Pieces::likely_bounds(Work& work, const Hearing& hearing) {
  const size_t count = work.settings.size();
  const auto& targets = work.audience.targets();
  Bounds bounds{{}, std::vector<size_t>(kernels_of(*targets.front()).size(), count)};
  for (const Part& part : hearing.parts) {
    const bool last = part.front() + 1 == count;
    if (part.size() > 1 || last) continue;
    const Circles* circles = this->circles(work, part, kAmongOthers, hearing.targets);
    if (circles == nullptr || circles->sole == nullptr) continue;
    const Fate& fate = circles->sole->fates.front();
    const uint32_t ends = fate.ends & ~fate.goes_on;
    for (size_t kernel = 0; ends != 0 && kernel < bounds.ends.size(); ++kernel) {
      size_t& end = bounds.ends[kernel];
      if ((ends >> kernel & 1U) != 0) end = std::min<size_t>(end, part.front());
    }
  }
  return bounds;
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
  const bool of_interface = load::is_of_interface(path);
  // Rules go from interface to interface, of those that the file names, too.
  if (of_interface && !is_of_all(path)) return {};
  const auto size = static_cast<uint32_t>(text.size());
  return {kernel::find_path(path)->key, true, of_interface, line.value.end - line.value.begin,
          size - line.value.begin};
}

/// nullptr: it is too long to be remembered.
Pieces::KnownLine* Pieces::known(std::string_view text) {
  if (text.size() > kLongestLine) return nullptr;
  auto at = lines_.find(text);
  if (at == lines_.end()) {
    at = lines_.try_emplace(std::string(text)).first;
    at->second.line = read(text);
  }
  return &at->second;
}

/// nullopt: a line may mean something to others that it does not name.
std::optional<std::vector<Pieces::Setting>> Pieces::settings(const conf::Document& document) {
  // What Run::is_dump() looks at.
  constexpr size_t kManySettings = 200;
  constexpr size_t kManyReadOnly = 10;
  std::vector<Setting> settings;
  size_t read_only = 0;
  if (lines_.size() >= kMostLines) lines_.clear();
  const conf::Lines lines = document.lines();
  for (uint32_t number = 0; number < lines.size(); ++number) {
    const Span whole = lines.whole(number);
    KnownLine* known = this->known(document.text(whole));
    const Line line = known != nullptr ? known->line : read(document.text(whole));
    if (!line.plain) return std::nullopt;
    if (line.key == nullptr) continue;
    read_only += line.key->read_only ? 1 : 0;
    settings.push_back({whole, number, line, known});
  }
  if (settings.size() >= kManySettings || read_only >= kManyReadOnly) return std::nullopt;
  return settings;
}

/// nullptr: a report does not tell enough.
Circles* Pieces::circles(Work& work, const Part& part, const load::Elsewhere& elsewhere,
                         const TargetSet& targets) {
  if (const CirclesPtr* known = known_circles(work, part, elsewhere)) {
    return hear(work, *known, targets);
  }
  work.held.push_back(
      memory_.remembered(work.audience, work.at_boot, text_of(work, part), elsewhere));
  return hear(work, work.held.back(), targets);
}

/// Those of a line that is known; nullptr: it is another piece, or in another place.
const CirclesPtr* Pieces::known_circles(const Work& work, const Part& part,
                                        const load::Elsewhere& elsewhere) {
  KnownLine* line = work.settings[part.front()].known;
  const bool lost = elsewhere == kLost;
  if (part.size() > 1 || line == nullptr || (!lost && elsewhere != kAmongOthers)) return nullptr;
  if (line->audience != &work.audience || line->at_boot != work.at_boot) {
    line->circles = {};
    line->audience = &work.audience;
    line->at_boot = work.at_boot;
  }
  CirclesPtr& circles = line->circles[lost ? 1 : 0];
  if (circles == nullptr) {
    circles = memory_.remembered(work.audience, work.at_boot, text_of(work, part), elsewhere);
  }
  return &circles;
}

/// nullptr: a report does not tell enough.
Circles* Pieces::hear(Work& work, const CirclesPtr& circles, const TargetSet& targets) {
  if (circles->sole != nullptr) return circles.get();
  memory_.hear(work.audience, circles, targets, work.starts);
  const bool tell = std::ranges::all_of(
      targets, [&](uint32_t target) { return circles->piece(target) != nullptr; });
  return tell ? circles.get() : nullptr;
}

std::string Pieces::text_of(const Work& work, const Part& part) {
  std::string text;
  for (const uint32_t index : part) text += work.document.text(work.settings[index].whole);
  return text;
}

/// Whether lines turned out to touch more than was known of their keys: they may meet others. Lines
/// that touch the same path meet by that, or by the key whose own it is.
bool Pieces::learn(const Work& work, const Hearing& hearing) {
  bool news = false;
  const auto learn_line = [&](const kernel::Key* key, const Fate& fate) {
    for (const uint32_t path : fate.footprint) {
      if (memory_.paths().key_of(path) == key) continue;
      std::vector<uint32_t>& touched = touched_[index_of(*key)];
      const auto at = std::ranges::lower_bound(touched, path);
      if (at != touched.end() && *at == path) continue;
      touched.insert(at, path);
      news = true;
    }
  };
  for (size_t i = 0; i < hearing.parts.size(); ++i) {
    const Circles& circles = *hearing.circles[i];
    for (size_t j = 0; j < hearing.parts[i].size(); ++j) {
      const kernel::Key* key = work.settings[hearing.parts[i][j]].line.key;
      if (circles.sole != nullptr) {
        learn_line(key, circles.sole->fates[j]);
        continue;
      }
      for (const Circle& circle : circles.all) learn_line(key, circle.piece->fates[j]);
    }
  }
  return news;
}

/// By targets that hear the same of every piece.
std::vector<Pieces::Hearing> Pieces::divided(Hearing hearing) {
  std::vector<TargetSet> sets{std::move(hearing.targets)};
  for (const Circles* circles : hearing.circles) {
    if (circles->sole != nullptr || circles->all.size() == 1) continue;
    std::vector<TargetSet> smaller;
    for (const TargetSet& set : sets) {
      std::map<uint32_t, TargetSet> by_circle;
      for (const uint32_t target : set) by_circle[circles->of_target[target]].push_back(target);
      for (auto& [circle, targets] : by_circle) smaller.push_back(std::move(targets));
    }
    sets = std::move(smaller);
  }
  std::vector<Hearing> out;
  out.reserve(sets.size());
  for (TargetSet& set : sets) out.push_back({std::move(set), hearing.parts, hearing.circles});
  return out;
}

/// Whether a rule says so much that judge() may sum it up.
bool Pieces::is_summed_up(const Hearing& hearing) {
  std::vector<std::pair<uint32_t, size_t>> hits;  // By rule, from each piece the most.
  for (const Circles* circles : hearing.circles) {
    if (circles->sole != nullptr) {
      hits.insert(hits.end(), circles->sole->hits.begin(), circles->sole->hits.end());
      continue;
    }
    const size_t first = hits.size();
    uint32_t last = Circles::kNone;
    for (const uint32_t target : hearing.targets) {
      if (circles->of_target[target] == last) continue;
      last = circles->of_target[target];
      for (const auto& counted : circles->piece(target)->hits) {
        const auto begin = hits.begin() + static_cast<std::ptrdiff_t>(first);
        const auto same = std::find_if(begin, hits.end(),
                                       [&](const auto& one) { return one.first == counted.first; });
        if (same == hits.end()) {
          hits.emplace_back(counted);
        } else {
          same->second = std::max<size_t>(same->second, counted.second);
        }
      }
    }
  }
  std::ranges::sort(hits);
  uint32_t rule = 0;
  size_t sum = 0;
  return std::ranges::any_of(hits, [&](const auto& one) {
    sum = one.first == rule ? sum + one.second : one.second;
    rule = one.first;
    return sum > Sink::kMaxPerFile;
  });
}

void Pieces::add(const Hearing& hearing, std::vector<Telling>& tellings) {
  for (size_t i = 0; i < hearing.parts.size(); ++i) {
    Circles* circles = hearing.circles[i];
    const Part* part = &hearing.parts[i];
    if (circles->sole != nullptr) {
      tellings.push_back({circles, 0, part, hearing.targets});
      continue;
    }
    std::map<uint32_t, TargetSet> by_circle;
    for (const uint32_t target : hearing.targets) {
      by_circle[circles->of_target[target]].push_back(target);
    }
    for (auto& [circle, targets] : by_circle) {
      tellings.push_back({circles, circle, part, std::move(targets)});
    }
  }
}

/// Makes one of those of the same circle in the same place, from several hearings.
void Pieces::join(std::vector<Telling>& tellings) {
  const auto place = [](const Telling& one) {
    return std::tuple(one.circles, one.part->front(), one.circle);
  };
  std::ranges::sort(tellings, {}, place);
  std::vector<Telling> joined;
  for (Telling& one : tellings) {
    if (joined.empty() || place(joined.back()) != place(one)) {
      joined.push_back(std::move(one));
    } else {
      TargetSet& all = joined.back().targets;
      all.insert(all.end(), one.targets.begin(), one.targets.end());
    }
  }
  tellings = std::move(joined);
}

/// In the order in which the first of their targets would be told of the file.
std::vector<Told> Pieces::told(Work& work, std::vector<Telling> tellings) {
  for (Telling& telling : tellings) std::ranges::sort(telling.targets);
  std::ranges::sort(tellings, {}, [](const Telling& telling) {
    return std::pair(telling.targets.front(), telling.part->front());
  });
  std::vector<Told> out;
  out.reserve(tellings.size());
  for (Telling& telling : tellings) {
    Report report = told(work, telling);
    out.push_back({std::move(report), std::move(telling.targets)});
  }
  return out;
}

Report Pieces::told(Work& work, const Telling& telling) {
  const Piece& piece = memory_.told(work.audience, *telling.circles, telling.targets, work.starts);
  std::vector<uint32_t> begins;
  std::vector<uint32_t> numbers;
  for (const uint32_t index : *telling.part) {
    begins.push_back(work.settings[index].whole.begin);
    numbers.push_back(work.settings[index].number);
  }
  Report report = piece.report;
  Places(piece.begins, std::move(begins), 0).move(report);
  if (piece.has_marks) number_lines(report, numbers);
  return report;
}

}  // namespace proctor::rules
