#include "load/line_notes.h"

#include <fmt/core.h>

#include <string>
#include <string_view>

#include "load/glob.h"
#include "text/scan.h"
#include "text/text.h"

namespace proctor::load {

namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";

/// Characters that look like blanks or like nothing.
struct OddCharacter {
  std::string_view bytes;
  std::string_view name;
};
constexpr OddCharacter kOddCharacters[] = {
    {"\xC2\xA0", "no-break space"},
    {"\xE2\x80\x8B", "zero-width space"},
    {"\xE2\x80\x8C", "zero-width non-joiner"},
    {"\xE2\x80\x8D", "zero-width joiner"},
    {"\xE2\x81\xA0", "word joiner"},
    {"\xEF\xBB\xBF", "byte order mark"},
    {"\xE2\x80\xAF", "narrow no-break space"},
    {"\xE3\x80\x80", "ideographic space"},
    {"\xC2\xAD", "soft hyphen"},
};

class LineNotes {
 public:
  LineNotes(const NotedLine& line, const Loader& loader, Notes& notes)
      : line_(line),
        traits_(*loader.traits),
        loader_(loader),
        notes_(notes),
        text_(line.document.text(line.parts.text)),
        key_(line.document.text(line.parts.key)),
        value_(line.document.text(line.parts.value)) {}

  void run() {
    bytes();
    comments();
    length();
    if (line_.parts.kind == conf::LineKind::kBare) bare();
    if (line_.parts.kind != conf::LineKind::kAssignment) return;
    assignment();
    key();
  }

 private:
  bool is_setting() const { return line_.parsed.result == LineResult::kSetting; }

  void add(std::string_view kind, Span span, std::string text) {
    notes_.add(kind, line_.origin, span, std::move(text));
  }

  Span at(size_t offset, size_t length) const {
    const auto begin = static_cast<uint32_t>(line_.parts.text.begin + offset);
    return {begin, begin + static_cast<uint32_t>(length)};
  }

  void bytes() {
    if (line_.parts.text.begin == 0 && text_.starts_with(kBom)) {
      add("bom", at(0, kBom.size()),
          line_.parts.kind == conf::LineKind::kComment
              ? fmt::format("{} takes the byte order mark for the first character of the line, "
                            "which is no comment to it then.",
                            loader_.name)
              : fmt::format("{} takes the byte order mark for part of the key, which is unknown "
                            "then: this one line is lost.",
                            loader_.name));
    }
    const size_t nul = text_.find('\0');
    if (nul != std::string_view::npos) {
      add("nul-byte", at(nul, 1),
          traits_.lines == LineStyle::kAnyEnd
              ? fmt::format("{} takes the NUL byte for a line end and reads the rest as a line of "
                            "its own.",
                            loader_.name)
              : fmt::format("{} reads the line up to the NUL byte and loses the rest without a "
                            "message.",
                            loader_.name));
    }
    lone_cr();
    odd_characters();
  }

  void lone_cr() {
    const size_t cr = text_.find('\r');
    if (cr == std::string_view::npos || line_.parts.kind == conf::LineKind::kComment) return;
    std::string text;
    if (traits_.lines == LineStyle::kAnyEnd) {
      text = fmt::format(
          "{} takes the carriage return for a line end and reads the rest as a line "
          "of its own.",
          loader_.name);
    } else if (traits_.grammar == Grammar::kTokens) {
      text = cr == 0 ? fmt::format(
                           "{} takes the carriage return for part of the key, which is "
                           "unknown then.",
                           loader_.name)
                     : fmt::format(
                           "{} ends the value at the carriage return and loses the rest "
                           "without a message.",
                           loader_.name);
    } else if (trim(text_).find('\r') != std::string_view::npos) {
      text = fmt::format("{} sends the carriage return to the kernel as part of the value.",
                         loader_.name);
    }
    if (!text.empty()) add("lone-cr", at(cr, 1), std::move(text));
  }

  void odd_characters() {
    if (line_.parts.kind == conf::LineKind::kComment || !has_high_byte(text_)) return;
    for (const OddCharacter& odd : kOddCharacters) {
      const size_t from = line_.parts.text.begin == 0 && odd.bytes == kBom ? kBom.size() : 0;
      const size_t found = text_.find(odd.bytes, from);
      if (found == std::string_view::npos) continue;
      const bool in_key = at(found, 0).begin < line_.parts.equals.begin;
      add("odd-character", at(found, odd.bytes.size()),
          fmt::format("{} takes the {} for part of the {}.", loader_.name, odd.name,
                      in_key ? "key, which is unknown then" : "value"));
      return;
    }
  }

  void comments() {
    const bool comment = line_.parts.kind == conf::LineKind::kComment;
    if (comment &&
        traits_.comments.find(text_[line_.parts.comment.begin - line_.parts.text.begin]) ==
            std::string_view::npos) {
      const bool assigns = is_setting();
      add("comment-semicolon", line_.parts.comment,
          assigns ? fmt::format("{} knows no comments with ';': it looks for a key '{}'.",
                                loader_.name, quoted(line_.parsed.key))
                  : fmt::format("{} knows no comments with ';': it reports that the line is no "
                                "assignment, and its exit status is 1.",
                                loader_.name));
    }
    if (!text_.ends_with('\\')) return;
    const Span where = at(text_.size() - 1, 1);
    if (comment && line_.logical.joined) {
      add("comment-continues", where,
          fmt::format("{} joins the next line to a comment that ends in a backslash, and so loses "
                      "it without a message.",
                      loader_.name));
    } else if (!comment && line_.parts.kind != conf::LineKind::kBlank) {
      add("line-continued", where,
          line_.logical.joined
              ? fmt::format("{} joins the next line to this one.", loader_.name)
              : fmt::format("{} joins no lines: the backslash is part of the {}.", loader_.name,
                            line_.parts.kind == conf::LineKind::kAssignment ? "value" : "line"));
    }
  }

  void length() {
    if (traits_.lines != LineStyle::kPieces || !line_.logical.piece) return;
    if (line_.logical.span.begin != line_.parts.whole.begin) return;
    add("long-line", line_.parts.text,
        fmt::format("{} cuts the line after {} bytes and reads what follows as a line of its own, "
                    "behind a comment, too.",
                    loader_.name, traits_.line_limit));
  }

  void bare() {
    if (line_.parts.dash) {
      exclusion();
      return;
    }
    if (line_.parsed.result == LineResult::kNothing) return;
    std::string text;
    if (is_setting()) {
      text = fmt::format("{} takes the line for a key without '=' and writes '{}' to it.",
                         loader_.name, quoted(line_.parsed.value));
    } else if (loader_.program == Program::kSystemd) {
      text = fmt::format(
          "{} reports that the line is no assignment, and its exit status is 1: the "
          "service fails.",
          loader_.name);
    } else {
      text = fmt::format("{} reports the line and goes on; its exit status does not tell.",
                         loader_.name);
    }
    add("missing-equals", line_.parts.text, std::move(text));
  }

  void exclusion() {
    if (line_.parts.key.empty()) return;
    if (!traits_.exclusions) {
      add("exclusion-unknown", line_.parts.text,
          is_setting()
              ? fmt::format("{} knows no exclusions: it writes '{}' to the key '{}'.", loader_.name,
                            quoted(line_.parsed.value), quoted(line_.parsed.key))
              : fmt::format("{} knows no exclusions and takes the line for a mistake.",
                            loader_.name));
      return;
    }
    if (is_glob(key_) && !traits_.glob_exclusions) {
      add("exclusion-glob", line_.parts.key,
          fmt::format("{} knows no patterns in exclusions: the line has no effect, without a "
                      "message.",
                      loader_.name));
    }
  }

  void assignment() {
    if (line_.parts.key.empty() && line_.parts.equals.begin != line_.parts.equals.end) {
      add("empty-key", line_.parts.equals,
          is_setting() && !line_.parsed.key.empty()
              ? fmt::format("{} passes over the '=' before the key '{}'.", loader_.name,
                            quoted(line_.parsed.key))
              : fmt::format("{} finds no key before the '='.", loader_.name));
      return;
    }
    if (line_.parts.value.empty()) empty_value();
    constexpr std::string_view kCommand = "sysctl ";
    if (key_.starts_with(kCommand)) {
      add("shell-command", line_.parts.key,
          fmt::format("{} takes the command for part of the key, which is unknown then.",
                      loader_.name));
    }
  }

  void empty_value() {
    std::string text;
    if (!is_setting()) {
      text = fmt::format("{} takes an empty value for a mistake and writes nothing.", loader_.name);
    } else if (traits_.empty_is_no_write) {
      text = fmt::format(
          "{} writes nothing for an empty value, without a message: the old value "
          "stays.",
          loader_.name);
    } else {
      text = fmt::format(
          "{} writes an empty line, which empties a list or a name and which number "
          "keys refuse.",
          loader_.name);
    }
    const uint32_t end = line_.parts.equals.end;
    add("empty-value", {end - 1, end}, std::move(text));
  }

  void key() {
    if (line_.parts.dash && !traits_.dash) {
      add("dash-unknown", at(text_.find('-'), 1),
          fmt::format("{} does not know the '-' prefix: it looks for a key '-{}', and the setting "
                      "is lost.",
                      loader_.name, quoted(key_)));
    }
    const bool pattern = is_glob(key_);
    if (pattern && !traits_.globs) {
      add("glob-literal", line_.parts.key,
          fmt::format("{} knows no patterns: it looks for a key that is literally called '{}'.",
                      loader_.name, quoted(key_)));
    }
    const bool braces = key_.find('{') != std::string_view::npos &&
                        key_.find(',') != std::string_view::npos &&
                        key_.find('}') != std::string_view::npos;
    if (braces && !line_.parts.template_marker && (!traits_.braces || !pattern)) {
      add("glob-braces", line_.parts.key,
          traits_.braces ? fmt::format("{} expands braces only in a key that has '*', '?' or '[', "
                                       "too.",
                                       loader_.name)
                         : fmt::format("{} takes braces literally.", loader_.name));
    }
  }

  const NotedLine& line_;
  const Traits& traits_;
  const Loader& loader_;
  Notes& notes_;
  std::string_view text_;
  std::string_view key_;
  std::string_view value_;
};

}  // namespace

void note_line(const NotedLine& line, const Loader& loader, Notes& notes) {
  LineNotes(line, loader, notes).run();
}

}  // namespace proctor::load
