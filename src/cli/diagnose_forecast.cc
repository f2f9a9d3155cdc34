// --what-if: which limit a load meets first.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "cli/diagnose_print.h"
#include "cli/settings.h"
#include "report/escape.h"
#include "report/paint.h"

namespace proctor::cli {
namespace {

using advise::Forecast;
using report::json_string;

constexpr size_t kTitleColumns = 33;
constexpr unsigned kBarCells = 12;
constexpr size_t kCurveCells = 20;

std::string needs_text(const Forecast& forecast) {
  std::string out;
  for (const std::string& need : forecast.needs) {
    const std::string option = option_for_need(need);
    out += (out.empty() ? "" : ", ") + (option.empty() ? need : option);
  }
  return out;
}

/// The curve as a row of blocks; a cross is above the limit.
std::string plot(const Forecast& forecast) {
  static constexpr std::string_view kHeights[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::string out;
  for (size_t cell = 1; cell <= kCurveCells; ++cell) {
    const size_t at = cell * (forecast.curve.size() - 1) / kCurveCells;
    const double share = forecast.curve[at] / 100;
    const auto height = static_cast<size_t>(std::ceil(std::clamp(share, 0.0, 1.0) * 8));
    out += share >= 1 ? "×" : kHeights[height];
  }
  return out;
}

std::string verdict(const Forecast& forecast, const advise::DiagnoseRequest& request) {
  if (!forecast.breaks_at) return "no such load fills it";
  return fmt::format("full at {:.2f} times the load: {}", *forecast.breaks_at,
                     loads_text(request, *forecast.breaks_at));
}

}  // namespace

std::string forecast_title(const Forecast& forecast) {
  const advise::Resource& resource = *forecast.resource;
  if (resource.id != "ephemeral-ports") return resource.title;
  return resource.each == advise::Each::kSource ? resource.title + ", bind() first"
                                                : resource.title + ", connect() alone";
}

std::string unit_text(const Forecast& forecast) {
  const std::string& unit = forecast.resource->unit;
  return unit == "bytes" ? std::string() : " " + unit;
}

std::string loads_text(const advise::DiagnoseRequest& request, double factor) {
  std::string out;
  for (const advise::LoadName& load : request.model->loads) {
    const auto given = request.loads.find(load.name);
    if (given == request.loads.end() || !load.scales) continue;
    const double value = static_cast<double>(given->second) * factor;
    out += fmt::format("{}{}={}", out.empty() ? "" : ", ", load.name, figure(std::floor(value)));
  }
  return out;
}

std::string forecasts_text(const advise::Forecasts& forecasts,
                           const advise::DiagnoseRequest& request, const DiagnosePage& page) {
  std::string out;
  if (!forecasts.list.empty() && forecasts.list.front().breaks_at) {
    const Forecast& first = forecasts.list.front();
    out += paragraph("", 0,
                     fmt::format("First to break: {}, {}.", forecast_title(first),
                                 verdict(first, request)),
                     page.width) +
           "\n";
  }
  out += fmt::format("{:{}}{:<{}}  load from 0 to {:.3g} times\n", "", kTitleColumns,
                     "at this load", kBarCells + 8, forecasts.span);
  for (const Forecast& forecast : forecasts.list) {
    const std::string title = padded(forecast_title(forecast), kTitleColumns);
    if (!forecast.ratio) {
      const std::string needs = needs_text(forecast);
      out += paragraph(title, kTitleColumns,
                       "not known: " + (needs.empty() ? "nothing decides" : needs + " decides"),
                       page.width);
      continue;
    }
    const bool full = *forecast.ratio >= 1;
    std::string percent = padded(fmt::format("{} %", figure(std::floor(*forecast.ratio * 100))), 7);
    if (full) percent = report::painted(page.color, report::Paint::kRed, percent);
    out +=
        fmt::format("{}{} {}  {}", title, bar(*forecast.ratio, kBarCells), percent, plot(forecast));
    while (out.ends_with(' ')) out.pop_back();
    out += '\n';
    out += paragraph("", 2,
                     fmt::format("{} of {}{}; {}", amount(*forecast.used, forecast.resource->unit),
                                 amount(*forecast.limit, forecast.resource->unit),
                                 unit_text(forecast), verdict(forecast, request)),
                     page.width);
    out += paragraph("", 2, forecast.resource->predict->formula, page.width);
  }
  return out;
}

std::string forecasts_json(const advise::Forecasts& forecasts,
                           const advise::DiagnoseRequest& request) {
  std::string loads;
  for (const advise::LoadName& load : request.model->loads) {
    const auto given = request.loads.find(load.name);
    loads += fmt::format("{}{}: {}", loads.empty() ? "" : ", ", json_string(load.name),
                         given == request.loads.end() ? load.value : given->second);
  }
  std::string list;
  for (const Forecast& forecast : forecasts.list) {
    std::string needs;
    for (const std::string& need : forecast.needs) {
      needs += (needs.empty() ? "" : ", ") + json_string(need);
    }
    list += fmt::format(
        "{}\n    {{\"resource\": {}, \"what\": {}, \"used\": {}, \"limit\": {}, \"ratio\": {}, "
        "\"breaks_at\": {}, \"formula\": {}, \"needs\": [{}]}}",
        list.empty() ? "" : ",", json_string(forecast.resource->id),
        json_string(forecast_title(forecast)), json_number(forecast.used),
        json_number(forecast.limit), json_number(forecast.ratio), json_number(forecast.breaks_at),
        json_string(forecast.resource->predict->formula), needs);
  }
  return fmt::format("{{\n  \"version\": 1,\n  \"loads\": {{{}}},\n  \"forecasts\": [{}\n  ]\n}}\n",
                     loads, list);
}

}  // namespace proctor::cli
