#include "rules/touched.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "text/text.h"

namespace proctor::rules {
namespace {

void add_glob(std::string_view dotted, std::vector<const kernel::Key*>& out) {
  for (const kernel::Key& key : kernel::keys()) {
    // A wildcard of the catalog and one of the file may match each other either way.
    if (glob_match(dotted, key.name) || glob_match(key.name, dotted)) out.push_back(&key);
  }
}

void add_key(std::string_view written, std::vector<const kernel::Key*>& out) {
  const std::string path = as_path(written);
  if (written.find_first_of("*?[") != std::string_view::npos) {
    add_glob(kernel::path_to_dotted(path), out);
  } else if (const auto found = kernel::find_path(path)) {
    out.push_back(found->key);
  } else if (const auto dotted = dotted_interface(written)) {
    out.push_back(dotted->key);
  }
}

}  // namespace

bool is_read(const load::SourceFile& file) {
  return file.document != nullptr && !file.masked && file.kind != load::SourceKind::kUnread;
}

bool is_binary(const conf::Document& document) {
  const std::string_view sample = std::string_view(document.bytes()).substr(0, 8192);
  const auto control = std::ranges::count_if(sample, [](char c) {
    return c == 0x7f || (c >= 0 && c < ' ' && (c < '\t' || c > '\r') && c != 0x1b);
  });
  return static_cast<size_t>(control) * 10 > sample.size();
}

std::string as_path(std::string_view key) {
  const size_t separator = key.find_first_of("./");
  const bool slashes = separator != std::string_view::npos && key[separator] == '/';
  return slashes ? std::string(key) : kernel::dotted_to_path(key);
}

std::optional<DottedInterface> dotted_interface(std::string_view key) {
  static constexpr std::array<std::string_view, 4> kPrefixes{"net.ipv4.conf.", "net.ipv6.conf.",
                                                             "net.ipv4.neigh.", "net.ipv6.neigh."};
  if (key.find('/') != std::string_view::npos) return std::nullopt;
  for (const std::string_view prefix : kPrefixes) {
    if (!key.starts_with(prefix)) continue;
    const size_t last = key.rfind('.');
    if (last < prefix.size()) return std::nullopt;
    DottedInterface out;
    out.name = key.substr(prefix.size(), last - prefix.size());
    if (out.name.find('.') == std::string::npos) return std::nullopt;
    out.path = kernel::dotted_to_path(prefix) + out.name + "/" + std::string(key.substr(last + 1));
    const auto found = kernel::find_path(out.path);
    if (!found) return std::nullopt;
    out.key = found->key;
    return out;
  }
  return std::nullopt;
}

std::vector<const kernel::Key*> touched_keys(const load::Configuration& configuration) {
  std::vector<const kernel::Key*> out;
  for (const load::SourceFile& file : configuration.files) {
    if (!is_read(file)) continue;
    for (const conf::Line& line : file.document->lines()) {
      if (line.kind == conf::LineKind::kAssignment) add_key(file.document->text(line.key), out);
    }
  }
  sort_unique(out);
  return out;
}

}  // namespace proctor::rules
