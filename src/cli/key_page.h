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

/// What the rules say of a key.
struct KeyReaders {
  std::vector<std::string> rules;     ///< "id: title" of those that read it: the common mistakes.
  std::vector<std::string> policies;  ///< The same of those that are off by default, with tags.
  std::vector<std::string> with;      ///< Other keys that they read beside it, sorted.
};

/// For a terminal of `width` columns.
std::string key_page(const kernel::Key& key, const host::Facts& facts, const KeyReaders& readers,
                     unsigned width);

/// Whether a part of some key's name is `name`, dots or not.
bool is_part_of_key(std::string_view name);

/// One JSON object; `indent` stands before its lines.
std::string key_json(const kernel::Key& key, std::string_view indent);

}  // namespace proctor::cli
