#include "rules/suppress.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "rules/selection.h"
#include "rules/touched.h"
#include "text/text.h"

namespace proctor::rules {
namespace {

constexpr std::string_view kMark = "proctor:";
constexpr std::string_view kIgnore = "ignore";
constexpr std::string_view kStart = "ignore-start";
constexpr std::string_view kEnd = "ignore-end";
constexpr std::array kVerbs = {kIgnore, kStart, kEnd};
/// Comments of one file that are looked at.
constexpr size_t kMostComments = 10000;

bool is_text(const conf::Line& line) {
  return line.kind == conf::LineKind::kAssignment || line.kind == conf::LineKind::kBare;
}

/// The parts of "# proctor: VERB NAMES -- REASON", as spans of the document.
struct Directive {
  Span whole;  ///< From '#' on, without blanks at the end.
  Span verb;
  Span names;
  std::string_view reason;
};

Span trimmed(std::string_view bytes, Span span) {
  while (!span.empty() && trim(bytes.substr(span.begin, 1)).empty()) ++span.begin;
  while (!span.empty() && trim(bytes.substr(span.end - 1, 1)).empty()) --span.end;
  return span;
}

std::optional<Directive> directive_of(std::string_view bytes, Span comment) {
  Directive found;
  found.whole = trimmed(bytes, comment);
  Span rest = trimmed(bytes, {std::min(comment.begin + 1, comment.end), comment.end});
  if (!rest.of(bytes).starts_with(kMark)) return std::nullopt;
  rest = trimmed(bytes, {rest.begin + static_cast<uint32_t>(kMark.size()), rest.end});
  const std::string_view text = rest.of(bytes);
  const auto verb_end = static_cast<uint32_t>(std::min(text.find_first_of(" \t"), text.size()));
  found.verb = {rest.begin, rest.begin + verb_end};
  found.names = trimmed(bytes, {found.verb.end, rest.end});
  // " -- " with blanks, so that a name may hold "--".
  const std::string_view tail = Span{found.verb.end, rest.end}.of(bytes);
  for (size_t at = tail.find("--"); at != std::string_view::npos; at = tail.find("--", at + 1)) {
    const bool begins = at == 0 || trim(tail.substr(at - 1, 1)).empty();
    const bool ends = at + 2 == tail.size() || trim(tail.substr(at + 2, 1)).empty();
    if (!begins || !ends) continue;
    found.names = trimmed(bytes, {found.verb.end, found.verb.end + static_cast<uint32_t>(at)});
    found.reason = trim(tail.substr(at + 2));
    break;
  }
  return found;
}

std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  for (const std::string_view part : split(text, ',')) {
    for (const std::string_view name : split_blanks(part)) {
      if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
    }
  }
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

/// Whether anything is called so, and what is when nothing is.
class Names {
 public:
  explicit Names(const RuleSet& rules) : rules_(rules) {}

  bool knows(std::string_view name) const {
    if (rules_.find(name)) return true;
    const bool prefix = name.ends_with('/');
    if (!prefix && name.find('/') != std::string_view::npos) return false;
    for (size_t i = 0; i < rules_.size(); ++i) {
      if (prefix ? rules_.id(i).starts_with(name) : names_rule(name, rules_.rule(i))) return true;
    }
    return false;
  }

  /// The id of today, or the nearest one; empty: none is near.
  std::string suggestion(std::string_view name) const {
    if (const auto old = rules_.old_name(name)) return old->now;
    std::vector<std::string_view> ids;
    for (size_t i = 0; i < rules_.size(); ++i) ids.push_back(rules_.id(i));
    return std::string(nearest(name, ids));
  }

 private:
  const RuleSet& rules_;
};

}  // namespace

/// Reads the comments of one file.
class Suppressions::Reader {
 public:
  Reader(Suppressions& out, uint32_t file, const conf::Document& document)
      : out_(out), names_(out.rules_), file_(file), document_(document) {}

  void run() {
    uint32_t number = 0;
    for (const conf::Line& line : document_.lines()) {
      if (line.kind == conf::LineKind::kComment) {
        comment(number, line);
      } else {
        attach(number, line);
      }
      ++number;
    }
    for (const Open& open : open_) {
      if (open.kind != Kind::kRange) continue;
      out_.all_[open.index].last = number;
      say_malformed(open.line, open.whole, "it has no ignore-end");
    }
  }

 private:
  enum class Kind : uint8_t { kNext, kRange };
  struct Open {
    Kind kind;
    size_t index;  ///< Into Suppressions::all_.
    uint32_t line;
    Span whole;
  };

  std::string_view text(Span span) const { return document_.text(span); }

  void comment(uint32_t number, const conf::Line& line) {
    const auto found = directive_of(document_.bytes(), line.comment);
    if (!found || ++count_ > kMostComments) return;
    const std::string_view verb = text(found->verb);
    if (verb == kIgnore || verb == kStart) {
      begin(number, line, *found, verb == kStart ? Kind::kRange : Kind::kNext);
    } else if (verb == kEnd) {
      end(number, *found);
    } else {
      wrong_verb(number, *found, verb);
    }
  }

  void wrong_verb(uint32_t number, const Directive& found, std::string_view verb) {
    Hit hit = hit_at(number, found.whole);
    const std::string_view near = nearest(verb, kVerbs);
    if (!near.empty()) {
      hit.changes.push_back({Change::Kind::kReplace, hit.origin, found.verb, std::string(near)});
      hit.change_summary = "write " + std::string(near);
    }
    hit.variables = {std::string(text(found.whole)),
                     "it begins with none of ignore, ignore-start and ignore-end"};
    out_.wrong_.push_back({"suppression-malformed", std::move(hit)});
  }

  void begin(uint32_t number, const conf::Line& line, const Directive& found, Kind kind) {
    const std::vector<std::string> names = names_in(text(found.names));
    if (names.empty()) return say_malformed(number, found.whole, "it names no rule");
    if (found.reason.empty()) {
      Hit hit = hit_at(number, found.whole);
      hit.variables = {joined(names)};
      hit.changes.push_back({Change::Kind::kReplace, hit.origin, line.whole, {}});
      hit.change_summary = "delete the comment";
      out_.wrong_.push_back({"suppression-no-reason", std::move(hit)});
      return;
    }
    std::vector<std::string> good = known(number, line, found, names);
    if (good.empty()) return;
    Suppression made;
    made.origin = {file_, number};
    made.span = found.whole;
    made.name_list = found.names;
    for (std::string& name : good) made.rules.push_back({std::move(name)});
    made.first = number;
    made.last = number;
    made.is_range = kind == Kind::kRange;
    open_.push_back({kind, out_.all_.size(), number, found.whole});
    out_.all_.push_back(std::move(made));
  }

  /// Those of the names that rules are called by; the others are complained about.
  std::vector<std::string> known(uint32_t number, const conf::Line& line, const Directive& found,
                                 const std::vector<std::string>& names) {
    std::vector<std::string> good;
    std::vector<std::string> bad;
    std::vector<std::string> mended;
    std::string suggestions;
    for (const std::string& name : names) {
      if (names_.knows(name)) {
        good.push_back(name);
        mended.push_back(name);
        continue;
      }
      bad.push_back(name);
      const std::string near = names_.suggestion(name);
      if (near.empty()) continue;
      suggestions += (suggestions.empty() ? "" : ", ") + near;
      if (std::ranges::find(mended, near) == mended.end()) mended.push_back(near);
    }
    if (bad.empty()) return good;
    Hit hit = hit_at(number, found.whole);
    hit.variables = {joined(bad), suggestions};
    if (mended.empty()) {
      hit.changes.push_back({Change::Kind::kReplace, hit.origin, line.whole, {}});
      hit.change_summary = "delete the comment";
    } else {
      hit.changes.push_back({Change::Kind::kReplace, hit.origin, found.names, joined(mended)});
      hit.change_summary = "name " + joined(mended);
    }
    out_.wrong_.push_back({"suppression-unknown", std::move(hit)});
    return good;
  }

  void end(uint32_t number, const Directive& found) {
    const std::vector<std::string> names = names_in(text(found.names));
    std::vector<size_t> ended;
    std::erase_if(open_, [&](const Open& open) {
      if (open.kind != Kind::kRange) return false;
      Suppression& range = out_.all_[open.index];
      const bool meant = names.empty() || std::ranges::any_of(range.rules, [&](const auto& rule) {
                           return std::ranges::find(names, rule.name) != names.end();
                         });
      if (!meant) return false;
      ended.push_back(open.index);
      range.last = number;
      return true;
    });
    if (ended.empty()) say_malformed(number, found.whole, "no ignore-start before it is open");
    if (ended.size() == 1) out_.all_[ended.front()].end_line = number;
  }

  /// A line that is no comment ends what waits for the next one.
  void attach(uint32_t number, const conf::Line& line) {
    if (line.kind == conf::LineKind::kBlank && seen_text_) return;
    std::erase_if(open_, [&](const Open& open) {
      if (open.kind != Kind::kNext) return false;
      Suppression& one = out_.all_[open.index];
      if (line.kind == conf::LineKind::kBlank) {
        one.whole_file = true;
      } else {
        one.first = number;
        one.last = number + 1;
      }
      return true;
    });
    seen_text_ = seen_text_ || is_text(line);
  }

  Hit hit_at(uint32_t line, Span span) const {
    Hit hit;
    hit.origin = {file_, line};
    hit.span = span;
    return hit;
  }

  void say_malformed(uint32_t line, Span span, std::string reason) {
    Hit hit = hit_at(line, span);
    hit.variables = {std::string(text(span)), std::move(reason)};
    out_.wrong_.push_back({"suppression-malformed", std::move(hit)});
  }

  Suppressions& out_;
  Names names_;
  uint32_t file_;
  const conf::Document& document_;
  std::vector<Open> open_;
  size_t count_ = 0;
  bool seen_text_ = false;  ///< A line before that is neither blank nor a comment.
};

Suppressions::Suppressions(const load::Configuration& configuration, const RuleSet& rules)
    : configuration_(configuration), rules_(rules) {
  for (uint32_t i = 0; i < configuration.files.size(); ++i) {
    const load::SourceFile& file = configuration.files[i];
    if (!is_read(file) || file.kind == load::SourceKind::kCommandLine) continue;
    if (file.document->bytes().find(kMark) == std::string::npos) continue;
    Reader(*this, i, *file.document).run();
  }
}

void Suppressions::detect(Sink& sink) const {
  for (const Wrong& wrong : wrong_) sink.emit_everywhere(wrong.detector, wrong.hit);
}

bool Suppressions::silences(const Hit& hit) {
  bool silent = false;
  for (Suppression& one : all_) {
    if (one.origin.file != hit.origin.file) continue;
    const bool covers =
        one.whole_file || (hit.origin.line >= one.first && hit.origin.line < one.last);
    if (!covers) continue;
    for (SilencedRule& rule : one.rules) {
      if (!names_rule(rule.name, rules_.rule(hit.rule))) continue;
      rule.used = true;
      silent = true;
    }
  }
  return silent;
}

bool Suppressions::is_judged(std::string_view name,
                             const std::function<bool(size_t rule)>& is_judged) const {
  if (const auto rule = rules_.find(name)) return is_judged(*rule);
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (names_rule(name, rules_.rule(i)) && is_judged(i)) return true;
  }
  return false;
}

Hit Suppressions::hit_of(const Suppression& suppression) const {
  Hit hit;
  hit.origin = suppression.origin;
  hit.span = suppression.span;
  const uint32_t lines = suppression.last - suppression.first;
  std::string scope = "any line: no setting follows";
  if (suppression.whole_file) {
    scope = "this file";
  } else if (lines == 1) {
    scope = "line " + std::to_string(suppression.first + 1);
  } else if (suppression.last > suppression.origin.line + 1) {
    scope = "lines " + std::to_string(suppression.first + 1) + " to " +
            std::to_string(suppression.last);
  }
  hit.variables = {{}, std::move(scope)};
  return hit;
}

std::vector<Hit> Suppressions::unused(const std::function<bool(size_t rule)>& judged) const {
  std::vector<Hit> hits;
  for (const Suppression& one : all_) {
    std::vector<std::string> idle;
    std::vector<std::string> kept;
    for (const SilencedRule& rule : one.rules) {
      const bool is_idle = !rule.used && is_judged(rule.name, judged);
      (is_idle ? idle : kept).push_back(rule.name);
    }
    if (idle.empty()) continue;
    Hit hit = hit_of(one);
    hit.variables[0] = joined(idle);
    const conf::Lines lines = configuration_.files[one.origin.file].document->lines();
    if (!kept.empty()) {
      hit.changes.push_back({Change::Kind::kReplace, one.origin, one.name_list, joined(kept)});
      hit.change_summary = "name only " + joined(kept);
    } else if (!one.is_range || one.end_line) {
      hit.changes.push_back({Change::Kind::kReplace, one.origin, lines[one.origin.line].whole, {}});
      hit.change_summary = "delete the comment";
      if (one.end_line) {
        const Span end = lines[*one.end_line].whole;
        hit.changes.push_back({Change::Kind::kReplace, one.origin, end, {}});
        hit.change_summary = "delete both comments";
      }
    }
    hits.push_back(std::move(hit));
  }
  return hits;
}

}  // namespace proctor::rules
