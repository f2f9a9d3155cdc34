// The facts in which loaders and their versions differ: one field each, one table (traits.cc).
//
// Sources: the programs' source code (sysctl.c and procio.c of procps-ng, sysctl.c, sysctl-util.c,
// fileio.c and conf-files.c of systemd, sysctl.c and parse_config.c of busybox) and runs of all
// fourteen programs on the same files.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace proctor::load {

/// How a file is cut into lines.
enum class LineStyle : uint8_t {
  kWhole,      ///< At LF, any length; a NUL hides the rest of the line.
  kPieces,     ///< At LF or after `line_limit` bytes: the tail of a long line is a new line.
  kAnyEnd,     ///< At LF, CR or NUL; a line of `line_limit` bytes ends the file with an error.
  kContinued,  ///< At LF; a final backslash joins the next line, in comments too.
};

/// How a line becomes key and value.
enum class Grammar : uint8_t {
  kTokens,       ///< procps 3: strtok() at '=', then at CR or LF.
  kSettings,     ///< procps 4: a parsed setting; lines without '=' may be exclusions.
  kAssignments,  ///< systemd.
  kTwoTokens,    ///< busybox: two tokens around the first '='.
};

/// How a key becomes a path below /proc/sys.
enum class Separators : uint8_t {
  kSwap,          ///< The first of '.' and '/' decides: a dot swaps them all, a slash keeps them.
  kSwapSimplify,  ///< The same, then doubled and final slashes and "." parts are dropped.
  kProbe,         ///< Dots become slashes as far as that names what exists, from the right.
  kSwapOrProbe,   ///< kSwap where a slash stands after a dot, else kProbe.
};

/// What is done with a value of which the kernel takes only a part.
enum class WriteStyle : uint8_t {
  kOnce,       ///< One write(); a short one counts as success.
  kOnceRetry,  ///< The same; after EINVAL again, split at commas if it is longer than a page.
  kAll,        ///< Again until all is taken or an error comes.
  kBuffered,   ///< kAll, through a stdio buffer of `buffer_size` bytes.
};

/// Folders that are searched, strongest first.
enum class Folders : uint8_t {
  kEtcFirst,  ///< /etc, /run, /usr/local/lib, /usr/lib.
  kRunFirst,  ///< /run, /etc, /usr/local/lib, /usr/lib.
  kNone,      ///< Only /etc/sysctl.conf.
  kAlpine,    ///< OpenRC's loop around busybox on Alpine: /usr/lib, /etc, /etc/sysctl.conf, /run.
  kOpenWrt,   ///< OpenWrt's loop around busybox: /etc, then /etc/sysctl.conf.
};

struct Traits {
  // Lines
  LineStyle lines = LineStyle::kWhole;
  uint32_t line_limit = 0;  ///< Bytes; 0: none.
  std::string_view comments = "#;";
  Grammar grammar = Grammar::kTokens;
  bool bare_key_writes = false;  ///< "key" without '=' writes "=" and what the buffer still holds.
  int empty_value_status = 0;    ///< A value of only blanks that survives trimming.
  int bad_line_status = 0;

  // Keys
  Separators separators = Separators::kSwap;
  bool dash = false;                ///< "-key=value": failures of this key do not count.
  bool exclusions = false;          ///< "-key" takes a key out of globs.
  bool glob_exclusions = false;     ///< The same with a pattern.
  bool globs = false;               ///< '*', '?' and '[' in keys.
  bool braces = false;              ///< '{a,b}' where the key has one of those, too.
  bool sorted_globs = false;        ///< Matches in order of their names rather than of the folder.
  bool refuses_deprecated = false;  ///< base_reachable_time and retrans_time are not set.
  bool confined = false;            ///< realpath() must lead into /proc/sys.
  bool refuses_odd_paths = false;   ///< ".." and parts above 255 bytes are EINVAL.
  bool creates_files = false;       ///< Opens with O_CREAT|O_TRUNC, absolute paths as they are.

  // Order
  bool one_entry_per_key = false;  ///< A later line replaces an earlier one and goes to the end.
  bool collects_first = false;     ///< All files are read before the first write.
  bool file_by_file = false;       ///< Each file is a run of its own.

  // Writing
  WriteStyle writes = WriteStyle::kOnce;
  uint32_t buffer_size = 0;
  /// kOnceRetry: the second value of a run is tried again with what is left of the first, up to
  /// its LF, behind it in the same memory; later ones were never seen to be.
  bool retry_keeps_old = false;
  bool newline = true;  ///< Ends the value with LF.
  bool empty_is_no_write = false;
  bool skips_equal = false;       ///< A value that is already in force is not written.
  bool reads_first = false;       ///< Opens for reading too: a key of mode 0200 is refused.
  bool stops_at_refusal = false;  ///< A refused write ends the program.

  // Exit status
  int missing_status = 0;           ///< Unknown key.
  bool boot_hides_missing = false;  ///< At boot an unknown key is not reported at all.
  bool dash_hides_missing = false;
  int refused_status = 0;           ///< write() fails.
  int buffered_refused_status = 0;  ///< ... before the buffer's last part.
  bool dash_hides_refused = false;
  int unwritable_status = 0;           ///< Folder, or a key without write permission.
  int no_permission_status = 0;        ///< open() fails with EPERM, EACCES or EROFS.
  bool privilege_errors_pass = false;  ///< EPERM, EACCES (and EROFS) from anything do not count.
  bool enoent_passes = false;          ///< ENOENT does not count, whether from open() or write().
  int open_error_status = 0;     ///< Another error of open(): "Not a directory", "Is a directory".
  int no_file_status = 0;        ///< A file that cannot be opened.
  bool vanished_passes = false;  ///< ... unless it is gone since the folder was listed.
  bool loop_passes = false;      ///< ... or its symlinks lead in a circle.
  int folder_status = 0;         ///< A folder in a file's place.

  // Files
  Folders folders = Folders::kNone;
  bool lib_folder = false;        ///< /lib/sysctl.d, too, where it is not /usr/lib/sysctl.d.
  bool reads_conf = false;        ///< /etc/sysctl.conf, last.
  bool wants_conf = false;        ///< ... and fails without it.
  bool hidden_files = false;      ///< Files whose name begins with a dot are read.
  bool globs_file_names = false;  ///< '*', '?', '[', '{' in a file's name name other files.
  bool credential = false;        ///< The credential sysctl.extra is read last.

  friend bool operator==(const Traits&, const Traits&) = default;
};

}  // namespace proctor::load
