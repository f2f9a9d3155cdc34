// What the catalog says of where and when a key exists, in words.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/facts.h"
#include "kernel/catalog.h"
#include "kernel/version.h"

namespace proctor::rules {

/// A version as the catalog's columns give it: "6.1", or "<=2.6.18". nullopt: the column is empty.
std::optional<kernel::Version> version_of(std::string_view text);

/// "4.12" if the release before it is known to have the key, else "between 4.10 and 4.12".
std::string change_text(std::string_view before, std::string_view after);

/// The machines of which alone a kernel is built with the key, in words. Empty: others have it too,
/// or the facts' machine may be one of those.
std::string_view rare_build(const kernel::Key& key, const host::Facts& facts);

}  // namespace proctor::rules
