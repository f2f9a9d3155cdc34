#include <cerrno>

#include "host/procsys.h"

namespace proctor::host {

int read_sockets_proc(ProcSys& procsys, SocketTable table, const EachSocket& each) {
  const bool udp = table == SocketTable::kUdp;
  for (const char* path :
       {udp ? "/proc/net/udp" : "/proc/net/tcp", udp ? "/proc/net/udp6" : "/proc/net/tcp6"}) {
    const int error = procsys.each_line(path, [&](std::string_view line) {
      SocketRow row;
      if (parse_socket_line(line, row) && (udp || belongs(row, table))) each(row);
    });
    const bool no_ipv6 = error == ENOENT && std::string_view(path).ends_with('6');
    if (error != 0 && !no_ipv6) return error;
  }
  return 0;
}

}  // namespace proctor::host
