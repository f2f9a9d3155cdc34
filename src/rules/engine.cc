#include "rules/engine.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "rules/ask.h"
#include "rules/cuts.h"
#include "rules/detection.h"
#include "rules/gather.h"
#include "rules/merge.h"
#include "rules/piece.h"
#include "rules/place.h"
#include "rules/places.h"
#include "rules/proof.h"
#include "rules/remedy.h"
#include "rules/render.h"
#include "rules/resolve.h"
#include "rules/rounds.h"
#include "rules/running.h"
#include "rules/scenario.h"
#include "rules/selection.h"
#include "rules/suppress.h"
#include "rules/touched.h"
#include "text/text.h"

namespace proctor::rules {
namespace {

class Judge {
 public:
  Judge(const RuleSet& rules, const load::Configuration& configuration, const Target& target,
        const Selection& selection, Starts& starts, LineNames lines = LineNames::kNumber,
        Reads* reads = nullptr)
      : rules_(rules),
        original_(configuration),
        configuration_(configuration),
        target_(target),
        selection_(selection),
        starts_(starts),
        reads_(reads),
        lines_(lines) {
    for (load::SourceFile& file : configuration_.files) {
      if (is_read(file) && is_binary(*file.document)) file.document = nullptr;
    }
  }

  Report run(const Scenarios* known = nullptr) {
    expand_roles();
    suppressions_.emplace(configuration_, rules_);
    choose_rules();
    scenarios_ =
        known != nullptr ? *known : run_in_stretches(configuration_, target_, cuts(), starts_);
    listen();
    hits_.resize(scenarios_.segments.size());
    for (size_t segment = 0; segment < hits_.size(); ++segment) detect(segment);
    for (const uint32_t rule : conditions_) ask_everywhere(rule);
    for (auto& segment : hits_) {
      for (auto& hits : segment) resolve(rules_, hits);
    }
    report();
    return std::move(report_);
  }

  /// After run(), once.
  PieceFacts take_facts() { return {std::move(scenarios_), std::move(counts_)}; }

  Report run_on(const RunningLines& lines, const std::set<std::string>& set) {
    expand_roles();
    suppressions_.emplace(configuration_, rules_);
    choose_all_rules();
    scenarios_.segments = segments_of(target_, cuts());
    scenarios_.kernel_given = target_.facts.kernel().has_value();
    scenarios_.loader_given = true;
    Group group{{&load::loaders().back()}, {}};
    for (const Segment& segment : scenarios_.segments) {
      group.runs.push_back(lines.written(target_, segment.version, set));
      places_.push_back(lines.all(target_, segment.version));
    }
    scenarios_.groups.push_back(std::move(group));
    hits_.assign(scenarios_.segments.size(), std::vector<std::vector<Hit>>(1));
    for (const uint32_t rule : conditions_) ask_everywhere(rule);
    for (auto& segment : hits_) resolve(rules_, segment.front());
    report();
    return std::move(report_);
  }

 private:
  void expand_roles() {
    auto roles = rules_.expand_roles(target_.facts.roles());
    if (roles.ok()) roles_ = std::move(roles).value();
  }

  void choose_all_rules() {
    for (uint32_t index = 0; index < rules_.size(); ++index) {
      const Rule& rule = rules_.rule(index);
      if (rule.detect.empty() && speaks(rule, selection_, roles_)) conditions_.push_back(index);
    }
  }

  Surroundings surroundings(size_t segment, size_t group) const {
    return {&configuration_,
            &target_,
            &roles_,
            scenarios_.groups[group].runs[segment].get(),
            scenarios_.segments[segment].version,
            reads_};
  }

  void choose_rules() {
    touched_ = touched_keys(configuration_);
    std::set<uint32_t> asked;
    for (const kernel::Key* key : touched_) {
      const auto readers = rules_.reading(key->name);
      asked.insert(readers.begin(), readers.end());
    }
    for (const uint32_t rule : asked) {
      if (speaks(rules_.rule(rule), selection_, roles_)) conditions_.push_back(rule);
    }
  }

  std::vector<kernel::Version> cuts() const {
    std::vector<kernel::Version> cuts = cuts_of(rules_, conditions_, touched_, target_);
    for (const auto& [from, end] : configuration_.elsewhere.later) cuts.push_back(from);
    sort_unique(cuts);
    return cuts;
  }

  void listen() {
    for (const uint32_t index : rules_.detecting()) {
      const Rule& rule = rules_.rule(index);
      if (!speaks(rule, selection_, roles_)) continue;
      listeners_.emplace_back(rule.detect, index);
    }
  }

  void detect(size_t segment) {
    const View view{configuration_, target_, roles_, scenarios_, segment, lines_};
    Sink sink(scenarios_.groups.size());
    for (const auto& [detector, rule] : listeners_) {
      const auto& range = rules_.rule(rule).kernel;
      if (!range || range->contains(view.version())) sink.listen(detector, rule);
    }
    detect_keys(view, sink);
    detect_values(view, sink);
    detect_load(view, sink);
    detect_differences(view, sink);
    detect_binary(view, original_, sink);
    detect_syntax(view, sink);
    suppressions_->detect(sink);
    if (target_.audited) detect_drift(view, sink);
    sink.count(counts_);
    hits_[segment] = sink.take(view);
  }

  void ask_everywhere(uint32_t index) {
    const Rule& rule = rules_.rule(index);
    static const std::vector<Interface> kOnce(1);
    if (rule.for_each_interface && interfaces_.empty()) {
      interfaces_ = interfaces_of(target_, scenarios_);
    }
    for (const Interface& round : rule.for_each_interface ? interfaces_ : kOnce) {
      for (size_t segment = 0; segment < scenarios_.segments.size(); ++segment) {
        for (size_t group = 0; group < scenarios_.groups.size(); ++group) {
          ask_once(index, rule, round, segment, group);
        }
      }
    }
  }

  void ask_once(uint32_t index, const Rule& rule, const Interface& round, size_t segment,
                size_t group) {
    const Surroundings at = surroundings(segment, group);
    const Activation activation(at, rule.let, round);
    const Answer answer = ask(rule, at, activation);
    switch (answer.kind) {
      case Answer::Kind::kSilent:
        return;
      case Answer::Kind::kDefect:
        return defect(rule, answer.defect);
      case Answer::Kind::kFires:
      case Answer::Kind::kUndecided:
        break;
    }
    const Run& places = places_.empty() ? *at.run : *places_[segment];
    const auto carrier = carrier_of(places, rule, round);
    if (!carrier) return;
    Hit hit;
    hit.rule = index;
    hit.subject = round.name;
    hit.fires = answer.kind == Answer::Kind::kFires;
    hit.needs = answer.needs;
    hit.origin = carrier->origin;
    hit.span = span_of_line(configuration_, carrier->origin);
    hit.paths = {carrier->path};
    hit.interface = round;
    for (const Carrier& other : related_carriers(places, rule.related, round, hit.origin)) {
      const Span span = span_of_line(configuration_, other.origin);
      hit.beside.push_back({other.origin, span, std::string(text(other.origin.file, span))});
      hit.paths.push_back(other.path);
    }
    hits_[segment][group].push_back(std::move(hit));
  }

  std::string_view text(uint32_t file, Span span) const {
    return configuration_.files[file].document->text(span);
  }

  void defect(const Rule& rule, const std::string& what) {
    Diagnostic diagnostic;
    diagnostic.file = rule.file;
    diagnostic.begin = rule.at;
    diagnostic.end = rule.at;
    diagnostic.message = "rule " + rule.id + " failed: " + what;
    if (std::ranges::find(report_.defects, diagnostic) == report_.defects.end()) {
      report_.defects.push_back(std::move(diagnostic));
    }
  }

  /// Whether this group of loaders does not take the rule's lines while another does.
  bool not_asked(uint32_t index, size_t segment, size_t group) {
    for (const std::string& pattern : rules_.rule(index).reads) {
      const kernel::Key* key = kernel::find_pattern(pattern);
      if (key == nullptr || is_live(*key, segment, group)) continue;
      for (size_t other = 0; other < scenarios_.groups.size(); ++other) {
        if (other != group && is_live(*key, segment, other)) return true;
      }
    }
    return false;
  }

  bool is_live(const kernel::Key& key, size_t segment, size_t group) {
    const auto [at, fresh] = live_.try_emplace({&key, segment, group});
    if (!fresh) return at->second;
    const Run& run = *scenarios_.groups[group].runs[segment];
    return at->second = std::ranges::any_of(run.paths(), [&](std::string_view path) {
             return run.find(path)->key == &key && run.effective_write(path) != nullptr;
           });
  }

  void report() {
    const auto merged =
        merge({scenarios_, hits_, [&](uint32_t rule) { return !rules_.rule(rule).detect.empty(); },
               [&](uint32_t rule, size_t segment, size_t group) {
                 return not_asked(rule, segment, group);
               }});
    for (const Merged& one : merged) {
      if (suppressions_->silences(*one.hit)) {
        add_silenced(*one.hit);
        continue;
      }
      if (is_quiet(*one.hit)) continue;
      if (one.holds) {
        add_finding(one);
      } else if (!one.needs.empty()) {
        report_.undecided.push_back({std::string(rules_.id(one.hit->rule)), one.hit->origin.file,
                                     one.hit->span, one.needs, one.holds_for, one.hit->topic});
      }
    }
    add_unused_suppressions();
    fold_interfaces(rules_, interface_of_, report_.findings);
    sort(report_);
    count_assignments();
  }

  void add_silenced(const Hit& hit) {
    const std::string key = hit.paths.empty() ? "" : kernel::path_to_dotted(hit.paths.front());
    report_.silenced.emplace_back(rules_.id(hit.rule), key);
  }

  void add_unused_suppressions() {
    if (suppressions_->empty()) return;
    for (const auto& [detector, rule] : listeners_) {
      if (detector != "suppression-unused") continue;
      for (Hit& hit : suppressions_->unused([&](size_t index) {
             return !rules_.disabled(index) && speaks(rules_.rule(index), selection_, roles_);
           })) {
        hit.rule = rule;
        if (!is_quiet(hit)) add_finding({&hit, 0, 0, true, {}, {}});
      }
    }
  }

  bool is_quiet(const Hit& hit) const {
    const conf::Document* document = original_.files[hit.origin.file].document;
    return selection_.quiet && document != nullptr &&
           selection_.quiet(rules_.id(hit.rule), document->name());
  }

  void add_finding(const Merged& one) {
    const Hit& hit = *one.hit;
    const Rule& rule = rules_.rule(hit.rule);
    const Surroundings at = surroundings(one.segment, one.group);
    Interface shown = hit.interface;
    if (shown.kind == Interface::Kind::kOpen) shown.name = "every interface";
    const Activation activation(at, rule.let, shown, hit.variables);
    Finding finding;
    finding.rule = rule.id;
    finding.severity = hit.partial ? std::min(rule.severity, Severity::kInfo) : rule.severity;
    finding.category = rule.category;
    finding.message = text_of(rule, rule.message, activation);
    finding.label = text_of(rule, rule.label, activation);
    finding.why = text_of(rule, rule.why, activation);
    finding.file = hit.origin.file;
    finding.span = hit.span;
    for (const std::string& path : hit.paths) add_key(finding, kernel::path_to_dotted(path));
    for (const Beside& beside : hit.beside) {
      finding.related.push_back({beside.origin.file, beside.span, beside.message});
    }
    auto fix = remedy(rule, hit, at, activation, finding.message);
    if (fix && !places_.empty()) {
      // There is no line to change, but the value is worth telling.
      const bool value = fix->summary.find(" = ") != std::string::npos;
      if (value) finding.why += " Better: " + fix->summary + ".";
    } else if (fix) {
      fix->safe = fix->safe && prover().keeps_state(*fix);
      finding.fixes.push_back(*std::move(fix));
    }
    finding.topic = hit.topic;
    if (!finding.topic.empty()) {
      finding.lines += hit.more;
    } else {
      say_more(finding, hit.more);
    }
    finding.evidence = rule.evidence;
    finding.also = hit.also;
    interface_of_.push_back(hit.interface);
    report_.findings.push_back(std::move(finding));
  }

  Prover& prover() {
    if (!prover_) prover_.emplace(scenarios_, configuration_);
    return *prover_;
  }

  static void add_key(Finding& finding, std::string key) {
    if (std::ranges::find(finding.keys, key) == finding.keys.end()) {
      finding.keys.push_back(std::move(key));
    }
  }

  std::string text_of(const Rule& rule, const Template& text, const Activation& activation) {
    Rendered rendered = render(text, activation);
    if (!rendered.error.empty()) defect(rule, rendered.error);
    return std::move(rendered.text);
  }

  void count_assignments() {
    for (const load::SourceFile& file : configuration_.files) {
      if (!is_read(file)) continue;
      for (const conf::Line& line : file.document->lines()) {
        report_.assignments += line.kind == conf::LineKind::kAssignment ? 1 : 0;
      }
    }
  }

  const RuleSet& rules_;
  const load::Configuration& original_;
  load::Configuration configuration_;  ///< Without files that are no text.
  const Target& target_;
  const Selection& selection_;
  Starts& starts_;
  Reads* reads_;
  std::vector<std::string> roles_;
  std::vector<const kernel::Key*> touched_;
  std::vector<uint32_t> conditions_;     ///< Expression rules to ask, ascending.
  std::map<uint32_t, uint32_t> counts_;  ///< Hits by rule with a detector.
  const LineNames lines_;
  std::vector<std::pair<std::string_view, uint32_t>> listeners_;  ///< By detector.
  std::vector<Interface> interfaces_;
  std::optional<Suppressions> suppressions_;
  Scenarios scenarios_;
  /// Answers of is_live().
  std::map<std::tuple<const kernel::Key*, size_t, size_t>, bool> live_;
  std::optional<Prover> prover_;
  /// By segment: where findings stand if not on what was written.
  std::vector<std::shared_ptr<const Run>> places_;
  std::vector<std::vector<std::vector<Hit>>> hits_;  ///< By segment, then group.
  std::vector<Interface> interface_of_;              ///< By finding.
  Report report_;
};

}  // namespace

Report judge(const RuleSet& rules, const load::Configuration& configuration, const Target& target,
             const Selection& selection) {
  Starts starts;
  return judge(rules, configuration, target, selection, starts);
}

Report judge(const RuleSet& rules, const load::Configuration& configuration, const Target& target,
             const Selection& selection, Starts& starts) {
  Report report = Judge(rules, configuration, target, selection, starts).run();
  gather(report.findings);
  gather(report.undecided);
  return report;
}

Report judge_piece(const RuleSet& rules, const load::Configuration& configuration,
                   const Target& target, const Selection& selection, Starts& starts,
                   LineNames lines, PieceFacts& facts, Reads* reads, const Scenarios* known) {
  Judge judge(rules, configuration, target, selection, starts, lines, reads);
  Report report = judge.run(known);
  facts = judge.take_facts();
  return report;
}

Report judge_running(const RuleSet& rules, const RunningLines& lines, const Target& target,
                     const Selection& selection, const std::set<std::string>& set) {
  Starts starts;
  return Judge(rules, lines.configuration(), target, selection, starts).run_on(lines, set);
}

}  // namespace proctor::rules
