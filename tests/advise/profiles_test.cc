// What every profile writes, for every kernel from 4.4 on and memory from 512 MiB to 1 TiB: the
// rules find nothing, fixes change nothing, and no kernel refuses a line.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "advise/fix.h"
#include "advise/profile.h"
#include "advise/tune_file.h"
#include "advise/tuning.h"
#include "conf/document.h"
#include "kernel/catalog.h"
#include "kernel/predict.h"
#include "load/loader.h"
#include "text/text.h"

namespace proctor::advise {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20U;

const rules::RuleSet& shipped_rules() {
  static const rules::RuleSet kRules = rules::RuleSet::builtin();
  return kRules;
}

const std::vector<Profile>& profiles() {
  static const std::vector<Profile> kProfiles = [] {
    std::vector<Profile> out;
    for (const BuiltinProfile& text : builtin_profiles()) {
      std::vector<Diagnostic> problems;
      Result<Profile> profile = load_profile(text.name, problems);
      for (const Diagnostic& problem : problems) FAIL_CHECK(problem.to_text());
      REQUIRE(profile.ok());
      out.push_back(std::move(profile).value());
    }
    return out;
  }();
  return kProfiles;
}

/// Every series from 4.4 to the newest that is known.
std::vector<std::string> kernels() {
  std::vector<std::string> out;
  const kernel::Version newest = kernel::maintained_kernels().back();
  const std::map<int, int> last = {{4, 20}, {5, 19}, {6, 19}};
  for (int major = 4; major <= static_cast<int>(newest.major); ++major) {
    const auto known = last.find(major);
    const int end = known == last.end() ? static_cast<int>(newest.minor) : known->second;
    for (int minor = major == 4 ? 4 : 0; minor <= end; ++minor) {
      out.push_back(std::to_string(major) + "." + std::to_string(minor));
    }
  }
  return out;
}

std::vector<int64_t> memories() {
  std::vector<int64_t> out;
  for (int64_t memory = 512 * kMiB; memory <= int64_t{1} << 40U; memory *= 2) out.push_back(memory);
  return out;
}

/// Facts and parameters beside kernel and memory.
struct Variant {
  std::string_view facts;
  std::string_view parameters;  ///< Those that a profile lacks are left out.
  std::vector<std::string>
      roles;  ///< What the parameters make of the machine, beside its own role.
};

const Variant kVariants[] = {
    {"cpus=4", "", {}},
    {"cpus=1 arch=x86_64 link_speed=1Gbit/s swap_kind=disk thp=madvise", "stateful_fw=true", {}},
    {"cpus=64 arch=x86_64 link_speed=100Gbit/s swap_kind=zram thp=always container=false",
     "stateful_fw=true hardening=strict proxy=true forwarding=true connections=200000 jumbo=true",
     {"hardened", "reverse-proxy"}},
    {"cpus=8 arch=aarch64 link_speed=10Gbit/s swap_kind=none thp=never",
     "hardening=none listen_ports=9001,20000 rp_filter=2 backend_rate=2000 proxy=true",
     {"reverse-proxy"}},
};

struct Machine {
  std::string kernel;
  int64_t memory = 0;
  const Variant* variant = nullptr;

  std::string to_string() const {
    return kernel + ", " + std::to_string(memory / kMiB) + " MiB, " + std::string(variant->facts) +
           ", " + std::string(variant->parameters);
  }
};

TuneRequest request_for(const Profile& profile, const Machine& machine) {
  TuneRequest request;
  request.profile = &profile;
  request.target.facts.set("kernel", kernel::parse_version_range(machine.kernel).value());
  request.target.facts.set("memory", machine.memory);
  for (const std::string_view text : split_blanks(machine.variant->facts)) {
    const auto fact = host::parse_fact(std::string(text));
    REQUIRE_MESSAGE(fact.ok(), std::string(text));
    request.target.facts.set(fact->first, fact->second);
  }
  for (const std::string_view text : split_blanks(machine.variant->parameters)) {
    const size_t equals = text.find('=');
    const Parameter* parameter = profile.find_parameter(text.substr(0, equals));
    if (parameter == nullptr) continue;
    const auto value = parse_parameter(*parameter, text.substr(equals + 1));
    REQUIRE_MESSAGE(value.ok(), std::string(text));
    request.given.emplace(parameter->name, *value);
  }
  std::vector<std::string> roles = machine.variant->roles;
  const auto& declared = shipped_rules().roles();
  if (std::ranges::find(declared, profile.name, &rules::Role::name) != declared.end()) {
    roles.push_back(profile.name);
  }
  request.target.facts.set("roles", roles);
  request.roles = shipped_rules().expand_roles(roles).value();
  return request;
}

/// A profile's file as a configuration.
struct File {
  explicit File(const std::string& text)
      : document(conf::Document::parse("/etc/sysctl.d/99-zz-proctor.conf", text)) {
    load::SourceFile file;
    file.document = &document;
    file.path = document.name();
    configuration.files.push_back(std::move(file));
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  conf::Document document;
  load::Configuration configuration;
};

std::string line_of(const File& file, const Span& span) {
  return std::string(file.document.text(span));
}

/// Loads the file on the kernel as it starts, and once more: `sysctl --system` by hand does that.
void check_loads(const TuneRequest& request, const kernel::Version& version, const File& file) {
  for (const load::Loader& loader : load::loaders()) {
    kernel::State state = rules::start_state(request.target, version);
    for (int round = 1; round <= 2; ++round) {
      const load::LoadResult result = load::run(loader, file.configuration, std::move(state));
      for (const load::Write& write : result.writes) {
        const load::Assignment& assignment = result.assignments[write.assignment];
        CHECK_MESSAGE(write.outcome.result != kernel::WriteResult::kRejected, loader.name,
                      ", round ", round, ": ", line_of(file, assignment.span), ": ",
                      write.outcome.reason);
      }
      for (const load::Assignment& assignment : result.assignments) {
        const bool bad = assignment.status == load::Status::kOverridden ||
                         assignment.status == load::Status::kFailed;
        CHECK_MESSAGE(!bad, loader.name, ", round ", round, ": ", line_of(file, assignment.span),
                      ": ", assignment.reason);
      }
      state = result.final_state;
    }
  }
}

void check_profile(const Profile& profile, const Machine& machine) {
  INFO(profile.name, ": ", machine.to_string());
  const TuneRequest request = request_for(profile, machine);
  const Tuning tuning = tune(request);
  for (const std::string& defect : tuning.defects) FAIL_CHECK(defect);
  if (!tuning.unmet.empty()) return;
  for (const TunedLine& line : tuning.lines) {
    CHECK_MESSAGE(line.fate != Fate::kRefused, line.key, " = ", line.value, ": ", line.why);
  }
  TuneFileInfo info;
  info.omitted = true;
  info.advice = true;
  info.asserts = asserts_defaults(shipped_rules(), request, tune_file(profile, tuning, info));
  const std::string text = tune_file(profile, tuning, info);
  const File file(text);
  const rules::Report report =
      rules::judge(shipped_rules(), file.configuration, request.target, {});
  for (const Diagnostic& defect : report.defects) FAIL_CHECK(defect.to_text());
  for (const rules::Finding& finding : report.findings) {
    const bool known = finding.severity == rules::Severity::kInfo &&
                       finding.rule != "value/default" && finding.rule != "suppression/unused";
    CHECK_MESSAGE(known, line_of(file, finding.span), ": ", finding.rule, ": ", finding.message);
  }
  const FixResult fixed =
      fix(shipped_rules(), file.configuration, {&request.target, 1}, {}, /*unsafe=*/true);
  for (const AppliedFix& done : fixed.applied) FAIL_CHECK(done.rule, ": ", done.summary);
  CHECK(fixed.bytes == std::vector<std::string>{text});
  for (const rules::Segment& segment : tuning.segments) check_loads(request, segment.version, file);
}

/// Every second kernel (the others with the next profile), the other axes going round; with
/// PROCTOR_PROFILES=all every combination.
std::vector<Machine> machines(size_t profile) {
  const char* wish = std::getenv("PROCTOR_PROFILES");
  const bool all = wish != nullptr && std::string_view(wish) == "all";
  const std::vector<int64_t> sizes = memories();
  const std::vector<std::string> versions = kernels();
  std::vector<Machine> out;
  for (size_t i = 0; all && i < versions.size(); ++i) {
    for (const Variant& variant : kVariants) {
      for (const int64_t memory : sizes) out.push_back({versions[i], memory, &variant});
    }
  }
  for (size_t i = profile % 2; !all && i < versions.size(); i += 2) {
    const size_t turn = out.size();
    out.push_back({versions[i], sizes[(turn * 5 + profile) % sizes.size()],
                   &kVariants[(turn + turn / sizes.size()) % std::size(kVariants)]});
  }
  return out;
}

TEST_CASE("what profiles write is clean, stays as it is, and is taken by every kernel") {
  CHECK(profiles().size() == 13);
  for (size_t i = 0; i < profiles().size(); ++i) {
    for (const Machine& machine : machines(i)) check_profile(profiles()[i], machine);
  }
}

}  // namespace
}  // namespace proctor::advise
