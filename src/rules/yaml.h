// YAML text as a tree with positions. The one place that knows the YAML library.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/span.h"

namespace proctor::rules {

/// A mistake in a YAML text.
struct YamlProblem {
  Span span;
  std::string message;
};

struct YamlNode {
  enum class Kind : uint8_t { kNull, kScalar, kList, kMap } kind = Kind::kNull;
  /// A scalar without quotes that is no block scalar: YAML would give it a type by its look.
  bool plain = false;
  /// The text stands in the source byte by byte from `begin` on, as TOML has most strings.
  bool verbatim = false;
  uint32_t begin = 0;           ///< Offset of its first byte, of '|' or '>' for a block scalar.
  std::string text;             ///< Of a scalar, decoded. Scalars are read as text, always.
  std::vector<YamlNode> items;  ///< Of a list; of a map: key, value, key, value, ...

  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }
  /// The value of the first entry of a map with this key, or nullptr.
  const YamlNode* get(std::string_view key) const;
};

/// Bytes of one rule file that are read at most.
inline constexpr size_t kMostYamlBytes = size_t{4} << 20U;

/// The one document of `source`. Syntax errors, a second document, tags, bytes that are no text,
/// too deep nesting, aliases inside their own anchor or that grow beyond bounds go to `problems`;
/// then the tree is not to be used. Any bytes are allowed and the work is bounded.
YamlNode parse_yaml(std::string_view source, std::vector<YamlProblem>& problems);

/// Where the characters of a scalar's decoded text stand in the source.
class ScalarMap {
 public:
  /// `begin` and `text` as in the node of a scalar in `source`.
  ScalarMap(std::string_view source, uint32_t begin, std::string_view text);
  /// REQUIRES: a scalar.
  ScalarMap(std::string_view source, const YamlNode& scalar);

  /// Bytes [begin, end) of the text, clamped to it, as bytes of the source.
  Span span(Span in_text) const;
  /// All of the scalar with its quotes; a block scalar without its header.
  Span whole() const { return whole_; }

 private:
  void map_styled(std::string_view source, std::string_view text);
  void map_verbatim(std::string_view source, std::string_view text);
  void map_block(std::string_view source, std::string_view text);
  void map_flow(std::string_view source, std::string_view text, char quote);
  void map_double_quoted(std::string_view source, std::string_view text);
  void add(size_t from, size_t to);

  /// In the source, of each byte of the text up to its last that is not blank.
  std::vector<Span> places_;
  Span whole_;
};

/// The source bytes of a scalar, or the first byte of any other node.
Span span_of(std::string_view source, const YamlNode& node);

}  // namespace proctor::rules
