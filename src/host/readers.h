// How each fact is read. Private to src/host.
#pragma once

#include <string>

#include "host/procsys.h"

namespace proctor::host {

/// "EACCES reading PATH".
Error unreadable(const std::string& path, int error);
Result<std::string> read_text(ProcSys& procsys, const std::string& path);
/// The same without blanks and the newline around it.
Result<std::string> read_line(ProcSys& procsys, const std::string& path);

Result<FactValue> read_container(ProcSys& procsys);
Result<FactValue> read_virt(ProcSys& procsys);
Result<FactValue> read_modules(ProcSys& procsys);

Result<FactValue> read_initial_netns(ProcSys& procsys);
Result<FactValue> read_interfaces(ProcSys& procsys);
Result<FactValue> read_ipv6(ProcSys& procsys);
Result<FactValue> read_link_speed(ProcSys& procsys);
Result<FactValue> read_listen_ports(ProcSys& procsys);

}  // namespace proctor::host
