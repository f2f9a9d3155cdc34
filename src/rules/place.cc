#include "rules/place.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "rules/scope.h"

namespace proctor::rules {
namespace {

uint32_t place_of(const Run& run, const load::Assignment& assignment) {
  return static_cast<uint32_t>(&assignment - run.result().assignments.data());
}

bool better(const Carrier& a, const Carrier& b) {
  return std::tie(a.live, a.place) > std::tie(b.live, b.place);
}

void keep_best(std::optional<Carrier>& best, std::optional<Carrier> candidate) {
  if (candidate && (!best || better(*candidate, *best))) best = std::move(candidate);
}

bool has_wildcard(const Name& name) {
  return name.binding == Binding::kNone && key_of(name).name.find('*') != std::string_view::npos;
}

/// The interface of `path` if `key` is a pattern with one wildcard.
std::string_view wildcard_of(const kernel::Key& key, std::string_view path) {
  const size_t star = key.name.find('*');
  const size_t tail = key.name.size() - star - 1;
  if (star == std::string_view::npos || path.size() < star + tail) return {};
  return path.substr(star, path.size() - star - tail);
}

/// Whether a line on `path` may matter to the round of `interface`.
bool concerns(const Run& run, std::string_view path, const Interface& interface) {
  if (interface.kind == Interface::Kind::kNone) return true;
  const kernel::Key* key = run.find(path)->key;
  if (key == nullptr || key->name.find('*') == std::string_view::npos) return true;
  const std::string_view part = wildcard_of(*key, path);
  return part == "all" || part == "default" || part == interface.name;
}

/// The best carrier among the paths of one row of the catalog.
std::optional<Carrier> carrier_of_key(const Run& run, const kernel::Key& key,
                                      const Interface& interface) {
  std::optional<Carrier> best;
  for (const std::string_view path : run.paths()) {
    if (run.find(path)->key != &key || !concerns(run, path, interface)) continue;
    keep_best(best, carrier_of(run, path));
  }
  return best;
}

std::optional<Carrier> carrier_of_name(const Run& run, const Name& name,
                                       const Interface& interface) {
  if (!has_wildcard(name)) {
    const auto path = path_of(name, {});
    return path ? carrier_of(run, *path) : std::nullopt;
  }
  if (interface.kind == Interface::Kind::kNamed) {
    const std::array<expr::Value, 1> dynamic{expr::Value::string(interface.name)};
    const auto path = path_of(name, dynamic);
    if (auto own = path ? carrier_of(run, *path) : std::nullopt) return own;
  }
  return carrier_of_key(run, key_of(name), interface);
}

/// Names of keys that the condition reads, in source order.
std::vector<Name> names_read(const Rule& rule) {
  std::vector<Name> names;
  const auto add = [&](const expr::Program& program) {
    for (const expr::Reference& reference : program.references()) {
      const Name name = decode_name(reference.id);
      if (name.kind == NameKind::kKey && std::ranges::find(names, name) == names.end()) {
        names.push_back(name);
      }
    }
  };
  for (const auto& [let, program] : rule.let) add(program);
  add(rule.when);
  return names;
}

void add_line(Carrier carrier, std::vector<Carrier>& lines) {
  const bool known = std::ranges::find(lines, carrier.origin, &Carrier::origin) != lines.end();
  if (!known) lines.push_back(std::move(carrier));
}

/// The lines on the path of `carrier` besides its own.
void add_other_lines(const Run& run, const Carrier& carrier, std::vector<Carrier>& lines) {
  for (const uint32_t index : run.find(carrier.path)->assignments) {
    const load::Assignment& line = run.result().assignments[index];
    if (line.origin == carrier.origin) continue;
    add_line({carrier.path, line.origin, run.is_live(line), place_of(run, line)}, lines);
  }
}

}  // namespace

std::optional<Carrier> carrier_of(const Run& run, std::string_view path) {
  const PathFacts* facts = run.find(path);
  if (facts == nullptr) return std::nullopt;
  if (const load::Write* write = run.effective_write(path)) {
    const load::Assignment& maker = run.maker(*write);
    return Carrier{std::string(path), maker.origin, true, place_of(run, maker)};
  }
  const load::Assignment& last = run.result().assignments[facts->assignments.back()];
  return Carrier{std::string(path), last.origin, run.is_live(last), place_of(run, last)};
}

std::optional<Carrier> carrier_of(const Run& run, const Rule& rule, const Interface& interface) {
  for (const std::string& anchor : rule.anchors) {
    const auto name = find_key(anchor);
    if (!name) continue;
    if (auto carrier = carrier_of_name(run, *name, interface)) return carrier;
  }
  std::optional<Carrier> best;
  for (const Name& name : names_read(rule)) keep_best(best, carrier_of_name(run, name, interface));
  if (best) return best;
  // What it reads is not written, but something of the same kind is: `all` for an interface's.
  for (const std::string& pattern : rule.reads) {
    const kernel::Key* key = kernel::find_pattern(pattern);
    if (key != nullptr) keep_best(best, carrier_of_key(run, *key, interface));
  }
  return best;
}

std::vector<Carrier> related_carriers(const Run& run, const std::vector<std::string>& keys,
                                      const Interface& interface, const load::Origin& except) {
  std::vector<Carrier> out;
  for (const std::string& key : keys) {
    const auto name = find_key(key);
    if (!name) continue;
    auto carrier = carrier_of_name(run, *name, interface);
    if (!carrier) continue;
    if (carrier->origin == except) {
      add_other_lines(run, *carrier, out);
    } else {
      add_line(*std::move(carrier), out);
    }
  }
  return out;
}

Span span_of_line(const load::Configuration& configuration, const load::Origin& origin,
                  bool key_only) {
  const conf::Document& document = *configuration.files[origin.file].document;
  const conf::Line line = document.lines()[origin.line];
  if (line.kind != conf::LineKind::kAssignment || line.key.empty()) {
    return line.kind == conf::LineKind::kBare ? line.key : line.text;
  }
  return key_only ? line.key : Span{line.key.begin, line.value.end};
}

}  // namespace proctor::rules
