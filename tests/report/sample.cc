#include "sample.h"

namespace proctor::report {
namespace {

using rules::Category;
using rules::Severity;

rules::Finding removed_key(const Sample& sample, uint32_t file) {
  rules::Finding finding;
  finding.rule = "key/removed";
  finding.severity = Severity::kError;
  finding.category = Category::kRemoved;
  finding.message = "net.ipv4.tcp_tw_recycle does not exist on Linux 6.1";
  finding.label = "removed in 4.12";
  finding.why =
      "The line is skipped with an error at boot and changes nothing: TIME-WAIT lasts 60 s here as"
      " before. Until 4.11 it dropped connections from clients that share one NAT address.";
  finding.file = file;
  finding.span = sample.span(file, "net.ipv4.tcp_tw_recycle");
  finding.keys = {"net.ipv4.tcp_tw_recycle"};
  finding.related = {{file, sample.span(file, "net.ipv4.tcp_timestamps = 0"), ""}};
  finding.fixes = {{true,
                    "delete the line",
                    {{file, {sample.span(file, "net.ipv4.tcp_tw_recycle = 1\n"), "# removed\n"}}}}};
  static const std::vector<std::string> kEvidence{"net/ipv4/tcp.c", "commit 4396e46187ca"};
  finding.evidence = kEvidence;
  return finding;
}

rules::Finding low_value(const Sample& sample, uint32_t file, uint32_t other) {
  rules::Finding finding;
  finding.rule = "tcp/fin-timeout-too-low";
  finding.severity = Severity::kWarning;
  finding.category = Category::kIneffective;
  finding.message = "tcp_fin_timeout = 4 s cuts off slow peers";
  finding.why = "It bounds FIN-WAIT-2 of orphans only.";
  finding.file = file;
  finding.span = sample.span(file, "net.ipv4.tcp_fin_timeout = 4");
  finding.keys = {"net.ipv4.tcp_fin_timeout"};
  finding.related = {{other, sample.span(other, "vm"), "set <again> & \"quoted\""}};
  finding.fixes = {
      {false, "net.ipv4.tcp_fin_timeout = 30", {{file, {sample.span(file, "4\n"), "30"}}}}};
  finding.fixes[0].edits[0].edit.span.end -= 1;
  static const std::vector<std::string> kEvidence{"net/ipv4/tcp.c:__tcp_close"};
  finding.evidence = kEvidence;
  return finding;
}

rules::Finding odd_bytes(const Sample& sample, uint32_t file, std::string_view text) {
  rules::Finding finding;
  finding.rule = "syntax/not-utf-8";
  finding.severity = Severity::kInfo;
  finding.category = Category::kSyntax;
  finding.message = "the value holds the byte \xFF, an escape \x1B[31m and | a bar";
  finding.file = file;
  finding.span = sample.span(file, text);
  return finding;
}

}  // namespace

Sample sample() {
  Sample sample;
  const uint32_t a = sample.file("a.conf",
                                 "# list\n"
                                 "net.ipv4.tcp_tw_recycle = 1\n"
                                 "net.ipv4.tcp_timestamps = 0\n"
                                 "net.ipv4.tcp_fin_timeout = 4\n");
  const uint32_t b = sample.file("b \xE6\xBC\xA2.conf",
                                 "vm.swappiness = \xE6\xBC\xA2 \xFF!\nkernel.panic = 1\r\n");
  Part& part = sample.part;
  part.entries.push_back({odd_bytes(sample, b, "\xFF"), {0}});
  part.entries.push_back({low_value(sample, a, b), {0}});
  part.entries.push_back({removed_key(sample, a), {0}});
  part.entries.push_back({odd_bytes(sample, b, "kernel.panic"), {0}});
  rules::Finding whole = odd_bytes(sample, b, "");
  whole.rule = "load/never-read";
  whole.message = "no loader reads this file";
  whole.why = "It stands outside of every folder that is read.";
  whole.span = {0, 0};
  part.entries.push_back({whole, {0}});
  part.open.push_back(
      {{"memory/min-free", a, sample.span(a, "net.ipv4.tcp_timestamps"), {"host.memory"}, "", ""},
       {0}});
  part.open.push_back({{"tcp/timestamps-off",
                        a,
                        sample.span(a, "net.ipv4.tcp_timestamps"),
                        {"host.kernel"},
                        "Linux before 5.4",
                        ""},
                       {0}});
  part.errors.push_back({"c.conf", {}, {}, "cannot be read: Permission denied", ""});
  part.assignments = 5;
  sort_part(part);
  return sample;
}

Run sample_run() {
  Run run;
  run.version = "0.1.0";
  run.targets = {{"", "6.1", int64_t{8} << 30, std::nullopt, {"exit-relay"}, ""}};
  run.fail_on = Severity::kWarning;
  run.assumed_kernels = "5.10 to 6.18";
  run.option_of = [](std::string_view need) -> std::string {
    if (need == "host.memory") return "--memory 8GiB";
    return need == "host.kernel" ? "--kernel 6.1" : "";
  };
  run.rules = {
      {"key/removed",
       "A key that is gone",
       "It is gone.",
       Severity::kError,
       Category::kRemoved,
       {}},
      {"load/never-read", "A file nobody reads", "", Severity::kInfo, Category::kIneffective, {}},
      {"syntax/not-utf-8", "Odd bytes", "", Severity::kInfo, Category::kSyntax, {"policy"}},
      {"tcp/fin-timeout-too-low",
       "A low tcp_fin_timeout",
       "Orphans only.",
       Severity::kWarning,
       Category::kIneffective,
       {"torservers"}},
  };
  return run;
}

std::string print(const Run& run, std::string_view format, const std::vector<const Part*>& parts) {
  StringSink sink;
  Totals totals;
  const std::unique_ptr<Format> printer = find_format(format)->make(run);
  printer->begin(sink);
  for (const Part* part : parts) {
    printer->add(printer->render(*part), sink);
    totals.add(*part);
  }
  printer->end(totals, sink);
  return sink.text();
}

}  // namespace proctor::report
