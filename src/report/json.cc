// The JSON document that interface scripts read, and the same objects one a line.
#include <fmt/core.h>

#include <iterator>
#include <span>
#include <string>

#include "report/escape.h"
#include "report/formats.h"
#include "report/place.h"
#include "report/spool.h"

namespace proctor::report {
namespace {

std::string list_of(std::span<const std::string> texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ", ";
    append_json(out, text);
  }
  return out + "]";
}

std::string list_of(const std::vector<uint32_t>& numbers) {
  std::string out = "[";
  for (const uint32_t number : numbers) {
    fmt::format_to(std::back_inserter(out), "{}{}", out.size() > 1 ? ", " : "", number);
  }
  return out + "]";
}

std::string or_null(std::string_view text) { return text.empty() ? "null" : json_string(text); }

std::string or_null(std::optional<int64_t> number) {
  return number ? fmt::format("{}", *number) : "null";
}

std::string range(const Place& place) {
  return fmt::format(R"("file": {}, "line": {}, "column": {}, "end_line": {}, "end_column": {})",
                     json_string(place.file), place.begin.line, place.begin.column, place.end.line,
                     place.end.column);
}

std::string target_object(const TargetInfo& target) {
  return fmt::format(
      R"({{"name": {}, "kernel": {}, "memory": {}, "cpus": {}, "roles": {}, "loader": {}}})",
      or_null(target.name), or_null(target.kernel), or_null(target.memory), or_null(target.cpus),
      list_of(target.roles), or_null(target.loader));
}

std::string related_list(const Part& part, const rules::Finding& finding) {
  std::string out = "[";
  for (const rules::Related& related : finding.related) {
    const Place place = place_of(part, related.file, related.span);
    const std::string message =
        related.message.empty() ? source_text(part, related.file, related.span) : related.message;
    out += fmt::format(R"({}{{"file": {}, "line": {}, "message": {}}})", out.size() > 1 ? ", " : "",
                       json_string(place.file), place.begin.line, json_string(message));
  }
  return out + "]";
}

std::string fix_object(const Part& part, const rules::Finding& finding) {
  if (finding.fixes.empty()) return "null";
  const rules::Fix& fix = finding.fixes.front();
  std::string edits;
  for (const rules::FileEdit& edit : fix.edits) {
    edits +=
        fmt::format(R"({}{{{}, "text": {}}})", edits.empty() ? "" : ", ",
                    range(place_of(part, edit.file, edit.edit.span)), json_string(edit.edit.text));
  }
  return fmt::format(R"({{"safe": {}, "summary": {}, "edits": [{}]}})", fix.safe,
                     json_string(fix.summary), edits);
}

std::string finding_object(const Part& part, const Entry& entry) {
  const rules::Finding& finding = entry.finding;
  return fmt::format(
      R"({{"rule": {}, "severity": "{}", "category": "{}", "message": {}, "why": {}, )"
      R"("targets": {}, {}, "keys": {}, "related": {}, "fix": {}, "evidence": {}}})",
      json_string(finding.rule), rules::to_string(finding.severity),
      rules::to_string(finding.category), json_string(finding.message), json_string(finding.why),
      list_of(entry.targets), range(place_of(part, finding.file, finding.span)),
      list_of(finding.keys), related_list(part, finding), fix_object(part, finding),
      list_of(finding.evidence));
}

std::string undecided_object(const Part& part, const OpenEntry& entry) {
  const rules::Undecided& undecided = entry.undecided;
  const Place place = place_of(part, undecided.file, undecided.span);
  return fmt::format(
      R"({{"rule": {}, "file": {}, "line": {}, "needs": {}, "holds_for": {}, "targets": {}}})",
      json_string(undecided.rule), json_string(place.file), place.begin.line,
      list_of(undecided.needs), or_null(undecided.holds_for), list_of(entry.targets));
}

std::string error_object(const Diagnostic& error) {
  return fmt::format(R"({{"file": {}, "line": {}, "message": {}}})", json_string(error.file),
                     error.begin.line, json_string(error.message));
}

std::string summary_object(const Run& run, const Totals& totals) {
  const std::string known = run.baseline == Run::Baseline::kNone
                                ? std::string()
                                : fmt::format(R"(, "known": {})", totals.known);
  return fmt::format(
      R"({{"files": {}, "assignments": {}, "error": {}, "warning": {}, "info": {}{}}})",
      totals.files, totals.assignments, totals.error, totals.warning, totals.info, known);
}

/// Members of an array, one a line, each preceded by its comma and line end.
class Members {
 public:
  void add(std::string_view items, Sink& sink) {
    if (items.empty()) return;
    sink.write(any_ ? items : items.substr(1));
    any_ = true;
  }
  std::string_view close() const { return any_ ? "\n  ]" : "]"; }

 private:
  bool any_ = false;
};

class Json : public Format {
 public:
  using Format::Format;

  void begin(Sink& sink) override {
    std::string out = "{\n  \"version\": 1,\n  \"targets\": [";
    for (const TargetInfo& target : run().targets) {
      out += &target == run().targets.data() ? "\n    " : ",\n    ";
      out += target_object(target);
    }
    sink.write(out + (run().targets.empty() ? "]" : "\n  ]") + ",\n  \"findings\": [");
  }

  Piece render(const Part& part) const override {
    Piece piece;
    for (const Entry& entry : part.entries) {
      piece.text += ",\n    " + finding_object(part, entry);
    }
    for (const OpenEntry& entry : part.open) {
      piece.undecided += ",\n    " + undecided_object(part, entry);
    }
    for (const Diagnostic& error : part.errors) piece.errors += ",\n    " + error_object(error);
    return piece;
  }

  void add(const Piece& piece, Sink& sink) override {
    findings_.add(piece.text, sink);
    undecided_.add(piece.undecided, undecided_text_);
    errors_.add(piece.errors, errors_text_);
  }

  void end(const Totals& totals, Sink& sink) override {
    sink.write(findings_.close());
    sink.write(",\n  \"undecided\": [");
    undecided_text_.copy_to(sink);
    sink.write(undecided_.close());
    sink.write(",\n  \"errors\": [");
    errors_text_.copy_to(sink);
    sink.write(errors_.close());
    sink.write(fmt::format(",\n  \"summary\": {}\n}}\n", summary_object(run(), totals)));
  }

 private:
  Members findings_;
  Members undecided_;
  Members errors_;
  Spool undecided_text_;
  Spool errors_text_;
};

class JsonLines : public Format {
 public:
  using Format::Format;

  void begin(Sink& sink) override {
    std::string targets;
    for (const TargetInfo& target : run().targets) {
      targets += (targets.empty() ? "" : ", ") + target_object(target);
    }
    sink.write(fmt::format("{{\"type\": \"run\", \"version\": 1, \"targets\": [{}]}}\n", targets));
  }

  Piece render(const Part& part) const override {
    Piece piece;
    for (const Entry& entry : part.entries) line(piece, "finding", finding_object(part, entry));
    for (const OpenEntry& entry : part.open)
      line(piece, "undecided", undecided_object(part, entry));
    for (const Diagnostic& error : part.errors) line(piece, "error", error_object(error));
    return piece;
  }

  void end(const Totals& totals, Sink& sink) override {
    Piece piece;
    line(piece, "summary", summary_object(run(), totals));
    sink.write(piece.text);
  }

 private:
  static void line(Piece& piece, std::string_view type, std::string_view object) {
    piece.text += fmt::format("{{\"type\": \"{}\", {}\n", type, object.substr(1));
  }
};

}  // namespace

std::unique_ptr<Format> make_json(const Run& run) { return std::make_unique<Json>(run); }

std::unique_ptr<Format> make_jsonl(const Run& run) { return std::make_unique<JsonLines>(run); }

}  // namespace proctor::report
