// Which keys a configuration names, as far as its text tells.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/catalog.h"
#include "load/loader.h"

namespace proctor::rules {

/// Whether a file of the configuration is loaded at all.
bool is_read(const load::SourceFile& file);

/// Whether the beginning of a document is no text: more than a tenth of it are control bytes.
bool is_binary(const conf::Document& document);

/// The path that a key means by the rule that all loaders begin with: the first of '.' and '/'
/// decides.
std::string as_path(std::string_view key);

/// A key with dots only whose interface holds dots, "net.ipv4.conf.eth0.100.rp_filter".
struct DottedInterface {
  std::string name;  ///< "eth0.100"
  std::string path;  ///< "net/ipv4/conf/eth0.100/rp_filter"
  const kernel::Key* key = nullptr;
};
std::optional<DottedInterface> dotted_interface(std::string_view key);

/// Rows of the catalog that some loader may find behind a key of the configuration, in catalog
/// order, each once. Masked files are left out.
std::vector<const kernel::Key*> touched_keys(const load::Configuration& configuration);

}  // namespace proctor::rules
