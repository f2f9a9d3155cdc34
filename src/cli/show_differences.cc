// show --diff-loaders: keys whose end value depends on the loader, and lines that only some apply.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "cli/show_model.h"
#include "report/escape.h"

namespace proctor::cli {
namespace {

/// "systemd-252" -> {"systemd", "252"}.
std::pair<std::string_view, std::string_view> program_of(std::string_view loader) {
  const size_t dash = loader.rfind('-');
  return {loader.substr(0, dash), loader.substr(dash + 1)};
}

/// "procps-3.3.10 to 3.3.17, systemd-262": loaders in the order of all; a whole program by its
/// name.
std::string loaders_text(const std::vector<std::string_view>& some,
                         const std::vector<std::string_view>& all) {
  std::string out;
  for (size_t i = 0; i < all.size();) {
    const std::string_view program = program_of(all[i]).first;
    size_t end = i;
    while (end < all.size() && program_of(all[end]).first == program) ++end;
    const auto chosen = [&](size_t at) { return std::ranges::find(some, all[at]) != some.end(); };
    size_t count = 0;
    for (size_t at = i; at < end; ++at) count += chosen(at) ? 1 : 0;
    if (count == end - i) {
      out += (out.empty() ? "" : ", ") + std::string(program);
    } else {
      for (size_t at = i; at < end; ++at) {
        if (!chosen(at)) continue;
        size_t last = at;
        while (last + 1 < end && chosen(last + 1)) ++last;
        out += (out.empty() ? "" : ", ") + std::string(all[at]);
        if (last > at) out += fmt::format(" to {}", program_of(all[last]).second);
        at = last;
      }
    }
    i = end;
  }
  return out;
}

/// A key and what each group of loaders leaves it at.
struct Difference {
  std::string key;
  std::vector<std::pair<std::string, std::vector<std::string_view>>> values;
};

constexpr std::string_view kUntouched = "not set";

std::string value_under(const Shown& shown, const std::string& key) {
  const auto found = shown.effective.find(key);
  if (found == shown.effective.end()) return std::string(kUntouched);
  return found->second ? *found->second : "not known";
}

std::vector<Difference> differences_of(const std::vector<LoaderView>& views) {
  std::set<std::string> keys;
  for (const LoaderView& view : views) {
    for (const auto& [key, value] : view.shown->effective) keys.insert(key);
  }
  std::vector<Difference> out;
  for (const std::string& key : keys) {
    Difference difference{key, {}};
    for (const LoaderView& view : views) {
      const std::string value = value_under(*view.shown, key);
      auto found = std::ranges::find(difference.values, value,
                                     &decltype(difference.values)::value_type::first);
      if (found == difference.values.end()) {
        difference.values.emplace_back(value, std::vector<std::string_view>());
        found = difference.values.end() - 1;
      }
      found->second.push_back(view.shown->loader->name);
    }
    if (difference.values.size() > 1) out.push_back(std::move(difference));
  }
  return out;
}

std::vector<std::string_view> names_of(const std::vector<LoaderView>& views) {
  std::vector<std::string_view> names;
  names.reserve(views.size());
  for (const LoaderView& view : views) names.push_back(view.shown->loader->name);
  return names;
}

}  // namespace

std::string differences_text(const std::vector<LoaderView>& views, std::string_view kernel) {
  const std::vector<std::string_view> all = names_of(views);
  const std::vector<Difference> differences = differences_of(views);
  std::string out;
  for (const Difference& difference : differences) {
    out += report::printable(difference.key) + "\n";
    for (const auto& [value, loaders] : difference.values) {
      fmt::format_to(std::back_inserter(out), "  {:<24}  {}\n", report::printable(value),
                     loaders_text(loaders, all));
    }
  }
  if (differences.empty()) {
    out += "Every modelled loader leaves the kernel in the same state.\n";
  } else {
    fmt::format_to(std::back_inserter(out), "{} differ by loader.\n",
                   report::counted(differences.size(), "key"));
  }
  return out + fmt::format("{} on Linux {}.\n", report::counted(all.size(), "loader"), kernel);
}

std::string differences_json(const std::vector<LoaderView>& views, std::string_view kernel) {
  std::string out = fmt::format("{{\n  \"version\": 1,\n  \"kernel\": {},\n  \"differences\": [",
                                kernel.empty() ? "null" : report::json_string(kernel));
  std::string_view separator = "\n    ";
  const std::vector<Difference> differences = differences_of(views);
  for (const Difference& difference : differences) {
    out += separator;
    out += fmt::format("{{\"key\": {}, \"values\": [", report::json_string(difference.key));
    std::string_view between;
    for (const auto& [value, loaders] : difference.values) {
      std::string names;
      for (const std::string_view name : loaders) {
        names += (names.empty() ? "" : ", ") + report::json_string(name);
      }
      const std::string text = value == kUntouched ? "null" : report::json_string(value);
      out += fmt::format("{}{{\"value\": {}, \"loaders\": [{}]}}", between, text, names);
      between = ", ";
    }
    out += "]}";
    separator = ",\n    ";
  }
  return out + (differences.empty() ? "]\n}\n" : "\n  ]\n}\n");
}

}  // namespace proctor::cli
