#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "rules/detection.h"
#include "rules/place.h"
#include "rules/touched.h"
#include "rules/values.h"
#include "text/text.h"

namespace proctor::rules {
namespace {

using kernel::Cell;

/// Programs that are known to write a key by themselves. A trailing '*' stands for any rest.
struct Writer {
  std::string_view key;
  std::string_view programs;
};
constexpr auto kWriters = std::to_array<Writer>({
    {"kernel.core_pattern", "apport, systemd-coredump, kdump or a crash reporter"},
    {"kernel.numa_balancing", "tuned"},
    {"kernel.panic", "kubelet"},
    {"kernel.panic_on_oops", "kubelet"},
    {"kernel.pid_max", "systemd"},
    {"kernel.sched_*", "tuned"},
    {"net.bridge.bridge-nf-call-*", "Docker, a network plugin of Kubernetes or libvirt"},
    {"net.core.*mem_max", "tuned or a program that asks for large buffers at its start"},
    {"net.ipv4.conf.*.arp_*", "kube-proxy or keepalived"},
    {"net.ipv4.conf.*.forwarding", "Docker, libvirt, a VPN or systemd-networkd"},
    {"net.ipv4.conf.*.route_localnet", "kube-proxy or Docker"},
    {"net.ipv4.conf.*.rp_filter", "a network plugin of Kubernetes, a VPN or NetworkManager"},
    {"net.ipv4.ip_forward", "Docker, libvirt, a VPN or systemd-networkd"},
    {"net.ipv4.vs.*", "kube-proxy"},
    {"net.ipv6.conf.*.accept_ra", "NetworkManager or systemd-networkd"},
    {"net.ipv6.conf.*.disable_ipv6", "Docker, NetworkManager or systemd-networkd"},
    {"net.ipv6.conf.*.forwarding", "Docker, libvirt, a VPN or systemd-networkd"},
    {"net.ipv6.conf.*.use_tempaddr", "NetworkManager or systemd-networkd"},
    {"net.netfilter.nf_conntrack_*", "kube-proxy or a firewall's own settings"},
    {"vm.dirty_*", "tuned or laptop-mode-tools"},
    {"vm.laptop_mode", "laptop-mode-tools or TLP"},
    {"vm.max_map_count", "a container that was started with the right to"},
    {"vm.overcommit_memory", "kubelet"},
    {"vm.swappiness", "tuned"},
});

class DriftDetector {
 public:
  DriftDetector(const View& view, Sink& sink, size_t group)
      : view_(view), sink_(sink), group_(group), run_(view.run(group)) {}

  void run() {
    for (const std::string_view path : run_.paths()) look_at(std::string(path));
  }

 private:
  struct Drift {
    std::string path;
    std::string value;    ///< What the files make of it.
    std::string running;  ///< Both with single blanks.
    load::Origin origin;
    const kernel::Key* key = nullptr;
  };

  std::optional<std::string> running(const std::string& path) const {
    const auto found = view_.target.running.find(path);
    if (found == view_.target.running.end()) return std::nullopt;
    return fold_blanks(found->second);
  }

  void look_at(const std::string& path) {
    const PathFacts& facts = *run_.find(path);
    const auto now = running(path);
    const auto carrier = carrier_of(run_, path);
    if (!now || facts.key == nullptr || facts.key->write_only || !carrier || !carrier->live) return;
    const Cell& after = run_.state().read(path);
    if (after.status != Cell::Status::kKnown || after.approximate) return;
    const Drift drift{path, fold_blanks(after.text), *now, carrier->origin, facts.key};
    if (drift.value != drift.running) tell(drift);
  }

  /// The first cause that fits.
  void tell(const Drift& drift) {
    const load::SourceFile& file = view_.configuration.files[drift.origin.file];
    if (file.edited) return emit("drift-edited", drift, file.path);
    if (const auto where = line_with(drift)) return emit("drift-other-line", drift, *where);
    const Cell own = kernel::initial_value(drift.path, run_.state().machine());
    const bool known = own.status == Cell::Status::kKnown && !own.approximate;
    const bool initial = known && fold_blanks(own.text) == drift.running;
    if (initial && !drift.key->module.empty()) {
      return emit("drift-module", drift, std::string(drift.key->module));
    }
    if (const auto name = later_interface(drift, initial)) {
      return emit("drift-interface", drift, *name);
    }
    if (const auto flag = forwarding(drift)) return emit("drift-forwarding", drift, *flag);
    if (initial) return emit("drift-default", drift, {});
    if (const auto writer = writer_of(drift.path)) return emit("drift-tool", drift, *writer);
    emit(known ? "drift-changed" : "drift-open", drift, {});
  }

  /// Another line that gives the running value: overridden, hidden, or in a file that is not read.
  std::optional<std::string> line_with(const Drift& drift) const {
    const auto& files = view_.configuration.files;
    for (uint32_t file = 0; file < files.size(); ++file) {
      const conf::Document* document = files[file].document;
      if (document == nullptr) continue;
      for (uint32_t at = 0; at < document->lines().size(); ++at) {
        const conf::Line line = document->lines()[at];
        if (line.kind != conf::LineKind::kAssignment || load::Origin{file, at} == drift.origin ||
            fold_blanks(document->text(line.value)) != drift.running ||
            as_path(document->text(line.key)) != drift.path) {
          continue;
        }
        return view_.where({file, at}, drift.origin);
      }
    }
    return std::nullopt;
  }

  /// The part of the path that stands for an interface.
  static std::optional<std::string> interface_of(const Drift& drift) {
    const auto found = kernel::find_path(drift.path);
    if (!found || found->wildcards.size() != 1) return std::nullopt;
    const std::string& name = found->wildcards.front();
    const bool one = name != "all" && name != "default" && name != "lo";
    return one && drift.path.starts_with("net/") ? std::optional(name) : std::nullopt;
  }

  std::optional<std::string> later_interface(const Drift& drift, bool initial) const {
    const auto name = interface_of(drift);
    if (!name) return std::nullopt;
    std::string twin = drift.path;
    twin.replace(twin.find("/" + *name + "/") + 1, name->size(), "default");
    return initial || running(twin) == drift.running ? name : std::nullopt;
  }

  /// A change of net.ipv4.ip_forward sets conf.all.accept_redirects to its contrary and
  /// conf.*.forwarding to itself.
  std::optional<std::string> forwarding(const Drift& drift) const {
    const auto flag = running("net/ipv4/ip_forward");
    if (!flag || !drift.path.starts_with("net/ipv4/conf/")) return std::nullopt;
    const bool on = *flag != "0";
    const bool redirects =
        drift.path == "net/ipv4/conf/all/accept_redirects" && drift.running == (on ? "0" : "1");
    const bool follows = drift.path.ends_with("/forwarding") &&
                         drift.path != "net/ipv4/conf/all/forwarding" && drift.running == *flag;
    return redirects || follows ? std::optional("net.ipv4.ip_forward = " + *flag) : std::nullopt;
  }

  static std::optional<std::string> writer_of(const std::string& path) {
    const std::string key = kernel::path_to_dotted(path);
    for (const Writer& writer : kWriters) {
      if (glob_match(writer.key, key)) return std::string(writer.programs);
    }
    return std::nullopt;
  }

  void emit(std::string_view detector, const Drift& drift, const std::string& by) {
    Hit hit;
    hit.origin = drift.origin;
    hit.span = span_of_line(view_.configuration, drift.origin);
    hit.paths = {drift.path};
    hit.variables = {kernel::path_to_dotted(drift.path), drift.value, drift.running};
    if (!by.empty()) hit.variables.push_back(by);
    sink_.emit(detector, group_, hit);
  }

  const View& view_;
  Sink& sink_;
  size_t group_;
  const Run& run_;
};

}  // namespace

void detect_drift(const View& view, Sink& sink) {
  for (size_t group = 0; group < view.scenarios.groups.size(); ++group) {
    DriftDetector(view, sink, group).run();
  }
}

}  // namespace proctor::rules
