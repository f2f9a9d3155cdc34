#include "rules/joints.h"

#include <map>
#include <string_view>

#include "rules/scope.h"
#include "text/text.h"

namespace proctor::rules {
namespace {

/// Every key that a rule asks about, shows or changes.
std::vector<const kernel::Key*> keys_of(const Rule& rule) {
  std::vector<const kernel::Key*> keys;
  const auto add_pattern = [&](const std::string& pattern) {
    if (const kernel::Key* key = kernel::find_pattern(pattern)) keys.push_back(key);
  };
  const auto add_name = [&](const std::string& text) {
    if (const auto name = find_key(text)) keys.push_back(&key_of(*name));
  };
  for (const std::string& pattern : rule.reads) add_pattern(pattern);
  for (const std::string& pattern : rule.mentions) add_pattern(pattern);
  for (const std::string& text : rule.anchors) add_name(text);
  for (const std::string& text : rule.related) add_name(text);
  for (const FixStep& step : rule.fix) {
    add_name(step.key);
    add_name(step.new_key);
  }
  sort_unique(keys);
  return keys;
}

}  // namespace

Joints::Joints(const RuleSet& rules)
    : of_key_(kernel::keys().size()),
      module_(kernel::keys().size(), kNoModule),
      rests_on_(kernel::keys().size()) {
  std::map<std::string_view, uint32_t> modules;
  for (const kernel::Key& key : kernel::keys()) {
    // Its own: two lines of one key, or of one key of two interfaces.
    of_key_[index_of(key)].push_back(count_++);
    if (key.module.empty()) continue;
    const auto number = static_cast<uint32_t>(modules.size());
    module_[index_of(key)] = modules.try_emplace(key.module, number).first->second;
  }
  for (size_t index = 0; index < rules.size(); ++index, ++count_) {
    const std::vector<const kernel::Key*> keys = keys_of(rules.rule(index));
    for (const kernel::Key* key : keys) {
      of_key_[index_of(*key)].push_back(count_);
      for (const kernel::Key* other : keys) {
        const uint32_t module = module_of(*other);
        if (module != kNoModule && module != module_of(*key)) {
          rests_on_[index_of(*key)].push_back(module);
        }
      }
    }
  }
  for (std::vector<uint32_t>& joints : of_key_) sort_unique(joints);
  for (std::vector<uint32_t>& modules_of_key : rests_on_) sort_unique(modules_of_key);
}

std::span<const uint32_t> Joints::of(const kernel::Key& key) const {
  return of_key_[index_of(key)];
}

std::span<const uint32_t> Joints::rests_on(const kernel::Key& key) const {
  return rests_on_[index_of(key)];
}

}  // namespace proctor::rules
