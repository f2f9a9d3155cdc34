#include "advise/toml.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "text/span.h"

// The library asserts what "[!]" breaks, a table whose name begins with no letter, and with NDEBUG
// promises it to the compiler; the code behind the assertion reports the mistake.
#undef NDEBUG
#define TOML_ASSERT(condition) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace proctor::advise {
namespace {

using rules::YamlNode;
using rules::YamlProblem;

class Builder {
 public:
  explicit Builder(std::string_view source) : source_(source), index_(source) {}

  Span span(const toml::source_region& region) const {
    const uint32_t begin = offset(region.begin);
    return {begin, std::max(begin, offset(region.end))};
  }

  YamlNode node(const toml::node& from) const {
    if (const toml::table* table = from.as_table()) return map(*table);
    if (const toml::array* array = from.as_array()) {
      YamlNode made = at(YamlNode::Kind::kList, from);
      for (const toml::node& item : *array) made.items.push_back(node(item));
      return made;
    }
    if (const auto* text = from.as_string()) return string(from, text->get());
    YamlNode made = at(YamlNode::Kind::kScalar, from);
    made.plain = true;
    if (const auto* number = from.as_integer()) {
      made.text = std::to_string(number->get());
    } else if (const auto* flag = from.as_boolean()) {
      made.text = flag->get() ? "true" : "false";
    } else {
      made.text = span(from.source()).of(source_);
    }
    return made;
  }

  YamlNode map(const toml::table& table) const {
    YamlNode made = at(YamlNode::Kind::kMap, table);
    std::vector<std::pair<YamlNode, const toml::node*>> entries;
    for (const auto& [key, content] : table) {
      YamlNode name;
      name.kind = YamlNode::Kind::kScalar;
      name.begin = offset(key.source().begin);
      name.text = std::string(key.str());
      entries.emplace_back(std::move(name), &content);
    }
    // The library sorts tables by name.
    std::ranges::stable_sort(entries, {}, [](const auto& entry) { return entry.first.begin; });
    for (auto& [name, content] : entries) {
      made.items.push_back(std::move(name));
      made.items.push_back(node(*content));
    }
    return made;
  }

 private:
  uint32_t offset(const toml::source_position& position) const {
    return index_.offset({position.line, position.column});
  }

  YamlNode at(YamlNode::Kind kind, const toml::node& from) const {
    YamlNode made;
    made.kind = kind;
    made.begin = offset(from.source().begin);
    return made;
  }

  YamlNode string(const toml::node& from, const std::string& text) const {
    YamlNode made = at(YamlNode::Kind::kScalar, from);
    made.text = text;
    const std::string_view rest = source_.substr(std::min<size_t>(made.begin, source_.size()));
    const bool long_form = rest.starts_with("\"\"\"") || rest.starts_with("'''");
    size_t content = long_form ? 3 : 1;
    // The line end behind the opening quotes is not part of the text.
    if (long_form && rest.substr(content).starts_with("\r\n")) content += 2;
    if (long_form && rest.substr(content).starts_with('\n')) content += 1;
    if (rest.size() >= content && rest.substr(content).starts_with(text)) {
      made.verbatim = true;
      made.begin += static_cast<uint32_t>(content);
    } else if (long_form) {
      // To the last of the opening quotes: from there escapes are those of YAML.
      made.begin += 2;
    }
    return made;
  }

  std::string_view source_;
  LineIndex index_;
};

}  // namespace

YamlNode parse_toml(std::string_view source, std::vector<YamlProblem>& problems) {
  if (source.size() > kMostTomlBytes) {
    problems.push_back({{0, 0}, fmt::format("larger than {} bytes", kMostTomlBytes)});
    return {};
  }
  const toml::parse_result result = toml::parse(source);
  const Builder builder(source);
  if (!result) {
    std::string message(result.error().description());
    // The library ends its sentences.
    while (message.ends_with('.')) message.pop_back();
    problems.push_back({builder.span(result.error().source()), std::move(message)});
    return {};
  }
  return builder.map(result.table());
}

}  // namespace proctor::advise
