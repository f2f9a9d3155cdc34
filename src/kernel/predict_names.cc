// Keys that take the name of something the kernel must have: an algorithm, a queueing discipline, a
// scheduler, a logger.
#include <algorithm>

#include "kernel/predict_handlers.h"
#include "kernel/predict_strings.h"
#include "kernel/predict_vector.h"
#include "text/text.h"

namespace proctor::kernel {
namespace {

constexpr std::string_view kAvailable = "net/ipv4/tcp_available_congestion_control";
constexpr std::string_view kAllowed = "net/ipv4/tcp_allowed_congestion_control";

/// Algorithms of the main line, each a module tcp_NAME unless built in.
constexpr std::string_view kAlgorithms[] = {
    "bbr", "bic", "cdg",  "cubic", "dctcp",    "highspeed", "htcp",     "hybla", "illinois",
    "lp",  "nv",  "reno", "vegas", "scalable", "veno",      "westwood", "yeah"};

/// Queueing disciplines, each a module sch_NAME unless built in.
constexpr std::string_view kDisciplines[] = {
    "cake",  "cbs",      "choke",  "codel",  "drr", "dualpi2", "etf",     "ets",    "fq",
    "gred",  "fq_codel", "hfsc",   "fq_pie", "hhf", "htb",     "multiq",  "netem",  "pie",
    "plug",  "prio",     "qfq",    "red",    "sfb", "sfq",     "skbprio", "taprio", "tbf",
    "teql0", "ingress",  "mqprio", "atm",    "cbq", "dsmark"};

/// Registered with the packet scheduler itself.
constexpr std::string_view kBuiltInDisciplines[] = {"bfifo", "mq",         "noqueue",
                                                    "pfifo", "pfifo_fast", "pfifo_head_drop"};

template <typename List>
bool contains(const List& list, std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

bool module_given(const Call& call, const std::string& name) {
  const std::optional<std::vector<std::string>>& modules = call.state.machine().modules;
  return modules && contains(*modules, name);
}

enum class Found : uint8_t { kYes, kNo, kMaybe };

Found find_algorithm(const Call& call, std::string_view name) {
  if (name == "reno") return Found::kYes;
  if (module_given(call, "tcp_" + std::string(name))) return Found::kYes;
  const Cell& cell = call.read(std::string(kAvailable));
  if (cell.status == Cell::Status::kKnown && contains(split_blanks(cell.text), name)) {
    return Found::kYes;
  }
  return contains(kAlgorithms, name) ? Found::kMaybe : Found::kNo;
}

std::string loadable(std::string_view prefix, std::string_view name) {
  return "works if the module " + std::string(prefix) + std::string(name) + " can be loaded";
}

/// The list in the order in which the kernel keeps it; nothing if that is not known.
std::optional<std::string> in_available_order(const Call& call,
                                              const std::vector<std::string_view>& names) {
  const std::optional<std::string> available = call.text(std::string(kAvailable));
  if (!available) return std::nullopt;
  std::string text;
  for (const std::string_view name : split_blanks(*available)) {
    if (!contains(names, name)) continue;
    if (!text.empty()) text += ' ';
    text += name;
  }
  return text;
}

void allow(const Call& call, Answer& answer, const std::string& name) {
  const Cell& allowed = call.read(std::string(kAllowed));
  if (allowed.status != Cell::Status::kKnown) return;
  std::vector<std::string_view> names = split_blanks(allowed.text);
  if (contains(names, name)) return;
  names.push_back(name);
  if (std::optional<std::string> text = in_available_order(call, names)) {
    also(answer, std::string(kAllowed), std::move(*text));
  } else {
    also_unknown(call, answer, std::string(kAllowed));
  }
}

void congestion_control(const Call& call, Answer& answer) {
  if (call.bytes.empty()) {
    keep(call, answer);
    return;
  }
  std::optional<std::string> name = written_string(call, 16);
  if (!name) {
    undecided(call, answer, "depends on the present name");
    return;
  }
  const Found found = find_algorithm(call, *name);
  if (found == Found::kNo) {
    reject(call, answer, ENOENT, "no mainline kernel has a congestion control \"" + *name + "\"");
    return;
  }
  if (!call.initial_netns()) {
    const std::optional<std::string> allowed = call.text(std::string(kAllowed));
    if (!allowed && *name != "reno") {
      undecided(call, answer, "must be among tcp_allowed_congestion_control");
      return;
    }
    if (allowed && !contains(split_blanks(*allowed), *name)) {
      const bool loaded = found == Found::kYes;
      if (loaded) {
        reject(call, answer, EPERM, "not among tcp_allowed_congestion_control");
      } else {
        undecided(call, answer, "not among tcp_allowed_congestion_control");
      }
      return;
    }
  }
  if (found == Found::kMaybe) {
    undecided(call, answer, loadable("tcp_", *name));
    answer.outcome.reads_back = *name;
    answer.effects.back().cell = Cell::known(*name);
    return;
  }
  if (call.initial_netns()) allow(call, answer, *name);
  store(call, answer, std::move(*name));
}

void allowed_congestion_control(const Call& call, Answer& answer) {
  if (call.bytes.empty()) {
    keep(call, answer);
    return;
  }
  const std::optional<std::string> list = written_string(call, 2048);
  if (!list) {
    undecided(call, answer, "depends on the present list");
    return;
  }
  std::vector<std::string_view> names = split(*list, ' ');
  names.resize(static_cast<size_t>(std::find(names.begin(), names.end(), "") - names.begin()));
  bool maybe = false;
  for (const std::string_view name : names) {
    const Cell& available = call.read(std::string(kAvailable));
    const bool listed = available.status == Cell::Status::kKnown;
    const bool there = listed ? contains(split_blanks(available.text), name)
                              : find_algorithm(call, name) == Found::kYes;
    if (there) continue;
    if (listed || !contains(kAlgorithms, name)) {
      reject(call, answer, ENOENT,
             "\"" + std::string(name) + "\" is not among tcp_available_congestion_control");
      return;
    }
    call.need("host.modules");
    maybe = true;
  }
  if (maybe) {
    undecided(call, answer, "each must be loaded already");
  } else if (std::optional<std::string> text = in_available_order(call, names)) {
    store(call, answer, std::move(*text));
  } else {
    store_unknown(call, answer, "the order depends on the modules");
  }
}

void default_qdisc(const Call& call, Answer& answer) {
  if (call.bytes.empty()) {
    keep(call, answer);
    return;
  }
  std::optional<std::string> name = written_string(call, 16);
  if (!name) {
    undecided(call, answer, "depends on the present name");
    return;
  }
  const Cell& now = call.read(call.path);
  const bool present = (now.status == Cell::Status::kKnown && now.text == *name) ||
                       contains(kBuiltInDisciplines, *name) || module_given(call, "sch_" + *name);
  if (present) {
    store(call, answer, std::move(*name));
  } else if (contains(kDisciplines, *name)) {
    undecided(call, answer, loadable("sch_", *name));
    answer.outcome.reads_back = *name;
    answer.effects.back().cell = Cell::known(*name);
  } else {
    reject(call, answer, ENOENT, "no queueing discipline has the name \"" + *name + "\"");
  }
}

/// One of the names that another key lists.
void one_of(const Call& call, Answer& answer, const std::string& list_path, size_t size,
            std::string_view what) {
  if (call.bytes.empty()) {
    keep(call, answer);
    return;
  }
  std::optional<std::string> name = written_string(call, size);
  const Cell& list = call.read(list_path);
  const bool is_default = name && (*name == "default" || *name == "kernel" || *name == "userspace");
  if (!name || (list.status != Cell::Status::kKnown && !is_default)) {
    undecided(call, answer, "must be one of those that the kernel has");
  } else if (is_default
                 ? (list.status != Cell::Status::kKnown || contains(split_blanks(list.text), *name))
                 : contains(split_blanks(list.text), *name)) {
    store(call, answer, std::move(*name));
  } else {
    reject(call, answer, ENOENT, "no " + std::string(what) + " has the name \"" + *name + "\"");
  }
}

void mptcp_scheduler(const Call& call, Answer& answer) {
  const std::string list = "net/mptcp/available_schedulers";
  one_of(call, answer, list, 16, "scheduler");
}

void mptcp_path_manager(const Call& call, Answer& answer) {
  one_of(call, answer, "net/mptcp/available_path_managers", 16, "path manager");
  const Outcome& outcome = answer.outcome;
  if (outcome.result == WriteResult::kRejected || !outcome.reads_back) return;
  const std::string& name = *outcome.reads_back;
  // Other path managers have no number of their own.
  if (name == "kernel" || name == "userspace") {
    also(answer, "net/mptcp/pm_type", name == "kernel" ? "0" : "1");
  } else {
    also(answer, "net/mptcp/pm_type", "2");
  }
}

void mptcp_pm_type(const Call& call, Answer& answer) {
  Limits limits = call.limits();
  if (limits.min.kind == Limit::Kind::kNone) limits.min = Limit::at(0);
  if (limits.max.kind == Limit::Kind::kNone) limits.max = Limit::at(255);
  const Parsed parsed = parse_single(call, Storage::kUint, limits);
  finish(call, answer, parsed, 1);
  if (!parsed.ok() || parsed.nothing_written()) return;
  const std::string manager = "net/mptcp/path_manager";
  if (call.read(manager).status == Cell::Status::kAbsent) return;
  also(answer, manager, parsed.slots[0].value == 0 ? "kernel" : "userspace");
}

/// The logger that writes a protocol family's packets to the kernel's log; "" for other families.
std::string_view syslog_logger(std::string_view family) {
  if (family == "2") return "nf_log_ipv4";
  if (family == "3") return "nf_log_arp";
  if (family == "5") return "nf_log_netdev";
  if (family == "7") return "nf_log_bridge";
  return family == "10" ? "nf_log_ipv6" : "";
}

/// The kernel compares as many letters as the logger's name has, in either case.
bool names_logger(std::string_view written, std::string_view logger) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return !logger.empty() && written.size() >= logger.size() &&
         std::equal(logger.begin(), logger.end(), written.begin(),
                    [&](char a, char b) { return a == lower(b); });
}

/// "NONE", or a logger that is registered for the protocol. An empty write names no logger.
void logger(const Call& call, Answer& answer) {
  const std::string name = call.offset == 0 ? copied_string(call, {}, 64) : std::string();
  const std::optional<std::string> now = call.text(call.path);
  if (name == "NONE" || (now == name && !name.empty())) {
    store(call, answer, name);
    return;
  }
  for (const std::string_view known :
       {std::string_view("nfnetlink_log"), syslog_logger(call.wildcards.front())}) {
    if (!names_logger(name, known)) continue;
    if (now == known) {
      store(call, answer, std::string(known));
    } else {
      undecided(call, answer, "works if the module of " + std::string(known) + " is loaded");
    }
    return;
  }
  reject(call, answer, ENOENT, "no logger has the name \"" + name + "\"");
}

constexpr HandlerEntry kHandlers[] = {
    {"proc_allowed_congestion_control", allowed_congestion_control},
    {"proc_path_manager", mptcp_path_manager},
    {"proc_pm_type", mptcp_pm_type},
    {"proc_scheduler", mptcp_scheduler},
    {"proc_tcp_congestion_control", congestion_control},
    {"set_default_qdisc", default_qdisc},
};

constexpr HandlerEntry kKeys[] = {
    {"net.netfilter.nf_log.*", logger},
};

}  // namespace

HandlerTable name_handlers() { return {std::begin(kHandlers), std::end(kHandlers)}; }

HandlerTable name_key_handlers() { return {std::begin(kKeys), std::end(kKeys)}; }

}  // namespace proctor::kernel
