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

Joints::Joints(const RuleSet& rules) : of_key_(kernel::keys().size()) {
  // Its own: two lines of one key, or of one key of two interfaces.
  for (uint32_t key = 0; key < of_key_.size(); ++key) of_key_[key].push_back(count_++);
  std::map<std::string_view, uint32_t> modules;
  for (const kernel::Key& key : kernel::keys()) {
    if (!key.module.empty() && modules.try_emplace(key.module, count_).second) ++count_;
  }
  const auto join_module = [&](std::vector<uint32_t>& joints, const kernel::Key& key) {
    if (!key.module.empty()) joints.push_back(modules.at(key.module));
  };
  for (const kernel::Key& key : kernel::keys()) join_module(of_key_[index_of(key)], key);
  for (size_t index = 0; index < rules.size(); ++index, ++count_) {
    const std::vector<const kernel::Key*> keys = keys_of(rules.rule(index));
    for (const kernel::Key* key : keys) {
      std::vector<uint32_t>& joints = of_key_[index_of(*key)];
      joints.push_back(count_);
      for (const kernel::Key* other : keys) join_module(joints, *other);
    }
  }
  for (std::vector<uint32_t>& joints : of_key_) sort_unique(joints);
}

std::span<const uint32_t> Joints::of(const kernel::Key& key) const {
  return of_key_[index_of(key)];
}

}  // namespace proctor::rules
