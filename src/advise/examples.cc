#include "advise/examples.h"

#include <algorithm>
#include <list>
#include <optional>
#include <utility>

#include "advise/fix.h"
#include "load/traits.h"
#include "text/text.h"
#include "text/units.h"

namespace proctor::advise {
namespace {

using rules::Example;

/// Where an example's own text stands among its other files.
constexpr std::string_view kPath = "/etc/sysctl.d/50-example.conf";

/// As all loaders but busybox order them: by name, whatever the folder; of equal names the one in
/// the stronger folder.
constexpr std::string_view kFolders[] = {"/etc/sysctl.d/", "/run/sysctl.d/",
                                         "/usr/local/lib/sysctl.d/", "/usr/lib/sysctl.d/",
                                         "/lib/sysctl.d/"};

size_t strength(std::string_view path) {
  const auto* const found = std::ranges::find_if(
      kFolders, [&](std::string_view folder) { return path.starts_with(folder); });
  return static_cast<size_t>(found - std::begin(kFolders));
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// The files of one example, and which of them is its own text.
struct Setting {
  std::list<conf::Document> documents;  ///< Stable addresses.
  load::Configuration configuration;
  uint32_t own = 0;

  void add(const std::string& path, const std::string& text) {
    documents.push_back(conf::Document::parse(path, text));
    load::SourceFile file;
    file.document = &documents.back();
    file.path = path;
    configuration.files.push_back(std::move(file));
  }
};

/// Characters below U+0100 as bytes of that number.
std::string as_bytes(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool pair = (byte == 0xc2 || byte == 0xc3) && i + 1 < text.size();
    out +=
        pair
            ? static_cast<char>(((byte & 3U) << 6U) | (static_cast<unsigned char>(text[++i]) & 63U))
            : text[i];
  }
  return out;
}

std::string conf_of(const Example& example) {
  const std::string once = example.latin1 ? as_bytes(example.conf) : example.conf;
  std::string out;
  for (uint32_t i = 0; i < example.times; ++i) out += once;
  return out;
}

Setting setting_of(const Example& example) {
  Setting out;
  out.add(std::string(kPath), conf_of(example));
  for (const auto& [path, text] : example.files) out.add(path, text);
  auto& files = out.configuration.files;
  std::ranges::stable_sort(files, {}, [](const load::SourceFile& file) {
    return std::pair(base_name(file.path), strength(file.path));
  });
  for (size_t i = 1; i < files.size(); ++i) {
    if (base_name(files[i].path) != base_name(files[i - 1].path)) continue;
    files[i].masked = true;
    files[i].masked_by = files[i - 1].masked ? files[i - 1].masked_by : files[i - 1].path;
  }
  // /etc/sysctl.conf comes last, where it is read at all.
  const auto conf = std::ranges::find(files, "/etc/sysctl.conf", &load::SourceFile::path);
  if (conf != files.end()) {
    std::rotate(conf, conf + 1, files.end());
    const auto loader = load::find_loader(example.loader.empty() ? "systemd" : example.loader);
    const bool unread = loader.ok() && !(*loader)->traits->reads_conf;
    if (unread) files.back().kind = load::SourceKind::kUnread;
  }
  for (load::SourceFile& file : files) file.edited = example.edited;
  const auto own = std::ranges::find(files, kPath, &load::SourceFile::path);
  out.own = static_cast<uint32_t>(own - files.begin());
  return out;
}

/// What the example gives; the compiler of rules has checked the texts.
std::optional<rules::Target> target_of(const Example& example, std::string& problem) {
  rules::Target target;
  if (!example.kernel.empty()) {
    const auto range = kernel::parse_version_range(example.kernel);
    if (range.ok()) target.facts.set("kernel", *range);
  }
  if (!example.memory.empty()) {
    const auto bytes = parse_size(example.memory);
    if (bytes.ok()) target.facts.set("memory", static_cast<int64_t>(*bytes));
  }
  if (!example.cpus.empty()) {
    const auto cpus = parse_int(example.cpus);
    if (cpus.ok()) target.facts.set("cpus", *cpus);
  }
  target.audited = example.audited;
  if (!example.roles.empty()) target.facts.set("roles", example.roles);
  for (const auto& [name, text] : example.facts) {
    const host::FactInfo* info = host::find_fact(name);
    if (info == nullptr) continue;
    auto value = host::parse_fact_value(*info, text);
    if (value.ok()) target.facts.set(name, std::move(value).value());
  }
  for (const auto& [key, text] : example.running) {
    target.running[kernel::dotted_to_path(key)] = text;
  }
  if (example.loader.empty()) return target;
  const auto loader = load::find_loader(example.loader);
  if (!loader.ok()) {
    problem = loader.error();
    return std::nullopt;
  }
  target.loader = *loader;
  return target;
}

std::string_view name_of(Example::Expect expect) {
  switch (expect) {
    case Example::Expect::kFires:
      return "fires";
    case Example::Expect::kSilent:
      return "silent";
    case Example::Expect::kUndecided:
      return "undecided";
  }
  return {};
}

/// What happened instead, or nothing.
class Runner {
 public:
  Runner(const rules::RuleSet& rules, const rules::Rule& rule, const Example& example)
      : rules_(rules), id_(rule.id), example_(example), setting_(setting_of(example)) {
    // What is wrong with a comment about rules shows when those are asked.
    if (!rule.detect.starts_with("suppression-")) selection_.select = {rule.id};
  }

  std::string run() {
    std::string problem;
    target_ = target_of(example_, problem);
    if (!target_) return problem;
    report_ = rules::judge(rules_, setting_.configuration, *target_, selection_);
    std::erase_if(report_.findings, [&](const auto& finding) { return finding.rule != id_; });
    std::erase_if(report_.undecided, [&](const auto& one) { return one.rule != id_; });
    if (!report_.defects.empty()) return report_.defects.front().message;
    const Example::Expect is = !report_.findings.empty()    ? Example::Expect::kFires
                               : !report_.undecided.empty() ? Example::Expect::kUndecided
                                                            : Example::Expect::kSilent;
    if (is != example_.expect) return mismatch(is);
    if (example_.line != 0) problem = check_line();
    if (problem.empty() && example_.fixed) problem = check_fixed();
    return problem;
  }

 private:
  std::string mismatch(Example::Expect is) const {
    std::string out = "expected " + std::string(name_of(example_.expect)) + ", but the rule ";
    if (is == Example::Expect::kSilent) return out + "is silent";
    if (is == Example::Expect::kFires) {
      return out + "fires: " + report_.findings.front().message;
    }
    const rules::Undecided& first = report_.undecided.front();
    out += "is undecided: it needs";
    for (const std::string& need : first.needs) out += " " + need;
    if (!first.holds_for.empty()) out += "; it holds for " + first.holds_for;
    return out;
  }

  std::string check_line() const {
    std::string lines;
    for (const rules::Finding& finding : report_.findings) {
      if (finding.file != setting_.own) continue;
      const conf::Document& document = *setting_.configuration.files[finding.file].document;
      const uint32_t line = document.position(finding.span.begin).line;
      if (line == example_.line) return {};
      if (!lines.empty()) lines += ", ";
      lines += std::to_string(line);
    }
    const std::string expected = "expected a finding on line " + std::to_string(example_.line);
    return expected + (lines.empty() ? ", found one on another file" : ", found one on " + lines);
  }

  std::string check_fixed() const {
    const FixResult result =
        fix(rules_, setting_.configuration, std::span(&*target_, 1), selection_, true);
    const std::string& text = result.bytes[setting_.own];
    if (text == *example_.fixed) return {};
    return "expected after the fix \"" + escape_bytes(*example_.fixed) + "\", got \"" +
           escape_bytes(text) + "\"";
  }

  const rules::RuleSet& rules_;
  const std::string& id_;
  const Example& example_;
  Setting setting_;
  rules::Selection selection_;
  std::optional<rules::Target> target_;
  rules::Report report_;
};

}  // namespace

ExamplesReport run_examples(const rules::RuleSet& rules, const std::vector<std::string>& files) {
  ExamplesReport out;
  for (size_t i = 0; i < rules.size(); ++i) {
    const rules::Rule& rule = rules.rule(i);
    if (!files.empty() && std::ranges::find(files, rule.file) == files.end()) continue;
    const std::vector<Example> examples = rules.examples(i);
    if (!examples.empty()) ++out.rules;
    for (const Example& example : examples) {
      out.fires += example.expect == Example::Expect::kFires ? 1 : 0;
      out.silent += example.expect == Example::Expect::kSilent ? 1 : 0;
      out.undecided += example.expect == Example::Expect::kUndecided ? 1 : 0;
      out.fixed += example.fixed ? 1 : 0;
      const std::string problem = Runner(rules, rule, example).run();
      if (problem.empty()) continue;
      Diagnostic failure;
      failure.file = rule.file;
      failure.begin = example.at;
      failure.end = example.at;
      failure.message = rule.id + ", " + example.name + ": " + problem;
      out.failures.push_back(std::move(failure));
    }
  }
  return out;
}

}  // namespace proctor::advise
