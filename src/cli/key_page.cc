#include "cli/key_page.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>

#include "cli/key_defaults.h"
#include "cli/key_text.h"
#include "cli/page.h"
#include "report/escape.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::cli {
namespace {

using kernel::Key;
using kernel::ValueType;

std::string_view element_text(ValueType type) {
  switch (type) {
    case ValueType::kInt:
    case ValueType::kIntVector:
      return "integer";
    case ValueType::kUint:
    case ValueType::kUintVector:
      return "unsigned integer";
    case ValueType::kU8:
      return "integer of one byte";
    case ValueType::kBool:
      return "boolean";
    case ValueType::kLong:
    case ValueType::kLongVector:
      return "long integer";
    case ValueType::kUlong:
    case ValueType::kUlongVector:
      return "unsigned long integer";
    case ValueType::kString:
      return "text";
    case ValueType::kPortBitmap:
      return "list of ports";
    case ValueType::kMask:
      return "CPU mask";
    case ValueType::kOther:
      break;
  }
  return "format of its own";
}

std::string_view type_word(ValueType type) {
  constexpr std::array<std::string_view, 14> kWords = {
      "int",   "uint",  "u8",     "bool",   "long",        "ulong", "ints",
      "uints", "longs", "ulongs", "string", "port-bitmap", "mask",  "other"};
  return kWords[static_cast<size_t>(type)];
}

std::string_view scope_text(const Key& key) {
  switch (key.scope) {
    case kernel::Scope::kGlobal:
      return "one for the machine";
    case kernel::Scope::kNetns:
      return "per network namespace";
    case kernel::Scope::kInitNetns:
    case kernel::Scope::kInitNetnsDefault:
      return "only in the initial network namespace";
    case kernel::Scope::kInitNetnsWrites:
      return "read-only outside the initial network namespace";
    case kernel::Scope::kIpcns:
      return "per IPC namespace";
    case kernel::Scope::kUserns:
      return "per user namespace";
    case kernel::Scope::kUtsns:
      return "per UTS namespace";
    case kernel::Scope::kPidns:
      return "per PID namespace";
    case kernel::Scope::kPidnsSince614:
      return "per PID namespace since 6.14";
    case kernel::Scope::kUnknown:
      break;
  }
  return {};
}

std::string_view access_text(const Key& key) {
  if (key.read_only) return "read-only";
  return key.write_only ? "write-only" : "";
}

/// Keys of single interfaces that a write to `all` sets as well (net/ipv4/devinet.c and
/// net/ipv6/addrconf.c).
bool copied_from_all(std::string_view name) {
  constexpr std::array<std::string_view, 5> kCopied = {
      "net.ipv4.conf.*.forwarding", "net.ipv6.conf.*.addr_gen_mode", "net.ipv6.conf.*.disable_ipv6",
      "net.ipv6.conf.*.force_forwarding", "net.ipv6.conf.*.ignore_routes_with_linkdown"};
  return std::ranges::find(kCopied, name) != kCopied.end();
}

std::string combine_text(const Key& key) {
  if (copied_from_all(key.name)) {
    return "the interface's own value counts; a write to `all` is copied to every interface";
  }
  const std::string_view how = key.combines;
  struct Row {
    std::string_view name;
    std::string_view text;
  };
  constexpr std::array kRows = {
      Row{"iface", "only the interface's own value counts, `all` has no effect on it"},
      Row{"or", "on if `all` or the interface has it on"},
      Row{"and", "on only if `all` and the interface both have it on"},
      Row{"max", "the larger of `all` and the interface"},
      Row{"min", "the smaller of `all` and the interface"},
      Row{"all", "only `all` counts"},
      Row{"all-nonzero", "`all` counts unless it is 0, else the interface's own value"},
      Row{"either", "a version that `all` or the interface names"},
      Row{"or-max-6.0", "the larger of `all` and the interface; before 6.0 on if either has it on"},
      Row{"iface-or-5.11",
          "on if `all` or the interface has it on; before 5.11 only the interface counted"},
      Row{"and-or-forwarding",
          "on if `all` or the interface has it on; where the interface forwards both must"},
  };
  const auto* row = std::ranges::find(kRows, how, &Row::name);
  return std::string(row != kRows.end() ? row->text : how);
}

std::string bounds_text(std::string_view minimum, std::string_view maximum) {
  if (!minimum.empty() && !maximum.empty()) return fmt::format("{} to {}", minimum, maximum);
  if (!minimum.empty()) return fmt::format("{} and above", minimum);
  return maximum.empty() ? std::string() : fmt::format("up to {}", maximum);
}

std::string bound_text(const kernel::Bound& bound) {
  switch (bound.kind) {
    case kernel::Bound::Kind::kNone:
      return {};
    case kernel::Bound::Kind::kNumber:
      return fmt::format("{}", bound.value);
    case kernel::Bound::Kind::kSymbol:
      break;
  }
  return std::string(bound.symbol);
}

/// Bounds of one row of the history. Code that the table gives none may check some by itself, if
/// the key has any now.
std::string bounds_text(const Key& key, const kernel::Change& change) {
  constexpr std::array<std::string_view, 10> kUnbounded{
      "proc_doint",
      "proc_douint",
      "proc_doulong",
      "proc_dolong",
      "proc_dostring",
      "proc_dobool",
      "devinet_conf_proc",
      "ipv4_doint_and_flush",
      "neigh_proc_dointvec_userhz_jiffies",
      "neigh_proc_dointvec_jiffies",
  };
  std::string minimum = bound_text(change.minimum);
  std::string maximum = bound_text(change.maximum);
  if (change.handler == "proc_dou8vec_minmax") {
    if (minimum.empty()) minimum = "0";
    if (maximum.empty()) maximum = "255";
  } else if (change.handler == "neigh_proc_dointvec_zero_intmax") {
    return bounds_text("0", "2147483647");
  }
  if (!minimum.empty() || !maximum.empty()) return bounds_text(minimum, maximum);
  const bool unbounded = std::ranges::any_of(
      kUnbounded, [&](std::string_view name) { return change.handler.starts_with(name); });
  const std::string now = bounds_text(key.minimum, key.maximum);
  if (unbounded || now.empty()) return "no bounds";
  return &change == &kernel::changes(key).back() ? now : "what its own code checks";
}

/// Bounds by release, where they changed: "0 to 100 up to 5.7.14; 0 to 200 since 5.8.1". Only
/// inspected releases are named; a change lies between the two.
std::string history_text(const Key& key) {
  struct Era {
    std::string bounds;
    const kernel::Change* first;
    std::string last;
  };
  std::vector<Era> eras;
  for (const kernel::Change& change : kernel::changes(key)) {
    std::string bounds = bounds_text(key, change);
    // The tree of one release alone says so: it was not read right.
    if (eras.size() > 1 && change.before < eras.back().first->from) eras.pop_back();
    if (!eras.empty() && eras.back().bounds == bounds) continue;
    if (!eras.empty()) eras.back().last = change.before.to_string();
    eras.push_back({std::move(bounds), &change, {}});
  }
  if (eras.size() < 2) return {};
  std::string out;
  for (const Era& era : eras) {
    const std::string from = era.first->from.to_string();
    if (!out.empty()) out += "; ";
    out += era.bounds;
    if (&era == &eras.front()) {
      out += fmt::format(" up to {}", era.last);
    } else if (era.last.empty()) {
      out += fmt::format(" since {}", from);
    } else {
      out += from == era.last ? fmt::format(" in {}", from)
                              : fmt::format(" from {} to {}", from, era.last);
    }
  }
  return out;
}

bool default_in_head(const Key& key) {
  constexpr size_t kMost = 24;
  return !key.default_text.empty() && key.default_text.size() < kMost;
}

std::string summary_text(const Key& key) {
  std::string out;
  append_part(out, key.unit);
  append_part(out, type_text(key));
  if (default_in_head(key)) {
    append_part(out, fmt::format("{} by default", key.default_text));
  }
  append_part(out, access_text(key));
  append_part(out, scope_text(key));
  append_part(out, key.vendor_only ? "only in kernels of distributions" : "");
  append_part(out, lifetime_text(key));
  return out;
}

std::string needs_text(const Key& key) {
  std::string out;
  if (!key.module.empty()) append_part(out, fmt::format("module {}", key.module));
  if (!key.config.empty()) append_part(out, key.config);
  return out;
}

std::string aliases_text(const Key& key) {
  std::string out;
  for (const std::string& path : kernel::same_variable(kernel::dotted_to_path(key.name))) {
    append_part(out, kernel::path_to_dotted(path));
  }
  return out;
}

std::vector<const Key*> fitting(std::string_view name, bool whole_parts) {
  std::vector<const Key*> found;
  const std::string ending = fmt::format(".{}", name);
  for (const Key& key : kernel::keys()) {
    const bool fits =
        whole_parts ? key.name.ends_with(ending) : key.name.find(name) != std::string_view::npos;
    if (fits) found.push_back(&key);
  }
  // A key that is gone is only meant where nothing else is.
  const auto today = [](const Key* key) { return key->last_seen.empty(); };
  if (std::ranges::any_of(found, today)) std::erase_if(found, std::not_fn(today));
  return found;
}

/// Of several, the only one that every kernel of today has.
const Key* plain_one(const std::vector<const Key*>& found) {
  const Key* plain = nullptr;
  for (const Key* key : found) {
    const bool common = key->module.empty() && key->last_seen.empty() && !key->vendor_only;
    if (common && plain != nullptr) return nullptr;
    if (common) plain = key;
  }
  return plain;
}

Error ambiguous(std::string_view name, const std::vector<const Key*>& found) {
  constexpr size_t kMostListed = 8;
  std::string list;
  for (size_t i = 0; i < std::min(found.size(), kMostListed); ++i)
    append_part(list, found[i]->name);
  if (found.size() > kMostListed) {
    list += fmt::format(" and {} more", found.size() - kMostListed);
  }
  return Error{fmt::format("'{}' fits {} keys: {}", escape_bytes(name), found.size(), list)};
}

/// For a name without dots the nearest last part of a key, else the nearest key.
std::string suggestion(std::string_view name) {
  if (name.find_first_of("./") != std::string_view::npos) return kernel::suggest_key(name);
  std::vector<std::string_view> last_parts;
  for (const Key& key : kernel::keys()) {
    last_parts.push_back(key.name.substr(key.name.rfind('.') + 1));
  }
  const std::string_view near = nearest(name, last_parts);
  if (near.empty()) return kernel::suggest_key(name);
  const std::vector<const Key*> found = fitting(near, true);
  const Key* plain = plain_one(found);
  return std::string(plain != nullptr ? plain->name : found.front()->name);
}

}  // namespace

Result<const Key*> find_key(std::string_view name) {
  if (const Key* key = kernel::find_pattern(name)) return key;
  for (const std::string& path : {kernel::dotted_to_path(name), std::string(name)}) {
    if (const auto found = kernel::find_path(path)) return found->key;
  }
  for (const bool whole_parts : {true, false}) {
    const std::vector<const Key*> found = fitting(name, whole_parts);
    if (found.size() == 1) return found.front();
    if (found.empty()) continue;
    const Key* plain = plain_one(found);
    if (plain == nullptr) return ambiguous(name, found);
    return plain;
  }
  const std::string near = suggestion(name);
  return Error{fmt::format("no sysctl key is called '{}'{}", escape_bytes(name),
                           near.empty() ? "" : fmt::format("; did you mean '{}'?", near))};
}

std::string type_text(const Key& key) {
  if (key.slots == 0) return std::string(element_text(key.type));
  return fmt::format("{} {}s", key.slots, element_text(key.type));
}

std::string lifetime_text(const Key& key) {
  const bool oldest = key.first_seen.starts_with("<=");
  const std::string_view first = oldest ? key.first_seen.substr(2) : key.first_seen;
  std::string out;
  if (first.empty()) {
    out = "kernels not known";
  } else if (oldest) {
    out = fmt::format("since {} or before", first);
  } else if (key.absent_before.empty()) {
    out = fmt::format("since {}", first);
  } else {
    out = fmt::format("since {} (not in {})", first, key.absent_before);
  }
  if (key.last_seen.empty()) return (oldest ? "every kernel " : "") + out;
  return fmt::format("{}, last in {}, gone in {}", out, key.last_seen, key.removed_in);
}

bool is_part_of_key(std::string_view name) { return !fitting(name, true).empty(); }

std::string key_page(const Key& key, const host::Facts& facts, const KeyReaders& readers,
                     unsigned width) {
  Page page(width);
  page.head(key.name, summary_text(key));
  page.row("Does", key_text(key.name));
  page.row("Values", bounds_text(key.minimum, key.maximum));
  page.row("Bounds", history_text(key));
  if (!default_in_head(key)) page.row("Default", key.default_text);
  const std::string defaults = defaults_text(key, facts);
  if (defaults != key.default_text) page.row("By kernel", defaults);
  page.row("Notes", key.notes);
  if (!key.combines.empty()) page.row("Interfaces", combine_text(key));
  page.row("Same as", aliases_text(key));
  page.row("Needs", needs_text(key));
  page.row("Replaced by", key.replaced_by);
  page.row("Together", joined(readers.with));
  page.rows("Mistakes", readers.rules);
  page.rows("Policies", readers.policies);
  page.row("Source", key.source_file);
  return page.take();
}

std::string key_json(const Key& key, std::string_view indent) {
  std::string out = "{";
  std::string_view separator = "";
  const auto raw = [&](std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(out), "{}\n{}  \"{}\": {}", separator, indent, name, value);
    separator = ",";
  };
  const auto text = [&](std::string_view name, std::string_view value) {
    raw(name, value.empty() ? "null" : report::json_string(value));
  };
  const auto flag = [&](std::string_view name, bool value) { raw(name, value ? "true" : "false"); };
  text("id", key.name);
  text("type", type_word(key.type));
  raw("slots", fmt::format("{}", key.slots));
  text("does", key_text(key.name));
  text("unit", key.unit);
  text("minimum", key.minimum);
  text("maximum", key.maximum);
  text("default", key.default_text);
  flag("read_only", key.read_only);
  flag("write_only", key.write_only);
  flag("per_netns", key.per_netns);
  flag("vendor_only", key.vendor_only);
  text("first_seen", key.first_seen);
  text("absent_before", key.absent_before);
  text("last_seen", key.last_seen);
  text("removed_in", key.removed_in);
  text("module", key.module);
  text("config", key.config);
  text("combines", key.combines);
  text("replaced_by", key.replaced_by);
  text("source", key.source_file);
  text("notes", key.notes);
  return out + fmt::format("\n{}}}", indent);
}

}  // namespace proctor::cli
