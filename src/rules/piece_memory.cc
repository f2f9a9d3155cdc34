#include "rules/piece_memory.h"

#include <algorithm>
#include <cerrno>

#include "load/footprint.h"
#include "rules/places.h"
#include "text/text.h"

namespace proctor::rules {
namespace {

/// The piece as a file.
struct File {
  explicit File(const Circles& circles) : document(conf::Document::parse({}, circles.text)) {
    configuration.files.emplace_back();
    configuration.files.front().document = &document;
    configuration.at_boot = circles.at_boot;
    configuration.elsewhere = circles.elsewhere;
  }

  conf::Document document;
  load::Configuration configuration;
};

bool has_marks(const Report& report) {
  return std::ranges::any_of(report.findings, [&](const Finding& finding) {
    return finding.message.find(kLineMark) != std::string::npos;
  });
}

/// Whether a fix changes how many lines there are.
bool adds_lines(const Report& report) {
  return std::ranges::any_of(report.findings, [](const Finding& finding) {
    return std::ranges::any_of(finding.fixes, [](const Fix& fix) {
      return std::ranges::any_of(fix.edits, [](const FileEdit& edit) {
        return edit.edit.text.find('\n') != std::string::npos;
      });
    });
  });
}

std::vector<LineEdit> edits_of(const Report& report, const Places& places) {
  std::vector<LineEdit> out;
  uint32_t number = 0;
  for (const Finding& finding : report.findings) {
    for (const Fix& fix : finding.fixes) {
      for (const FileEdit& edit : fix.edits) {
        out.push_back({static_cast<uint32_t>(places.line_of(edit.edit.span)), number,
                       static_cast<uint32_t>(edit.edit.text.size()),
                       edit.edit.text.starts_with("# ")});
      }
      ++number;
    }
  }
  return out;
}

/// What is left of a line that goes tells why, in a bounded number of bytes: of a mark, too.
bool has_long_message(const Report& report) {
  constexpr size_t kLong = 400;
  return std::ranges::any_of(report.findings,
                             [](const Finding& one) { return one.message.size() > kLong; });
}

bool names_kernel(const Report& report, const Target& target) {
  const auto kernel = target.facts.kernel();
  if (!kernel) return true;
  const std::string version = kernel->from.to_string();
  const auto names = [&](const std::string& text) {
    return text.find(version) != std::string::npos;
  };
  return std::ranges::any_of(report.findings, [&](const Finding& finding) {
    return names(finding.message) || names(finding.label) || names(finding.why) ||
           std::ranges::any_of(finding.fixes, [&](const Fix& fix) { return names(fix.summary); }) ||
           std::ranges::any_of(finding.related,
                               [&](const Related& related) { return names(related.message); });
  });
}

std::string name_of(std::string name, const load::Elsewhere& elsewhere) {
  const auto add = [&](const load::Elsewhere::End& end) {
    if (end.read == load::Elsewhere::kAll && !end.lost) return;
    name.append(std::to_string(end.read)).append(end.lost ? " lost" : "");
  };
  add(elsewhere.end);
  for (const auto& [from, end] : elsewhere.later) {
    name.append(" from ").append(from.to_string()).push_back(' ');
    add(end);
  }
  return name;
}

/// Whether some kernel has some of the lines read, and others not.
bool is_parted(const load::Elsewhere& elsewhere) {
  const auto parted = [](const load::Elsewhere::End& end) {
    return end.read > 0 && end.read != load::Elsewhere::kAll;
  };
  return parted(elsewhere.end) ||
         std::ranges::any_of(elsewhere.later, [&](const auto& one) { return parted(one.second); });
}

size_t lines_of(const Circles& circles) {
  return static_cast<size_t>(std::ranges::count(circles.text, '\n'));
}

}  // namespace

std::vector<kernel::Version> kernels_of(const Target& target) {
  if (const auto kernel = target.facts.kernel()) return {kernel->from};
  const auto maintained = kernel::maintained_kernels();
  return {maintained.begin(), maintained.end()};
}

bool PieceMemory::renew() {
  std::shared_ptr<PieceTable> table = store_.table();
  if (table == table_) return false;
  table_ = std::move(table);
  hearers_.clear();
  return true;
}

CirclesPtr PieceMemory::fresh(const Audience& audience, bool at_boot, std::string text,
                              const load::Elsewhere& elsewhere) {
  auto circles = std::make_shared<Circles>();
  circles->text = std::move(text);
  circles->at_boot = at_boot;
  circles->elsewhere = elsewhere;
  circles->of_target.assign(audience.targets().size(), Circles::kNone);
  return circles;
}

CirclesPtr PieceMemory::remembered(const Audience& audience, bool at_boot, std::string text,
                                   const load::Elsewhere& elsewhere) {
  std::string name = name_of(text, elsewhere);
  CirclesPtr circles = table_->find(hearers(audience, at_boot), name);
  if (circles == nullptr) {
    circles = fresh(audience, at_boot, std::move(text), elsewhere);
    circles->name = std::move(name);
  }
  return circles;
}

uint32_t PieceMemory::hearers(const Audience& audience, bool at_boot) {
  const std::pair place(&audience, at_boot);
  const auto found = hearers_.find(place);
  if (found != hearers_.end()) return found->second;
  const uint32_t number =
      table_->number_of({&audience.rules(), audience.targets(), &audience.selection(), at_boot});
  return hearers_.emplace(place, number).first->second;
}

void PieceMemory::hear(Audience& audience, const CirclesPtr& piece, const TargetSet& targets,
                       Starts& starts) {
  Circles& circles = *piece;
  if (!circles.all.empty()) return;
  // Most agree, so that it takes little more to judge a piece for all of them.
  const bool remembered = !circles.name.empty();
  const File file(circles);
  for (auto& heard : audience.judge(file.configuration, remembered ? audience.all() : targets,
                                    LineNames::kMark, starts)) {
    for (const uint32_t target : heard.told.targets) {
      circles.of_target[target] = static_cast<uint32_t>(circles.all.size());
    }
    const uint32_t speaker = heard.speaker;
    const Target& asked = *audience.targets()[speaker];
    circles.all.push_back(
        {speaker, this->piece(circles, file.document, asked, std::move(heard)), {}});
  }
  if (!remembered) return;
  if (circles.all.size() == 1) circles.sole = circles.all.front().piece.get();
  table_->add(hearers(audience, circles.at_boot), circles.name, lines_of(circles), piece);
}

const Piece& PieceMemory::told(Audience& audience, Circles& circles, const TargetSet& targets,
                               Starts& starts) {
  const uint32_t speaker = audience.speaker(targets);
  Circle& circle = circles.all[circles.of_target[speaker]];
  if (!circle.piece->names_kernel || audience.same_kernel(circle.speaker, speaker)) {
    return *circle.piece;
  }
  const std::scoped_lock lock(circles.mutex);
  for (const auto& [known, piece] : circle.others) {
    if (audience.same_kernel(known, speaker)) return *piece;
  }
  const File file(circles);
  auto heard = audience.judge(file.configuration, {speaker}, LineNames::kMark, starts);
  auto again =
      piece(circles, file.document, *audience.targets()[speaker], std::move(heard.front()));
  circle.others.emplace_back(speaker, again ? again : circle.piece);
  return *circle.others.back().second;
}

/// nullptr: its report does not tell enough.
PiecePtr PieceMemory::piece(const Circles& circles, const conf::Document& document,
                            const Target& target, Audience::Heard heard) {
  auto piece = std::make_shared<Piece>();
  piece->report = std::move(heard.told.report);
  if (is_parted(circles.elsewhere) && adds_lines(piece->report)) return nullptr;
  const conf::Lines lines = document.lines();
  auto fates = this->fates(heard.facts.scenarios, target, lines.size());
  if (!fates) return nullptr;
  piece->fates = *std::move(fates);
  for (size_t i = 0; i < lines.size(); ++i) piece->begins.push_back(lines.whole(i).begin);
  const auto size = static_cast<uint32_t>(document.bytes().size());
  const Places places(piece->begins, {}, size);
  if (!places.hold(piece->report)) return nullptr;
  piece->edits = edits_of(piece->report, places);
  piece->hits.assign(heard.facts.hits.begin(), heard.facts.hits.end());
  piece->has_marks = has_marks(piece->report);
  if (piece->has_marks && has_long_message(piece->report)) return nullptr;
  piece->names_kernel = names_kernel(piece->report, target);
  return piece;
}

/// nullopt: what becomes of other lines cannot be told.
std::optional<std::vector<Fate>> PieceMemory::fates(const Scenarios& scenarios,
                                                    const Target& target, size_t lines) {
  const std::vector<kernel::Version> kernels = kernels_of(target);
  std::vector<Fate> fates(lines);
  for (Fate& fate : fates) fate.written = true;
  for (const Group& group : scenarios.groups) {
    const bool stops = load::any_stops(group.loaders);
    for (size_t segment = 0; segment < group.runs.size(); ++segment) {
      uint32_t bits = 0;
      for (size_t i = 0; stops && i < kernels.size(); ++i) {
        bits |= scenarios.segments[segment].range.contains(kernels[i]) ? 1U << i : 0;
      }
      if (!add_fates(group.runs[segment]->result(), bits, fates)) return std::nullopt;
    }
  }
  for (Fate& fate : fates) sort_unique(fate.footprint);
  return fates;
}

/// `stops`: the kernels for which this is the result of a loader that stops at a refused value.
bool PieceMemory::add_fates(const load::LoadResult& result, uint32_t stops,
                            std::vector<Fate>& fates) {
  if (result.given_up) return false;
  for (const load::Assignment& line : result.assignments) {
    if (load::is_odd_path(line)) return false;
    Fate& fate = fates[line.origin.line];
    if (!add_footprint(result, line, fate)) return false;
    if (line.reason == load::kEndedBefore) continue;
    bool ends = false;
    for (const uint32_t index : line.writes) {
      const load::Write& write = result.writes[index];
      const kernel::Outcome& outcome = write.outcome;
      fate.retried = fate.retried ||
                     (outcome.result == kernel::WriteResult::kRejected && outcome.error == EINVAL);
      ends = ends || load::ends_loaders(write);
    }
    fate.written = fate.written && !line.writes.empty();
    fate.tried = fate.tried || !line.writes.empty();
    (ends ? fate.ends : fate.goes_on) |= stops;
  }
  return true;
}

/// False: there are too many paths.
bool PieceMemory::add_footprint(const load::LoadResult& result, const load::Assignment& line,
                                Fate& fate) {
  bool all = true;
  load::visit_footprint(result, line, [&](std::string_view path) {
    const auto number = table_->path_number(path);
    all = all && number;
    if (number) fate.footprint.push_back(*number);
  });
  return all;
}

}  // namespace proctor::rules
