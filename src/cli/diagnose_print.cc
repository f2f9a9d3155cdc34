#include "cli/diagnose_print.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "report/escape.h"
#include "report/paint.h"
#include "text/text.h"

namespace proctor::cli {
namespace {

using advise::Level;
using advise::Pressure;
using report::json_string;

constexpr size_t kTitleColumns = 17;
constexpr size_t kScopeColumns = 17;
constexpr size_t kFigureColumns = 20;
/// Of those that are fine, so many of each resource are worth a line.
constexpr int kMostFine = 2;

/// Columns on a terminal, as far as one code point is one.
size_t columns_of(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

report::Paint paint_of(Level level) {
  switch (level) {
    case Level::kExhausted:
    case Level::kCritical:
      return report::Paint::kRed;
    case Level::kHigh:
      return report::Paint::kYellow;
    case Level::kOk:
      return report::Paint::kGreen;
    case Level::kUnknown:
      break;
  }
  return report::Paint::kDim;
}

class TextPage {
 public:
  explicit TextPage(const DiagnosePage& page) : page_(page) {}

  std::string run(const advise::Diagnosis& diagnosis, const Unreadable& unreadable) {
    for (const Pressure& pressure : diagnosis.pressures) add(pressure);
    if (std::ranges::none_of(diagnosis.pressures, is_pressing)) {
      out_ += "Nothing is near its limit.\n";
    }
    add_counters(diagnosis);
    add_unknown(diagnosis);
    for (const auto& [what, why] : unreadable) {
      out_ += paragraph("", 0, fmt::format("not readable: {}: {}", what, why), page_.width);
    }
    return std::move(out_);
  }

 private:
  static bool is_pressing(const Pressure& pressure) { return pressure.level >= Level::kHigh; }

  void add(const Pressure& pressure) {
    if (!pressure.ratio) return;
    if (!is_pressing(pressure) && ++fine_[pressure.resource->id] > kMostFine) {
      return;
    }
    head(pressure);
    if (!is_pressing(pressure)) return;
    for (const std::string& evidence : pressure.evidence) {
      out_ += paragraph("", kTitleColumns, evidence, page_.width);
    }
    cures(pressure);
    no_cures(pressure);
  }

  void head(const Pressure& pressure) {
    const std::string scope = report::printable(pressure.scope);
    std::string line = padded(pressure.resource->title, kTitleColumns);
    line += scope;
    if (columns_of(scope) >= kScopeColumns) {
      out_ += line + "\n";
      line = std::string(kTitleColumns + kScopeColumns, ' ');
    } else {
      line.append(kScopeColumns - columns_of(scope), ' ');
    }
    // What stands beside the bar.
    constexpr unsigned kRest = 71;
    const unsigned cells = std::clamp(page_.width, kRest + 8, kRest + 20) - kRest;
    const double percent = std::floor(*pressure.ratio * 100);
    line += padded(fmt::format("{} of {}", amount(*pressure.used, pressure.resource->unit),
                               amount(*pressure.limit, pressure.resource->unit)),
                   kFigureColumns - 1);
    line += fmt::format(
        " {} {:>3} %  {}", bar(*pressure.ratio, cells), grouped(percent),
        report::painted(page_.color, paint_of(pressure.level), advise::to_string(pressure.level)));
    out_ += line + "\n";
  }

  static std::string grouped(double percent) { return figure(std::min(percent, 999999.0)); }

  void cures(const Pressure& pressure) {
    std::string label = "  what cures it";
    for (const advise::CureText& cure : pressure.cures) {
      std::string text;
      if (!cure.key.empty()) {
        text =
            cure.value.empty() ? cure.key + ": " : fmt::format("{} = {}: ", cure.key, cure.value);
      }
      text += cure.what;
      if (!cure.cost.empty()) text += fmt::format(" (cost: {})", cure.cost);
      out_ += paragraph(label, kTitleColumns, text, page_.width);
      label = "";
    }
  }

  void no_cures(const Pressure& pressure) {
    std::string label = "  what does not";
    for (const advise::NoCureText& no_cure : pressure.no_cures) {
      out_ += paragraph(label, kTitleColumns, fmt::format("{}: {}", no_cure.what, no_cure.why),
                        page_.width);
      label = "";
    }
  }

  void add_counters(const advise::Diagnosis& diagnosis) {
    if (!diagnosis.interval) return;
    out_ += fmt::format("\nCounters that moved in {:.1f} s{}\n", *diagnosis.interval,
                        diagnosis.counters.empty() ? ": none that tells of a limit" : "");
    for (const advise::MovedCounter& moved : diagnosis.counters) {
      out_ += paragraph("", 2,
                        fmt::format("{} +{}: {} [{}]", moved.counter->name,
                                    figure(static_cast<double>(moved.delta)), moved.counter->means,
                                    moved.counter->resource),
                        page_.width);
    }
  }

  void add_unknown(const advise::Diagnosis& diagnosis) {
    for (const Pressure& pressure : diagnosis.pressures) {
      if (pressure.ratio) continue;
      std::string needs;
      for (const std::string& need : pressure.needs) {
        if (needs.find(need) != std::string::npos) continue;
        needs += (needs.empty() ? "" : ", ") + need;
      }
      out_ += paragraph("", 0,
                        fmt::format("not known here: {}, {}: {}", pressure.resource->title,
                                    pressure.scope, needs.empty() ? "no such limit" : needs),
                        page_.width);
    }
  }

  const DiagnosePage& page_;
  std::map<std::string, int> fine_;
  std::string out_;
};

std::string json_text_or_null(const std::string& text) {
  return text.empty() ? "null" : json_string(text);
}

template <typename List, typename Make>
std::string json_list(const List& list, std::string_view indent, Make make) {
  std::string out;
  for (const auto& item : list) {
    out += fmt::format("{}\n{}  {}", out.empty() ? "" : ",", indent, make(item));
  }
  return out.empty() ? "[]" : fmt::format("[{}\n{}]", out, indent);
}

std::string pressure_json(const Pressure& pressure) {
  const auto text = [](const std::string& one) { return json_string(one); };
  const auto cure = [](const advise::CureText& one) {
    return fmt::format(R"({{"what": {}, "kind": {}, "key": {}, "value": {}, "cost": {}}})",
                       json_string(one.what), json_string(one.kind), json_text_or_null(one.key),
                       json_text_or_null(one.value), json_text_or_null(one.cost));
  };
  const auto no_cure = [](const advise::NoCureText& one) {
    return fmt::format(R"({{"what": {}, "why": {}}})", json_string(one.what), json_string(one.why));
  };
  constexpr std::string_view kIndent = "      ";
  return fmt::format(
      "{{\n      \"resource\": {}, \"scope\": {}, \"unit\": {},\n"
      "      \"used\": {}, \"limit\": {}, \"ratio\": {}, \"level\": {},\n"
      "      \"evidence\": {},\n      \"cures\": {},\n      \"no_cure\": {},\n"
      "      \"needs\": {}\n    }}",
      json_string(pressure.resource->id), json_string(pressure.scope),
      json_string(pressure.resource->unit), json_number(pressure.used), json_number(pressure.limit),
      json_number(pressure.ratio), json_string(advise::to_string(pressure.level)),
      json_list(pressure.evidence, kIndent, text), json_list(pressure.cures, kIndent, cure),
      json_list(pressure.no_cures, kIndent, no_cure), json_list(pressure.needs, kIndent, text));
}

}  // namespace

std::string figure(double number) {
  if (number != std::floor(number) && number < 10) return fmt::format("{:.1f}", number);
  std::string digits = fmt::format("{:.0f}", number);
  constexpr size_t kGroup = 3;
  for (size_t at = digits.size(); at > kGroup; at -= kGroup) digits.insert(at - kGroup, ",");
  return digits;
}

std::string amount(double number, std::string_view unit) {
  constexpr double kMost = 1e18;
  if (unit != "bytes" || number < 0 || number > kMost) return figure(number);
  constexpr double kKibi = 1024;
  static constexpr std::string_view kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  size_t at = 0;
  while (number >= kKibi && at + 1 < std::size(kUnits)) {
    number /= kKibi;
    ++at;
  }
  return at == 0 ? fmt::format("{:.0f} B", number) : fmt::format("{:.1f} {}", number, kUnits[at]);
}

std::string bar(double ratio, unsigned cells) {
  static constexpr std::string_view kParts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  constexpr unsigned kEighths = 8;
  const double filled = std::clamp(ratio, 0.0, 1.0) * cells * kEighths;
  // Something is never drawn as nothing.
  const auto eighths = std::max(static_cast<unsigned>(filled), ratio > 0 ? 1U : 0U);
  std::string out;
  for (unsigned i = 0; i < eighths / kEighths; ++i) out += "█";
  out += kParts[eighths % kEighths];
  return padded(out, cells);
}

std::string padded(std::string_view text, size_t columns) {
  std::string out(text);
  const size_t used = columns_of(text);
  if (used < columns) out.append(columns - used, ' ');
  return out;
}

std::string paragraph(std::string_view label, size_t column, std::string_view text,
                      unsigned width) {
  constexpr unsigned kNarrowest = 30;
  const auto left = static_cast<unsigned>(column);
  const unsigned room = width > left + kNarrowest ? width - left : kNarrowest;
  return padded(label, column) +
         report::wrap(report::printable(text), room, std::string(column, ' ')) + "\n";
}

std::string json_number(const std::optional<double>& number) {
  if (!number || !std::isfinite(*number)) return "null";
  constexpr double kExact = 9007199254740992.0;
  if (*number == std::floor(*number) && std::abs(*number) < kExact) {
    return fmt::format("{}", static_cast<int64_t>(*number));
  }
  // Enough for people, and the same on every machine.
  return fmt::format("{:.6g}", *number);
}

std::string diagnosis_text(const advise::Diagnosis& diagnosis, const Unreadable& unreadable,
                           const DiagnosePage& page) {
  return TextPage(page).run(diagnosis, unreadable);
}

std::string diagnosis_json(const advise::Diagnosis& diagnosis, const Unreadable& unreadable) {
  constexpr std::string_view kIndent = "  ";
  const auto counter = [](const advise::MovedCounter& moved) {
    return fmt::format(R"({{"name": {}, "delta": {}, "resource": {}, "means": {}}})",
                       json_string(moved.counter->name), moved.delta,
                       json_string(moved.counter->resource), json_string(moved.counter->means));
  };
  const auto missing = [](const auto& entry) {
    return fmt::format(R"({{"what": {}, "why": {}}})", json_string(entry.first),
                       json_string(entry.second));
  };
  return fmt::format(
      "{{\n  \"version\": 1,\n  \"interval\": {},\n  \"pressures\": {},\n"
      "  \"counters\": {},\n  \"unreadable\": {}\n}}\n",
      json_number(diagnosis.interval), json_list(diagnosis.pressures, kIndent, pressure_json),
      json_list(diagnosis.counters, kIndent, counter), json_list(unreadable, kIndent, missing));
}

}  // namespace proctor::cli
