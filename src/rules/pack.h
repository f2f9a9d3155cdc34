// Rules as bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule.h"
#include "rules/ruleset.h"

namespace proctor::rules {

std::string pack_rule(const Rule& rule);
/// REQUIRES: bytes of pack_rule() of the same build, which outlive the rule.
Rule unpack_rule(std::string_view bytes);

std::string pack_examples(const std::vector<Example>& examples);
std::vector<Example> unpack_examples(std::string_view bytes);

/// One rule of a table.
struct PackedRule {
  std::string id;
  std::string rule;      ///< Of pack_rule().
  std::string examples;  ///< Of pack_examples().
  std::vector<std::string> reads;
  bool detects = false;
};

/// A table whose parts are found without reading the others. Rules are sorted by id.
std::string pack_table(std::vector<PackedRule> rules, const std::vector<Role>& roles,
                       const std::vector<OldName>& old_names);

/// A view on a table; its bytes outlive it. Costs nothing to make.
class Table {
 public:
  Table() = default;
  explicit Table(std::string_view bytes) : bytes_(bytes) {}

  uint32_t size() const { return bytes_.empty() ? 0 : number(0); }
  std::string_view id(uint32_t index) const { return part(index, 0); }
  std::string_view rule(uint32_t index) const { return part(index, 1); }
  std::string_view examples(uint32_t index) const { return part(index, 2); }
  /// Ascending.
  std::vector<uint32_t> reading(std::string_view pattern) const;
  std::vector<uint32_t> detecting() const;
  std::vector<Role> roles() const;
  std::vector<OldName> old_names() const;

 private:
  uint32_t number(size_t word) const;
  std::string_view text(size_t word) const { return bytes_.substr(number(word), number(word + 1)); }
  std::string_view part(uint32_t index, uint32_t which) const;
  std::vector<uint32_t> numbers(size_t word) const;

  std::string_view bytes_;
};

}  // namespace proctor::rules
