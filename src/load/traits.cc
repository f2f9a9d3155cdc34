#include "load/traits.h"

#include <array>

#include "load/loader.h"
#include "text/text.h"

namespace proctor::load {

namespace {

constexpr uint32_t kMebibyte = 1U << 20U;

// Each version is the one before it with what changed; nothing else tells versions apart.

constexpr Traits procps_3_3_10() {
  Traits t;
  t.lines = LineStyle::kPieces;
  t.line_limit = 4095;
  t.grammar = Grammar::kTokens;
  t.empty_value_status = 254;
  t.separators = Separators::kSwap;
  t.refuses_deprecated = true;
  // fopen() sizes the buffer by st_blksize, which is 1024 in /proc/sys.
  t.writes = WriteStyle::kBuffered;
  t.buffer_size = 1024;
  t.buffered_refused_status = 255;
  t.missing_status = 255;
  t.boot_hides_missing = true;
  t.no_permission_status = 255;
  t.open_error_status = 255;
  t.no_file_status = 255;
  t.folders = Folders::kRunFirst;
  t.lib_folder = true;
  t.reads_conf = true;
  t.wants_conf = true;
  t.hidden_files = true;
  t.globs_file_names = true;
  return t;
}

constexpr Traits procps_3_3_15() {
  Traits t = procps_3_3_10();
  t.lines = LineStyle::kWhole;
  t.line_limit = 0;
  t.bare_key_writes = true;
  t.empty_value_status = 0;
  t.writes = WriteStyle::kOnceRetry;
  t.retry_keeps_old = true;
  t.buffer_size = 0;
  t.wants_conf = false;
  return t;
}

constexpr Traits procps_3_3_17() {
  Traits t = procps_3_3_15();
  t.dash = true;
  t.retry_keeps_old = false;
  t.folders = Folders::kEtcFirst;
  return t;
}

constexpr Traits procps_4_0_2() {
  Traits t = procps_3_3_17();
  t.grammar = Grammar::kSettings;
  t.bare_key_writes = false;
  t.exclusions = true;
  t.globs = true;
  t.sorted_globs = true;
  t.refuses_deprecated = false;
  t.confined = true;
  t.collects_first = true;
  t.missing_status = 1;
  t.refused_status = 1;
  t.no_permission_status = 1;
  t.open_error_status = 1;
  t.no_file_status = 1;
  return t;
}

constexpr Traits procps_4_0_7() {
  Traits t = procps_4_0_2();
  t.glob_exclusions = true;
  t.unwritable_status = 1;
  t.dash_hides_refused = true;
  return t;
}

constexpr Traits systemd_247() {
  Traits t;
  t.lines = LineStyle::kAnyEnd;
  t.line_limit = kMebibyte;
  t.grammar = Grammar::kAssignments;
  t.bad_line_status = 1;
  t.separators = Separators::kSwapSimplify;
  t.dash = true;
  t.exclusions = true;
  t.globs = true;
  t.braces = true;
  t.one_entry_per_key = true;
  t.collects_first = true;
  t.writes = WriteStyle::kOnce;
  t.dash_hides_missing = true;
  t.refused_status = 1;
  t.dash_hides_refused = true;
  t.privilege_errors_pass = true;
  t.enoent_passes = true;
  t.open_error_status = 1;
  t.no_file_status = 1;
  t.vanished_passes = true;
  t.folder_status = 1;
  t.folders = Folders::kEtcFirst;
  t.lib_folder = true;
  return t;
}

constexpr Traits systemd_252() {
  Traits t = systemd_247();
  t.refuses_odd_paths = true;
  t.writes = WriteStyle::kAll;
  t.skips_equal = true;
  t.reads_first = true;
  t.credential = true;
  return t;
}

constexpr Traits systemd_257() {
  Traits t = systemd_252();
  t.lib_folder = false;
  return t;
}

constexpr Traits systemd_262() {
  Traits t = systemd_257();
  t.comments = "#";
  t.loop_passes = true;
  return t;
}

constexpr Traits busybox_1_30_1() {
  Traits t;
  t.lines = LineStyle::kContinued;
  t.grammar = Grammar::kTwoTokens;
  t.separators = Separators::kProbe;
  t.creates_files = true;
  t.file_by_file = true;
  t.writes = WriteStyle::kAll;
  t.newline = false;
  t.empty_is_no_write = true;
  t.stops_at_refusal = true;
  t.refused_status = 1;
  t.folders = Folders::kNone;
  t.reads_conf = true;
  return t;
}

constexpr Traits busybox_1_35_0() {
  Traits t = busybox_1_30_1();
  t.separators = Separators::kSwapOrProbe;
  return t;
}

constexpr Traits loop(Folders folders) {
  Traits t = busybox_1_35_0();
  t.folders = folders;
  t.hidden_files = false;
  return t;
}

constexpr Traits kProcps3310 = procps_3_3_10();
constexpr Traits kProcps3315 = procps_3_3_15();
constexpr Traits kProcps3317 = procps_3_3_17();
constexpr Traits kProcps402 = procps_4_0_2();
constexpr Traits kProcps407 = procps_4_0_7();
constexpr Traits kSystemd247 = systemd_247();
constexpr Traits kSystemd252 = systemd_252();
constexpr Traits kSystemd257 = systemd_257();
constexpr Traits kSystemd262 = systemd_262();
constexpr Traits kBusybox1301 = busybox_1_30_1();
constexpr Traits kBusybox1350 = busybox_1_35_0();
constexpr Traits kAlpine = loop(Folders::kAlpine);
constexpr Traits kOpenWrt = loop(Folders::kOpenWrt);

constexpr std::array kLoaders = {
    Loader{"procps-3.3.10", Program::kProcps, &kProcps3310},
    Loader{"procps-3.3.15", Program::kProcps, &kProcps3315},
    Loader{"procps-3.3.17", Program::kProcps, &kProcps3317},
    Loader{"procps-4.0.2", Program::kProcps, &kProcps402},
    Loader{"procps-4.0.4", Program::kProcps, &kProcps402},
    Loader{"procps-4.0.7", Program::kProcps, &kProcps407},
    Loader{"systemd-247", Program::kSystemd, &kSystemd247},
    Loader{"systemd-252", Program::kSystemd, &kSystemd252},
    Loader{"systemd-257", Program::kSystemd, &kSystemd257},
    Loader{"systemd-262", Program::kSystemd, &kSystemd262},
    Loader{"busybox-1.30.1", Program::kBusybox, &kBusybox1301},
    Loader{"busybox-1.35.0", Program::kBusybox, &kBusybox1350},
    Loader{"busybox-1.37.0", Program::kBusybox, &kBusybox1350},
    Loader{"busybox-1.38.0", Program::kBusybox, &kBusybox1350},
};

constexpr std::array kLoops = {
    Loader{"alpine-boot", Program::kBusybox, &kAlpine},
    Loader{"openwrt-boot", Program::kBusybox, &kOpenWrt},
};

std::string_view program_of(std::string_view name) { return name.substr(0, name.find('-')); }

}  // namespace

std::span<const Loader> loaders() { return kLoaders; }

std::span<const Loader> boot_loops() { return kLoops; }

Result<const Loader*> find_loader(std::string_view name) {
  const Loader* found = nullptr;
  for (const Loader& loader : kLoaders) {
    if (loader.name == name) return &loader;
    if (program_of(loader.name) == name) found = &loader;
  }
  if (found != nullptr) return found;
  for (const Loader& loader : kLoops) {
    if (loader.name == name) return &loader;
  }
  std::array<std::string_view, kLoaders.size() + kLoops.size() + 3> names;
  size_t count = 0;
  for (const std::string_view program : {"procps", "systemd", "busybox"}) names[count++] = program;
  for (const Loader& loader : kLoaders) names[count++] = loader.name;
  for (const Loader& loader : kLoops) names[count++] = loader.name;
  std::string message = "unknown loader '" + escape_bytes(name) + "'";
  const std::string_view close = nearest(name, names);
  if (!close.empty()) return Error{message + "; did you mean '" + std::string(close) + "'?"};
  message += "; one of";
  const std::string_view asked = program_of(name);
  bool any = false;
  for (const Loader& loader : kLoaders) any = any || program_of(loader.name) == asked;
  for (const std::string_view known : names) {
    if (!any || program_of(known) == asked)
      message += (message.ends_with("of") ? " " : ", ") + std::string(known);
  }
  return Error{message};
}

}  // namespace proctor::load
