// The capacity model applied to one machine: what is full, what shows it, what moves it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "advise/capacity.h"
#include "host/readings.h"
#include "rules/engine.h"

namespace proctor::advise {

enum class Level : uint8_t { kUnknown, kOk, kHigh, kCritical, kExhausted };
std::string_view to_string(Level level);

struct CureText {
  std::string what;
  std::string kind;
  std::string key;    ///< Empty: none.
  std::string value;  ///< Empty: none.
  std::string cost;   ///< Empty: none.
};

struct NoCureText {
  std::string what;
  std::string why;
};

struct Pressure {
  const Resource* resource = nullptr;
  std::string scope;
  std::optional<double> used;
  std::optional<double> limit;
  std::optional<double> ratio;
  Level level = Level::kUnknown;
  std::vector<std::string> evidence;
  std::vector<CureText> cures;
  std::vector<NoCureText> no_cures;
  std::vector<std::string> needs;  ///< kUnknown: what would decide.
};

struct MovedCounter {
  const CounterName* counter = nullptr;
  int64_t delta = 0;
};

struct DiagnoseRequest {
  const Capacity* model = nullptr;
  rules::Target target;  ///< Facts and values.
  std::vector<std::string> roles;
  const host::Readings* now = nullptr;
  const host::Readings* before = nullptr;  ///< nullptr: one reading.
  std::map<std::string, int64_t> loads;    ///< Of --what-if, by name.
};

struct Diagnosis {
  std::optional<double> interval;      ///< Seconds between the readings.
  std::vector<Pressure> pressures;     ///< By ratio, the fullest first, then the unknown ones.
  std::vector<MovedCounter> counters;  ///< Those that moved; as the model orders them.
  std::vector<std::string> defects;    ///< Expressions that failed.
};
Diagnosis diagnose(const DiagnoseRequest& request);

/// A resource under the loads of the request.
struct Forecast {
  const Resource* resource = nullptr;
  std::optional<double> used;
  std::optional<double> limit;
  std::optional<double> ratio;
  /// The least multiple of the loads that fills the limit; none: no load below kMostLoad does.
  std::optional<double> breaks_at;
  std::vector<std::string> needs;
  /// Use in percent of the limit at `kCurvePoints` multiples of the loads, from 0 to
  /// Forecasts::span.
  std::vector<double> curve;
};
constexpr double kMostLoad = 1e6;
constexpr size_t kCurvePoints = 41;

struct Forecasts {
  double span = 1;             ///< The greatest multiple of the curves.
  std::vector<Forecast> list;  ///< The first to break first.
  std::vector<std::string> defects;
};
Forecasts forecast(const DiagnoseRequest& request);

}  // namespace proctor::advise
