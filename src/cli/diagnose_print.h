// A diagnosis as people and programs read it.
#pragma once

#include <map>
#include <string>

#include "advise/diagnosis.h"

namespace proctor::cli {

struct DiagnosePage {
  bool color = false;
  unsigned width = 80;
};

/// `unreadable`: what could not be read, and why.
using Unreadable = std::map<std::string, std::string, std::less<>>;

std::string diagnosis_text(const advise::Diagnosis& diagnosis, const Unreadable& unreadable,
                           const DiagnosePage& page);
std::string diagnosis_json(const advise::Diagnosis& diagnosis, const Unreadable& unreadable);

std::string forecasts_text(const advise::Forecasts& forecasts,
                           const advise::DiagnoseRequest& request, const DiagnosePage& page);
std::string forecasts_json(const advise::Forecasts& forecasts,
                           const advise::DiagnoseRequest& request);
/// A picture of load against each limit.
std::string forecasts_svg(const advise::Forecasts& forecasts,
                          const advise::DiagnoseRequest& request);

/// "80,000"; whole numbers, and one decimal below 10.
std::string figure(double number);
/// The same of a unit: bytes as sizes.
std::string amount(double number, std::string_view unit);
/// A bar of `cells` characters for `ratio`; full from 1 on.
std::string bar(double ratio, unsigned cells);
/// `text` up to `columns` wide, filled with blanks.
std::string padded(std::string_view text, size_t columns);
/// `text` from the column after `label` on, wrapped there; with the final newline.
std::string paragraph(std::string_view label, size_t column, std::string_view text, unsigned width);
/// "connections=112,000, rate=840": the loads of the request times `factor`.
std::string loads_text(const advise::DiagnoseRequest& request, double factor);
/// How the resource is called in the text: its title, and its scope where that is fixed.
std::string forecast_title(const advise::Forecast& forecast);
/// " entries"; empty for bytes, which amount() names.
std::string unit_text(const advise::Forecast& forecast);
/// A JSON number, or null.
std::string json_number(const std::optional<double>& number);

}  // namespace proctor::cli
