// How the kernel reads an IPv6 address, which is not quite how programs do.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace proctor::kernel {

/// An address at the beginning of `text`, as in6_pton reads one without a delimiter: groups may
/// have any number of leading zeros, and whatever follows the address is not looked at, unless it
/// begins with a hexadecimal digit, ':' or '.'. Empty: it is none.
std::optional<std::array<uint8_t, 16>> read_ipv6(std::string_view text);

}  // namespace proctor::kernel
