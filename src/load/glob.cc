#include "load/glob.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "text/scan.h"

namespace proctor::load {

namespace {

constexpr size_t kPathMax = 4096;
constexpr size_t kBraceLimit = 4096;
/// Bytes of paths that one pattern may cost: "*/../*/../*" multiplies what it matches without end.
constexpr size_t kMostBytes = size_t{4} << 20;

using NameTest = int (*)(int);

NameTest named_class(std::string_view name) {
  constexpr std::pair<std::string_view, NameTest> kClasses[] = {
      {"alpha", [](int c) { return std::isalpha(c); }},
      {"digit", [](int c) { return std::isdigit(c); }},
      {"alnum", [](int c) { return std::isalnum(c); }},
      {"upper", [](int c) { return std::isupper(c); }},
      {"lower", [](int c) { return std::islower(c); }},
      {"space", [](int c) { return std::isspace(c); }},
      {"blank", [](int c) { return std::isblank(c); }},
      {"punct", [](int c) { return std::ispunct(c); }},
      {"print", [](int c) { return std::isprint(c); }},
      {"graph", [](int c) { return std::isgraph(c); }},
      {"cntrl", [](int c) { return std::iscntrl(c); }},
      {"xdigit", [](int c) { return std::isxdigit(c); }},
  };
  for (const auto& [known, test] : kClasses) {
    if (known == name) return test;
  }
  return nullptr;
}

struct Bracket {
  bool closed = false;  ///< Without its ']' a '[' is an ordinary byte.
  bool matches = false;
  size_t end = 0;  ///< Behind the ']'.
};

/// The bracket expression that begins at `at` of `pattern`, against byte `c`.
Bracket match_bracket(std::string_view pattern, size_t at, unsigned char c) {
  Bracket result;
  size_t i = at + 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  const auto literal = [&](size_t& pos) {
    if (pattern[pos] == '\\' && pos + 1 < pattern.size()) ++pos;
    return static_cast<unsigned char>(pattern[pos++]);
  };
  bool found = false;
  for (bool first = true; i < pattern.size(); first = false) {
    if (pattern[i] == ']' && !first) {
      result.closed = true;
      result.end = i + 1;
      result.matches = found != negated;
      return result;
    }
    if (pattern.substr(i, 2) == "[:") {
      const size_t close = pattern.find(":]", i + 2);
      const NameTest test = close == std::string_view::npos
                                ? nullptr
                                : named_class(pattern.substr(i + 2, close - i - 2));
      if (test != nullptr) {
        found = found || test(c) != 0;
        i = close + 2;
        continue;
      }
    }
    const unsigned char low = literal(i);
    unsigned char high = low;
    if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
      ++i;
      high = literal(i);
    }
    found = found || (low <= c && c <= high);
  }
  return result;
}

/// Matches one pattern element against the byte `c`; the position behind it, or 0.
size_t match_one(std::string_view pattern, size_t at, char c) {
  switch (pattern[at]) {
    case '?':
      return at + 1;
    case '[': {
      const Bracket bracket = match_bracket(pattern, at, static_cast<unsigned char>(c));
      if (bracket.closed) return bracket.matches ? bracket.end : 0;
      return c == '[' ? at + 1 : 0;
    }
    case '\\':
      if (at + 1 < pattern.size()) return pattern[at + 1] == c ? at + 2 : 0;
      return 0;
    default:
      return pattern[at] == c ? at + 1 : 0;
  }
}

bool has_magic(std::string_view pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '*' || pattern[i] == '?' ||
               (pattern[i] == '[' && pattern.find(']', i) != std::string_view::npos)) {
      return true;
    }
  }
  return false;
}

std::string unescape(std::string_view pattern) {
  std::string out;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    out += pattern[i];
  }
  return out;
}

/// glob() without GLOB_NOSORT sorts; with it, names come in the folder's order, but in blocks of
/// 64, 128, ... names of which the last comes first.
void order_by_blocks(std::vector<std::string>& names) {
  constexpr size_t kFirstBlock = 64;
  std::vector<size_t> starts;
  size_t block = kFirstBlock;
  for (size_t at = 0; at < names.size(); at += block / 2) {
    starts.push_back(at);
    block = at == 0 ? 2 * kFirstBlock : 2 * block;
  }
  if (starts.size() < 2) return;
  std::vector<std::string> out;
  size_t end = names.size();
  for (auto start = starts.rbegin(); start != starts.rend(); ++start) {
    for (size_t i = *start; i < end; ++i) out.push_back(std::move(names[i]));
    end = *start;
  }
  names = std::move(out);
}

class Walk {
 public:
  Walk(const ProcTree& tree, bool sorted) : tree_(tree), sorted_(sorted) {}

  std::vector<std::string> run(std::string_view pattern, bool& open_ended) {
    const size_t slash = pattern.rfind('/');
    const std::string_view name =
        slash == std::string_view::npos ? pattern : pattern.substr(slash + 1);
    std::vector<std::string> folders;
    if (slash == std::string_view::npos) {
      folders.emplace_back();
    } else {
      const std::string_view above = pattern.substr(0, slash);
      if (has_magic(above)) {
        folders = run(above, open_ended);
        std::erase_if(folders, [this](const std::string& folder) { return !is_folder(folder); });
      } else {
        folders.push_back(unescape(above));
      }
      for (std::string& folder : folders) folder += '/';
    }
    std::vector<std::string> paths;
    for (const std::string& folder : folders) {
      if (spent_ > kMostBytes) {
        open_ended = true;
        break;
      }
      add(folder, name, paths, open_ended);
    }
    return paths;
  }

 private:
  Node node_of(const std::string& path) const {
    Node node = tree_.resolve(path);
    if (node.kind == NodeKind::kUnknown) node.kind = tree_.look(node.path);
    return node;
  }

  bool is_folder(const std::string& path) const { return node_of(path).kind == NodeKind::kFolder; }

  void add(const std::string& folder, std::string_view name, std::vector<std::string>& paths,
           bool& open_ended) {
    spent_ += folder.size() + name.size();
    if (name.empty()) {  // A pattern with a final slash names folders.
      if (is_folder(folder)) paths.push_back(folder);
      return;
    }
    if (!has_magic(name)) {
      std::string path = folder + unescape(name);
      const NodeKind kind = node_of(path).kind;
      if (kind == NodeKind::kFile || kind == NodeKind::kFolder) paths.push_back(std::move(path));
      if (kind == NodeKind::kUnknown) open_ended = true;
      return;
    }
    const Node node = node_of(folder);
    if (node.kind != NodeKind::kFolder) return;
    const Listing& listing = tree_.list(node.path);
    open_ended = open_ended || listing.open_ended;
    std::vector<std::string> names;
    for (const std::string& entry : listing.names) {
      if (match_pattern(name, entry, true)) names.push_back(entry);
    }
    if (!sorted_) order_by_blocks(names);
    for (const std::string& entry : names) {
      paths.push_back(folder + entry);
      spent_ += paths.back().size();
    }
  }

  const ProcTree& tree_;
  bool sorted_;
  size_t spent_ = 0;
};

/// Position of the '}' that closes the '{' at `open`, or npos.
size_t closing_brace(std::string_view pattern, size_t open) {
  size_t depth = 0;
  for (size_t i = open; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '{') {
      ++depth;
    } else if (pattern[i] == '}' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

/// The first brace expression that glob() expands: "{}" is literal.
size_t find_brace(std::string_view pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '{') {
      if (pattern.substr(i, 2) == "{}") continue;
      return i;
    }
  }
  return std::string_view::npos;
}

}  // namespace

bool is_glob(std::string_view key) {
  return find_any<'*', '?', '['>(key) != std::string_view::npos;
}

bool match_pattern(std::string_view pattern, std::string_view text, bool path_part) {
  if (path_part && text.starts_with('.') && !pattern.starts_with('.') &&
      !pattern.starts_with("\\.")) {
    return false;
  }
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
      continue;
    }
    const size_t next = p < pattern.size() ? match_one(pattern, p, text[t]) : 0;
    if (next != 0) {
      p = next;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::vector<std::string> expand_braces(std::string_view pattern, size_t limit) {
  std::vector<std::string> done;
  std::vector<std::string> pending = {std::string(pattern)};
  while (!pending.empty()) {
    const std::string next = std::move(pending.back());
    pending.pop_back();
    const size_t open = find_brace(next);
    const size_t close = open == std::string::npos ? open : closing_brace(next, open);
    if (close == std::string::npos) {
      done.push_back(next);
      if (done.size() >= limit) break;
      continue;
    }
    std::vector<std::string> choices;
    size_t depth = 0;
    size_t begin = open + 1;
    for (size_t i = begin; i <= close; ++i) {
      if (next[i] == '\\') {
        ++i;
      } else if (next[i] == '{') {
        ++depth;
      } else if (depth == 0 && (next[i] == ',' || i == close)) {
        choices.push_back(next.substr(0, open) + next.substr(begin, i - begin) +
                          next.substr(close + 1));
        begin = i + 1;
      } else if (next[i] == '}') {
        --depth;
      }
    }
    if (pending.size() + choices.size() > limit) break;
    for (auto choice = choices.rbegin(); choice != choices.rend(); ++choice) {
      pending.push_back(std::move(*choice));
    }
  }
  return done;
}

GlobResult glob(const ProcTree& tree, std::string_view pattern, bool braces, bool sorted) {
  GlobResult result;
  if (pattern.size() >= kPathMax) return result;
  const std::vector<std::string> patterns =
      braces ? expand_braces(pattern, kBraceLimit) : std::vector<std::string>{std::string(pattern)};
  Walk walk(tree, sorted);
  for (const std::string& one : patterns) {
    std::vector<std::string> paths = walk.run(one, result.open_ended);
    result.paths.insert(result.paths.end(), std::make_move_iterator(paths.begin()),
                        std::make_move_iterator(paths.end()));
  }
  if (sorted) std::sort(result.paths.begin(), result.paths.end());
  return result;
}

}  // namespace proctor::load
