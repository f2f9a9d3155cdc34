// SARIF 2.1.0, with all that code scanning reads, and fixes for viewers that show them.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "report/escape.h"
#include "report/fingerprint.h"
#include "report/formats.h"
#include "report/place.h"
#include "report/spool.h"
#include "text/text.h"

namespace proctor::report {
namespace {

std::string_view sarif_level(rules::Severity severity) {
  return severity == rules::Severity::kInfo ? "note" : rules::to_string(severity);
}

/// As SARIF asks: a relative reference with every byte outside of the plain ones encoded.
std::string uri_of(std::string_view path) {
  while (path.starts_with("./")) path.remove_prefix(2);
  std::string out = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string artifact(std::string_view path) {
  const std::string base = path.starts_with('/') ? "" : R"(, "uriBaseId": "%SRCROOT%")";
  return fmt::format(R"({{"uri": {}{}}})", json_string(uri_of(path)), base);
}

std::string region(const Place& place) {
  return fmt::format(R"({{"startLine": {}, "startColumn": {}, "endLine": {}, "endColumn": {}}})",
                     place.begin.line, place.begin.column, place.end.line, place.end.column);
}

std::string location(const Place& place) {
  return fmt::format(R"("physicalLocation": {{"artifactLocation": {}, "region": {}}})",
                     artifact(place.file), region(place));
}

std::string rule_object(const RuleInfo& rule) {
  // Code scanning rejects empty texts.
  const std::string& full = rule.why.empty() ? rule.title : rule.why;
  std::string tags = json_string(rules::to_string(rule.category));
  for (const std::string& tag : rule.tags) tags += ", " + json_string(tag);
  const std::string_view problem = rule.severity == rules::Severity::kInfo
                                       ? std::string_view("recommendation")
                                       : rules::to_string(rule.severity);
  return fmt::format(
      R"({{"id": {}, "shortDescription": {{"text": {}}}, "fullDescription": {{"text": {}}}, )"
      R"("help": {{"text": {}}}, "defaultConfiguration": {{"level": "{}"}}, )"
      R"("properties": {{"tags": [{}], "precision": "high", "problem.severity": "{}"}}}})",
      json_string(rule.id), json_string(rule.title), json_string(full), json_string(full),
      sarif_level(rule.severity), tags, problem);
}

std::string related_locations(const Part& part, const rules::Finding& finding) {
  std::string out;
  size_t id = 0;
  for (const rules::Related& related : finding.related) {
    const std::string message =
        related.message.empty() ? source_text(part, related.file, related.span) : related.message;
    fmt::format_to(std::back_inserter(out), R"({}{{"id": {}, {}, "message": {{"text": {}}}}})",
                   out.empty() ? "" : ", ", ++id,
                   location(place_of(part, related.file, related.span)), json_string(message));
  }
  return out.empty() ? out : fmt::format(R"(, "relatedLocations": [{}])", out);
}

std::string fixes(const Part& part, const rules::Finding& finding) {
  if (finding.fixes.empty() || finding.fixes.front().edits.empty()) return {};
  const rules::Fix& fix = finding.fixes.front();
  std::vector<uint32_t> files;
  for (const rules::FileEdit& edit : fix.edits) files.push_back(edit.file);
  sort_unique(files);
  std::string changes;
  for (const uint32_t file : files) {
    std::string replacements;
    for (const rules::FileEdit& edit : fix.edits) {
      if (edit.file != file) continue;
      fmt::format_to(std::back_inserter(replacements),
                     R"({}{{"deletedRegion": {}, "insertedContent": {{"text": {}}}}})",
                     replacements.empty() ? "" : ", ", region(place_of(part, file, edit.edit.span)),
                     json_string(edit.edit.text));
    }
    fmt::format_to(std::back_inserter(changes),
                   R"({}{{"artifactLocation": {}, "replacements": [{}]}})",
                   changes.empty() ? "" : ", ", artifact(part.files[file]->name()), replacements);
  }
  return fmt::format(R"(, "fixes": [{{"description": {{"text": {}}}, "artifactChanges": [{}]}}])",
                     json_string(fix.summary + (fix.safe ? " (safe)" : " (unsafe)")), changes);
}

class Sarif : public Format {
 public:
  using Format::Format;

  void begin(Sink& sink) override {
    std::string rules;
    for (const RuleInfo& rule : run().rules) {
      rules += fmt::format("{}\n            {}", rules.empty() ? "" : ",", rule_object(rule));
    }
    sink.write(fmt::format(
        R"({{
  "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
  "version": "2.1.0",
  "runs": [
    {{
      "tool": {{
        "driver": {{
          "name": "proctor",
          "semanticVersion": {},
          "rules": [{}{}]
        }}
      }},
      "columnKind": "unicodeCodePoints",
      "originalUriBaseIds": {{"%SRCROOT%": {{"description": {{"text": "The folder that proctor ran in."}}}}}},
      "results": [)",
        json_string(run().version), rules, rules.empty() ? "" : "\n          "));
  }

  Piece render(const Part& part) const override {
    Piece piece;
    const std::vector<Fingerprint> prints = fingerprints(part);
    for (size_t i = 0; i < part.entries.size(); ++i) {
      piece.text += ",\n        " + result(part, part.entries[i], prints[i]);
    }
    for (const Diagnostic& error : part.errors) piece.errors += ",\n            " + notice(error);
    return piece;
  }

  void add(const Piece& piece, Sink& sink) override {
    if (!piece.text.empty()) {
      sink.write(any_ ? piece.text : piece.text.substr(1));
      any_ = true;
    }
    if (!piece.errors.empty()) {
      errors_.write(failed_ ? piece.errors : piece.errors.substr(1));
      failed_ = true;
    }
  }

  void end(const Totals& totals, Sink& sink) override {
    sink.write(any_ ? "\n      ],\n" : "],\n");
    sink.write(
        fmt::format("      \"invocations\": [\n        {{\n          \"executionSuccessful\": {},\n"
                    "          \"toolExecutionNotifications\": [",
                    totals.failures == 0));
    errors_.copy_to(sink);
    sink.write(failed_ ? "\n          ]" : "]");
    sink.write("\n        }\n      ]\n    }\n  ]\n}\n");
  }

 private:
  std::string result(const Part& part, const Entry& entry, const Fingerprint& print) const {
    const rules::Finding& finding = entry.finding;
    const auto rule = std::ranges::lower_bound(run().rules, finding.rule, {}, &RuleInfo::id);
    const bool known = rule != run().rules.end() && rule->id == finding.rule;
    const std::string index =
        known ? fmt::format(R"(, "ruleIndex": {})", rule - run().rules.begin()) : "";
    std::string text = message_of(run(), entry);
    if (!finding.why.empty()) text += ".\n\n" + finding.why;
    return fmt::format(
        R"({{"ruleId": {}{}, "level": "{}", "message": {{"text": {}}}, "locations": [{{{}}}]{}, )"
        R"("partialFingerprints": {{"primaryLocationLineHash": "{}:{}"}}{}}})",
        json_string(finding.rule), index, sarif_level(finding.severity), json_string(text),
        location(place_of(part, finding.file, finding.span)), related_locations(part, finding),
        print.hex(), print.ordinal, fixes(part, finding));
  }

  static std::string notice(const Diagnostic& error) {
    const Place place{
        error.file, {std::max(error.begin.line, 1U), std::max(error.begin.column, 1U)}, {}};
    return fmt::format(
        R"({{"level": "error", "message": {{"text": {}}}, "locations": [{{"physicalLocation": )"
        R"({{"artifactLocation": {}, "region": {{"startLine": {}, "startColumn": {}}}}}}}]}})",
        json_string(error.message), artifact(place.file), place.begin.line, place.begin.column);
  }

  bool any_ = false;
  bool failed_ = false;
  Spool errors_;
};

}  // namespace

std::unique_ptr<Format> make_sarif(const Run& run) { return std::make_unique<Sarif>(run); }

}  // namespace proctor::report
