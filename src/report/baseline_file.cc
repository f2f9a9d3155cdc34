#include "report/baseline_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

#include "report/escape.h"
#include "text/text.h"

namespace proctor::report {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kKind = "proctor-baseline";
constexpr int64_t kVersion = 1;
constexpr std::string_view kExpected = "expected what `proctor check --write-baseline` writes";
/// With it every line of an entry begins.
constexpr std::string_view kEntry = "{\"file\":";

class Reader {
 public:
  Reader(std::string_view name, std::string_view text) : name_(name), text_(text) {}

  BaselineRead run() {
    Json json;
    try {
      json = Json::parse(text_);
    } catch (const Json::parse_error& error) {
      no_json(error.byte);
      return std::move(read_);
    }
    if (is_baseline(json)) entries(json["findings"]);
    return std::move(read_);
  }

 private:
  void fail(Span span, std::string message) {
    if (!read_.problem) read_.problem = diagnose(name_, text_, span, std::move(message));
  }

  void fail(std::string message) {
    if (!read_.problem) read_.problem = {std::string(name_), {}, {}, std::move(message), ""};
  }

  /// `byte` counts from 1; behind the last one the text ends too early.
  void no_json(size_t byte) {
    if (byte > text_.size()) {
      fail(fmt::format("the baseline is cut off; {}", kExpected));
    } else {
      const auto at = static_cast<uint32_t>(std::max<size_t>(byte, 1) - 1);
      fail({at, at + 1}, fmt::format("the baseline is no JSON; {}", kExpected));
    }
  }

  bool is_baseline(const Json& json) {
    if (!json.is_object() || json.value("kind", Json()) != kKind) {
      fail(fmt::format("is no baseline; {}", kExpected));
    } else if (!json.contains("version") || !json["version"].is_number_integer()) {
      fail(fmt::format("the baseline has no version; {}", kExpected));
    } else if (json["version"] != kVersion) {
      fail(
          fmt::format("is a baseline of version {}, and this program knows version {}; "
                      "delete it and write it again with --write-baseline",
                      json["version"].dump(), kVersion));
    } else if (!json.contains("findings") || !json["findings"].is_array()) {
      fail(fmt::format("the baseline has no list of findings; {}", kExpected));
    }
    return !read_.problem;
  }

  void entries(const Json& list) {
    const std::vector<Span> lines = lines_of_entries();
    const bool placed = lines.size() == list.size();
    size_t number = 0;
    for (const Json& json : list) {
      Known known;
      if (placed) known.span = lines[number];
      ++number;
      const std::string wrong = entry(json, known);
      if (!wrong.empty() && placed) fail(known.span, wrong);
      if (!wrong.empty()) fail(fmt::format("finding {}: {}", number, wrong));
      read_.known.push_back(std::move(known));
    }
  }

  /// JSON has no lines, but what was written has one for each entry.
  std::vector<Span> lines_of_entries() const {
    std::vector<Span> spans;
    size_t begin = 0;
    for (const std::string_view line : split(text_, '\n')) {
      const std::string_view entry = trim(line, " \t\r,");
      if (entry.starts_with(kEntry)) {
        const auto at = static_cast<uint32_t>(begin + line.find('{'));
        spans.push_back({at, at + static_cast<uint32_t>(entry.size())});
      }
      begin += line.size() + 1;
    }
    return spans;
  }

  /// Empty, or what is wrong.
  static std::string entry(const Json& json, Known& known) {
    if (!json.is_object()) return "expected an object";
    for (const auto& [name, value] : json.items()) {
      std::string wrong = field(name, value, known);
      if (!wrong.empty()) return wrong;
    }
    if (known.cause.first.empty()) return "the field 'file' is missing";
    if (known.cause.second.rule.empty()) return "the field 'rule' is missing";
    if (json.contains("line") == json.contains("keys")) return "expected one of 'line' and 'keys'";
    return {};
  }

  static std::string field(const std::string& name, const Json& value, Known& known) {
    const bool filled = value.is_string() && !value.get_ref<const std::string&>().empty();
    Cause& cause = known.cause.second;
    if (name == "file" || name == "rule" || name == "line") {
      if (!filled) return fmt::format("'{}' holds no text", name);
      std::string& text = name == "file"   ? known.cause.first
                          : name == "rule" ? cause.rule
                                           : cause.line;
      text = value.get<std::string>();
    } else if (name == "keys") {
      const bool texts = value.is_array() && std::ranges::all_of(value, [](const Json& each) {
                           return each.is_string();
                         });
      if (!texts) return "'keys' is no list of texts";
      cause.keys = value.get<std::vector<std::string>>();
      sort_unique(cause.keys);
    } else if (name == "count") {
      constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max();
      const bool good = value.is_number_unsigned() && value.get<uint64_t>() >= 1 &&
                        value.get<uint64_t>() <= kMost;
      if (!good) return "'count' is no number from 1 on";
      known.count = value.get<uint32_t>();
    } else {
      return fmt::format("unknown field '{}'", escape_bytes(name));
    }
    return {};
  }

  std::string_view name_;
  std::string_view text_;
  BaselineRead read_;
};

std::string entry_text(const CauseInFile& cause, uint64_t count) {
  std::string out = fmt::format(R"({} {}, "rule": {}, )", kEntry, json_string(cause.first),
                                json_string(cause.second.rule));
  if (cause.second.line.empty()) {
    std::string keys;
    for (const std::string& key : cause.second.keys) {
      keys += (keys.empty() ? "" : ", ") + json_string(key);
    }
    fmt::format_to(std::back_inserter(out), R"("keys": [{}])", keys);
  } else {
    fmt::format_to(std::back_inserter(out), R"("line": {})", json_string(cause.second.line));
  }
  return fmt::format(R"({}, "count": {}}})", out, count);
}

}  // namespace

BaselineRead read_baseline(std::string_view name, std::string_view text) {
  return Reader(name, text).run();
}

std::string baseline_text(const std::vector<Known>& known) {
  std::map<CauseInFile, uint64_t> sums;
  for (const Known& each : known) sums[each.cause] += each.count;
  std::string out = fmt::format("{{\n  \"kind\": \"{}\",\n  \"version\": {},\n  \"findings\": [",
                                kKind, kVersion);
  bool any = false;
  for (const auto& [cause, count] : sums) {
    out += any ? ",\n    " : "\n    ";
    out += entry_text(cause, count);
    any = true;
  }
  return out + (any ? "\n  ]\n}\n" : "]\n}\n");
}

}  // namespace proctor::report
