#include "kernel/predict_interfaces.h"

namespace proctor::kernel {

std::string interface_path(std::string_view folder, std::string_view interface,
                           std::string_view name) {
  std::string path(folder);
  path += interface;
  path += '/';
  path += name;
  return path;
}

std::string_view last_part(const std::string& path) {
  return std::string_view(path).substr(path.rfind('/') + 1);
}

void pass_on_default(const Call& call, Answer& answer, std::string_view folder,
                     const std::optional<std::string>& text, bool address_matters) {
  const std::string_view name = last_part(call.path);
  for_each_interface(call, [&](const std::string& interface) {
    if (interface == "lo" && address_matters) return;
    std::string path = interface_path(folder, interface, name);
    const Cell& now = call.read(path);
    if (now.status == Cell::Status::kAbsent) return;
    if (now.status == Cell::Status::kKnown && now.text == text) return;
    if (!text || call.state.is_explicit(path)) {
      also_unknown(call, answer, std::move(path));
    } else {
      also(answer, std::move(path), *text);
    }
  });
}

}  // namespace proctor::kernel
