#include <cerrno>

#include "host/procsys.h"

namespace proctor::host {

void read_values(ProcSys& procsys, const std::vector<std::string>& paths, kernel::State& state) {
  for (const std::string& path : paths) {
    Reading reading = procsys.read("/proc/sys/" + path);
    if (reading.bytes) {
      if (reading.bytes->ends_with('\n')) reading.bytes->pop_back();
      state.set(path, kernel::Cell::known(std::move(*reading.bytes)));
    } else if (reading.error == ENOENT) {
      state.set(path, kernel::Cell::absent());
    } else {
      state.set(path, kernel::Cell::unknown({}));
    }
  }
}

}  // namespace proctor::host
