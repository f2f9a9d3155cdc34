// Keys that exist once for "default" and once for each interface.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kernel/predict_call.h"

namespace proctor::kernel {

/// `folder` ("net/ipv6/conf/") + interface + "/" + name.
std::string interface_path(std::string_view folder, std::string_view interface,
                           std::string_view name);

std::string_view last_part(const std::string& path);

template <typename Do>
void for_each_interface(const Call& call, Do action) {
  if (call.others != nullptr) call.others->emplace_back(kEveryInterface);
  const std::optional<std::vector<std::string>> interfaces = call.state.interfaces();
  if (!interfaces) return;
  for (const std::string& name : *interfaces) action(name);
}

/// Interfaces follow "default" until their own value is set (or, for IPv4, an address is given to
/// them). A path that the state does not hold explicitly has its value from boot, before anything
/// is configured, and follows; whether another one still does is not to be seen in /proc/sys, so
/// that its value becomes unknown. So do all if it is not known what became of "default" (no
/// `text`).
/// `address_matters`: the loopback has its address from the start and follows no more.
void pass_on_default(const Call& call, Answer& answer, std::string_view folder,
                     const std::optional<std::string>& text, bool address_matters);

}  // namespace proctor::kernel
