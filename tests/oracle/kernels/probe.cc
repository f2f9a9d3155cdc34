// The first program of the guest: brings up what the experiment needs, then reads orders from the
// second serial port and answers each with one line. As /sbin/modprobe, which the kernel calls when
// a name asks for a module, it loads what /modules/order lists for that name.
//
// Orders and answers are fields between tabs; bytes are escaped as \n \t \r \\ \xNN. A read that
// failed is "!" and the errno.
//   dump                  -> value PATH MODE TEXT, ..., end
//   facts                 -> fact NAME TEXT, ..., end
//   try PATH BYTES        -> tried BEFORE STAGE ERRNO TAKEN AFTER RESTORED
//   put PATH BYTES        -> as try, but the value stays
//   quit                  powers off
#include <dirent.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view kRoot = "/proc/sys/";

int port = -1;

void send(std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = ::write(port, text.data(), text.size());
    if (done > 0) text.remove_prefix(static_cast<size_t>(done));
    if (done < 0 && errno != EINTR && errno != EAGAIN) return;
  }
}

std::string escaped(std::string_view bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\\') {
      out += "\\\\";
    } else if (byte < 0x20 || byte > 0x7e) {
      out += "\\x";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    } else {
      out += c;
    }
  }
  return out;
}

int digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

std::string unescaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char kind = text[++i];
    if (kind == 'x' && i + 2 < text.size()) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += kind == 'n' ? '\n' : kind == 't' ? '\t' : kind == 'r' ? '\r' : kind;
    }
  }
  return out;
}

struct Text {
  std::string bytes;
  int error = 0;
  std::string shown() const { return error != 0 ? "!" + std::to_string(error) : escaped(bytes); }
};

Text read_file(const std::string& path) {
  Text text;
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    text.error = errno;
    return text;
  }
  char buffer[1 << 16];
  ssize_t got = 0;
  while ((got = ::read(file, buffer, sizeof buffer)) > 0) {
    text.bytes.append(buffer, static_cast<size_t>(got));
  }
  if (got < 0) text.error = errno;
  ::close(file);
  return text;
}

struct Written {
  const char* stage = "write";
  int error = 0;
  ssize_t taken = 0;
};

Written write_once(const std::string& path, std::string_view bytes) {
  Written result;
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return {.stage = "open", .error = errno};
  result.taken = ::write(file, bytes.data(), bytes.size());
  if (result.taken < 0) result.error = errno;
  ::close(file);
  return result;
}

std::string attempt(const std::string& path, const std::string& bytes, bool restore) {
  const Text before = read_file(path);
  const Written written = write_once(path, bytes);
  const Text after = read_file(path);
  std::string line = "tried\t" + before.shown() + '\t' + written.stage + '\t' +
                     std::to_string(written.error) + '\t' + std::to_string(written.taken) + '\t' +
                     after.shown() + '\t';
  if (restore && before.error == 0) {
    line += std::to_string(write_once(path, before.bytes).error);
  }
  return line + '\n';
}

void dump_folder(const std::string& folder) {
  DIR* listing = ::opendir(folder.c_str());
  if (listing == nullptr) return;
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(listing)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  ::closedir(listing);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    const std::string path = folder + name;
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) continue;
    if (S_ISDIR(status.st_mode)) {
      dump_folder(path + '/');
      continue;
    }
    char mode[8];
    std::snprintf(mode, sizeof mode, "%03o", status.st_mode & 0777);
    send("value\t" + path.substr(kRoot.size()) + '\t' + mode + '\t' + read_file(path).shown() +
         '\n');
  }
}

void send_facts() {
  constexpr const char* kFiles[] = {"/proc/version", "/proc/meminfo", "/proc/modules",
                                    "/sys/kernel/mm/transparent_hugepage/enabled"};
  for (const char* path : kFiles) {
    send(std::string("fact\t") + path + '\t' + read_file(path).shown() + '\n');
  }
  send("fact\tcpus\t" + std::to_string(::sysconf(_SC_NPROCESSORS_ONLN)) + '\n');
  send("fact\tpage\t" + std::to_string(::sysconf(_SC_PAGESIZE)) + '\n');
  send("end\n");
}

int load_module(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno;
  const long result = ::syscall(SYS_finit_module, file, "", 0);
  const int error = result == 0 ? 0 : errno;
  ::close(file);
  return error == EEXIST ? 0 : error;
}

/// Loads a module after those that it needs, as a line "NAME FILE..." of the list says; the errno
/// of the last.
int load_by_name(std::string_view name) {
  const std::string list = read_file("/modules/order").bytes;
  size_t begin = 0;
  while (begin < list.size()) {
    const size_t end = std::min(list.find('\n', begin), list.size());
    std::string_view line = std::string_view(list).substr(begin, end - begin);
    begin = end + 1;
    if (!line.starts_with(name) || line.substr(name.size(), 1) != " ") continue;
    int error = 0;
    while (line.find(' ') != std::string_view::npos) {
      line.remove_prefix(line.find(' ') + 1);
      error = load_module("/modules/" + std::string(line.substr(0, line.find(' '))));
    }
    return error;
  }
  return ENOENT;
}

int act_as_modprobe(std::string_view asked) {
  std::string name(asked);
  constexpr std::string_view kQdisc = "net-sch-";
  if (asked.starts_with(kQdisc)) name = "sch_" + std::string(asked.substr(kQdisc.size()));
  return load_by_name(name) == 0 ? 0 : 1;
}

void load_wanted_modules() {
  const std::string wanted = read_file("/modules/wanted").bytes;
  size_t begin = 0;
  while (begin < wanted.size()) {
    const size_t end = std::min(wanted.find('\n', begin), wanted.size());
    load_by_name(std::string_view(wanted).substr(begin, end - begin));
    begin = end + 1;
  }
}

/// lo as on every machine, and an interface of which nobody has set anything.
void bring_up_interfaces() {
  const int handle = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (handle < 0) return;
  ifreq request = {};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  ::ioctl(handle, SIOCSIFFLAGS, &request);
  ::ioctl(handle, SIOCBRADDBR, "br0");
  ::close(handle);
}

void mount_file_systems() {
  ::mount("proc", "/proc", "proc", 0, nullptr);
  ::mount("sysfs", "/sys", "sysfs", 0, nullptr);
  ::mount("devtmpfs", "/dev", "devtmpfs", 0, nullptr);
}

bool open_port() {
  port = ::open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (port < 0) return false;
  termios settings = {};
  ::tcgetattr(port, &settings);
  ::cfmakeraw(&settings);
  ::cfsetspeed(&settings, B115200);
  ::tcsetattr(port, TCSANOW, &settings);
  return true;
}

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (;;) {
    const size_t tab = line.find('\t');
    fields.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return fields;
    line.remove_prefix(tab + 1);
  }
}

/// False when the guest is to end.
bool obey(std::string_view line) {
  const std::vector<std::string_view> order = fields_of(line);
  if (order[0] == "quit") return false;
  if (order[0] == "dump") {
    dump_folder(std::string(kRoot));
    send("end\n");
  } else if (order[0] == "facts") {
    send_facts();
  } else if (order.size() == 3) {
    send(attempt(std::string(kRoot) + std::string(order[1]), unescaped(order[2]),
                 order[0] == "try"));
  }
  return true;
}

void serve() {
  std::string waiting;
  char buffer[4096];
  for (;;) {
    const ssize_t got = ::read(port, buffer, sizeof buffer);
    if (got < 0 && errno != EINTR && errno != EAGAIN) return;
    if (got > 0) waiting.append(buffer, static_cast<size_t>(got));
    size_t begin = 0;
    for (size_t end = 0; (end = waiting.find('\n', begin)) != std::string::npos; begin = end + 1) {
      if (!obey(std::string_view(waiting).substr(begin, end - begin))) return;
    }
    waiting.erase(0, begin);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (std::string_view(argv[0]).ends_with("modprobe")) {
    return argc > 1 ? act_as_modprobe(argv[argc - 1]) : 1;
  }
  // Elsewhere than in the guest this program would change the machine.
  if (::getpid() != 1 || ::access("/modules/wanted", R_OK) != 0) return 1;
  mount_file_systems();
  load_wanted_modules();
  bring_up_interfaces();
  if (open_port()) {
    send("ready\n");
    serve();
  }
  ::reboot(RB_POWER_OFF);
  return 0;
}
