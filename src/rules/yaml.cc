#include "rules/yaml.h"

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "text/text.h"

namespace proctor::rules {
namespace {

// Rule files need seven levels; the library itself stops at 500.
constexpr size_t kMostDepth = 32;
// Of a tree with its aliases written out; a file of 300 long rules has a tenth of that.
constexpr size_t kMostNodes = 200'000;

size_t count_nodes(const YamlNode& node) {
  size_t count = 1;
  for (const YamlNode& item : node.items) count += count_nodes(item);
  return count;
}

/// The library turns \\N and \\_ into bytes that are none.
bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

/// Offset of the value after its anchor, which the library counts to the node.
uint32_t skip_anchor(std::string_view source, size_t at) {
  if (at < source.size() && source[at] == '&') {
    at = std::min(source.find_first_of(" \t\r\n[]{},", at), source.size());
    while (at < source.size()) {
      const size_t next = std::min(source.find_first_not_of(" \t\r\n", at), source.size());
      if (next == source.size() || source[next] != '#' || next == at) {
        at = next;
        break;
      }
      at = std::min(source.find('\n', next), source.size());
    }
  }
  return static_cast<uint32_t>(std::min(at, source.size()));
}

/// Builds the tree of the first document. After the first problem of its own it only counts on.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view source, std::vector<YamlProblem>& problems)
      : source_(source), problems_(problems) {}

  /// The library counts bytes from after a byte order mark.
  uint32_t offset(const YAML::Mark& mark) const {
    const size_t bom = source_.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    const size_t at = bom + static_cast<size_t>(std::max(mark.pos, 0));
    return static_cast<uint32_t>(std::min(at, source_.size()));
  }

  /// The library lets the end of the file close a quote.
  void check_last_quote() {
    const char quote = last_begin_ < source_.size() ? source_[last_begin_] : '\0';
    if (failed_ || (quote != '"' && quote != '\'')) return;
    const Span whole = ScalarMap(source_, last_begin_, last_text_).whole();
    if (whole.size() < 2 || source_[whole.end - 1] != quote) {
      failed_ = true;
      problems_.push_back({{last_begin_, last_begin_ + 1}, "this quote is not closed"});
    }
  }

  YamlNode take() { return root_ ? std::move(*root_) : YamlNode{}; }
  bool has_document() const { return root_.has_value(); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root_) fail(mark, "a second document; a rule file holds one");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (count(1, mark)) add(node(YamlNode::Kind::kNull, mark), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end()) {
      fail(mark, "an alias inside the value that it names would never end");
      return;
    }
    if (!failed_ && count(count_nodes(found->second), mark)) add(found->second, 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode scalar = node(YamlNode::Kind::kScalar, mark);
    check_tag(mark, scalar, tag);
    scalar.plain = tag == "?";
    scalar.text = value;
    if (!is_utf8(value)) fail(mark, "an escape that gives a byte outside UTF-8");
    last_begin_ = scalar.begin;
    last_text_ = value;
    if (!count(1, mark)) return;
    add(std::move(scalar), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::kList, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor;
    YAML::Mark mark;
  };

  YamlNode node(YamlNode::Kind kind, const YAML::Mark& mark) const {
    YamlNode made;
    made.kind = kind;
    made.begin = skip_anchor(source_, offset(mark));
    return made;
  }
  void fail(const YAML::Mark& mark, std::string message) {
    if (failed_) return;
    failed_ = true;
    problems_.push_back({{offset(mark), offset(mark)}, std::move(message)});
  }
  /// The library gives a quoted scalar the tag '!' even if the file has none.
  void check_tag(const YAML::Mark& mark, const YamlNode& made, const std::string& tag) {
    const bool written = made.begin < source_.size() && source_[made.begin] == '!';
    if (written || (!tag.empty() && tag != "?" && tag != "!")) {
      fail(mark, "a tag; rule files have none");
    }
  }
  void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    YamlNode made = node(kind, mark);
    check_tag(mark, made, tag);
    if (stack_.size() >= kMostDepth) {
      fail(mark, fmt::format("nested deeper than {} levels", kMostDepth));
    }
    if (count(1, mark)) stack_.push_back({std::move(made), anchor, mark});
  }
  void close() {
    if (failed_) return;
    Open done = std::move(stack_.back());
    stack_.pop_back();
    // What has an anchor is kept twice.
    if (done.anchor != 0) count(count_nodes(done.node), done.mark);
    add(std::move(done.node), done.anchor);
  }
  /// False, with a problem, once the tree and what is kept for aliases are too large.
  bool count(size_t nodes, const YAML::Mark& mark) {
    nodes_ += nodes;
    if (nodes_ > kMostNodes) fail(mark, "more values than a rule file may hold");
    return !failed_;
  }
  void add(YamlNode made, YAML::anchor_t anchor) {
    if (failed_) return;
    if (anchor != 0) anchored_[anchor] = made;
    if (stack_.empty()) {
      root_ = std::move(made);
    } else {
      stack_.back().node.items.push_back(std::move(made));
    }
  }

  std::string_view source_;
  std::vector<YamlProblem>& problems_;
  std::optional<YamlNode> root_;
  uint32_t last_begin_ = 0;  ///< Of the last scalar.
  std::string last_text_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, YamlNode> anchored_;
  size_t nodes_ = 0;
  bool failed_ = false;
};

/// The library's messages name its inner terms; what a writer can do about them reads better.
std::string explain(std::string_view message) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kKnown = {{
      {"illegal map value", "no value may stand here: quote a text that holds ': '"},
      {"illegal map key", "no key may stand here"},
      {"illegal block entry", "no list item may stand here"},
      {"illegal flow end", "this bracket closes nothing"},
      {"end of map not found", "expected a key of this mapping here: check the indentation"},
      {"end of map flow not found", "expected ',' or '}' here"},
      {"end of sequence not found", "expected '- ' here: check the indentation"},
      {"end of sequence flow not found", "expected ',' or ']' here"},

      {"illegal EOF in scalar", "the file ends inside a quoted text"},
      {"illegal document indicator in scalar", "'---' or '...' inside a quoted text"},
      {"the referenced anchor is not defined", "an alias of an anchor that does not exist"},
      {"unknown token", "no YAML value begins like this: quote the text"},
      {"bad file", "nested too deep"},
  }};
  for (const auto& [theirs, ours] : kKnown) {
    if (message.starts_with(theirs)) return std::string(ours);
  }
  return "YAML: " + escape_bytes(message);
}

/// The blanks at the start of the line of `at`.
std::string_view indentation(std::string_view source, uint32_t at) {
  const size_t begin = at == 0 ? 0 : source.rfind('\n', at - 1) + 1;
  const std::string_view line = source.substr(begin);
  return line.substr(0, std::min(line.find_first_not_of(" \t"), line.size()));
}

/// Bytes that YAML does not allow, and lone carriage returns, on which readers differ.
std::optional<YamlProblem> find_bad_byte(std::string_view source) {
  for (size_t at = 0; at < source.size();) {
    const auto byte = static_cast<unsigned char>(source[at]);
    const auto span = Span{static_cast<uint32_t>(at), static_cast<uint32_t>(at + 1)};
    if (byte == '\r' && source.substr(at + 1, 1) != "\n") {
      return YamlProblem{span, "a carriage return that does not end a line"};
    }
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F) {
      return YamlProblem{span, fmt::format("a control byte (0x{:02x})", byte)};
    }
    const size_t length = utf8_length(source.substr(at));
    if (length == 0) return YamlProblem{span, "a byte that is not UTF-8"};
    at += length;
  }
  return std::nullopt;
}

}  // namespace

const YamlNode* YamlNode::get(std::string_view key) const {
  if (kind != Kind::kMap) return nullptr;
  for (size_t i = 0; i + 1 < items.size(); i += 2) {
    if (items[i].is_scalar() && items[i].text == key) return &items[i + 1];
  }
  return nullptr;
}

YamlNode parse_yaml(std::string_view source, std::vector<YamlProblem>& problems) {
  if (source.size() > kMostYamlBytes) {
    problems.push_back({{0, 0}, fmt::format("larger than {} MiB", kMostYamlBytes >> 20U)});
    return {};
  }
  if (std::optional<YamlProblem> bad = find_bad_byte(source)) {
    problems.push_back(std::move(*bad));
    return {};
  }
  TreeBuilder builder(source, problems);
  const size_t before = problems.size();
  try {
    std::istringstream stream{std::string(source)};
    YAML::Parser parser(stream);
    while (problems.size() == before && parser.HandleNextDocument(builder)) {
    }
    builder.check_last_quote();
  } catch (const YAML::Exception& error) {
    if (problems.size() == before) {
      const uint32_t at = builder.offset(error.mark);
      const bool tab = indentation(source, at).find('\t') != std::string_view::npos;
      problems.push_back(
          {{at, at}, tab ? "a tab in the indentation; YAML takes blanks" : explain(error.msg)});
    }
  }
  if (problems.size() == before && !builder.has_document()) {
    problems.push_back({{0, 0}, "an empty file; expected `rules:`, `roles:` or `override:`"});
  }
  return builder.take();
}

Span span_of(std::string_view source, const YamlNode& node) {
  if (node.is_scalar()) return ScalarMap(source, node).whole();
  const auto size = static_cast<uint32_t>(source.size());
  return {std::min(node.begin, size), std::min(node.begin + 1, size)};
}

}  // namespace proctor::rules
