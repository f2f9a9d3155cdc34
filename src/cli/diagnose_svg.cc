// Load against each limit, as a picture for a report.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "cli/diagnose_print.h"
#include "cli/target.h"
#include "report/escape.h"

namespace proctor::cli {
namespace {

using advise::Forecast;

// Pixels of the picture; the labels stand to the right of the plot.
constexpr double kWidth = 1040;
constexpr double kHeight = 560;
constexpr double kLeft = 70;
constexpr double kRight = 670;
constexpr double kTop = 100;
constexpr double kBottom = 490;
/// The vertical axis ends here, in percent of a limit.
constexpr double kMostPercent = 125;

/// Told apart by people who see colours differently (Okabe and Ito), and by their dashes.
struct Stroke {
  std::string_view color;
  std::string_view dashes;
};
constexpr std::array kStrokes = {Stroke{"#d55e00", ""},    Stroke{"#0072b2", ""},
                                 Stroke{"#009e73", ""},    Stroke{"#cc79a7", ""},
                                 Stroke{"#e69f00", "8 4"}, Stroke{"#56b4e9", "8 4"},
                                 Stroke{"#000000", "8 4"}, Stroke{"#d55e00", "3 3"},
                                 Stroke{"#0072b2", "3 3"}, Stroke{"#009e73", "3 3"}};

double y_of(double percent) { return kBottom - (kBottom - kTop) * percent / kMostPercent; }

double x_of(double factor, double span) { return kLeft + (kRight - kLeft) * factor / span; }

std::string text_at(double x, double y, std::string_view anchor, int size, std::string_view text) {
  return fmt::format(
      "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" font-size=\"{}\">{}</text>\n", x, y,
      anchor, size, report::xml_text(text));
}

std::string line(double x1, double y1, double x2, double y2, std::string_view style) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1, y1,
                     x2, y2, style);
}

std::string axes(const advise::Forecasts& forecasts, const advise::DiagnoseRequest& request) {
  std::string out = fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"#fbeaec\"/>\n",
      kLeft, kTop, kRight - kLeft, y_of(100) - kTop);
  for (const double percent : {0.0, 25.0, 50.0, 75.0, 100.0, 125.0}) {
    const bool limit = percent == 100;
    out += line(kLeft, y_of(percent), kRight, y_of(percent),
                limit          ? "stroke=\"#b00020\" stroke-width=\"1.5\""
                : percent == 0 ? "stroke=\"#555555\""
                               : "stroke=\"#dddddd\"");
    out += text_at(kLeft - 8, y_of(percent) + 4, "end", 12, fmt::format("{:.0f} %", percent));
  }
  out += text_at(kRight - 4, y_of(100) - 5, "end", 12, "the limit");
  constexpr int kTicks = 4;
  for (int i = 0; i <= kTicks; ++i) {
    const double factor = forecasts.span * i / kTicks;
    const double x = x_of(factor, forecasts.span);
    out += line(x, kTop, x, kBottom, "stroke=\"#eeeeee\"");
    out += text_at(x, kBottom + 18, "middle", 12, fmt::format("{:.2g} x", factor));
  }
  out += line(x_of(1, forecasts.span), kTop, x_of(1, forecasts.span), kBottom,
              "stroke=\"#555555\" stroke-dasharray=\"4 3\"");
  out += text_at(x_of(1, forecasts.span), kTop - 8, "middle", 12, "the load asked about");
  out += text_at((kLeft + kRight) / 2, kBottom + 42, "middle", 13,
                 "load, in multiples of " + loads_text(request, 1));
  return out;
}

/// As far as the plot goes: the last point is where the line leaves it.
std::string curve(const Forecast& forecast, double span, const Stroke& stroke) {
  std::string points;
  const double step = span / static_cast<double>(forecast.curve.size() - 1);
  for (size_t i = 0; i < forecast.curve.size(); ++i) {
    double factor = step * static_cast<double>(i);
    double percent = forecast.curve[i];
    const bool leaves = percent > kMostPercent;
    if (leaves && i > 0) {
      const double before = forecast.curve[i - 1];
      factor -= step * (percent - kMostPercent) / (percent - before);
    }
    percent = std::min(percent, kMostPercent);
    points += fmt::format("{:.1f},{:.1f} ", x_of(factor, span), y_of(percent));
    if (leaves) break;
  }
  std::string out = fmt::format(
      "<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"2\" stroke-dasharray=\"{}\" "
      "points=\"{}\"/>\n",
      stroke.color, stroke.dashes, points);
  if (forecast.breaks_at && *forecast.breaks_at <= span) {
    out += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\"/>\n",
                       x_of(*forecast.breaks_at, span), y_of(100), stroke.color);
  }
  return out;
}

constexpr double kRow = 40;

std::string label(const Forecast& forecast, size_t row, const Stroke& stroke) {
  const double y = kTop + kRow * static_cast<double>(row);
  std::string out = line(kRight + 16, y - 4, kRight + 44, y - 4,
                         fmt::format("stroke=\"{}\" stroke-width=\"2\" stroke-dasharray=\"{}\"",
                                     stroke.color, stroke.dashes));
  out += text_at(kRight + 52, y, "start", 13, forecast_title(forecast));
  const std::string full = forecast.breaks_at ? fmt::format("full at {:.2f} x", *forecast.breaks_at)
                                              : std::string("never full");
  out += text_at(
      kRight + 52, y + 15, "start", 11,
      fmt::format("{} of {}{}; {}", amount(*forecast.used, forecast.resource->unit),
                  amount(*forecast.limit, forecast.resource->unit), unit_text(forecast), full));
  return out;
}

/// What the picture is of: the first limit that breaks, and on which machine.
std::string heading(const advise::Forecasts& forecasts, const advise::DiagnoseRequest& request) {
  std::string out = text_at(kLeft, 30, "start", 18, "Load against each limit");
  std::string first = "No limit breaks at any load.";
  if (!forecasts.list.empty() && forecasts.list.front().breaks_at) {
    const Forecast& forecast = forecasts.list.front();
    first = fmt::format("First to break: {}, full at {:.2f} times the load asked about ({}).",
                        forecast_title(forecast), *forecast.breaks_at,
                        loads_text(request, *forecast.breaks_at));
  }
  out += text_at(kLeft, 52, "start", 13, first);
  return out + text_at(kWidth - 20, 30, "end", 13, machine_text(request.target.facts));
}

/// Limits without a line, below the labels of those that have one.
std::string unknown_label(const advise::Forecasts& forecasts, size_t rows) {
  std::string out;
  double y = kTop + kRow * static_cast<double>(rows);
  for (const Forecast& forecast : forecasts.list) {
    if (!forecast.curve.empty() || y > kHeight - 20) continue;
    out += text_at(kRight + 52, y, "start", 11, forecast_title(forecast) + ": not known");
    y += 16;
  }
  return out;
}

}  // namespace

std::string forecasts_svg(const advise::Forecasts& forecasts,
                          const advise::DiagnoseRequest& request) {
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
      "width=\"{0:.0f}\" height=\"{1:.0f}\" font-family=\"sans-serif\" fill=\"#222222\">\n"
      "<title>Load against each limit</title>\n"
      "<rect width=\"{0:.0f}\" height=\"{1:.0f}\" fill=\"#ffffff\"/>\n",
      kWidth, kHeight);
  out += heading(forecasts, request) + axes(forecasts, request);
  std::string labels;
  size_t row = 0;
  for (const Forecast& forecast : forecasts.list) {
    if (forecast.curve.empty() || row >= kStrokes.size()) continue;
    out += curve(forecast, forecasts.span, kStrokes[row]);
    labels += label(forecast, row, kStrokes[row]);
    ++row;
  }
  return out + labels + unknown_label(forecasts, row) + "</svg>\n";
}

}  // namespace proctor::cli
