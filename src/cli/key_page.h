// What is known of a sysctl key, as text and as JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/facts.h"
#include "kernel/catalog.h"
#include "text/result.h"

namespace proctor::cli {

/// The key that `name` means: a dotted name or path, with an interface or '*' in it, or an
/// abbreviation that fits one key only (its last parts, else any part of it; of several, the only
/// one that every kernel of today has). An error lists what it may have meant.
Result<const kernel::Key*> find_key(std::string_view name);

/// "integer", "3 integers", "text", ...
std::string type_text(const kernel::Key& key);
/// "every kernel since 2.6.18 or before", "4.15 to 5.10; gone between 5.10 and 5.15".
std::string lifetime_text(const kernel::Key& key);

/// For a terminal of `width` columns. `rules` are the ids of the rules that read the key.
std::string key_page(const kernel::Key& key, const host::Facts& facts,
                     const std::vector<std::string>& rules, unsigned width);

/// One JSON object; `indent` stands before its lines.
std::string key_json(const kernel::Key& key, std::string_view indent);

}  // namespace proctor::cli
