// What a load would fill, and what load fills a limit.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "advise/diagnosis_scope.h"
#include "text/text.h"

namespace proctor::advise {
namespace {

using expr::Value;

class Prophet {
 public:
  explicit Prophet(const DiagnoseRequest& request) : request_(request), scope_(request) {}

  Forecasts run() {
    for (const Resource& resource : request_.model->resources) {
      if (resource.predict) predict(resource);
    }
    std::ranges::stable_sort(out_.list, [](const Forecast& a, const Forecast& b) {
      return std::pair(!a.ratio.has_value(), a.breaks_at.value_or(kMostLoad * 2)) <
             std::pair(!b.ratio.has_value(), b.breaks_at.value_or(kMostLoad * 2));
    });
    draw();
    return std::move(out_);
  }

 private:
  static std::optional<double> number_of(const Value& value) {
    if (const auto* integer = value.get_if<int64_t>()) return static_cast<double>(*integer);
    if (const auto* real = value.get_if<double>()) return *real;
    return std::nullopt;
  }

  /// Use over limit at a multiple of the loads. A number too large for an expression is above any
  /// limit.
  std::optional<double> ratio_at(const Prediction& predict, double factor) {
    scope_.set_factor(factor);
    const Value used = predict.used.program.run(scope_);
    const auto limit = number_of(predict.limit.program.run(scope_));
    if (!limit) return std::nullopt;
    if (used.is_error()) return kMostLoad;
    const auto amount = number_of(used);
    if (!amount) return std::nullopt;
    return *limit > 0 ? *amount / *limit : kMostLoad;
  }

  void predict(const Resource& resource) {
    const Prediction& predict = *resource.predict;
    scope_.set_factor(1);
    Forecast forecast;
    forecast.resource = &resource;
    if (predict.when) {
      const Value asked = predict.when->program.run(scope_);
      if (asked.is_error()) return;
      if (asked.is_unknown()) {
        forecast.needs = asked.as_unknown()->needs;
        out_.list.push_back(std::move(forecast));
        return;
      }
      const bool* known = asked.get_if<bool>();
      if (known == nullptr || !*known) return;
    }
    const Value used = predict.used.program.run(scope_);
    const Value limit = predict.limit.program.run(scope_);
    for (const auto& [value, source] :
         {std::pair(&used, &predict.used.source), std::pair(&limit, &predict.limit.source)}) {
      if (value->is_unknown()) {
        const auto& needs = value->as_unknown()->needs;
        forecast.needs.insert(forecast.needs.end(), needs.begin(), needs.end());
      } else if (value->is_error()) {
        if (value->as_error()->kind == expr::EvalError::Kind::kAbsent) return;
        out_.defects.push_back(
            fmt::format("{}: {}: {}", resource.id, *source, value->as_error()->message));
      }
    }
    sort_unique(forecast.needs);
    forecast.used = number_of(used);
    forecast.limit = number_of(limit);
    if (forecast.used && forecast.limit) {
      forecast.ratio = ratio_at(predict, 1);
      forecast.breaks_at = breaking_factor(predict);
    }
    out_.list.push_back(std::move(forecast));
  }

  /// Use grows with the load, so halving finds the place.
  std::optional<double> breaking_factor(const Prediction& predict) {
    double high = 1;
    while (high < kMostLoad && ratio_at(predict, high).value_or(0) < 1) high *= 2;
    if (ratio_at(predict, high).value_or(0) < 1) return std::nullopt;
    double low = 0;
    constexpr int kHalvings = 40;
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = (low + high) / 2;
      (ratio_at(predict, middle).value_or(0) < 1 ? low : high) = middle;
    }
    return high;
  }

  /// Up to twice the load, or as far as the first limit is.
  void draw() {
    out_.span = 2;
    constexpr double kFarthest = 20;
    constexpr double kBeyond = 1.25;
    if (!out_.list.empty() && out_.list.front().breaks_at) {
      out_.span = std::clamp(*out_.list.front().breaks_at * kBeyond, out_.span, kFarthest);
    }
    constexpr double kPercent = 100;
    for (Forecast& forecast : out_.list) {
      if (!forecast.ratio) continue;
      for (size_t i = 0; i < kCurvePoints; ++i) {
        const double factor =
            out_.span * static_cast<double>(i) / static_cast<double>(kCurvePoints - 1);
        forecast.curve.push_back(ratio_at(*forecast.resource->predict, factor).value_or(0) *
                                 kPercent);
      }
    }
  }

  const DiagnoseRequest& request_;
  DiagnosisScope scope_;
  Forecasts out_;
};

}  // namespace

Forecasts forecast(const DiagnoseRequest& request) { return Prophet(request).run(); }

}  // namespace proctor::advise
