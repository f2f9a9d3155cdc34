#include "rules/pack.h"

#include "rules/blob.h"
#include "rules/scope.h"

namespace proctor::rules {
namespace {

const Scope& functions() {
  static const Scope kScope;
  return kScope;
}

void put(BlobWriter& out, const std::vector<std::string>& texts) {
  out.number(texts.size());
  for (const std::string& text : texts) out.text(text);
}

std::vector<std::string> get_texts(BlobReader& in) {
  std::vector<std::string> texts(in.number());
  for (std::string& text : texts) text = in.text();
  return texts;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

void put(BlobWriter& out, const Pairs& pairs) {
  out.number(pairs.size());
  for (const auto& [name, value] : pairs) {
    out.text(name);
    out.text(value);
  }
}

Pairs get_pairs(BlobReader& in) {
  Pairs pairs(in.number());
  for (auto& [name, value] : pairs) {
    name = in.text();
    value = in.text();
  }
  return pairs;
}

void put(BlobWriter& out, const expr::Program& program) { out.text(program.pack()); }

expr::Program get_program(BlobReader& in) { return expr::Program::unpack(in.text(), functions()); }

void put(BlobWriter& out, const Template& text) {
  out.number(text.literals.size());
  for (size_t i = 0; i < text.literals.size(); ++i) {
    out.text(text.literals[i]);
    if (i == text.holes.size()) break;
    put(out, text.holes[i].program);
    out.text(text.holes[i].source);
    out.text(text.holes[i].unit);
    out.number(static_cast<uint64_t>(text.holes[i].format));
  }
}

Template get_template(BlobReader& in) {
  Template text;
  text.literals.resize(in.number());
  for (size_t i = 0; i < text.literals.size(); ++i) {
    text.literals[i] = in.text();
    if (i + 1 == text.literals.size()) break;
    Hole hole;
    hole.program = get_program(in);
    hole.source = in.text();
    hole.unit = in.text();
    hole.format = static_cast<HoleFormat>(in.number());
    text.holes.push_back(std::move(hole));
  }
  return text;
}

void put(BlobWriter& out, const kernel::Version& version) {
  out.number(version.major);
  out.number(version.minor);
  out.number(uint64_t{version.patch} << 1U | (version.has_patch ? 1U : 0U));
}

kernel::Version get_version(BlobReader& in) {
  kernel::Version version;
  version.major = static_cast<uint16_t>(in.number());
  version.minor = static_cast<uint16_t>(in.number());
  const uint64_t patch = in.number();
  version.patch = static_cast<uint16_t>(patch >> 1U);
  version.has_patch = (patch & 1U) != 0;
  return version;
}

void put(BlobWriter& out, const FixStep& step) {
  out.number(static_cast<uint64_t>(step.kind));
  out.number(step.safe ? 1 : 0);
  out.text(step.key);
  out.text(step.new_key);
  out.number(step.value ? 1 : 0);
  if (step.value) put(out, *step.value);
}

FixStep get_fix(BlobReader& in) {
  FixStep step;
  step.kind = static_cast<FixStep::Kind>(in.number());
  step.safe = in.number() != 0;
  step.key = in.text();
  step.new_key = in.text();
  if (in.number() != 0) step.value = get_program(in);
  return step;
}

constexpr unsigned kEachInterface = 1;
constexpr unsigned kOffByDefault = 2;
constexpr unsigned kHasKernel = 4;

}  // namespace

std::string pack_rule(const Rule& rule) {
  BlobWriter out;
  for (const std::string* text : {&rule.id, &rule.title, &rule.since, &rule.detect, &rule.file}) {
    out.text(*text);
  }
  out.number(static_cast<uint64_t>(rule.severity));
  out.number(static_cast<uint64_t>(rule.category));
  out.number((rule.for_each_interface ? kEachInterface : 0U) |
             (rule.off_by_default ? kOffByDefault : 0U) | (rule.kernel ? kHasKernel : 0U));
  if (rule.kernel) {
    put(out, rule.kernel->from);
    put(out, rule.kernel->to);
  }
  for (const auto* texts :
       {&rule.roles, &rule.tags, &rule.evidence, &rule.formerly, &rule.supersedes, &rule.anchors,
        &rule.related, &rule.reads, &rule.mentions}) {
    put(out, *texts);
  }
  out.number(rule.let.size());
  for (const auto& [name, program] : rule.let) {
    out.text(name);
    put(out, program);
  }
  if (rule.detect.empty()) put(out, rule.when);
  out.number(rule.unless.size());
  for (const expr::Program& program : rule.unless) put(out, program);
  put(out, rule.message);
  put(out, rule.label);
  put(out, rule.why);
  out.number(rule.fix.size());
  for (const FixStep& step : rule.fix) put(out, step);
  out.number(rule.versions.size());
  for (const kernel::Version& version : rule.versions) put(out, version);
  out.number(rule.at.line);
  out.number(rule.at.column);
  return out.take();
}

Rule unpack_rule(std::string_view bytes) {
  BlobReader in(bytes);
  Rule rule;
  for (std::string* text : {&rule.id, &rule.title, &rule.since, &rule.detect, &rule.file}) {
    *text = in.text();
  }
  rule.severity = static_cast<Severity>(in.number());
  rule.category = static_cast<Category>(in.number());
  const uint64_t flags = in.number();
  rule.for_each_interface = (flags & kEachInterface) != 0;
  rule.off_by_default = (flags & kOffByDefault) != 0;
  if ((flags & kHasKernel) != 0) {
    const kernel::Version from = get_version(in);
    rule.kernel = kernel::VersionRange{from, get_version(in)};
  }
  for (auto* texts : {&rule.roles, &rule.tags, &rule.evidence, &rule.formerly, &rule.supersedes,
                      &rule.anchors, &rule.related, &rule.reads, &rule.mentions}) {
    *texts = get_texts(in);
  }
  rule.let.resize(in.number());
  for (auto& [name, program] : rule.let) {
    name = in.text();
    program = get_program(in);
  }
  if (rule.detect.empty()) rule.when = get_program(in);
  rule.unless.resize(in.number());
  for (expr::Program& program : rule.unless) program = get_program(in);
  rule.message = get_template(in);
  rule.label = get_template(in);
  rule.why = get_template(in);
  rule.fix.resize(in.number());
  for (FixStep& step : rule.fix) step = get_fix(in);
  rule.versions.resize(in.number());
  for (kernel::Version& version : rule.versions) version = get_version(in);
  rule.at.line = static_cast<uint32_t>(in.number());
  rule.at.column = static_cast<uint32_t>(in.number());
  return rule;
}

std::string pack_examples(const std::vector<Example>& examples) {
  BlobWriter out;
  out.number(examples.size());
  for (const Example& example : examples) {
    for (const std::string* text : {&example.name, &example.conf, &example.kernel, &example.memory,
                                    &example.cpus, &example.loader}) {
      out.text(*text);
    }
    put(out, example.roles);
    put(out, example.facts);
    put(out, example.running);
    put(out, example.files);
    out.number(static_cast<uint64_t>(example.expect));
    out.number(example.line);
    out.number(example.times);
    out.number(example.audited ? 1 : 0);
    out.number(example.edited ? 1 : 0);
    out.number(example.latin1 ? 1 : 0);
    out.number(example.fixed ? 1 : 0);
    if (example.fixed) out.text(*example.fixed);
    out.number(example.at.line);
    out.number(example.at.column);
  }
  return out.take();
}

std::vector<Example> unpack_examples(std::string_view bytes) {
  BlobReader in(bytes);
  std::vector<Example> examples(in.number());
  for (Example& example : examples) {
    for (std::string* text : {&example.name, &example.conf, &example.kernel, &example.memory,
                              &example.cpus, &example.loader}) {
      *text = in.text();
    }
    example.roles = get_texts(in);
    example.facts = get_pairs(in);
    example.running = get_pairs(in);
    example.files = get_pairs(in);
    example.expect = static_cast<Example::Expect>(in.number());
    example.line = static_cast<uint32_t>(in.number());
    example.times = static_cast<uint32_t>(in.number());
    example.audited = in.number() != 0;
    example.edited = in.number() != 0;
    example.latin1 = in.number() != 0;
    if (in.number() != 0) example.fixed = in.text();
    example.at.line = static_cast<uint32_t>(in.number());
    example.at.column = static_cast<uint32_t>(in.number());
  }
  return examples;
}

}  // namespace proctor::rules
