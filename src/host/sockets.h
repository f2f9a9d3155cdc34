// Sockets of the network namespace, one by one as the kernel lists them.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace proctor::host {

/// An IPv4 address is the IPv6 address ::ffff:a.b.c.d, as dual-stack sockets have it anyway.
struct IpAddress {
  std::array<uint8_t, 16> bytes{};

  static IpAddress v4(const uint8_t* four);
  bool is_v4() const;
  /// 0.0.0.0 or ::
  bool is_wildcard() const;
  /// "10.0.0.1", "fd00::1".
  std::string to_string() const;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

/// States of TCP sockets as the kernel numbers them (include/net/tcp_states.h).
enum TcpState : uint8_t {
  kTcpEstablished = 1,
  kTcpSynSent,
  kTcpSynReceived,
  kTcpFinWait1,
  kTcpFinWait2,
  kTcpTimeWait,
  kTcpClose,
  kTcpCloseWait,
  kTcpLastAck,
  kTcpListen,
  kTcpClosing,
  kTcpNewSynReceived,
  kTcpBoundInactive,
};
/// "ESTABLISHED", as ss and netstat write it; kNewSynReceived is SYN-RECEIVED too.
std::string_view tcp_state_name(uint8_t state);

constexpr uint32_t kUnknownLimit = 0xffffffff;

struct SocketRow {
  IpAddress local;
  IpAddress remote;
  uint16_t local_port = 0;
  uint16_t remote_port = 0;
  uint8_t state = 0;
  /// IP_BIND_ADDRESS_NO_PORT is set. Known of sockets that are not in TIME-WAIT, on kernels whose
  /// socket diagnosis tells (5.10 does, measured on 6.18); else false.
  bool no_port = false;
  uint32_t receive_queue = 0;  ///< Bytes; of a listener the connections that wait for accept().
  uint32_t send_queue = 0;     ///< Bytes; of a listener the limit of its accept queue, or
                               ///< kUnknownLimit: /proc/net/tcp does not tell it.
  uint32_t drops = 0;          ///< UDP sockets and listeners: packets dropped since they began.
};

enum class SocketTable : uint8_t {
  kTcpListeners,
  kTcpOthers,  ///< All but listeners, TIME-WAIT included.
  kUdp,
};

using EachSocket = std::function<void(const SocketRow& row)>;

/// Through NETLINK_SOCK_DIAG, which needs no root and costs the same per socket however many there
/// are. Returns 0 or errno; after an error the rows so far are a part.
int read_sockets_diag(SocketTable table, const EachSocket& each);

/// One line of /proc/net/tcp, tcp6, udp or udp6; false: it is none (the heading).
bool parse_socket_line(std::string_view line, SocketRow& row);
/// Whether a row of /proc/net/tcp belongs to `table`. REQUIRES: a table of TCP.
bool belongs(const SocketRow& row, SocketTable table);

}  // namespace proctor::host
