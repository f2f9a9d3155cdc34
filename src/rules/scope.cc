#include "rules/scope.h"

#include <algorithm>
#include <array>

#include "text/text.h"

namespace proctor::rules {
namespace {

using expr::Step;

constexpr unsigned kKindShift = 24;
constexpr unsigned kLayerShift = 22;
constexpr unsigned kBindingShift = 20;
constexpr uint32_t kIndexMask = (1U << kBindingShift) - 1;

constexpr std::array<std::string_view, 3> kLayers = {"proposed", "running", "initial"};
constexpr std::array<std::string_view, 3> kBindings = {"all", "default", "lo"};

struct Constant {
  std::string_view name;
  int64_t value;
};
constexpr std::array kConstants = {
    Constant{"KiB", int64_t{1} << 10}, Constant{"MiB", int64_t{1} << 20},
    Constant{"GiB", int64_t{1} << 30}, Constant{"TiB", int64_t{1} << 40}};

std::optional<Binding> binding_of(std::string_view part) {
  const auto found = std::ranges::find(kBindings, part);
  if (found == kBindings.end()) return std::nullopt;
  return static_cast<Binding>(found - kBindings.begin() + 1);
}

std::string join(std::span<const std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) {
    if (!out.empty()) out += '.';
    out += part;
  }
  return out;
}

/// The catalog's key for parts in which '*' is a dynamic one.
std::optional<Name> key_of_parts(std::span<const std::string_view> parts) {
  const auto place = [](const kernel::Key* key) {
    return static_cast<uint32_t>(kernel::index_of(*key));
  };
  if (const kernel::Key* key = kernel::find_pattern(join(parts))) {
    return Name{NameKind::kKey, Layer::kEffective, Binding::kNone, place(key)};
  }
  std::vector<std::string_view> bound(parts.begin(), parts.end());
  for (std::string_view& part : bound) {
    const std::optional<Binding> binding = binding_of(part);
    if (!binding) continue;
    const std::string_view saved = std::exchange(part, "*");
    if (const kernel::Key* key = kernel::find_pattern(join(bound))) {
      return Name{NameKind::kKey, Layer::kEffective, *binding, place(key)};
    }
    part = saved;
  }
  return std::nullopt;
}

std::optional<Name> longest_key(std::span<const Step> steps, size_t& used) {
  std::vector<std::string_view> parts;
  for (const Step& step : steps) {
    // A literal '*' names nothing.
    if (!step.dynamic && step.name == "*") break;
    parts.push_back(step.dynamic ? "*" : step.name);
  }
  // No pattern of the catalog is deeper; a hostile chain of selectors costs nothing.
  constexpr size_t kMostParts = 10;
  for (size_t length = std::min(parts.size(), kMostParts); length > 1; --length) {
    if (std::optional<Name> name = key_of_parts(std::span(parts).first(length))) {
      used = length;
      return name;
    }
  }
  return std::nullopt;
}

bool is_plain_identifier(std::string_view part) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !part.empty() && letter(part.front()) &&
         std::ranges::all_of(part, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

/// The catalog's pattern of a dotted name with an interface's name in it; else the name.
std::string pattern_of(const std::string& dotted) {
  const std::optional<kernel::KeyRef> found = kernel::find_path(kernel::dotted_to_path(dotted));
  return found ? std::string(found->key->name) : dotted;
}

std::string spell(std::span<const std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) {
    if (part == "*") {
      out += "[iface]";
      continue;
    }
    if (!out.empty()) out += '.';
    out += is_plain_identifier(part) ? std::string(part) : '`' + std::string(part) + '`';
  }
  return out;
}

/// Splits at dots outside back-quotes; "conf[iface]" becomes "conf" and "*".
std::optional<std::vector<std::string>> parts_of(std::string_view text) {
  std::vector<std::string> parts(1);
  constexpr std::string_view kInterface = "[iface]";
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '`') {
      const size_t end = text.find('`', at + 1);
      if (end == std::string_view::npos) return std::nullopt;
      parts.back() += text.substr(at + 1, end - at - 1);
      at = end;
    } else if (text[at] == '.') {
      parts.emplace_back();
    } else if (text.substr(at).starts_with(kInterface)) {
      parts.emplace_back("*");
      at += kInterface.size() - 1;
    } else {
      parts.back() += text[at];
    }
  }
  return parts;
}

}  // namespace

int32_t encode_name(const Name& name) {
  return static_cast<int32_t>(static_cast<uint32_t>(name.kind) << kKindShift |
                              static_cast<uint32_t>(name.layer) << kLayerShift |
                              static_cast<uint32_t>(name.binding) << kBindingShift |
                              (name.index & kIndexMask));
}

Name decode_name(int32_t id) {
  const auto bits = static_cast<uint32_t>(id);
  return {static_cast<NameKind>(bits >> kKindShift), static_cast<Layer>(bits >> kLayerShift & 3U),
          static_cast<Binding>(bits >> kBindingShift & 3U), bits & kIndexMask};
}

const kernel::Key& key_of(const Name& name) { return kernel::keys()[name.index]; }

const host::FactInfo& fact_of(const Name& name) { return host::fact_table()[name.index]; }

int64_t constant_value(const Name& name) { return kConstants[name.index].value; }

std::string bound_pattern(const Name& name) {
  std::string pattern(key_of(name).name);
  if (name.binding == Binding::kNone) return pattern;
  const std::string_view part = kBindings[static_cast<size_t>(name.binding) - 1];
  return pattern.replace(pattern.find('*'), 1, part);
}

std::optional<std::string> path_of(const Name& name, std::span<const expr::Value> dynamic) {
  std::string path = bound_pattern(name);
  std::ranges::replace(path, '.', '/');
  size_t at = 0;
  for (const expr::Value& value : dynamic) {
    const std::string* part = value.as_string();
    at = path.find('*', at);
    if (part == nullptr || part->empty() || *part == "." || *part == ".." ||
        part->find('/') != std::string::npos || at == std::string::npos) {
      return std::nullopt;
    }
    path.replace(at, 1, *part);
    at += part->size();
  }
  if (path.find('*', at) != std::string::npos) return std::nullopt;
  return path;
}

expr::Type type_of(const kernel::Key& key) {
  switch (key.type) {
    case kernel::ValueType::kInt:
    case kernel::ValueType::kUint:
    case kernel::ValueType::kU8:
    case kernel::ValueType::kBool:
    case kernel::ValueType::kLong:
    case kernel::ValueType::kUlong:
      return expr::TypeKind::kInt;
    case kernel::ValueType::kIntVector:
    case kernel::ValueType::kUintVector:
    case kernel::ValueType::kLongVector:
    case kernel::ValueType::kUlongVector:
      return expr::Type::list(expr::TypeKind::kInt);
    case kernel::ValueType::kString:
    case kernel::ValueType::kPortBitmap:
    case kernel::ValueType::kMask:
      return expr::TypeKind::kString;
    case kernel::ValueType::kOther:
      break;
  }
  return expr::TypeKind::kDyn;
}

expr::Type type_of(const host::FactInfo& fact) {
  switch (fact.type) {
    case host::FactType::kBool:
      return expr::TypeKind::kBool;
    case host::FactType::kInt:
      return expr::TypeKind::kInt;
    case host::FactType::kString:
      return expr::TypeKind::kString;
    case host::FactType::kIntList:
      return expr::Type::list(expr::TypeKind::kInt);
    case host::FactType::kStringList:
      return expr::Type::list(expr::TypeKind::kString);
    case host::FactType::kVersionRange:
      break;
  }
  return expr::Type::opaque(kVersionType);
}

bool is_integer(const kernel::Key& key) { return type_of(key).is(expr::TypeKind::kInt); }

std::string cel_spelling(std::string_view dotted) { return spell(split(dotted, '.')); }

std::optional<Name> find_key(std::string_view text) {
  const std::optional<std::vector<std::string>> parts = parts_of(text);
  if (!parts) return std::nullopt;
  const std::vector<std::string_view> views(parts->begin(), parts->end());
  return key_of_parts(views);
}

std::string suggest_key(std::string_view text) {
  const std::optional<std::vector<std::string>> parts = parts_of(text);
  if (!parts) return {};
  const std::string dotted = join(std::vector<std::string_view>(parts->begin(), parts->end()));
  const std::string near = kernel::suggest_key(dotted);
  return near == dotted ? pattern_of(near) : near;
}

void Scope::declare_let(std::string name, expr::Type type) {
  lets_.emplace_back(std::move(name), std::move(type));
}

void Scope::declare_variable(std::string name, expr::Type type) {
  variables_.emplace_back(std::move(name), std::move(type));
}

std::optional<expr::Declaration> Scope::local(std::string_view name) const {
  const auto last = [&](const auto& declared, NameKind kind) -> std::optional<expr::Declaration> {
    for (size_t i = declared.size(); i-- > 0;) {
      if (declared[i].first != name) continue;
      return expr::Declaration{encode_name({.kind = kind, .index = static_cast<uint32_t>(i)}),
                               declared[i].second};
    }
    return std::nullopt;
  };
  if (auto found = last(lets_, NameKind::kLet)) return found;
  if (auto found = last(variables_, NameKind::kVariable)) return found;
  if (interface_ && name == "iface") {
    return expr::Declaration{encode_name({.kind = NameKind::kInterface}), expr::TypeKind::kString};
  }
  const auto constant = std::ranges::find(kConstants, name, &Constant::name);
  if (constant == kConstants.end()) return std::nullopt;
  const auto index = static_cast<uint32_t>(constant - kConstants.begin());
  return expr::Declaration{encode_name({.kind = NameKind::kConstant, .index = index}),
                           expr::TypeKind::kInt};
}

std::optional<expr::Declaration> Scope::resolve(std::span<const Step> steps, size_t& used) const {
  if (steps.empty() || steps[0].dynamic) return std::nullopt;
  if (steps[0].name == "host" && steps.size() > 1 && !steps[1].dynamic) {
    if (const host::FactInfo* fact = host::find_fact(steps[1].name)) {
      used = 2;
      const auto index = static_cast<uint32_t>(fact - host::fact_table().data());
      return expr::Declaration{encode_name({.kind = NameKind::kFact, .index = index}),
                               type_of(*fact)};
    }
  }
  const auto layer = std::ranges::find(kLayers, steps[0].name);
  const size_t skip = layer == kLayers.end() ? 0 : 1;
  if (std::optional<Name> name = longest_key(steps.subspan(skip), used)) {
    used += skip;
    if (skip == 1) name->layer = static_cast<Layer>(layer - kLayers.begin() + 1);
    return expr::Declaration{encode_name(*name), type_of(key_of(*name))};
  }
  used = 1;
  return local(steps[0].name);
}

std::string Scope::suggest(std::string_view dotted) const {
  const size_t dot = dotted.find('.');
  if (dotted.starts_with("host.")) {
    std::vector<std::string_view> facts;
    for (const host::FactInfo& fact : host::fact_table()) facts.push_back(fact.name);
    const std::string_view near = nearest(dotted.substr(dot + 1), facts);
    return near.empty() ? std::string() : "host." + std::string(near);
  }
  if (dot == std::string_view::npos) {
    std::vector<std::string_view> names = {"host"};
    if (interface_) names.emplace_back("iface");
    for (const auto& [name, type] : lets_) names.push_back(name);
    for (const auto& [name, type] : variables_) names.push_back(name);
    for (const Constant& constant : kConstants) names.push_back(constant.name);
    const std::string_view near = nearest(dotted, names);
    if (!near.empty()) return std::string(near);
  }
  const bool layered = std::ranges::find(kLayers, dotted.substr(0, dot)) != kLayers.end();
  const std::string_view key = layered ? dotted.substr(dot + 1) : dotted;
  const std::string near = kernel::suggest_key(key);
  if (near.empty()) return {};
  // Rules name no single interface.
  const std::string general = near == key ? pattern_of(near) : near;
  const std::vector<std::string_view> parts = split(general, '.');
  return (layered ? std::string(dotted.substr(0, dot + 1)) : std::string()) + spell(parts);
}

}  // namespace proctor::rules
