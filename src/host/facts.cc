#include "host/facts.h"

#include <algorithm>
#include <utility>

namespace proctor::host {

void Facts::set(std::string_view name, FactValue value) {
  values_.insert_or_assign(std::string(name), std::move(value));
  if (const auto at = unreadable_.find(name); at != unreadable_.end()) unreadable_.erase(at);
}

void Facts::forget(std::string_view name) {
  if (const auto at = values_.find(name); at != values_.end()) values_.erase(at);
}

const FactValue* Facts::get(std::string_view name) const {
  const auto at = values_.find(name);
  return at == values_.end() ? nullptr : &at->second;
}

std::string_view Facts::unreadable(std::string_view name) const {
  const auto at = unreadable_.find(name);
  return at == unreadable_.end() ? std::string_view() : std::string_view(at->second);
}

void Facts::set_unreadable(std::string_view name, std::string why) {
  if (get(name) == nullptr) unreadable_.insert_or_assign(std::string(name), std::move(why));
}

namespace {

template <typename T>
const T* typed(const Facts& facts, std::string_view name) {
  const FactValue* value = facts.get(name);
  return value == nullptr ? nullptr : std::get_if<T>(value);
}

template <typename To, typename From>
std::optional<To> converted(const std::optional<From>& number) {
  if (!number || !std::in_range<To>(*number)) return std::nullopt;
  return static_cast<To>(*number);
}

template <typename T>
std::optional<T> copied(const T* value) {
  return value == nullptr ? std::nullopt : std::optional<T>(*value);
}

}  // namespace

std::optional<kernel::VersionRange> Facts::kernel() const {
  return copied(typed<kernel::VersionRange>(*this, "kernel"));
}

std::optional<int64_t> Facts::integer(std::string_view name) const {
  return copied(typed<int64_t>(*this, name));
}

std::optional<bool> Facts::boolean(std::string_view name) const {
  return copied(typed<bool>(*this, name));
}

const std::string* Facts::text(std::string_view name) const {
  return typed<std::string>(*this, name);
}

const std::vector<std::string>* Facts::strings(std::string_view name) const {
  return typed<std::vector<std::string>>(*this, name);
}

std::vector<std::string> Facts::roles() const {
  const std::vector<std::string>* roles = strings("roles");
  return roles == nullptr ? std::vector<std::string>() : *roles;
}

kernel::Machine Facts::machine(const kernel::Version& version) const {
  kernel::Machine machine;
  machine.version = version;
  machine.memory = converted<uint64_t>(integer("memory"));
  machine.cpus = converted<uint32_t>(integer("cpus"));
  machine.page_size = converted<uint32_t>(integer("page_size"));
  machine.hz = converted<uint32_t>(integer("hz"));
  machine.thp = copied(text("thp"));
  machine.arch = copied(text("arch"));
  machine.modules = copied(strings("modules"));
  machine.interfaces = copied(strings("interfaces"));
  machine.initial_netns = boolean("initial_netns");
  // A container may share the host's network namespace, so only its absence says anything.
  if (!machine.initial_netns && boolean("container") == false) machine.initial_netns = true;
  return machine;
}

}  // namespace proctor::host
