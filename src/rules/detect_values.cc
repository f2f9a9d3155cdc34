#include <algorithm>
#include <bitset>
#include <cctype>
#include <cstdlib>
#include <initializer_list>
#include <optional>

#include "rules/detection.h"
#include "rules/place.h"
#include "rules/values.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::rules {
namespace {

using kernel::ValueType;
using kernel::WriteResult;

bool is_vector(ValueType type) {
  return type == ValueType::kIntVector || type == ValueType::kUintVector ||
         type == ValueType::kLongVector || type == ValueType::kUlongVector;
}

bool is_number(ValueType type) {
  return is_vector(type) || type == ValueType::kInt || type == ValueType::kUint ||
         type == ValueType::kU8 || type == ValueType::kBool || type == ValueType::kLong ||
         type == ValueType::kUlong;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// A number that the kernel reads in base 8.
bool is_octal(std::string_view token) {
  if (token.starts_with('-')) token.remove_prefix(1);
  return token.size() > 1 && token.front() == '0' && all_digits(token);
}

/// The value that the kernel's parser gives to one token; nullopt: it is no whole number.
std::optional<long long> parsed(std::string_view token) {
  const std::string text(token);
  char* end = nullptr;
  errno = 0;
  const long long value = std::strtoll(text.c_str(), &end, 0);
  return errno == 0 && end != text.c_str() && *end == '\0' ? std::optional(value) : std::nullopt;
}

/// The part before an inline comment, and whether there is one. Only a mark at the start or after
/// a blank looks like a comment to people; "1#x" is covered too, because it looks like one as well.
std::optional<std::string_view> before_comment(std::string_view value) {
  const size_t mark = value.find_first_of("#;");
  if (mark == std::string_view::npos) return std::nullopt;
  return trim(value.substr(0, mark));
}

/// Whether two values are the same numbers: the spelling, and what follows, may differ.
bool same_numbers(std::string_view written, std::string_view read) {
  const auto a = split_blanks(written);
  const auto b = split_blanks(read);
  if (a.size() < b.size()) return false;
  for (size_t i = 0; i < b.size(); ++i) {
    const auto x = parsed(a[i]);
    if (!x || x != parsed(b[i])) return false;
  }
  return true;
}

/// Of a list that the kernel takes.
std::bitset<65536> ports_of(std::string_view list) {
  std::bitset<65536> ports;
  for (const std::string_view part : split(list, ',')) {
    const size_t dash = part.find('-');
    const auto first = parsed(trim(part.substr(0, dash)));
    const auto last = dash == std::string_view::npos ? first : parsed(trim(part.substr(dash + 1)));
    if (!first || !last || *first < 0) continue;
    for (auto port = *first; port <= *last && port < 65536; ++port) {
      ports.set(static_cast<size_t>(port));
    }
  }
  return ports;
}

/// What people mean by a number with a unit, for keys whose unit is known.
std::optional<std::string> without_unit(std::string_view value, const kernel::Key& key) {
  if (value.empty() || std::isdigit(static_cast<unsigned char>(value.front())) == 0) {
    return std::nullopt;
  }
  const auto last = static_cast<unsigned char>(value.back());
  if (std::isalpha(last) == 0 || value.starts_with("0x") || value.starts_with("0X")) {
    return std::nullopt;
  }
  if (const auto bytes = parse_size(value); bytes.ok()) {
    if (key.unit == "bytes") return std::to_string(*bytes);
    if (key.unit == "KiB" || key.unit == "kB") return std::to_string(*bytes / 1024);
  }
  if (const auto time = parse_duration(value); time.ok()) {
    if (key.unit == "seconds" && *time % 1000 == 0) return std::to_string(*time / 1000);
    if (key.unit == "milliseconds") return std::to_string(*time);
  }
  const size_t digits = value.find_first_not_of("0123456789");
  static constexpr std::string_view kSuffixes[] = {
      "k",   "K",   "m",  "M", "g",  "G",   "kb",  "KB", "MB", "GB", "KiB",
      "MiB", "GiB", "kB", "s", "ms", "sec", "min", "h",  "d",  "%",  "pages"};
  const std::string_view suffix = trim(value.substr(digits));
  const bool unit = std::ranges::find(kSuffixes, suffix) != std::end(kSuffixes);
  return unit ? std::optional<std::string>(std::string()) : std::nullopt;
}

class ValueDetector {
 public:
  ValueDetector(const View& view, Sink& sink, size_t group)
      : view_(view), sink_(sink), group_(group), run_(view.run(group)) {}

  void run() {
    for (const load::Assignment& assignment : run_.result().assignments) {
      const load::Write* write = first_telling(assignment);
      // What a line without '=' happens to write is not what it is about.
      if (write == nullptr || view_.line(assignment.origin).kind == conf::LineKind::kBare) continue;
      // A pattern to other loaders: what they write is judged there.
      if (write->path.find_first_of("*?[") != std::string::npos) continue;
      const PathFacts* facts = run_.find(write->path);
      if (facts->key != nullptr) line(assignment, *write, *facts->key);
    }
  }

 private:
  /// The first write that was refused or altered, else the first.
  const load::Write* first_telling(const load::Assignment& assignment) const {
    const load::Write* first = nullptr;
    for (const uint32_t index : assignment.writes) {
      const load::Write& write = run_.result().writes[index];
      if (first == nullptr) first = &write;
      if (write.outcome.result == WriteResult::kRejected ||
          write.outcome.result == WriteResult::kAltered) {
        return &write;
      }
    }
    return first;
  }

  void line(const load::Assignment& assignment, const load::Write& write, const kernel::Key& key) {
    switch (write.outcome.result) {
      case WriteResult::kRejected:
        if (!write.outcome.at_open) rejected(assignment, write, key);
        return;
      case WriteResult::kAltered:
      case WriteResult::kAccepted:
        return taken(assignment, write, key);
      case WriteResult::kUnknown:
        return open(assignment, write, key);
      case WriteResult::kMissing:
        return;
    }
  }

  void rejected(const load::Assignment& assignment, const load::Write& write,
                const kernel::Key& key) {
    const std::string& value = assignment.value;
    if (const auto front = before_comment(value)) {
      Hit hit = hit_at(assignment, write);
      hit.variables = {"", "", kernel::path_to_dotted(write.path), value,
                       value.substr(value.find_first_of("#;"))};
      hit.kills = true;
      if (!front->empty()) replace_value(hit, assignment, std::string(*front));
      return sink_.emit("inline-comment-refused", group_, hit);
    }
    if (!value.empty() && (value.front() == '"' || value.front() == '\'')) {
      return quotes(assignment, write, true);
    }
    const std::string errno_text = kernel::errno_name(write.outcome.error);
    if (is_number(key.type)) {
      const auto tokens = split_blanks(value);
      if (std::ranges::any_of(tokens, is_octal)) {
        return emit("octal", assignment, write, {value, decimal(tokens)}, true, decimal(tokens));
      }
      if (const auto number = without_unit(value, key)) {
        return emit("unit", assignment, write, {value, *number}, true, *number);
      }
    }
    emit("rejected", assignment, write, {value, errno_text, write.outcome.reason}, true, {});
  }

  void quotes(const load::Assignment& assignment, const load::Write& write, bool refused) {
    const std::string& value = assignment.value;
    Hit hit = hit_at(assignment, write);
    hit.variables = {"", refused ? "refused" : "kept", kernel::path_to_dotted(write.path), value,
                     value.substr(0, 1)};
    hit.kills = refused;
    if (value.size() > 1 && value.front() == value.back()) {
      replace_value(hit, assignment, value.substr(1, value.size() - 2));
    }
    sink_.emit("quotes", group_, hit);
  }

  /// The tokens as people mean them: without leading zeros.
  static std::string decimal(const std::vector<std::string_view>& tokens) {
    std::string out;
    for (std::string_view token : tokens) {
      if (!out.empty()) out += ' ';
      if (is_octal(token)) {
        const size_t first = token.find_first_not_of("-0");
        if (token.front() == '-') out += '-';
        token = first == std::string_view::npos ? "0" : token.substr(first);
      }
      out += token;
    }
    return out;
  }

  void taken(const load::Assignment& assignment, const load::Write& write, const kernel::Key& key) {
    if (is_number(key.type)) {
      number(assignment, write, key);
    } else if (const std::string& value = assignment.value; !value.empty()) {
      cut(assignment, key);
      if (value.front() == '"' || value.front() == '\'') quotes(assignment, write, false);
      const size_t mark = value.find(" #");
      if (mark != std::string::npos) {
        Hit hit = hit_at(assignment, write);
        hit.variables = {"", "", kernel::path_to_dotted(write.path), value, value.substr(mark + 1)};
        replace_value(hit, assignment, std::string(trim(value.substr(0, mark))));
        // Some keys of text hold a name or an address, and look no further than that.
        const auto& read = write.outcome.reads_back;
        const bool dropped = read && read->find('#') == std::string::npos;
        sink_.emit(dropped ? "inline-comment-dropped" : "inline-comment-kept", group_, hit);
      }
    }
    repeats_default(assignment, write);
  }

  static bool loses_ports(const load::Assignment& assignment, const load::Write& last) {
    return last.outcome.result == WriteResult::kAltered && last.outcome.reads_back &&
           ports_of(assignment.value) != ports_of(*last.outcome.reads_back);
  }

  /// The loaders that leave a part of this line's list behind.
  std::string losers(const load::Origin& origin) const {
    std::vector<const load::Loader*> names;
    for (size_t group = 0; group < view_.scenarios.groups.size(); ++group) {
      const load::LoadResult& result = view_.run(group).result();
      const bool loses = std::ranges::any_of(result.assignments, [&](const auto& one) {
        return one.origin == origin && !one.writes.empty() &&
               loses_ports(one, result.writes[one.writes.back()]);
      });
      const auto& mine = view_.scenarios.groups[group].loaders;
      if (loses) names.insert(names.end(), mine.begin(), mine.end());
    }
    std::ranges::sort(names);
    return loaders_text(names);
  }

  /// The kernel cuts texts, and a loader that writes once loses what is over a page.
  void cut(const load::Assignment& assignment, const kernel::Key& key) {
    const load::Write& last = run_.result().writes[assignment.writes.back()];
    if (last.outcome.result != WriteResult::kAltered || !last.outcome.reads_back) return;
    const std::string& value = assignment.value;
    const std::string& read = *last.outcome.reads_back;
    if (key.type == kernel::ValueType::kString) {
      if (trim(read).size() >= trim(value).size() || !value.starts_with(read)) return;
      emit("cut", assignment, last, {value, read, ""}, true, {});
    } else if (key.type == kernel::ValueType::kPortBitmap && loses_ports(assignment, last)) {
      emit("cut", assignment, last, {value, read, losers(assignment.origin)}, true, {});
    }
  }

  void number(const load::Assignment& assignment, const load::Write& write,
              const kernel::Key& key) {
    const std::string& value = assignment.value;
    const auto tokens = split_blanks(value);
    const std::string read = fold_blanks(write.outcome.reads_back.value_or(""));
    if (const auto front = before_comment(value)) {
      Hit hit = hit_at(assignment, write);
      hit.variables = {"", "", kernel::path_to_dotted(write.path), value,
                       value.substr(value.find_first_of("#;"))};
      if (!front->empty()) replace_value(hit, assignment, std::string(*front));
      return sink_.emit("inline-comment-dropped", group_, hit);
    }
    if (std::ranges::any_of(tokens, is_octal)) {
      return emit("octal", assignment, write, {value, read}, false, decimal(tokens));
    }
    // The console's level stands first and is set alone on purpose, as dmesg -n does.
    if (key.name == "kernel.printk" && tokens.size() == 1) return;
    constexpr size_t kDependsOnMachine = 255;
    const size_t slots = is_vector(key.type) ? key.slots : 1;
    if (slots != 0 && slots != kDependsOnMachine && tokens.size() != slots) {
      const std::string given = std::to_string(tokens.size());
      return emit("arity", assignment, write, {value, given, std::to_string(slots)}, false, {});
    }
    if (write.outcome.result == WriteResult::kAltered && write.outcome.reads_back &&
        !same_numbers(value, read)) {
      emit("altered", assignment, write, {value, read, write.outcome.reason}, false, {});
    }
  }

  /// The write leaves the kernel's own value, which nothing had changed before.
  void repeats_default(const load::Assignment& assignment, const load::Write& write) {
    if (!sink_.wants("default-value") || !write.outcome.reads_back) return;
    const PathFacts& facts = *run_.find(write.path);
    if (facts.writes.size() != 1 || assignment.writes.size() != 1) return;
    const kernel::Cell initial = kernel::initial_value(write.path, run_.state().machine());
    if (initial.status != kernel::Cell::Status::kKnown || initial.approximate) return;
    if (fold_blanks(initial.text) != fold_blanks(*write.outcome.reads_back)) return;
    const auto running = view_.target.running.find(write.path);
    if (running != view_.target.running.end() &&
        fold_blanks(running->second) != fold_blanks(initial.text)) {
      return;
    }
    emit("default-value", assignment, write, {fold_blanks(*write.outcome.reads_back)}, false, {});
  }

  void open(const load::Assignment& assignment, const load::Write& write, const kernel::Key& key) {
    const auto& needs = write.outcome.needs;
    if (needs.empty() || std::ranges::find(needs, "host.modules") != needs.end() ||
        std::ranges::find(needs, "host.interfaces") != needs.end()) {
      // Of the key's presence, which detect_keys() speaks about. What the value would be is known.
      if (write.outcome.reads_back && is_number(key.type)) number(assignment, write, key);
      return;
    }
    Hit hit = hit_at(assignment, write);
    hit.variables.insert(hit.variables.end(), {assignment.value, "", write.outcome.reason});
    hit.fires = false;
    hit.needs = needs;
    sink_.emit("rejected", group_, hit);
  }

  Hit hit_at(const load::Assignment& assignment, const load::Write& write) const {
    Hit hit;
    hit.origin = assignment.origin;
    const conf::Line line = view_.line(assignment.origin);
    hit.span =
        line.value.empty() ? span_of_line(view_.configuration, assignment.origin) : line.value;
    hit.paths = {write.path};
    hit.variables = {kernel::path_to_dotted(write.path), view_.scenarios.kernels_text()};
    return hit;
  }

  void replace_value(Hit& hit, const load::Assignment& assignment, std::string text) const {
    hit.change_summary = kernel::path_to_dotted(hit.paths.front()) + " = " + text;
    hit.changes.push_back({Change::Kind::kReplace, assignment.origin,
                           view_.line(assignment.origin).value, std::move(text)});
  }

  void emit(std::string_view detector, const load::Assignment& assignment, const load::Write& write,
            std::initializer_list<std::string> variables, bool kills, std::string better) {
    if (!sink_.wants(detector)) return;
    Hit hit = hit_at(assignment, write);
    hit.variables.insert(hit.variables.end(), variables);
    hit.kills = kills;
    if (!better.empty()) replace_value(hit, assignment, std::move(better));
    sink_.emit(detector, group_, hit);
  }

  const View& view_;
  Sink& sink_;
  size_t group_;
  const Run& run_;
};

}  // namespace

void detect_values(const View& view, Sink& sink) {
  for (size_t group = 0; group < view.scenarios.groups.size(); ++group) {
    ValueDetector(view, sink, group).run();
  }
}

}  // namespace proctor::rules
