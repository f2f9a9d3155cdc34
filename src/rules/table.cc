// The packed table. A head of words, then the bytes that they point to:
//
//   word 0            number of rules
//   word 1, 2         number of patterns, word of their first row
//   word 3            word where the list of rules with a detector begins
//   word 4, 5         offset and size of the roles
//   word 6, 7         offset and size of the old names
//   from word 8       a row a rule, by id: offset and size of its id, its bytes, its examples
//   then              a row a pattern, by name: offset and size of it, word of its list of rules
//   then              lists: their length, their numbers
#include <algorithm>
#include <cstring>
#include <map>

#include "rules/blob.h"
#include "rules/pack.h"

namespace proctor::rules {
namespace {

constexpr uint32_t kHeadWords = 8;
constexpr uint32_t kRuleWords = 6;
constexpr uint32_t kPatternWords = 3;

class TableWriter {
 public:
  explicit TableWriter(size_t words) : words_(words) {}

  uint32_t& word(size_t index) { return words_[index]; }
  void text(size_t word, std::string_view bytes) {
    words_[word] = static_cast<uint32_t>(words_.size() * sizeof(uint32_t) + bytes_.size());
    words_[word + 1] = static_cast<uint32_t>(bytes.size());
    bytes_ += bytes;
  }
  /// Returns the word after the list.
  size_t list(size_t word, const std::vector<uint32_t>& numbers) {
    words_[word] = static_cast<uint32_t>(numbers.size());
    std::ranges::copy(numbers, words_.begin() + static_cast<ptrdiff_t>(word) + 1);
    return word + 1 + numbers.size();
  }
  std::string take() const {
    std::string out(words_.size() * sizeof(uint32_t), '\0');
    std::memcpy(out.data(), words_.data(), out.size());
    return out + bytes_;
  }

 private:
  std::vector<uint32_t> words_;
  std::string bytes_;
};

std::string pack_roles(const std::vector<Role>& roles) {
  BlobWriter out;
  out.number(roles.size());
  for (const Role& role : roles) {
    out.text(role.name);
    out.text(role.description);
    out.number(role.implies.size());
    for (const std::string& name : role.implies) out.text(name);
  }
  return out.take();
}

std::string pack_old_names(const std::vector<OldName>& names) {
  BlobWriter out;
  out.number(names.size());
  for (const OldName& name : names) {
    out.text(name.id);
    out.text(name.now);
    out.text(name.why);
  }
  return out.take();
}

}  // namespace

std::string pack_table(std::vector<PackedRule> rules, const std::vector<Role>& roles,
                       const std::vector<OldName>& old_names) {
  std::ranges::sort(rules, {}, &PackedRule::id);
  std::map<std::string_view, std::vector<uint32_t>> patterns;
  std::vector<uint32_t> detecting;
  size_t list_words = 0;
  for (uint32_t i = 0; i < rules.size(); ++i) {
    for (const std::string& pattern : rules[i].reads) patterns[pattern].push_back(i);
    list_words += rules[i].reads.size();
    if (rules[i].detects) detecting.push_back(i);
  }
  const size_t pattern_words = kHeadWords + kRuleWords * rules.size();
  size_t list = pattern_words + kPatternWords * patterns.size();
  TableWriter out(list + list_words + patterns.size() + detecting.size() + 1);
  out.word(0) = static_cast<uint32_t>(rules.size());
  out.word(1) = static_cast<uint32_t>(patterns.size());
  out.word(2) = static_cast<uint32_t>(pattern_words);
  out.text(4, pack_roles(roles));
  out.text(6, pack_old_names(old_names));
  for (size_t i = 0; i < rules.size(); ++i) {
    const size_t row = kHeadWords + kRuleWords * i;
    out.text(row, rules[i].id);
    out.text(row + 2, rules[i].rule);
    out.text(row + 4, rules[i].examples);
  }
  size_t row = pattern_words;
  for (const auto& [pattern, numbers] : patterns) {
    out.text(row, pattern);
    out.word(row + 2) = static_cast<uint32_t>(list);
    list = out.list(list, numbers);
    row += kPatternWords;
  }
  out.word(3) = static_cast<uint32_t>(list);
  out.list(list, detecting);
  return out.take();
}

uint32_t Table::number(size_t word) const {
  uint32_t value = 0;
  std::memcpy(&value, bytes_.data() + word * sizeof value, sizeof value);
  return value;
}

std::string_view Table::part(uint32_t index, uint32_t which) const {
  return text(kHeadWords + size_t{kRuleWords} * index + size_t{2} * which);
}

std::vector<uint32_t> Table::numbers(size_t word) const {
  std::vector<uint32_t> out;
  const uint32_t size = number(word);
  out.reserve(size);
  for (uint32_t i = 1; i <= size; ++i) out.push_back(number(word + i));
  return out;
}

std::vector<uint32_t> Table::reading(std::string_view pattern) const {
  if (bytes_.empty()) return {};
  const uint32_t first_row = number(2);
  uint32_t low = 0;
  uint32_t high = number(1);
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    const size_t row = first_row + size_t{kPatternWords} * middle;
    const std::string_view here = text(row);
    if (here == pattern) return numbers(number(row + 2));
    if (here < pattern) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return {};
}

std::vector<uint32_t> Table::detecting() const {
  return bytes_.empty() ? std::vector<uint32_t>() : numbers(number(3));
}

std::vector<Role> Table::roles() const {
  if (bytes_.empty()) return {};
  BlobReader in(text(4));
  std::vector<Role> roles(in.number());
  for (Role& role : roles) {
    role.name = in.text();
    role.description = in.text();
    role.implies.resize(in.number());
    for (std::string& name : role.implies) name = in.text();
  }
  return roles;
}

std::vector<OldName> Table::old_names() const {
  if (bytes_.empty()) return {};
  BlobReader in(text(6));
  std::vector<OldName> names(in.number());
  for (OldName& name : names) {
    name.id = in.text();
    name.now = in.text();
    name.why = in.text();
  }
  return names;
}

}  // namespace proctor::rules
