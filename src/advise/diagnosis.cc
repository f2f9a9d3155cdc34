#include "advise/diagnosis.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "advise/diagnosis_scope.h"
#include "rules/render.h"
#include "text/text.h"

namespace proctor::advise {
namespace {

using expr::Value;

std::optional<double> number_of(const Value& value) {
  if (const auto* integer = value.get_if<int64_t>()) return static_cast<double>(*integer);
  if (const auto* natural = value.get_if<uint64_t>()) return static_cast<double>(*natural);
  if (const auto* real = value.get_if<double>()) return *real;
  return std::nullopt;
}

/// A text for `value` as a file would have it.
std::string written(const Value& value) {
  return rules::render_value(value, {}, rules::HoleFormat::kPlain);
}

/// "0.5 s", "60 s".
std::string seconds_text(double seconds) {
  return seconds < 10 ? fmt::format("{:.1f} s", seconds) : fmt::format("{:.0f} s", seconds);
}

class Doctor {
 public:
  explicit Doctor(const DiagnoseRequest& request) : request_(request), scope_(request) {}

  Diagnosis run() {
    out_.interval = elapsed_seconds(request_);
    for (const Resource& resource : request_.model->resources) {
      if (resource.used) examine(resource);
    }
    if (request_.before != nullptr) count();
    add_counters();
    sort();
    return std::move(out_);
  }

 private:
  void examine(const Resource& resource) {
    for (Value& item : items_of(resource.each, *request_.now)) {
      scope_.set_item(resource.each, std::move(item));
      if (resource.when && !holds(resource, *resource.when)) continue;
      Pressure pressure;
      pressure.resource = &resource;
      pressure.scope = text(resource, resource.scope);
      measure(resource, pressure);
      if (pressure.ratio) advise(resource, pressure);
      out_.pressures.push_back(std::move(pressure));
    }
  }

  /// An absent key is no defect: the machine has no such limit.
  void complain(const Resource& resource, std::string_view source, const Value& value) {
    if (!value.is_error() || value.as_error()->kind == expr::EvalError::Kind::kAbsent) return;
    out_.defects.push_back(
        fmt::format("{}: {}: {}", resource.id, source, value.as_error()->message));
  }

  bool holds(const Resource& resource, const Formula& condition) {
    const Value value = condition.program.run(scope_);
    complain(resource, condition.source, value);
    const bool* known = value.get_if<bool>();
    return known != nullptr && *known;
  }

  bool holds(const Resource& resource, const std::optional<Formula>& condition) {
    return !condition || holds(resource, *condition);
  }

  std::string text(const Resource& resource, const rules::Template& source) {
    if (source.literals.empty()) return {};
    rules::Rendered rendered = rules::render(source, scope_);
    if (!rendered.error.empty()) {
      out_.defects.push_back(fmt::format("{}: {}", resource.id, rendered.error));
    }
    return std::move(rendered.text);
  }

  void measure(const Resource& resource, Pressure& pressure) {
    const Value used = resource.used->program.run(scope_);
    const Value limit = resource.limit->program.run(scope_);
    for (const auto& [value, formula] :
         {std::pair(&used, &*resource.used), std::pair(&limit, &*resource.limit)}) {
      if (value->is_unknown()) {
        pressure.needs.insert(pressure.needs.end(), value->as_unknown()->needs.begin(),
                              value->as_unknown()->needs.end());
      } else if (value->is_error() && value->as_error()->kind == expr::EvalError::Kind::kAbsent) {
        // The kernel shows limits of the whole machine in the initial network namespace only.
        pressure.needs.push_back(fmt::format("{} has no file in this network namespace",
                                             formula->program.references().front().text));
      }
    }
    complain(resource, resource.used->source, used);
    complain(resource, resource.limit->source, limit);
    sort_unique(pressure.needs);
    pressure.used = number_of(used);
    pressure.limit = number_of(limit);
    if (!pressure.used || !pressure.limit) return;
    // A limit of zero ports or entries is met by whatever comes.
    const double ratio = *pressure.limit > 0 ? *pressure.used / *pressure.limit : 1.0;
    pressure.ratio = ratio;
    pressure.level = level_of(resource, ratio);
  }

  static Level level_of(const Resource& resource, double ratio) {
    if (ratio >= 1) return Level::kExhausted;
    constexpr double kPercent = 100;
    if (ratio * kPercent >= static_cast<double>(resource.critical)) return Level::kCritical;
    return ratio * kPercent >= static_cast<double>(resource.high) ? Level::kHigh : Level::kOk;
  }

  void advise(const Resource& resource, Pressure& pressure) {
    for (const Remark& remark : resource.evidence) {
      if (holds(resource, remark.when)) pressure.evidence.push_back(text(resource, remark.text));
    }
    for (const Cure& cure : resource.cures) {
      if (!holds(resource, cure.when)) continue;
      CureText made{text(resource, cure.what), cure.kind, cure.key, {}, text(resource, cure.cost)};
      if (cure.value) {
        const Value value = cure.value->program.run(scope_);
        complain(resource, cure.value->source, value);
        if (value.is_value()) made.value = written(value);
      }
      pressure.cures.push_back(std::move(made));
    }
    for (const NoCure& no_cure : resource.no_cures) {
      if (!holds(resource, no_cure.when)) continue;
      pressure.no_cures.push_back({no_cure.what, text(resource, no_cure.why)});
    }
  }

  int64_t metric(const host::Readings& readings, const std::string& name) const {
    const auto found = readings.metrics.find(name);
    return found == readings.metrics.end() ? 0 : found->second;
  }

  void count() {
    for (const CounterName& counter : request_.model->counters) {
      // One that came with a module in between is not known to have moved.
      if (!request_.before->metrics.contains(counter.name)) continue;
      const int64_t delta =
          metric(*request_.now, counter.name) - metric(*request_.before, counter.name);
      if (delta > 0) out_.counters.push_back({&counter, delta});
    }
  }

  /// The kernel's own evidence that a limit is or was met.
  void add_counters() {
    for (const CounterName& counter : request_.model->counters) {
      if (!counter.hit) continue;
      const int64_t ever = metric(*request_.now, counter.name);
      const auto moved = std::ranges::find(out_.counters, &counter, &MovedCounter::counter);
      Pressure* const pressure = fullest(counter.resource);
      if (ever <= 0 || pressure == nullptr) continue;
      if (moved == out_.counters.end()) {
        const std::string_view since =
            request_.before == nullptr ? "" : ", not in between the readings";
        pressure->evidence.push_back(fmt::format("{} is {} since the machine booted{}: {}",
                                                 counter.name, grouped(ever), since,
                                                 counter.means));
        continue;
      }
      pressure->evidence.insert(
          pressure->evidence.begin(),
          fmt::format("{} rose by {} in {}: {}", counter.name, grouped(moved->delta),
                      seconds_text(out_.interval.value_or(0)), counter.means));
      if (pressure->resource->each == Each::kNone) pressure->level = Level::kExhausted;
    }
  }

  static std::string grouped(int64_t number) {
    return rules::render_value(Value::of(number), {}, rules::HoleFormat::kNatural);
  }

  Pressure* fullest(std::string_view resource) {
    Pressure* best = nullptr;
    for (Pressure& pressure : out_.pressures) {
      if (pressure.resource->id != resource) continue;
      if (best == nullptr || pressure.ratio.value_or(-1) > best->ratio.value_or(-1)) {
        best = &pressure;
      }
    }
    return best;
  }

  void sort() {
    std::ranges::stable_sort(out_.pressures, [](const Pressure& a, const Pressure& b) {
      return a.ratio.value_or(-1) > b.ratio.value_or(-1);
    });
  }

  const DiagnoseRequest& request_;
  DiagnosisScope scope_;
  Diagnosis out_;
};

}  // namespace

std::string_view to_string(Level level) {
  static constexpr std::array<std::string_view, 5> kNames = {"unknown", "ok", "high", "critical",
                                                             "exhausted"};
  return kNames[static_cast<size_t>(level)];
}

Diagnosis diagnose(const DiagnoseRequest& request) { return Doctor(request).run(); }

}  // namespace proctor::advise
