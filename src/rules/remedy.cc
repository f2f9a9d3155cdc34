#include "rules/remedy.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "rules/place.h"
#include "rules/scope.h"
#include "rules/values.h"
#include "text/text.h"

namespace proctor::rules {
namespace {

/// The oldest loader cuts lines at 4095 bytes and reads the tail as a line of its own.
constexpr size_t kMaxQuoted = 300;
constexpr size_t kMaxReason = 500;

/// Printable text of at most `limit` bytes, cut between characters; other bytes as \xNN.
std::string one_line(std::string_view text, size_t limit) {
  std::string out;
  while (!text.empty()) {
    const size_t valid = utf8_length(text);
    const std::string_view piece = text.substr(0, std::max<size_t>(valid, 1));
    if (out.size() + piece.size() > limit) return out + "...";
    const bool control = valid == 1 && (text[0] < ' ' || text[0] == 0x7f) && text[0] != '\t';
    out += valid == 0 || control ? escape_bytes(piece) : std::string(piece);
    text.remove_prefix(piece.size());
  }
  return out;
}

class Builder {
 public:
  Builder(const Rule& rule, const Hit& hit, const Surroundings& at, const Activation& activation,
          std::string_view message)
      : rule_(rule), hit_(hit), at_(at), activation_(activation), message_(message) {}

  std::optional<Fix> build() {
    fix_.safe = true;
    for (const FixStep& step : rule_.fix) {
      const size_t before = fix_.edits.size();
      run(step);
      if (fix_.edits.size() != before) fix_.safe = fix_.safe && step.safe;
    }
    if (fix_.edits.empty()) return std::nullopt;
    std::ranges::stable_sort(fix_.edits, {}, [](const FileEdit& edit) {
      return std::pair(edit.file, edit.edit.span.begin);
    });
    return std::move(fix_);
  }

 private:
  void run(const FixStep& step) {
    switch (step.kind) {
      case FixStep::Kind::kSet:
        return set(step);
      case FixStep::Kind::kRemove:
        return remove(step);
      case FixStep::Kind::kRename:
        return rename(step);
      case FixStep::Kind::kInsertAfter:
        return insert(step);
      case FixStep::Kind::kDetector:
        for (const Change& change : hit_.changes) apply(change);
        if (!hit_.changes.empty()) say(hit_.change_summary);
    }
  }

  const conf::Document& document(uint32_t file) const {
    return *at_.configuration->files[file].document;
  }
  conf::Line line(const load::Origin& origin) const {
    return document(origin.file).lines()[origin.line];
  }

  void say(std::string_view what) {
    if (fix_.summary.find(what) != std::string::npos) return;
    if (!fix_.summary.empty()) fix_.summary += "; ";
    fix_.summary += what;
  }

  void edit(uint32_t file, Span span, std::string text) {
    fix_.edits.push_back({file, {span, std::move(text)}});
  }

  void apply(const Change& change) {
    if (change.kind == Change::Kind::kRemoveLine) {
      remove_line(change.origin);
    } else {
      edit(change.origin.file, change.span, change.text);
    }
  }

  void remove_line(const load::Origin& origin) {
    const Span text = line(origin).text;
    edit(origin.file, text, removal_comment(document(origin.file).text(text), message_));
  }

  std::optional<std::string> path(std::string_view key) const {
    const auto name = find_key(key);
    if (!name) return std::nullopt;
    const std::array<expr::Value, 1> dynamic{expr::Value::string(hit_.interface.name)};
    if (hit_.interface.kind == Interface::Kind::kNamed) return path_of(*name, dynamic);
    if (auto bound = path_of(*name, {})) return bound;
    // A '*' outside of rounds is the line's own interface.
    for (const std::string& own : hit_.paths) {
      const PathFacts* facts = at_.run->find(own);
      if (facts != nullptr && facts->key == &key_of(*name)) return own;
    }
    return std::nullopt;
  }

  std::optional<std::string> value(const FixStep& step) const {
    return step.value ? spelling_of(step.value->run(activation_)) : std::nullopt;
  }

  void set(const FixStep& step) {
    const auto path = this->path(step.key);
    const auto text = value(step);
    if (path && text) set(*path, *text);
  }

  void set(const std::string& path, const std::string& text) {
    const auto carrier = carrier_of(*at_.run, path);
    if (!carrier) return;
    const conf::Line target = line(carrier->origin);
    const std::string now(document(carrier->origin.file).text(target.value));
    if (target.kind != conf::LineKind::kAssignment || target.template_marker) return;
    if (fold_blanks(now) == fold_blanks(text)) return;
    if (is_glob(carrier->origin)) {
      insert_after(carrier->origin, path, text);
    } else {
      edit(carrier->origin.file, target.value, text);
    }
    say(kernel::path_to_dotted(path) + " = " + text);
  }

  bool is_glob(const load::Origin& origin) const {
    const std::string_view key = document(origin.file).text(line(origin).key);
    return key.find_first_of("*?[") != std::string_view::npos;
  }

  void remove(const FixStep& step) {
    const auto path = this->path(step.key);
    const PathFacts* facts = path ? at_.run->find(*path) : nullptr;
    if (facts == nullptr) return;
    for (const uint32_t index : facts->assignments) {
      const load::Origin& origin = at_.run->result().assignments[index].origin;
      if (is_glob(origin)) continue;
      remove_line(origin);
      say("delete the line");
    }
  }

  void rename(const FixStep& step) {
    const auto path = this->path(step.key);
    const auto target = this->path(step.new_key);
    const auto carrier = path ? carrier_of(*at_.run, *path) : std::nullopt;
    if (!carrier || !target || is_glob(carrier->origin)) return;
    const Span key = line(carrier->origin).key;
    const std::string_view now = document(carrier->origin.file).text(key);
    const size_t separator = now.find_first_of("./");
    const bool slashes = separator != std::string_view::npos && now[separator] == '/';
    const std::string dotted = kernel::path_to_dotted(*target);
    edit(carrier->origin.file, key, slashes ? *target : dotted);
    say("rename it to " + dotted);
  }

  void insert(const FixStep& step) {
    const auto anchor = path(step.key);
    const auto target = path(step.new_key);
    const auto text = value(step);
    if (!anchor || !target || !text) return;
    if (at_.run->find(*target) != nullptr) return set(*target, *text);
    const auto carrier = carrier_of(*at_.run, *anchor);
    if (!carrier) return;
    insert_after(carrier->origin, *target, *text);
    say("add " + kernel::path_to_dotted(*target) + " = " + *text);
  }

  void insert_after(const load::Origin& origin, const std::string& path, const std::string& text) {
    const conf::Document& file = document(origin.file);
    const conf::Line after = line(origin);
    const bool ended = after.whole.end != after.text.end;
    std::string added = kernel::path_to_dotted(path);
    added += file.text({after.key.end, after.value.begin});  // As the line before is spaced.
    added += text;
    const std::string end(file.line_end());
    edit(origin.file, {after.whole.end, after.whole.end}, ended ? added + end : end + added);
  }

  const Rule& rule_;
  const Hit& hit_;
  const Surroundings& at_;
  const Activation& activation_;
  std::string_view message_;
  Fix fix_;
};

}  // namespace

std::optional<Fix> remedy(const Rule& rule, const Hit& hit, const Surroundings& at,
                          const Activation& activation, std::string_view message) {
  return Builder(rule, hit, at, activation, message).build();
}

std::string removal_comment(std::string_view line, std::string_view reason) {
  return "# removed by proctor: " + one_line(trim(line, " \t\r\v\f"), kMaxQuoted) + ": " +
         one_line(reason, kMaxReason);
}

}  // namespace proctor::rules
