// Keys whose text has a grammar of its own.
#include <algorithm>
#include <charconv>

#include "kernel/predict_handlers.h"
#include "kernel/predict_strings.h"
#include "kernel/predict_vector.h"
#include "text/text.h"

namespace proctor::kernel {
namespace {

template <size_t N>
bool contains(const std::string_view (&list)[N], std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

/// Since 6.16 "@" names a socket, by an absolute path.
bool good_socket(std::string_view pattern) {
  constexpr size_t kUnixPathMax = 108;
  if (pattern.empty() || pattern[0] != '@') return true;
  std::string_view path = pattern.substr(1);
  if (path.starts_with("@")) path.remove_prefix(1);
  if (!path.starts_with("/") || path.size() >= kUnixPathMax) return false;
  for (const std::string_view part : split(pattern, '/')) {
    if (part == "..") return false;
  }
  return true;
}

void core_pattern(const Call& call, Answer& answer) {
  constexpr size_t kBuffer = 128;
  const std::optional<std::string> text = written_string(call, kBuffer);
  const Version& version = call.version();
  const bool old =
      version <= Version{6, 12, 107, true} || version.in_series(Version{6, 12, 0, false});
  if (text && !old && !good_socket(*text)) {
    if (version >= Version{7, 2, 0, false}) {
      reject(call, answer, EINVAL, "after @ comes the absolute path of a socket");
    } else {
      call.need("host.kernel");
      undecided(call, answer, "newer kernels want a socket's absolute path after @");
    }
    return;
  }
  write_string(call, answer, kBuffer);
}

/// One of three words as a prefix and exactly one byte behind it, the newline.
void printk_devkmsg(const Call& call, Answer& answer) {
  constexpr size_t kBuffer = 10;
  constexpr std::string_view kWords[] = {"on", "off", "ratelimit"};
  std::optional<std::string> text = written_string(call, kBuffer);
  if (!text) {
    undecided(call, answer, "depends on the present value");
    return;
  }
  for (const std::string_view word : kWords) {
    if (!text->starts_with(word)) continue;
    if (word.size() + 1 != call.bytes.size()) break;
    store(call, answer, std::move(*text));
    return;
  }
  reject(call, answer, EINVAL, "on, off or ratelimit, and a newline");
}

/// Names in the kernel's order; "allow" cannot be logged.
void seccomp_actions(const Call& call, Answer& answer) {
  constexpr size_t kBuffer =
      sizeof("kill_process kill_thread trap errno user_notif trace log allow");
  constexpr std::string_view kActions[] = {"kill_process", "kill_thread", "trap", "errno",
                                           "user_notif",   "trace",       "log"};
  const std::string text = call.offset == 0 ? copied_string(call, {}, kBuffer) : std::string();
  std::vector<std::string_view> names = split(text, ' ');
  names.resize(static_cast<size_t>(std::find(names.begin(), names.end(), "") - names.begin()));
  for (const std::string_view name : names) {
    if (contains(kActions, name)) continue;
    reject(call, answer, EINVAL,
           name == "allow" ? "allow cannot be logged"
                           : "\"" + std::string(name) + "\" is no action of seccomp");
    return;
  }
  std::string shown;
  for (const std::string_view action : kActions) {
    if (std::find(names.begin(), names.end(), action) == names.end()) continue;
    if (!shown.empty()) shown += ' ';
    shown += action;
  }
  store(call, answer, std::move(shown));
}

/// Names of the bits of kernel.panic_print, in order; "" has none.
constexpr std::string_view kSysInfo[] = {"tasks",  "mem", "timers", "locks",
                                         "ftrace", "",    "all_bt", "blocked_tasks"};
constexpr std::string_view kPanicPrint = "kernel/panic_print";
constexpr std::string_view kPanicSysInfo = "kernel/panic_sys_info";

std::string sys_info_names(uint64_t bits) {
  std::string shown;
  for (size_t i = 0; i < std::size(kSysInfo); ++i) {
    if ((bits >> i & 1U) == 0 || kSysInfo[i].empty()) continue;
    if (!shown.empty()) shown += ',';
    shown += kSysInfo[i];
  }
  return shown;
}

/// A list of what to print; unknown names are skipped, an empty one ends it.
void sys_info(const Call& call, Answer& answer) {
  constexpr size_t kBuffer = sizeof("tasks,mem,timers,locks,ftrace,,all_bt,blocked_tasks");
  const std::string text = call.offset == 0 ? copied_string(call, {}, kBuffer) : std::string();
  std::vector<std::string_view> names = split(text, ',');
  names.resize(static_cast<size_t>(std::find(names.begin(), names.end(), "") - names.begin()));
  uint64_t bits = 0;
  for (size_t i = 0; i < std::size(kSysInfo); ++i) {
    if (std::find(names.begin(), names.end(), kSysInfo[i]) != names.end()) bits |= 1ULL << i;
  }
  const bool skipped = std::any_of(
      names.begin(), names.end(), [&](std::string_view name) { return !contains(kSysInfo, name); });
  store(call, answer, sys_info_names(bits));
  if (call.path == kPanicSysInfo) also(answer, std::string(kPanicPrint), std::to_string(bits));
  if (skipped) answer.outcome.reason = "names that the kernel does not know are skipped in silence";
}

/// The same bits as kernel.panic_sys_info, as a number.
void panic_print(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kUlong, call.limits(), 1);
  finish(call, answer, parsed, 1);
  const std::string other(kPanicSysInfo);
  if (parsed.nothing_written() || call.read(other).status == Cell::Status::kAbsent) return;
  // Of a number above 2^63 - 1 the slot has the bits in its text alone.
  uint64_t bits = 0;
  const std::string& shown = parsed.slots[0].text;
  std::from_chars(shown.data(), shown.data() + shown.size(), bits);
  also(answer, other, sys_info_names(bits));
}

/// sunrpc's debug flags: strtol, and read back in hexadecimal.
void rpc_debug(const Call& call, Answer& answer) {
  constexpr size_t kBuffer = 20;
  std::string_view rest = call.bytes;
  skip_kernel_spaces(rest);
  if (rest.empty() || call.offset != 0) {
    keep(call, answer);
    return;
  }
  if (rest.size() > kBuffer - 1) {
    reject(call, answer, EINVAL, "more than 19 characters");
    return;
  }
  const bool negative = rest.front() == '-';
  if (negative) rest.remove_prefix(1);
  uint64_t value = 0;
  if (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
    NumberTraits lenient = call.traits;
    lenient.detects_overflow = false;
    const Number number = take_number(rest, " \t\n\v\f\r\xA0", lenient);
    if (number.fault != NumberFault::kNone) {
      reject(call, answer, EINVAL, fault_reason(number.fault));
      return;
    }
    value = negative ? 0 - number.magnitude : number.magnitude;
  } else if (!rest.empty() && !is_kernel_space(rest.front())) {
    reject(call, answer, EINVAL, fault_reason(NumberFault::kNotNumber));
    return;
  }
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string shown;
  for (auto low = static_cast<uint32_t>(value); low != 0 || shown.size() < 4; low >>= 4) {
    shown.insert(shown.begin(), kDigits[low & 15U]);
  }
  store(call, answer, "0x" + shown);
  skip_kernel_spaces(rest);
  answer.outcome.taken = call.bytes.size() - rest.size();
}

constexpr HandlerEntry kHandlers[] = {
    {"devkmsg_sysctl_set_loglvl", printk_devkmsg},
    {"proc_dodebug", rpc_debug},
    {"proc_dostring_coredump", core_pattern},
    {"seccomp_actions_logged_handler", seccomp_actions},
    {"sysctl_panic_print_handler", panic_print},
    {"sysctl_sys_info_handler", sys_info},
};

}  // namespace

HandlerTable text_handlers() { return {std::begin(kHandlers), std::end(kHandlers)}; }

}  // namespace proctor::kernel
