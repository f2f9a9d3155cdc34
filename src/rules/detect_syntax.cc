#include <algorithm>
#include <optional>

#include "load/traits.h"
#include "rules/detection.h"
#include "rules/place.h"
#include "rules/touched.h"
#include "text/text.h"

namespace proctor::rules {
namespace {

using conf::LineKind;
using load::Grammar;
using load::LineStyle;
using load::Origin;
using load::Traits;

/// Blanks to the eye that are none to any loader: NBSP and its kin, zero-width characters, a byte
/// order mark inside the text.
constexpr std::string_view kOddBlanks[] = {"\xc2\xa0",     "\xe2\x80\x8b", "\xe2\x80\x8c",
                                           "\xe2\x80\x8d", "\xe2\x80\xaf", "\xe2\x81\xa0",
                                           "\xe3\x80\x80", "\xef\xbb\xbf", "\xe2\x80\x83"};
constexpr std::string_view kCommandPrefixes[] = {"sysctl -w ", "sysctl ", "/sbin/sysctl -w ",
                                                 "sudo sysctl -w ", "echo "};

bool has(std::string_view text, char c) { return text.find(c) != std::string_view::npos; }

std::optional<Span> odd_blank(std::string_view bytes, Span in) {
  const std::string_view text = in.of(bytes);
  for (size_t at = 0; at < text.size(); ++at) {
    if (static_cast<unsigned char>(text[at]) < 0x80) continue;
    for (const std::string_view blank : kOddBlanks) {
      if (!text.substr(at).starts_with(blank)) continue;
      const auto begin = static_cast<uint32_t>(in.begin + at);
      return Span{begin, begin + static_cast<uint32_t>(blank.size())};
    }
  }
  return std::nullopt;
}

std::optional<Span> bad_utf8(std::string_view bytes, Span in) {
  for (uint32_t at = in.begin; at < in.end;) {
    const size_t length = utf8_length(bytes.substr(at, in.end - at));
    if (length == 0) return Span{at, at + 1};
    at += static_cast<uint32_t>(length);
  }
  return std::nullopt;
}

/// What a single line of one file is to the loaders in question.
class SyntaxDetector {
 public:
  SyntaxDetector(const View& view, Sink& sink) : view_(view), sink_(sink) {
    for (const Group& group : view.scenarios.groups) {
      loaders_.insert(loaders_.end(), group.loaders.begin(), group.loaders.end());
    }
    std::ranges::sort(loaders_);
  }

  void run() {
    for (uint32_t i = 0; i < view_.configuration.files.size(); ++i) {
      const load::SourceFile& source = view_.configuration.files[i];
      if (!is_read(source) || source.kind == load::SourceKind::kCommandLine) continue;
      file(i, *source.document);
    }
  }

 private:
  void file(uint32_t index, const conf::Document& document) {
    document_ = &document;
    bytes_ = document.bytes();
    if (document.has_bom()) {
      Hit hit = hit_at({index, 0}, {0, 3});
      hit.changes.push_back({Change::Kind::kReplace, {index, 0}, {0, 3}, {}});
      hit.change_summary = "delete the byte order mark";
      say("bom", hit, "take it for a part of the first line, whose setting is lost",
          [](const Traits&) { return true; });
    }
    uint32_t number = 0;
    for (const conf::Line& line : document.lines()) {
      const Origin origin{index, number++};
      if (line.template_marker) continue;
      bytes_of_line(origin, line);
      switch (line.kind) {
        case LineKind::kBlank:
          break;
        case LineKind::kComment:
          comment(origin, line);
          break;
        case LineKind::kAssignment:
          assignment(origin, line);
          break;
        case LineKind::kBare:
          bare(origin, line);
          break;
      }
    }
  }

  void bytes_of_line(const Origin& origin, const conf::Line& line) {
    const std::string_view text = document_->text(line.text);
    if (has(text, '\0')) {
      const auto at = static_cast<uint32_t>(line.text.begin + text.find('\0'));
      say("nul", hit_at(origin, {at, at + 1}),
          "lose the rest of the line (systemd-sysctl takes it for a line of its own)",
          [](const Traits&) { return true; });
    } else if (const size_t cr = text.find('\r'); cr < text.size()) {
      lone_cr(origin, line, static_cast<uint32_t>(line.text.begin + cr));
    }
    if (text.size() >= 4095) {
      say("long-line", hit_at(origin, {line.text.begin, line.text.begin + 1}),
          "cut the line, or give up the rest of the file", [&](const Traits& traits) {
            return traits.line_limit != 0 && text.size() >= traits.line_limit;
          });
    }
  }

  /// Blanks and CR at the end of a line, before CRLF, harm nobody.
  void lone_cr(const Origin& origin, const conf::Line& line, uint32_t at) {
    const std::string_view rest = bytes_.substr(at, line.text.end - at);
    if (trim(rest).empty() || line.kind == LineKind::kComment) return;
    say("lone-cr", hit_at(origin, {at, at + 1}),
        "read what follows as a value's end or as another line, each in its own way",
        [](const Traits&) { return true; });
  }

  void comment(const Origin& origin, const conf::Line& line) {
    const std::string_view text = document_->text(line.comment);
    if (text.starts_with(';')) {
      Hit hit = hit_at(origin, {line.comment.begin, line.comment.begin + 1});
      hit.changes.push_back({Change::Kind::kReplace, origin, hit.span, "#"});
      hit.change_summary = "write # instead";
      say("semicolon-comment", hit, "take the line for a bad setting and exit with status 1",
          [](const Traits& traits) { return !has(traits.comments, ';'); });
    }
    if (text.ends_with('\\')) {
      Hit hit = hit_at(origin, {line.comment.end - 1, line.comment.end});
      hit.changes.push_back({Change::Kind::kReplace, origin, hit.span, {}});
      hit.change_summary = "delete the backslash";
      say("backslash-comment", hit, "join the next line to the comment: its setting is lost",
          [](const Traits& traits) { return traits.lines == LineStyle::kContinued; });
    }
  }

  void assignment(const Origin& origin, const conf::Line& line) {
    const std::string_view key = document_->text(line.key);
    const std::string_view value = document_->text(line.value);
    trailing(origin, line);
    if (line.dash) {
      say("dash", with_key(hit_at(origin, line.key), line),
          "take the '-' for a part of the key: the setting is lost",
          [](const Traits& traits) { return !traits.dash; });
    }
    if (key.find_first_of("*?[") != std::string_view::npos) {
      say("glob", with_key(hit_at(origin, line.key), line), "know no patterns: the setting is lost",
          [](const Traits& traits) { return !traits.globs; });
    }
    if (value.ends_with('\\')) {
      say("backslash", with_key(hit_at(origin, {line.value.end - 1, line.value.end}), line),
          "join the next line to the value",
          [](const Traits& traits) { return traits.lines == LineStyle::kContinued; });
    }
    if (value.empty() && !key.empty()) {
      say("empty-value", with_key(hit_at(origin, line.key), line), "write nothing",
          [](const Traits& traits) {
            return traits.grammar == Grammar::kTokens || traits.grammar == Grammar::kTwoTokens;
          });
    }
    paths(origin, line, key);
    blanks_in_key(origin, line, key);
    odd_bytes(origin, line);
    write_only(origin, line, key);
  }

  void trailing(const Origin& origin, const conf::Line& line) {
    const Span rest{line.value.end, line.text.end};
    if (line.value.empty() || rest.empty() || !trim(document_->text(rest), " \t").empty()) return;
    if (!sink_.wants("trailing-blanks")) return;
    Hit hit = with_key(hit_at(origin, rest), line);
    hit.changes.push_back({Change::Kind::kReplace, origin, rest, {}});
    hit.change_summary = "delete the blanks";
    say("trailing-blanks", hit, "drop them", [](const Traits&) { return true; });
  }

  void paths(const Origin& origin, const conf::Line& line, std::string_view key) {
    if (const auto interface = dotted_interface(key)) {
      Hit hit = with_key(hit_at(origin, line.key), line);
      hit.variables.push_back(interface->name);
      hit.changes.push_back({Change::Kind::kReplace, origin, line.key, interface->path});
      hit.change_summary = "write " + interface->path;
      say("dotted-interface", hit, "look for another interface: the setting is lost",
          [](const Traits& traits) {
            return traits.separators == load::Separators::kSwap ||
                   traits.separators == load::Separators::kSwapSimplify;
          });
    }
    static constexpr std::string_view kRoot = "/proc/sys/";
    if (key.starts_with(kRoot)) {
      Hit hit = with_key(hit_at(origin, line.key), line);
      const std::string path(key.substr(kRoot.size()));
      hit.changes.push_back({Change::Kind::kReplace, origin, line.key, path});
      hit.change_summary = "write " + path;
      say("absolute-path", hit, "look for it below /proc/sys: the setting is lost",
          [](const Traits& traits) { return !traits.creates_files; });
    } else if (key.starts_with("//") || key.find("..") != std::string_view::npos) {
      say("absolute-path", with_key(hit_at(origin, line.key), line),
          "may create or truncate a file outside of /proc/sys",
          [](const Traits& traits) { return traits.creates_files; });
    }
  }

  /// A shell command pasted into the file, or two keys on one line.
  void blanks_in_key(const Origin& origin, const conf::Line& line, std::string_view key) {
    if (key.find_first_of(" \t") == std::string_view::npos || !sink_.wants("blank-in-key")) return;
    Hit hit = with_key(hit_at(origin, line.key), line);
    hit.kills = true;
    for (const std::string_view prefix : kCommandPrefixes) {
      if (!key.starts_with(prefix)) continue;
      const auto end = line.key.begin + static_cast<uint32_t>(prefix.size());
      hit.changes.push_back({Change::Kind::kReplace, origin, {line.key.begin, end}, {}});
      hit.change_summary = "keep the setting alone";
      break;
    }
    if (hit.changes.empty()) join_key(hit, origin, line, key);
    say("blank-in-key", hit, "take the blank for a part of the key: the setting is lost",
        [](const Traits&) { return true; });
  }

  /// "net.core. somaxconn": the blank is all that is wrong.
  static void join_key(Hit& hit, const Origin& origin, const conf::Line& line,
                       std::string_view key) {
    std::string joined(key);
    std::erase_if(joined, [](char c) { return c == ' ' || c == '\t'; });
    if (!kernel::find_path(as_path(joined))) return;
    hit.change_summary = "write " + joined;
    hit.changes.push_back({Change::Kind::kReplace, origin, line.key, std::move(joined)});
  }

  void odd_bytes(const Origin& origin, const conf::Line& line) {
    const Span both{line.key.begin, std::max(line.key.end, line.value.end)};
    if (const auto blank = odd_blank(bytes_, both)) {
      Hit hit = with_key(hit_at(origin, *blank), line);
      hit.kills = true;
      hit.variables.push_back(escape_bytes_of(*blank));
      hit.changes.push_back({Change::Kind::kReplace, origin, *blank, " "});
      hit.change_summary = "write a plain blank";
      say("odd-blank", hit, "take it for a part of the key or the value",
          [](const Traits&) { return true; });
    } else if (const auto bad = bad_utf8(bytes_, both)) {
      Hit hit = with_key(hit_at(origin, *bad), line);
      hit.variables.push_back(escape_bytes_of(*bad));
      say("not-utf8", hit, "hand the byte on as it is", [](const Traits&) { return true; });
    }
  }

  std::string escape_bytes_of(Span span) const {
    std::string out;
    static constexpr std::string_view kHex = "0123456789abcdef";
    for (const char c : span.of(bytes_)) {
      const auto byte = static_cast<unsigned char>(c);
      out += "\\x";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    }
    return out;
  }

  void write_only(const Origin& origin, const conf::Line& line, std::string_view key) {
    if (!sink_.wants("write-only")) return;
    const auto found = kernel::find_path(as_path(key));
    if (!found || !found->key->write_only) return;
    Hit hit = with_key(hit_at(origin, line.key), line);
    hit.kills = true;
    say("write-only", hit, "never write it, without a message",
        [](const Traits& traits) { return traits.reads_first; });
  }

  void bare(const Origin& origin, const conf::Line& line) {
    if (line.dash) {
      return say("exclusion", with_key(hit_at(origin, line.text), line),
                 "know no exclusions: the line is an error or has no effect",
                 [](const Traits& traits) { return !traits.exclusions; });
    }
    if (!sink_.wants("missing-equals")) return;
    Hit hit = with_key(hit_at(origin, line.key), line);
    hit.kills = true;
    const std::string_view text = document_->text(line.key);
    hit.variables.push_back(text.size() <= 80 ? escape_bytes(text)
                                              : escape_bytes(text.substr(0, 80)) + "...");
    const size_t blank = text.find_first_of(" \t");
    if (blank != std::string_view::npos && kernel::find_path(as_path(text.substr(0, blank)))) {
      const size_t next = text.find_first_not_of(" \t", blank);
      const Span gap{line.key.begin + static_cast<uint32_t>(blank),
                     line.key.begin + static_cast<uint32_t>(next)};
      hit.changes.push_back({Change::Kind::kReplace, origin, gap, " = "});
      hit.change_summary = "write a '='";
    }
    say("missing-equals", hit, "make nothing of the line", [](const Traits&) { return true; });
  }

  Hit hit_at(const Origin& origin, Span span) const {
    Hit hit;
    hit.origin = origin;
    hit.span = span;
    hit.variables = {{}, {}};
    return hit;
  }

  /// `key` and `value` follow `loaders` and `effect`.
  Hit with_key(Hit hit, const conf::Line& line) const {
    hit.paths = {as_path(document_->text(line.key))};
    hit.variables.push_back(kernel::path_to_dotted(hit.paths.front()));
    hit.variables.emplace_back(document_->text(line.value));
    return hit;
  }

  template <typename Affects>
  void say(std::string_view detector, Hit hit, std::string_view effect, Affects affects) {
    if (!sink_.wants(detector)) return;
    std::vector<const load::Loader*> affected;
    for (const load::Loader* loader : loaders_) {
      if (affects(*loader->traits)) affected.push_back(loader);
    }
    if (affected.empty()) return;
    hit.variables[0] = loaders_text(affected);
    hit.variables[1] = effect;
    hit.partial = affected.size() != loaders_.size();
    sink_.emit_everywhere(detector, hit);
  }

  const View& view_;
  Sink& sink_;
  std::vector<const load::Loader*> loaders_;
  const conf::Document* document_ = nullptr;
  std::string_view bytes_;
};

}  // namespace

void detect_binary(const View& view, const load::Configuration& original, Sink& sink) {
  for (uint32_t i = 0; i < original.files.size(); ++i) {
    if (view.configuration.files[i].document != nullptr || !is_read(original.files[i])) continue;
    Hit hit;
    hit.origin = {i, kWholeFile};
    hit.variables = {{}, {}};
    sink.emit_everywhere("binary", hit);
  }
}

void detect_syntax(const View& view, Sink& sink) { SyntaxDetector(view, sink).run(); }

}  // namespace proctor::rules
