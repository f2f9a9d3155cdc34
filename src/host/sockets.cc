// Addresses, states, and the tables of /proc/net as text.
#include "host/sockets.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "text/text.h"
#include "text/units.h"

namespace proctor::host {
namespace {

constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

template <typename T>
std::optional<T> parse_hex(std::string_view text) {
  T value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (status != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "0100007F:0016" or the same with 32 digits: the kernel prints the words of the address in the
/// byte order of the machine.
bool parse_endpoint(std::string_view text, IpAddress& address, uint16_t& port) {
  constexpr size_t kWordDigits = 8;
  const size_t colon = text.find(':');
  if (colon != kWordDigits && colon != 4 * kWordDigits) return false;
  std::array<uint8_t, 16> bytes{};
  for (size_t at = 0; at < colon; at += kWordDigits) {
    const auto word = parse_hex<uint32_t>(text.substr(at, kWordDigits));
    if (!word) return false;
    std::memcpy(bytes.data() + at / 2, &*word, sizeof(*word));
  }
  const auto number = parse_hex<uint16_t>(text.substr(colon + 1));
  if (!number) return false;
  port = *number;
  address = colon == kWordDigits ? IpAddress::v4(bytes.data()) : IpAddress{bytes};
  return true;
}

}  // namespace

IpAddress IpAddress::v4(const uint8_t* four) {
  IpAddress address;
  std::ranges::copy(kMappedPrefix, address.bytes.begin());
  std::copy_n(four, 4, address.bytes.begin() + kMappedPrefix.size());
  return address;
}

bool IpAddress::is_v4() const {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin());
}

bool IpAddress::is_wildcard() const {
  const size_t from = is_v4() ? kMappedPrefix.size() : 0;
  return std::all_of(bytes.begin() + static_cast<ptrdiff_t>(from), bytes.end(),
                     [](uint8_t byte) { return byte == 0; });
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool v4 = is_v4();
  const void* from = bytes.data() + (v4 ? kMappedPrefix.size() : 0);
  ::inet_ntop(v4 ? AF_INET : AF_INET6, from, text.data(), text.size());
  return text.data();
}

std::string_view tcp_state_name(uint8_t state) {
  static constexpr std::array<std::string_view, 14> kNames = {
      "UNKNOWN",    "ESTABLISHED", "SYN-SENT",     "SYN-RECEIVED", "FIN-WAIT-1",
      "FIN-WAIT-2", "TIME-WAIT",   "CLOSED",       "CLOSE-WAIT",   "LAST-ACK",
      "LISTEN",     "CLOSING",     "SYN-RECEIVED", "BOUND"};
  return state < kNames.size() ? kNames[state] : kNames[0];
}

bool parse_socket_line(std::string_view line, SocketRow& row) {
  const std::vector<std::string_view> words = split_blanks(line);
  if (words.size() < 5) return false;
  if (!parse_endpoint(words[1], row.local, row.local_port)) return false;
  if (!parse_endpoint(words[2], row.remote, row.remote_port)) return false;
  const auto state = parse_hex<uint8_t>(words[3]);
  const size_t colon = words[4].find(':');
  if (!state || colon == std::string_view::npos) return false;
  const auto send = parse_hex<uint32_t>(words[4].substr(0, colon));
  const auto receive = parse_hex<uint32_t>(words[4].substr(colon + 1));
  if (!send || !receive) return false;
  row.state = *state;
  row.send_queue = *send;
  row.receive_queue = *receive;
  row.no_port = false;
  if (row.state == kTcpListen) row.send_queue = kUnknownLimit;
  row.drops = 0;
  // The last column of a UDP table; a TCP table has more columns, but not this one.
  constexpr size_t kUdpColumns = 13;
  if (words.size() == kUdpColumns) {
    if (const Result<int64_t> drops = parse_int(words.back()); drops && *drops >= 0) {
      row.drops = static_cast<uint32_t>(std::min<int64_t>(*drops, UINT32_MAX));
    }
  }
  return true;
}

bool belongs(const SocketRow& row, SocketTable table) {
  return (row.state == kTcpListen) == (table == SocketTable::kTcpListeners);
}

}  // namespace proctor::host
