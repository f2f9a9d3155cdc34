// Prints what the kernel model predicts, for the script that compares it with real kernels. One
// order a line, fields between tabs, bytes escaped (\n \t \r \\ \xNN); answers in the same form.
//   machine VERSION MEMORY CPUS PAGE HZ THP ARCH MODULES INTERFACES   lists between commas; no
//   answer value PATH TEXT | unreadable PATH      what /proc/sys begins with; no answer complete
//   paths that were not named are absent; no answer describe PATH   -> TYPE SLOTS MINIMUM MAXIMUM;
//   TYPE is "-" for a path that the catalog lacks initial PATH    -> as read: what the kernel sets
//   itself presence PATH   -> yes | no | unknown: by the catalog modules         -> those that the
//   catalog names paths           -> the catalog's paths on this machine, a line each, then "end"
//   try PATH BYTES [BEFORE]  -> ERRNO READ WAS TAKEN REASON, and BEFORE (or what was) is written
//   back;
//                               ERRNO is "ok" or "unknown" too, READ "=TEXT" or "?", WAS what was
//                               predicted to be there before, as READ
//   put PATH BYTES [BEFORE]  -> the same, and the value stays
//   read PATH       -> "=TEXT", "absent" or "?"
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/catalog.h"
#include "kernel/predict.h"
#include "kernel/presence.h"
#include "text/text.h"

using namespace proctor;
using namespace proctor::kernel;

namespace {

constexpr const char* kTypes[] = {
    "int",         "uint",        "u8",           "bool",   "long",  "ulong", "int-vector",
    "uint-vector", "long-vector", "ulong-vector", "string", "ports", "mask",  "other"};

std::string unescape(std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      bytes += text[i];
      continue;
    }
    const char kind = text[++i];
    if (kind == 'x' && i + 2 < text.size()) {
      uint8_t byte = 0;
      std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
      bytes += static_cast<char>(byte);
      i += 2;
    } else {
      bytes += kind == 'n' ? '\n' : kind == 't' ? '\t' : kind == 'r' ? '\r' : kind;
    }
  }
  return bytes;
}

/// As text of a file, less the newline that ends it.
std::string as_read(std::string_view escaped) {
  std::string text = unescape(escaped);
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> names(std::string_view list) {
  std::vector<std::string> out;
  for (const std::string_view name : split(list, ',')) {
    if (!name.empty()) out.emplace_back(name);
  }
  return out;
}

Machine machine_of(const std::vector<std::string_view>& order) {
  Machine machine;
  machine.version = *parse_version(order.at(1));
  machine.memory = number<uint64_t>(order.at(2));
  machine.cpus = number<uint32_t>(order.at(3));
  machine.page_size = number<uint32_t>(order.at(4));
  machine.hz = number<uint32_t>(order.at(5));
  machine.thp = order.at(6);
  machine.arch = order.at(7);
  machine.modules = names(order.at(8));
  machine.interfaces = names(order.at(9));
  machine.initial_netns = true;
  return machine;
}

std::string shown(const Cell& cell) {
  if (cell.status == Cell::Status::kAbsent) return "absent";
  if (cell.status == Cell::Status::kUnknown || cell.approximate) return "?";
  return '=' + escape_bytes(cell.text);
}

std::string shown(const Outcome& outcome) {
  switch (outcome.result) {
    case WriteResult::kAccepted:
    case WriteResult::kAltered:
      return "ok";
    case WriteResult::kRejected:
    case WriteResult::kMissing:
      return errno_name(outcome.error);
    case WriteResult::kUnknown:
      break;
  }
  return "unknown";
}

std::string attempt(State& state, const std::vector<std::string_view>& order) {
  const std::string path(order.at(1));
  const std::string was = shown(state.read(path));
  // What was really there: a value that the prediction lost is no reason to lose the next one.
  if (order.size() > 3) state.set(path, Cell::known(as_read(order[3])));
  const Cell before = state.read(path);
  const Outcome outcome = write(state, path, unescape(order.at(2)));
  if (order[0] == "try" && before.status == Cell::Status::kKnown) {
    write(state, path, before.text + '\n');
  }
  const std::string read = outcome.reads_back ? '=' + escape_bytes(*outcome.reads_back) : "?";
  const std::string taken = outcome.taken ? std::to_string(*outcome.taken) : "?";
  return shown(outcome) + '\t' + read + '\t' + was + '\t' + taken + '\t' +
         escape_bytes(outcome.reason);
}

std::string bound(const Bound* bound, std::string_view newest) {
  if (bound == nullptr) return std::string(newest);
  return bound->kind == Bound::Kind::kNumber ? std::to_string(bound->value) : std::string();
}

std::string describe(const std::string& path, const Version& version) {
  const std::optional<KeyRef> ref = find_path(path);
  if (!ref) return "-\t0\t\t\t";
  const Key& key = *ref->key;
  const InForce change = change_at(key, version);
  const Bound* minimum = change.row == nullptr ? nullptr : &change.row->minimum;
  const Bound* maximum = change.row == nullptr ? nullptr : &change.row->maximum;
  return std::string(kTypes[static_cast<size_t>(key.type)]) + '\t' + std::to_string(key.slots) +
         '\t' + bound(minimum, key.minimum) + '\t' + bound(maximum, key.maximum) + '\t' +
         std::string(key.module);
}

std::string presence_of(const std::string& path, const Machine& machine) {
  switch (presence(path, machine).answer) {
    case Presence::Answer::kYes:
      return "yes";
    case Presence::Answer::kNo:
      return "no";
    default:
      return "unknown";
  }
}

std::string modules() {
  std::vector<std::string> all;
  for (const Key& key : keys()) {
    if (!key.module.empty()) all.emplace_back(key.module);
  }
  sort_unique(all);
  std::string text;
  for (const std::string& name : all) text += (text.empty() ? "" : ",") + name;
  return text;
}

/// Each key of the catalog, with one interface or other name for each '*'.
std::string paths(const Machine& machine) {
  std::vector<std::string> interfaces = *machine.interfaces;
  interfaces.insert(interfaces.end(), {"all", "default"});
  std::string text;
  for (const Key& key : keys()) {
    const std::string path = dotted_to_path(key.name);
    const size_t star = path.find('*');
    if (star == std::string::npos) {
      text += path + '\n';
      continue;
    }
    for (const std::string& name : interfaces) {
      text += path.substr(0, star) + name + path.substr(star + 1) + '\n';
    }
  }
  return text + "end";
}

}  // namespace

int main() {
  State state{Machine{}};
  std::string line;
  while (std::getline(std::cin, line)) {
    const std::vector<std::string_view> order = split(line, '\t');
    const std::string path(order.size() > 1 ? order[1] : "");
    std::string answer;
    if (order[0] == "machine") {
      state = State(machine_of(order));
      continue;
    }
    if (order[0] == "value") {
      state.set(path, Cell::known(as_read(order.at(2))));
      continue;
    }
    if (order[0] == "unreadable") {
      state.set(path, Cell::unknown({}));
      continue;
    }
    if (order[0] == "complete") {
      state.set_complete(true);
      continue;
    }
    if (order[0] == "describe") answer = describe(path, state.machine().version);
    if (order[0] == "initial") answer = shown(initial_value(path, state.machine()));
    if (order[0] == "presence") answer = presence_of(path, state.machine());
    if (order[0] == "modules") answer = modules();
    if (order[0] == "paths") answer = paths(state.machine());
    if (order[0] == "try" || order[0] == "put") answer = attempt(state, order);
    if (order[0] == "read") answer = shown(state.read(path));
    std::printf("%s\n", answer.c_str());
  }
  return 0;
}
