// How the kernel combines conf.all and an interface's own value into what it acts on.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kernel/version.h"

namespace proctor::kernel {

enum class Family : uint8_t { kIpv4, kIpv6 };

/// The operands, as far as they are known.
struct ConfValues {
  std::optional<int64_t> all;  ///< net.ipvN.conf.all.NAME.
  std::optional<int64_t> own;  ///< net.ipvN.conf.INTERFACE.NAME.
  std::optional<bool>
      forwarding;  ///< conf.INTERFACE.forwarding; accept_redirects of IPv4 needs it.
};

/// What a kernel of `version` makes of conf.all and one interface for `name` ("rp_filter"): OR and
/// AND give 0 or 1, the others a value. Unknown where the operands known do not decide, where a
/// series has both ways, or where `name` is no conf key. The rules are those of
/// include/linux/inetdevice.h and of the places in net/ipv6 that read conf.all.
std::optional<int64_t> combine(Family family, std::string_view name, const ConfValues& values,
                               const Version& version);

}  // namespace proctor::kernel
