// The socket tables through NETLINK_SOCK_DIAG.
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "host/sockets.h"

namespace proctor::host {
namespace {

// The kernel fills at most 32 KiB for one recv() (netlink_dump()).
constexpr size_t kBuffer = size_t{32} << 10;

class NetlinkSocket {
 public:
  NetlinkSocket() : fd_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)) {
    if (fd_ < 0) error_ = errno;
  }
  NetlinkSocket(const NetlinkSocket&) = delete;
  NetlinkSocket& operator=(const NetlinkSocket&) = delete;
  ~NetlinkSocket() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }
  int error() const { return error_; }

 private:
  int fd_;
  int error_ = 0;
};

int ask(int fd, uint8_t family, SocketTable table) {
  struct {
    nlmsghdr header;
    inet_diag_req_v2 request;
  } message{};
  message.header.nlmsg_len = sizeof(message);
  message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  message.request.sdiag_family = family;
  message.request.sdiag_protocol = table == SocketTable::kUdp ? IPPROTO_UDP : IPPROTO_TCP;
  const uint32_t listen = 1U << kTcpListen;
  switch (table) {
    case SocketTable::kTcpListeners:
      message.request.idiag_states = listen;
      break;
    case SocketTable::kTcpOthers:
      message.request.idiag_states = ~listen;
      break;
    case SocketTable::kUdp:
      message.request.idiag_states = ~0U;
      break;
  }
  // Drops are asked for where rows are few; every attribute makes a table of connections slower.
  if (table != SocketTable::kTcpOthers) {
    message.request.idiag_ext = 1U << (INET_DIAG_SKMEMINFO - 1);
  }
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  const ssize_t sent = ::sendto(fd, &message, sizeof(message), 0,
                                reinterpret_cast<const sockaddr*>(&kernel), sizeof(kernel));
  return sent < 0 ? errno : 0;
}

IpAddress address_of(uint8_t family, const __be32* words) {
  IpAddress address;
  if (family == AF_INET) return IpAddress::v4(reinterpret_cast<const uint8_t*>(words));
  std::memcpy(address.bytes.data(), words, address.bytes.size());
  return address;
}

/// Calls `each(type, bytes)` for the attributes behind the fixed part of a message.
template <typename Each>
void each_attribute(const char* at, size_t left, Each each) {
  while (left >= sizeof(rtattr)) {
    rtattr attribute{};
    std::memcpy(&attribute, at, sizeof(attribute));
    if (attribute.rta_len < sizeof(attribute) || attribute.rta_len > left) return;
    each(attribute.rta_type, at + RTA_LENGTH(0), attribute.rta_len - RTA_LENGTH(0));
    const size_t step = RTA_ALIGN(attribute.rta_len);
    if (step >= left) return;
    at += step;
    left -= step;
  }
}

bool read_row(const char* bytes, size_t size, SocketRow& row) {
  inet_diag_msg message{};
  if (size < sizeof(message)) return false;
  std::memcpy(&message, bytes, sizeof(message));
  row.local = address_of(message.idiag_family, message.id.idiag_src);
  row.remote = address_of(message.idiag_family, message.id.idiag_dst);
  row.local_port = ntohs(message.id.idiag_sport);
  row.remote_port = ntohs(message.id.idiag_dport);
  row.state = message.idiag_state;
  row.receive_queue = message.idiag_rqueue;
  row.send_queue = message.idiag_wqueue;
  row.no_port = false;
  row.drops = 0;
  const size_t fixed = NLMSG_ALIGN(sizeof(message));
  if (size <= fixed) return true;
  each_attribute(bytes + fixed, size - fixed, [&](unsigned type, const char* at, size_t length) {
    if (type == INET_DIAG_SOCKOPT && length >= sizeof(inet_diag_sockopt)) {
      inet_diag_sockopt options{};
      std::memcpy(&options, at, sizeof(options));
      row.no_port = options.bind_address_no_port != 0;
    } else if (type == INET_DIAG_SKMEMINFO && length >= (SK_MEMINFO_DROPS + 1) * sizeof(uint32_t)) {
      std::memcpy(&row.drops, at + SK_MEMINFO_DROPS * sizeof(uint32_t), sizeof(row.drops));
    }
  });
  return true;
}

/// The messages of one recv(). -1: more is to come; else the dump ended with this errno or 0.
int take_messages(const char* at, size_t left, const EachSocket& each) {
  SocketRow row;
  while (left >= sizeof(nlmsghdr)) {
    nlmsghdr header{};
    std::memcpy(&header, at, sizeof(header));
    if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > left) return EPROTO;
    const char* payload = at + NLMSG_HDRLEN;
    const size_t size = header.nlmsg_len - NLMSG_HDRLEN;
    if (header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR) {
      int error = 0;
      if (size >= sizeof(error)) std::memcpy(&error, payload, sizeof(error));
      return error < 0 ? -error : 0;
    }
    if (header.nlmsg_type == SOCK_DIAG_BY_FAMILY && read_row(payload, size, row)) each(row);
    const size_t step = NLMSG_ALIGN(header.nlmsg_len);
    if (step >= left) break;
    at += step;
    left -= step;
  }
  return -1;
}

int dump(uint8_t family, SocketTable table, const EachSocket& each) {
  const NetlinkSocket socket;
  if (socket.fd() < 0) return socket.error();
  if (const int error = ask(socket.fd(), family, table); error != 0) return error;
  std::vector<char> buffer(kBuffer);
  while (true) {
    const ssize_t got = ::recv(socket.fd(), buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0 ? EPROTO : errno;
    const int end = take_messages(buffer.data(), static_cast<size_t>(got), each);
    if (end >= 0) return end;
  }
}

}  // namespace

int read_sockets_diag(SocketTable table, const EachSocket& each) {
  if (const int error = dump(AF_INET, table, each); error != 0) return error;
  const int error = dump(AF_INET6, table, each);
  // A kernel without IPv6 has no handler for the family.
  return error == ENOENT || error == EAFNOSUPPORT ? 0 : error;
}

}  // namespace proctor::host
